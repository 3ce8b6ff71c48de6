"""The loss of counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.activations import Exponential
from glassnet.activations.base import Activation
from glassnet.errors import LabelError
from glassnet.losses import kernels
from glassnet.losses.base import EPSILON, Loss


@dataclass(frozen=True)
class Poisson(Loss):
    """How surprising the counts t are, if y is expected: -log of Poisson's e⁻ʸ·yᵗ/t! without t!.

    From logits, z = log y, it is e^z − t·z. With ``deviance`` the loss of y = t, which is
    the least possible, is taken off: what remains is half of the deviance, 0 at best.

    >>> round(Poisson()([1.0, 3.0], [1.0, 2.0]), 4)
    0.4603
    """

    name = "poisson"
    target = "values"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ (yᵢⱼ − tᵢⱼ·log yᵢⱼ)"
    gradient_formula = "∂L/∂yᵢⱼ = (1 − tᵢⱼ/yᵢⱼ) / (n·k);  on logits: ∂L/∂zᵢⱼ = (eᶻ − tᵢⱼ) / (n·k)"
    latex = r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j (y_{ij} - t_{ij} \log y_{ij})"
    gradient_latex = (
        r"\frac{\partial L}{\partial y_{ij}} = \frac{1 - t_{ij} / y_{ij}}{n k},"
        r"\quad \frac{\partial L}{\partial z_{ij}} = \frac{e^{z_{ij}} - t_{ij}}{n k}"
    )
    from_logits: bool = False
    deviance: bool = False

    def fused_with(self, activation: Activation) -> Loss | None:
        if isinstance(activation, Exponential) and not self.from_logits:
            return replace(self, from_logits=True)
        return None

    @property
    def display_name(self) -> str:
        return "poisson_of_logarithms" if self.from_logits else self.name

    def _encode(self, y_true: Any, pred: Array) -> Array:
        truth = super()._encode(y_true, pred)
        if (truth < 0).any():
            i, j = np.argwhere(truth < 0)[0]
            raise LabelError(
                f"poisson: y_true holds {truth[i, j]:g} in row {i}, column {j}; expected counts "
                "of at least 0."
            )
        return truth

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        if not self.from_logits:
            return kernels.poisson(truth, pred, weights, losses, EPSILON, self.deviance)
        with np.errstate(over="ignore"):  # an infinite loss is what is true
            e = np.exp(pred)
        return kernels.poisson_logits(truth, pred, e, weights, losses, self.deviance)
