"""The loss of counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations import Exponential
from glassnet.errors import LabelError
from glassnet.losses.base import EPSILON, LogitLoss


@kernel
def poisson_loss(
    t: Array, p: Array, weights: Array, losses: Array, epsilon: float, deviance: bool
) -> float:
    """lᵢ = (1/k) Σ p - t·log(p + ε)    ∂lᵢ/∂p = (1 - t/(p + ε))/k

    The deviance takes off what it is at p = t:  t - t·log t.
    """
    n, k = p.shape
    number = p.dtype.type
    zero, one, small = number(0), number(1), number(epsilon)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            v, u = p[i, j], t[i, j]
            row += v - u * math.log(v + small)
            if deviance:
                row -= u - u * math.log(u) if u > zero else zero
            p[i, j] = scale * (one - u / (v + small))
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def poisson_logits(
    t: Array, z: Array, e: Array, weights: Array, losses: Array, deviance: bool
) -> float:
    """lᵢ = (1/k) Σ e - t·z, with e = exp(z)    ∂lᵢ/∂z = (e - t)/k"""
    n, k = z.shape
    number = z.dtype.type
    zero = number(0)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            u = t[i, j]
            row += e[i, j] - u * z[i, j]
            if deviance:
                row -= u - u * math.log(u) if u > zero else zero
            z[i, j] = scale * (e[i, j] - u)
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@dataclass(frozen=True)
class Poisson(LogitLoss):
    """How surprising the counts t are, if y is expected: -log of Poisson's e⁻ʸ·yᵗ/t! without t!.

    From logits, z = log y, it is e^z − t·z. With ``deviance`` the loss of y = t, which is
    the least possible, is taken off: what remains is half of the deviance, 0 at best.

    >>> round(Poisson()([1.0, 3.0], [1.0, 2.0]), 4)
    0.4603
    """

    name = "poisson"
    target = "values"
    activation = Exponential()
    logits_name = "poisson_of_logarithms"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ (yᵢⱼ − tᵢⱼ·log yᵢⱼ)"
    gradient_formula = "∂L/∂yᵢⱼ = (1 − tᵢⱼ/yᵢⱼ) / (n·k);  on logits: ∂L/∂zᵢⱼ = (eᶻ − tᵢⱼ) / (n·k)"
    latex = r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j (y_{ij} - t_{ij} \log y_{ij})"
    gradient_latex = (
        r"\frac{\partial L}{\partial y_{ij}} = \frac{1 - t_{ij} / y_{ij}}{n k},"
        r"\quad \frac{\partial L}{\partial z_{ij}} = \frac{e^{z_{ij}} - t_{ij}}{n k}"
    )
    deviance: bool = False

    @property
    def reads(self) -> tuple[float, float]:
        return (-math.inf if self.from_logits else 0.0, math.inf)

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
            return poisson_loss(truth, pred, weights, losses, EPSILON, self.deviance)
        with np.errstate(over="ignore"):  # an infinite loss is what is true
            e = np.exp(pred)
        return poisson_logits(truth, pred, e, weights, losses, self.deviance)
