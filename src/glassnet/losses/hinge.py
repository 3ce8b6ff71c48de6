"""The hinge loss of support vector machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.errors import LabelError
from glassnet.losses.base import Loss


@kernel
def hinge_loss(t: Array, p: Array, weights: Array, losses: Array) -> float:
    """lᵢ = (1/k) Σ max(1 - t·p, 0)    ∂lᵢ/∂p = -t/k where t·p < 1; t = 0 counts as -1"""
    n, k = p.shape
    number = p.dtype.type
    zero, one = number(0), number(1)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            sign = t[i, j] if t[i, j] != zero else -one
            short = one - sign * p[i, j]
            row += zero if short <= zero else short
            slope = -scale * sign if short > zero else short  # NaN goes on
            p[i, j] = zero if short <= zero else slope
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def count_strange_signs(t: Array) -> int:
    """How many numbers are none of -1, 0 and 1; zeros are strange too where there are -1."""
    n, k = t.shape
    zero, one = t.dtype.type(0), t.dtype.type(1)
    strange, zeros, minuses = 0, 0, 0
    for i in range(n):
        for j in range(k):
            v = t[i, j]
            zeros += 1 if v == zero else 0
            minuses += 1 if v == -one else 0
            strange += 1 if abs(v) != one and v != zero else 0
    return strange + zeros if minuses else strange


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
        if count_strange_signs(truth):
            strange = (np.abs(truth) != 1) & ((truth != 0) | (truth == -1).any())
            i, j = np.argwhere(strange)[0]
            raise LabelError(
                f"hinge: y_true holds {truth[i, j]:g} in row {i}, column {j}; "
                "expected -1 and 1, or 0 and 1."
            )
        return truth

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return hinge_loss(truth, pred, weights, losses)
