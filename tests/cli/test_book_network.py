"""docs/en/guides/book-network.md, command by command, with a network of the same form."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from glassnet import data
from glassnet.data import Dataset

DOCS = Path(__file__).parents[2] / "docs"


def commands(language):
    lines = (DOCS / language / "guides/book-network.md").read_text("utf-8").splitlines()
    return [line.split()[2:] for line in lines if line.startswith("    $ glassnet ")]


def digits(n=300):
    """Bytes like MNIST's, in which the class is the row that is bright."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 10
    x = rng.integers(0, 60, (n, 28, 28)).astype(np.uint8)
    x[np.arange(n), 2 * y + 4, 6:22] = 255
    return Dataset("mnist", x, y, x[:50], y[:50], class_names=tuple(map(str, range(10))),
                   image_shape=(28, 28), image_max=255)  # fmt: skip


def book():
    """784-50-100-10 as in the book: matrices W1 … and rows b1 …, here with a few of its units."""
    W = [np.zeros(s, np.float32) for s in ((784, 50), (50, 100), (100, 10))]
    for k in range(10):
        W[0].reshape(28, 28, 50)[2 * k + 4, 6:22, k] = 1.0
        W[1][k, k], W[2][k, k] = 8.0, 8.0
    b = [np.full(50, -10.0), np.full(100, -4.0), np.zeros(10)]
    arrays = {f"W{i + 1}": w for i, w in enumerate(W)}
    return arrays | {f"b{i + 1}": v.astype(np.float32) for i, v in enumerate(b)}


def test_every_command_of_the_page_can_be_typed(glassnet, workplace, monkeypatch):
    pytest.importorskip("onnx")
    image = pytest.importorskip("PIL.Image")
    loaded = digits()
    monkeypatch.setattr(data, "load", lambda name, **options: loaded)
    (workplace / "sample_weight.pkl").write_bytes(pickle.dumps(book()))
    photo = 255 - loaded.x[7].repeat(4, axis=0).repeat(4, axis=1)
    image.fromarray(photo).save("nine.png")
    said = {tuple(line[:2]): glassnet(*line).stdout for line in commands("en")}
    assert "divided by 255" in said["import", "sample_weight.pkl"]
    assert "accuracy                    100.00 %" in said["evaluate", "runs/sample_weight"]
    assert "(ok)" in glassnet("explain", "runs/sample_weight", "--value", "dense_2:dW:0,7").stdout
    assert "nine.png" in said["predict", "runs/sample_weight"]
    assert "45,360" in said["summary", "book.onnx"]
    made = {p.name for p in (workplace / "runs/sample_weight").iterdir()}
    assert {"model.safetensors", "confusion.png"} <= made


def test_both_languages_type_the_same():
    assert commands("en") == commands("ko")
    assert len(commands("en")) == 10
