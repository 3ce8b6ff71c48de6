"""Every Python block of the README and the guides runs, in the order of its page.

What a page takes as given (a table, photos, a model of the reader's) is made here; trainings are
cut short.  ``extending.md`` and ``scikit-learn.md`` have tests of their own, ``NOT_YET`` none.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from glassnet import Sequential, data, interop, layers, networks

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ELSEWHERE = {"extending.md", "scikit-learn.md"}
NOT_YET = {"formats.md", "images.md"}  # written for, and never seen to end on a busy machine
PAGES = {
    page.name: page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs" / "en" / "guides").glob("*.md")))
    if page.name not in ELSEWHERE | NOT_YET and BLOCK.search(page.read_text("utf-8"))
}
SHORTER = (  # each says the same with less work
    (r"epochs=\d+\b(?!, callbacks=Unf)", "epochs=1"),
    (r"max_iter=\d+", "max_iter=1"), (r"n_repeats=\d+", "n_repeats=1"),
    (r"epochs=60, callbacks=Unfreeze\(30", "epochs=2, callbacks=Unfreeze(1"),
    (r"random_state=0\)", "random_state=0, max_iter=1)"),
    (r"Classifier\((.*)max_iter=1(.*), max_iter=1\)", r"Classifier(\1max_iter=1\2)"),
    (r"TabularClassifier\(.*?\)", "TabularClassifier(random_state=0, effort='quick')"),
    (r"^lower, upper = .*$", ""),  # of a network for values; the page's has classes
    (r"runs/many", "many.safetensors"),
    # the page goes from a row of numbers to images and back
    (r"^module\(torch", "module = interop.to_torch(networks.lenet()); module(torch"),
    (r"^module\.load_state_dict\(safe", "module = saved(model); module.load_state_dict(safe"),
)  # fmt: skip
Space = dict[str, Any]


def flowers(rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    species = np.resize(["daisy", "rose", "tulip"], rows)
    leaf = np.resize([1.0, 3.0, 5.0], rows) + rng.normal(size=rows) / 4
    colour = np.resize(["white", "red", "yellow", "red"], rows)
    return pd.DataFrame({"leaf": leaf, "colour": colour, "species": species})


def ages(rows: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    city = np.resize(["Seoul", "Busan"], rows)
    frame = pd.DataFrame({"age": rng.uniform(20, 60, rows), "city": city})
    frame["target"] = np.where(frame.age + rng.normal(0, 8, rows) > 40, "yes", "no")
    return frame


def classifier(classes: int, *front: layers.Layer) -> Sequential:
    model = Sequential([*front, layers.Dense(classes, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return model


def plain() -> Space:
    x = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
    y = np.arange(24) % 3
    return {"Sequential": Sequential, "layers": layers, "x": x, "y": y, "model": classifier(3)}


def of_data() -> Space:
    flowers().to_csv("flowers.csv", index=False)
    big = flowers(400).rename(columns={"species": "label"})
    big.to_parquet("big.parquet")
    Path("folder").mkdir()
    values = big.drop(columns="label").assign(label=np.arange(400.0))
    values.to_parquet("folder/one.parquet")
    return {"model": classifier(3), "df": flowers(9)}


def of_formats() -> Space:
    import safetensors.torch
    import torch

    def saved(model: Sequential) -> torch.nn.Sequential:
        for suffix in ("pt", "safetensors"):
            interop.save_torch_weights(model, f"digits.{suffix}")
        return interop.to_torch(model)

    interop.save_torch_weights(networks.lenet(activation="tanh"), "lenet.pt")
    rng = np.random.default_rng(0)
    return {"torch": torch, "saved": saved, "networks": networks, "safetensors": safetensors,
            "images": rng.random((2, 28, 28, 1), np.float32),
            "x": torch.rand(4, 8, 8), "y": torch.arange(4)}  # fmt: skip


def of_images() -> Space:
    few = data.image_folder("photos")
    many = networks.cnn(few.image_shape, classes=few.n_classes, image_max=255)
    many.compile("adam", "sparse_categorical_crossentropy")
    many.fit(few, epochs=1, verbose=0)
    many.save("many.safetensors")
    return {"few": few, "layers": layers, "Sequential": Sequential}


def of_insight() -> Space:
    table = ages()
    table.to_csv("ages.csv", index=False)
    read = data.load_table("ages.csv", target="target")
    model = classifier(2)
    model.fit(read, epochs=3, verbose=0)
    return {"model": model, "table": table}


def of_lab() -> Space:
    space = plain()
    space["model"].fit(space["x"], space["y"], verbose=0)
    return {**space, "dataset": data.load("iris")}


def of_tables() -> Space:
    frame = ages(120)
    return {"frame": frame[["age", "city"]], "labels": frame.target}


GIVEN: dict[str, Callable[[], Space]] = {
    "architecture.md": plain, "images.md": of_images, "data.md": of_data, "formats.md": of_formats,
    "insight.md": of_insight, "lab.md": of_lab, "layers.md": plain, "tables.md": of_tables,
    "training.md": plain,
}  # fmt: skip
NEEDS = {"formats.md": ("torch", "keras", "onnxruntime"), "data.md": ("pyarrow",)}


@pytest.mark.filterwarnings("ignore")  # trainings so short that they have not converged
@pytest.mark.parametrize("name", PAGES)
def test_the_blocks_of_a_page_run(
    name: str, workplace: Path, draw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in NEEDS.get(name, ()):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    if name == "images.md":
        draw(Path("photos"), ("cat", "dog"), 8)
        draw(Path("album"), ("cat",), 1)
        next(Path("photos").rglob("*.jpg")).replace("new.jpg")
    monkeypatch.setattr("glassnet.verify.find", list)  # PyTorch and Keras need minutes
    space: Space = {"__name__": "page", **GIVEN.get(name, dict)()}
    for block in BLOCK.findall(PAGES[name].read_text("utf-8")):
        for long, short in SHORTER:
            block = re.sub(long, short, block, flags=re.MULTILINE)
        exec(compile(block, name, "exec"), space)
    plt.close("all")
