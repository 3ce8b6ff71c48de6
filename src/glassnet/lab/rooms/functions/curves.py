"""The functions of one number that the room of functions draws: activations and losses.

An activation is a function of its input z; a loss is a function of one prediction, with the
target held still (so n = k = 1 in its formula).  Both come from
:mod:`glassnet.activations` and :mod:`glassnet.losses`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import activations, losses
from glassnet._core.types import Array
from glassnet.lab.rooms.functions import LOSS_CURVES

Range = tuple[float, float]

HIGHEST = 1e3  # no picture goes beyond this

# What a loss compares: the losses for it, and the name of its variable.
COMPARED: dict[str, tuple[tuple[str, ...], str]] = {
    "value": (("mean_squared_error", "mean_absolute_error", "huber"), "y"),
    "probability": (("binary_crossentropy", "mean_squared_error", "mean_absolute_error"), "p"),
    "logit": (("sigmoid_crossentropy", "hinge"), "z"),
    "count": (("poisson", "mean_squared_error", "mean_squared_logarithmic_error"), "y"),
}


@dataclass(frozen=True)
class Curve:
    """A function of one number with its derivative, both element by element.

    Attributes:
        formula, derivative_formula: as text; latex, derivative_latex: to be typeset.
        value, slope: f(x) and f'(x) of an array, in its type.
    """

    name: str
    formula: str
    derivative_formula: str
    latex: str
    derivative_latex: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def variable(values: Mapping[str, Any]) -> str:
    """How the number on the horizontal axis is called."""
    return "z" if values["curves"] == "activations" else COMPARED[values["predicts"]][1]


def span(values: Mapping[str, Any]) -> Range:
    """The ends of the horizontal axis."""
    if values["curves"] == "losses" and values["predicts"] == "probability":
        return 0.005, 0.995
    if values["curves"] == "losses" and values["predicts"] == "count":
        return 0.05, 12.0
    return -values["reach"], values["reach"]


def names(values: Mapping[str, Any]) -> list[str]:
    """The functions that are drawn; that of the tangent is always among them."""
    if values["curves"] == "activations":
        chosen = [*values["activations"]]
        on = values["tangent_on"]
        return chosen if on in chosen or len(chosen) >= 6 else [*chosen, on]
    known = COMPARED[values["predicts"]][0]
    return [n for n in LOSS_CURVES if n in known and n in values["losses"]] or [known[0]]


def chosen(values: Mapping[str, Any]) -> str:
    """The function that the tangent touches."""
    drawn = names(values)
    on = values["tangent_on"] if values["curves"] == "activations" else values["loss_on"]
    return on if on in drawn else drawn[0]


def curve(values: Mapping[str, Any], name: str) -> Curve:
    """The function of this name, with the settings of the fields."""
    if values["curves"] == "activations":
        return _activation(values, name)
    return _loss(values, name)


def _activation(values: Mapping[str, Any], name: str) -> Curve:
    settings: dict[str, Any] = {"name": name}
    if name == "leaky_relu":
        settings["negative_slope"] = values["leaky_slope"]
    if name == "elu":
        settings["alpha"] = values["elu_alpha"]
    f = activations.get(settings)

    def slope(z: Array) -> Array:
        saved = z if f.needs_z else f.forward(z)
        return f.backward(saved, np.ones_like(z))

    return Curve(
        name, f.formula, f.derivative_formula, f.latex, f.derivative_latex, f.forward, slope
    )


def _loss(values: Mapping[str, Any], name: str) -> Curve:
    settings: dict[str, Any] = {"name": name}
    if name == "sigmoid_crossentropy":
        settings = {"name": "binary_crossentropy", "from_logits": True}
    if name == "huber":
        settings["delta"] = values["huber_delta"]
    f = losses.get(settings)
    t = target(values)

    def value(y: Array) -> Array:
        return f.per_sample(np.full_like(y, t), y)

    def slope(y: Array) -> Array:
        mean: Array = f.gradient(np.full_like(y, t), y)
        return np.multiply(mean, len(y), out=mean)  # of the sum

    return Curve(name, f.formula, f.gradient_formula, f.latex, f.gradient_latex, value, slope)


def target(values: Mapping[str, Any]) -> float:
    """What the losses compare the prediction with."""
    if values["predicts"] == "value":
        return float(values["true_value"])
    if values["predicts"] == "count":
        return float(values["true_count"])
    return float(values["true_label"])


def jumps(f: Callable[[Array], Array], x: NDArray[np.float64], y: Array) -> list[int]:
    """Where f jumps between two neighbours: i, if between x[i] and x[i + 1].

    The interval is halved towards the larger change: of a jump, all of it stays in one half.
    """
    seen = np.clip(y, -HIGHEST, HIGHEST)
    return [int(i) for i in np.flatnonzero(np.abs(np.diff(seen)) > 0.05)
            if _jumps(f, x[i], x[i + 1])]  # fmt: skip


def _jumps(f: Callable[[Array], Array], low: float, high: float) -> bool:
    for _ in range(40):
        middle = (low + high) / 2
        a, b, c = f(np.array([low, middle, high]))
        left = abs(b - a) > abs(c - b)
        if max(abs(b - a), abs(c - b)) < 0.6 * abs(c - a):
            return False
        low, high = (low, middle) if left else (middle, high)
    a, b = f(np.array([low, high]))
    return bool(abs(b - a) > 0.04)
