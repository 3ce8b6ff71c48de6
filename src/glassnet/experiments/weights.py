"""The spread of the initial weights: what comes through five layers, and how fast it learns."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet import Sequential, layers, plots
from glassnet.experiments import digits
from glassnet.experiments.digits import Digits
from glassnet.experiments.result import Claim, Draw, Result, Setting
from glassnet.plots.weights import layer_outputs
from glassnet.training.history import History

LAYERS, UNITS = 5, 100
SPREADS: dict[str, dict[str, Any]] = {
    "0.01": {"name": "random_normal", "stddev": 0.01},
    "Xavier": {"name": "glorot_normal"},  # variance 2/(n_in + n_out): for tanh, sigmoid
    "He": {"name": "he_normal"},  # variance 2/n_in: for ReLU, which cuts off one half
}


def network(spread: str, activation: str, seed: int, outputs: int = 0) -> Sequential:
    """Five hidden layers of 100 units; with ``outputs``, a softmax above."""
    kernel = SPREADS[spread]
    stack = [
        layers.Dense(UNITS, activation, kernel_initializer=kernel, name=f"layer {i + 1}")
        for i in range(LAYERS)
    ]
    if outputs:
        stack.append(layers.Dense(outputs, "softmax", kernel_initializer=kernel))
    return Sequential(stack, seed=seed)


def spreads_of_outputs(activation: str, seed: int, n: int = 1000) -> dict[str, list[float]]:
    """Spread's name -> the standard deviation of each layer's output for standard normal x."""
    x = np.random.default_rng(seed).standard_normal((n, UNITS)).astype(np.float32)
    found = {}
    for spread in SPREADS:
        model = network(spread, activation, seed)
        model.build(UNITS)
        found[spread] = [float(y.std()) for y in layer_outputs(model, x).values()]
    return found


def learning(images: Digits, seed: int, epochs: int = 12) -> dict[str, History]:
    """Spread's name -> the training of a ReLU network by plain SGD."""
    found = {}
    for spread in SPREADS:
        model = network(spread, "relu", seed, outputs=10)
        model.compile({"name": "sgd", "learning_rate": 0.05},
                      "sparse_categorical_crossentropy", ["accuracy"])  # fmt: skip
        found[spread] = model.fit(images.x, images.y, batch_size=32, epochs=epochs, verbose=0,
                                  validation_data=images.validation)  # fmt: skip
    return found


def run(setting: Setting) -> Result:
    """Histograms for tanh and ReLU; learning curves on digits."""
    deviations = {f: spreads_of_outputs(f, setting.seed) for f in ("tanh", "relu")}
    images = digits.load(setting)
    setting.say(f"Learning {images.name} with each spread …")
    runs = learning(images, setting.seed)
    numbers: dict[str, Any] = {
        f"{f}, weights {spread}": {f"std {i + 1}": s for i, s in enumerate(found)}
        for f, row in deviations.items()
        for spread, found in row.items()
    }
    ends = {spread: run.history["loss"][-1] for spread, run in runs.items()}
    for spread, run in runs.items():
        numbers[f"learning {images.name}, {spread}"] = {
            "loss after 1 epoch": run.history["loss"][0], "loss at the end": ends[spread],
            "validation accuracy": run.history["val_accuracy"][-1],
        }  # fmt: skip
    tanh, relu = deviations["tanh"], deviations["relu"]
    shrunk = {spread: found[-1] / found[0] for spread, found in relu.items()}
    claims = (
        Claim(
            f"With spread 0.01 the signal dies: the outputs of the fifth ReLU layer vary "
            f"{shrunk['0.01']:.0e} times as much as those of the first (Xavier "
            f"{shrunk['Xavier']:.2f}, He {shrunk['He']:.2f}), those of the fifth "
            f"tanh layer by {tanh['0.01'][-1]:.0e}.",
            shrunk["0.01"] < 1e-2 < shrunk["Xavier"] < 0.5 < shrunk["He"] < 2,
        ),
        Claim(
            f"What does not come through cannot be learned from: the loss on {images.name} ends at "
            f"{ends['0.01']:.2f} with 0.01 (guessing has 2.30), {ends['Xavier']:.3f} with Xavier, "
            f"{ends['He']:.3f} with He.",
            ends["0.01"] > 2 > 0.5 > max(ends["Xavier"], ends["He"]),
        ),
        Claim(
            f"For ReLU the spread of He learns fastest: after one epoch its loss is "
            f"{runs['He'].history['loss'][0]:.2f}, with Xavier's "
            f"{runs['Xavier'].history['loss'][0]:.2f}.",
            runs["He"].history["loss"][0] < runs["Xavier"].history["loss"][0],
        ),
    )
    x = np.random.default_rng(setting.seed).standard_normal((1000, UNITS)).astype(np.float32)

    def histogram(spread: str, activation: str) -> Figure:
        model = network(spread, activation, setting.seed)
        model.build(UNITS)
        title = f"{activation}, initial weights: {spread}"
        return plots.activation_histograms(model, x, title=title)

    pictures: dict[str, Draw] = {
        f"{f}-{spread.lower()}": partial(histogram, spread, f)
        for f in deviations
        for spread in SPREADS
    }
    pictures["learning"] = lambda: plots.learning_curves(
        runs, ["loss"], title=f"Learning {images.name} from three spreads"
    )
    return Result(numbers, claims, pictures)
