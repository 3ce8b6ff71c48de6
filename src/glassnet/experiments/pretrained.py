"""The trained digit network of *Deep Learning from Scratch*, 784-50-100-10 with sigmoids."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet import Sequential, data, layers, plots
from glassnet._core.types import Array
from glassnet.errors import DataError, ShapeError
from glassnet.experiments.result import Claim, Result, Setting
from glassnet.interop.pickles import DLFS_FILE, find_dlfs_network, load_dlfs_network

BATCH = 100
# The file that comes with the book (3 layers, 45,360 numbers) gets so many of 10,000 wrong.
PUBLISHED_WRONG = 648


def find_weights(setting: Setting) -> Path:
    """The file that was named, or ``sample_weight.pkl`` in the data folder or the current one.

    Raises:
        DataError: it is nowhere; says where to put it.
    """
    if setting.weights is not None:
        named = Path(setting.weights).expanduser()
        if not named.is_file():
            raise DataError(f"--weights names {str(named)!r}, and there is no such file.")
        return named
    place = find_dlfs_network(setting.data_dir)
    if place is not None:
        return place
    raise DataError(
        f"the experiment 'pretrained' reads {DLFS_FILE}, the trained network that comes with the "
        "book Deep Learning from Scratch (folder ch03), which is not here. Name it with --weights "
        "FILE, or put it into the folder of --data-dir or GLASSNET_DATA."
    )


def network(weights: dict[str, Array]) -> Sequential:
    """W1 b1 W2 b2 … as a network with sigmoids inside and softmax at the end."""
    count = len(weights) // 2
    rows = [layers.Dense(weights[f"b{i}"].size, "sigmoid") for i in range(1, count)]
    rows.append(layers.Dense(weights[f"b{count}"].size, "softmax"))
    model = Sequential(rows, name="pretrained")
    model.build(weights["W1"].shape[0])
    for i, layer in enumerate(model.layers, start=1):
        model.parameters.view(f"{layer.name}/W")[...] = weights[f"W{i}"]
        model.parameters.view(f"{layer.name}/b")[...] = weights[f"b{i}"]
    return model


def answers(model: Sequential, x: Array, batch_size: int) -> tuple[Array, float]:
    """The class of each row, asked for in batches, and the seconds it took."""
    found = np.empty(len(x), dtype=np.int64)
    started = time.perf_counter()
    for start in range(0, len(x), batch_size):
        rows = slice(start, start + batch_size)
        found[rows] = model.predict(x[rows]).argmax(axis=1)
    return found, time.perf_counter() - started


def run(setting: Setting) -> Result:
    """Accuracy on the test images of MNIST, one by one and in batches, and the mistakes."""
    place = find_weights(setting)
    weights = load_dlfs_network(place)
    model = network(weights)
    setting.say("Reading MNIST …")
    images = data.load("mnist", data_dir=setting.data_dir)
    assert images.x_test is not None and images.y_test is not None
    x = images.x_test.reshape(len(images.x_test), -1).astype(np.float32) / 255
    if model.input_shape != x.shape[1:] or model.outputs != 10:
        raise ShapeError(
            f"{place}: a network of {model.input_shape} inputs and {model.outputs} outputs; MNIST "
            "needs 784 and 10."
        )
    y = images.y_test
    model.predict(x[:BATCH])  # what is done once only is not timed
    model.predict(x[:1])
    in_batches, batch_seconds = answers(model, x, BATCH)
    one_by_one, single_seconds = answers(model, x, 1)
    outputs = model.predict(x)
    wrong = int((in_batches != y).sum())
    wrong_single = int((one_by_one != y).sum())
    ratio = single_seconds / batch_seconds
    widths = [layer.output_shape[0] for layer in model.layers if layer.output_shape]
    shape = "-".join(str(n) for n in (x.shape[1], *widths))
    numbers = {
        "network": shape,
        "one by one": _row(wrong_single, len(x), single_seconds),
        f"batches of {BATCH}": _row(wrong, len(x), batch_seconds),
        "times as fast in batches": ratio,
    }
    claims = (
        Claim(
            f"The network reads {1 - wrong / len(x):.4f} of {len(x):,} test images rightly "
            f"({wrong} wrong), one by one as in batches: {PUBLISHED_WRONG} wrong is what the "
            "book's own code gets.",
            wrong == wrong_single == PUBLISHED_WRONG,
        ),
        Claim(
            f"In batches of {BATCH} it is {ratio:.0f} times as fast: a matrix product of 100 rows "
            "costs little more than one of a single row.",
            ratio > 2,
        ),
    )

    def mistakes() -> Figure:
        title = f"{wrong} of {len(x):,} read wrongly, the surest first"
        assert images.x_test is not None  # these images have a test part
        return plots.mistakes(images.x_test, y, in_batches, probabilities=outputs, title=title)

    def confusion() -> Figure:
        return plots.confusion_matrix(y, in_batches, title="What is taken for what")

    return Result(numbers, claims, {"mistakes": mistakes, "confusion": confusion})


def _row(wrong: int, n: int, seconds: float) -> dict[str, Any]:
    return {"accuracy": 1 - wrong / n, "wrong": wrong, "seconds": seconds}
