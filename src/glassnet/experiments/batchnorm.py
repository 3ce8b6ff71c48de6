"""Batch normalization against 16 spreads of the initial weights."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from glassnet import Sequential, layers
from glassnet.errors import DivergedError
from glassnet.experiments import digits, pictures
from glassnet.experiments.digits import Digits
from glassnet.experiments.result import Claim, Result, Setting
from glassnet.layers.columns import column
from glassnet.plots import style
from glassnet.training.history import History

SPREADS = np.logspace(0, -4, 16)  # standard deviations, 1 to 0.0001
# Beside the variance: Keras's 1e-3 would hide outputs that vary by less than 0.03.
EPSILON = 1e-7
PAIR = ("plain", "batch normalization")


def network(spread: float, normalized: bool, seed: int, hidden: int, units: int) -> Sequential:
    """``hidden`` layers of ReLU; normalized ones: x·W, normalization, ReLU."""
    kernel = {"name": "random_normal", "stddev": float(spread)}
    normalization = partial(layers.BatchNormalization, epsilon=EPSILON) if normalized else None
    stack: list[layers.Layer] = []
    for _ in range(hidden):
        stack += column(units, "relu", normalization=normalization, kernel_initializer=kernel)
    stack.append(layers.Dense(10, "softmax", kernel_initializer=kernel))
    return Sequential(stack, seed=seed)


def learn(
    images: Digits,
    spread: float,
    normalized: bool,
    seed: int,
    epochs: int = 10,
    hidden: int = 5,
    units: int = 100,
) -> list[float]:
    """The accuracy on the training samples by epoch; cut off where the training broke."""
    model = network(spread, normalized, seed, hidden, units)
    model.compile(
        {"name": "sgd", "learning_rate": 0.05}, "sparse_categorical_crossentropy", ["accuracy"]
    )
    try:
        history = model.fit(images.x, images.y, batch_size=100, epochs=epochs, verbose=0)
    except DivergedError as error:
        history = error.history or History()
    return list(history.history.get("accuracy", []))


def run(setting: Setting) -> Result:
    """16 spreads, each with and without batch normalization, on 1,000 digits."""
    images = digits.load(setting).first(1000)
    curves: dict[float, dict[str, list[float]]] = {}
    for i, spread in enumerate(SPREADS):
        setting.say(f"Spread {i + 1} of {len(SPREADS)}: {spread:.2g} …")
        curves[spread] = {
            name: learn(images, spread, name != "plain", setting.seed) for name in PAIR
        }
    ends = {
        spread: {name: (found[-1] if found else math.nan) for name, found in pair.items()}
        for spread, pair in curves.items()
    }
    numbers = {f"spread {spread:.2g}": pair for spread, pair in ends.items()}
    plain, normal = [sum(e[name] > 0.8 for e in ends.values()) for name in PAIR]
    claims = (
        Claim(
            f"Of 16 spreads from 1 to 0.0001, {normal} get more than 80 % of the digits right "
            f"after ten epochs with batch normalization, {plain} without: each layer's inputs "
            "are brought to one scale, whatever the weights are.",
            normal >= 10 and normal >= plain + 5,
        ),
    )

    def draw() -> Figure:
        figure = style.figure(11, 9)
        grid = figure.subplots(4, 4, sharex=True, sharey=True)
        for number, (ax, (spread, pair)) in enumerate(zip(grid.flat, curves.items())):
            style.dress(ax)
            for i, (name, found) in enumerate(pair.items()):
                ax.plot(range(1, len(found) + 1), found, color=style.line_color(i),
                        linestyle=style.line_style(i), linewidth=2, label=name)  # fmt: skip
            ax.set_ylim(0, 1.02)
            broken = "" if pair["plain"] else ", plain: NaN"
            style.label(ax, subtitle=f"spread {spread:.2g}{broken}",
                        x="epoch" if number >= 12 else None,
                        y="accuracy" if number % 4 == 0 else None)  # fmt: skip
        handles, names = grid.flat[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper right", ncols=2, frameon=False)
        return pictures.heading(figure, f"Learning {images.name} from 16 spreads")

    return Result(numbers, claims, {"accuracy": draw})
