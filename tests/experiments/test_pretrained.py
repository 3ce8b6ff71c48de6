"""The network of the book: what is asked for, and the exact number where its file is."""

import gzip
import itertools
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from glassnet import experiments
from glassnet.errors import DataError, FileFormatError, ShapeError
from glassnet.experiments import pretrained

rng = np.random.default_rng(0)


def write_idx(path, array):
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    with gzip.open(path, "wb") as file:
        file.write(head + array.tobytes())


@pytest.fixture
def folder(workplace):
    """MNIST's files, with noise for digits."""
    for part in ("train", "t10k"):
        images = rng.integers(0, 256, (40, 28, 28)).astype(np.uint8)
        write_idx(workplace / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(workplace / f"{part}-labels-idx1-ubyte.gz", np.arange(40, dtype=np.uint8) % 10)
    return workplace


def weights(widths=(784, 5, 7, 10)):
    found = {}
    for i, (n, m) in enumerate(itertools.pairwise(widths), start=1):
        found[f"W{i}"] = rng.normal(size=(n, m)).astype(np.float32)
        found[f"b{i}"] = rng.normal(size=m).astype(np.float32)
    return found


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_the_network_is_that_of_the_file():
    w, x = weights(), rng.random((9, 784)).astype(np.float32)
    hidden = sigmoid(sigmoid(x @ w["W1"] + w["b1"]) @ w["W2"] + w["b2"])
    z = hidden @ w["W3"] + w["b3"]
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    assert np.allclose(pretrained.network(w).predict(x), p, atol=1e-5)


def test_other_weights_do_not_pass_for_the_published_ones(folder):
    (folder / "sample_weight.pkl").write_bytes(pickle.dumps(weights()))
    result = experiments.run("pretrained", data_dir=str(folder))
    numbers = result.numbers
    assert numbers["network"] == "784-5-7-10"
    assert numbers["one by one"]["wrong"] == numbers["batches of 100"]["wrong"] > 20
    assert not result.claims[0].holds
    assert len(experiments.save(result, folder / "out")) == 2


def test_a_missing_file_is_told_with_the_place_for_it(folder):
    with pytest.raises(DataError, match=r"sample_weight\.pkl.*--weights"):
        experiments.run("pretrained", data_dir=str(folder))
    with pytest.raises(DataError, match="no such file"):
        experiments.run("pretrained", weights="nowhere.pkl")


def test_missing_images_are_told(workplace):
    (workplace / "sample_weight.pkl").write_bytes(pickle.dumps(weights()))
    with pytest.raises(DataError, match=r"missing train-images"):
        experiments.run("pretrained", data_dir=str(workplace))


def test_foreign_weights_are_refused(folder):
    path = folder / "sample_weight.pkl"
    path.write_bytes(pickle.dumps(weights((64, 5, 10))))
    with pytest.raises(ShapeError, match="784"):
        experiments.run("pretrained", data_dir=str(folder))
    path.write_bytes(pickle.dumps({"W1": print}))
    with pytest.raises(FileFormatError, match="print"):
        experiments.run("pretrained", data_dir=str(folder))


HERE = Path(os.environ.get("GLASSNET_DATA") or "nowhere")


@pytest.mark.skipif(not (HERE / pretrained.DLFS_FILE).is_file(), reason="GLASSNET_DATA lacks it")
def test_the_published_accuracy():
    result = experiments.run("pretrained")
    assert result.numbers["batches of 100"]["accuracy"] == 0.9352
    assert result.numbers["one by one"]["wrong"] == 648
    assert result.holds
