"""The losses, each with its gradient: squared, absolute, Huber and hinge; the table of them all.

The cross-entropies are in ``crossentropy``; what all share is in ``loss``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from glassnet._core.registry import lookup
from glassnet._core.settings import number, refuse_unknown
from glassnet._core.types import Array
from glassnet.errors import LabelError
from glassnet.losses import kernels
from glassnet.losses.base import Loss
from glassnet.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    SparseCategoricalCrossentropy,
)
from glassnet.losses.poisson import Poisson

__all__ = [
    "LOSSES",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Hinge",
    "Huber",
    "KLDivergence",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "get",
]


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """The mean of the squared errors.

    >>> MeanSquaredError()([1.0, 2.0], [1.0, 4.0])
    2.0
    """

    name = "mean_squared_error"
    target = "values"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ (yᵢⱼ − tᵢⱼ)²"
    gradient_formula = "∂L/∂yᵢⱼ = 2·(yᵢⱼ − tᵢⱼ) / (n·k)"
    latex = r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j (y_{ij} - t_{ij})^2"
    gradient_latex = r"\frac{\partial L}{\partial y_{ij}} = \frac{2\,(y_{ij} - t_{ij})}{n k}"

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return kernels.squared_error(truth, pred, weights, losses)


@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """The mean of the sizes of the errors; its slope where there is no error is 0."""

    name = "mean_absolute_error"
    target = "values"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ |yᵢⱼ − tᵢⱼ|"
    gradient_formula = "∂L/∂yᵢⱼ = sign(yᵢⱼ − tᵢⱼ) / (n·k)"
    latex = r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j |y_{ij} - t_{ij}|"
    gradient_latex = (
        r"\frac{\partial L}{\partial y_{ij}} = \frac{\mathrm{sign}(y_{ij} - t_{ij})}{n k}"
    )

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return kernels.absolute_error(truth, pred, weights, losses)


@dataclass(frozen=True)
class Huber(Loss):
    """Squared for small errors, absolute for those above ``delta`` (Huber 1964)."""

    name = "huber"
    target = "values"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ h(yᵢⱼ − tᵢⱼ), with h(e) = e²/2 if |e| ≤ δ, else δ·|e| − δ²/2"
    gradient_formula = "∂L/∂yᵢⱼ = min(max(yᵢⱼ − tᵢⱼ, −δ), δ) / (n·k)"
    latex = (
        r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j h(y_{ij} - t_{ij}), \quad h(e) = "
        r"\begin{cases} e^2/2 & |e| \le \delta \\"
        r" \delta |e| - \delta^2/2 & |e| > \delta \end{cases}"
    )
    gradient_latex = (
        r"\frac{\partial L}{\partial y_{ij}} = \frac{\min(\max(y_{ij} - t_{ij}, -\delta), \delta)}"
        r"{n k}"
    )
    delta: float = 1.0

    def __post_init__(self) -> None:
        number("huber", "delta", self.delta, above=0.0)

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return kernels.huber(truth, pred, weights, losses, float(self.delta))


@dataclass(frozen=True)
class Hinge(Loss):
    """The margin loss of support vector machines; targets -1 and 1, or 0 and 1."""

    name = "hinge"
    target = "signs"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ max(1 − tᵢⱼ·yᵢⱼ, 0)"
    gradient_formula = "∂L/∂yᵢⱼ = −tᵢⱼ / (n·k) if tᵢⱼ·yᵢⱼ < 1, else 0"
    latex = r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j \max(1 - t_{ij} y_{ij}, 0)"
    gradient_latex = (
        r"\frac{\partial L}{\partial y_{ij}} = \begin{cases} -t_{ij}/(n k) & t_{ij} y_{ij} < 1 \\"
        r" 0 & t_{ij} y_{ij} \ge 1 \end{cases}"
    )

    def _encode(self, y_true: Any, pred: Array) -> Array:
        truth = super()._encode(y_true, pred)
        if kernels.count_strange_signs(truth):
            strange = (np.abs(truth) != 1) & ((truth != 0) | (truth == -1).any())
            i, j = np.argwhere(strange)[0]
            raise LabelError(
                f"hinge: y_true holds {truth[i, j]:g} in row {i}, column {j}; "
                "expected -1 and 1, or 0 and 1."
            )
        return truth

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return kernels.hinge(truth, pred, weights, losses)


LOSSES: dict[str, Loss] = {
    "mean_squared_error": MeanSquaredError(),
    "mse": MeanSquaredError(),
    "mean_absolute_error": MeanAbsoluteError(),
    "mae": MeanAbsoluteError(),
    "huber": Huber(),
    "hinge": Hinge(),
    "binary_crossentropy": BinaryCrossentropy(),
    "categorical_crossentropy": CategoricalCrossentropy(),
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy(),
    "kl_divergence": KLDivergence(),
    "poisson": Poisson(),
}


def get(spec: str | Mapping[str, Any] | Loss) -> Loss:
    """A loss from its name, its ``get_config()`` or itself.

    >>> get({"name": "huber", "delta": 2.0})
    Huber(delta=2.0)

    Raises:
        UnknownNameError: no loss of this name.
        ConfigError: a setting that it does not have, or out of its range.
    """
    if isinstance(spec, Loss):
        return spec
    if not isinstance(spec, Mapping):
        return lookup("loss", LOSSES, spec)
    parameters = dict(spec)
    loss = lookup("loss", LOSSES, parameters.pop("name", ""))
    refuse_unknown(loss.name, parameters, [f.name for f in fields(loss)])
    return replace(loss, **parameters)
