"""The Kullback-Leibler divergence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.losses.base import EPSILON, Loss


@kernel
def divergence(t: Array, p: Array, weights: Array, losses: Array, epsilon: float) -> float:
    """lᵢ = Σ t·log(t/p), both clipped to [ε, 1]    ∂lᵢ/∂p = -t/p, and 0 where p is clipped"""
    n, k = p.shape
    number = p.dtype.type
    zero, one = number(0), number(1)
    low = number(epsilon)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n))
        row = zero
        for j in range(k):
            v, u = p[i, j], t[i, j]
            c = low if v < low else (one if v > one else v)
            target = low if u < low else (one if u > one else u)
            row += target * math.log(target / c)
            p[i, j] = zero if v < low or v > one else -scale * target / c
        losses[i] = row
        total += w * row
    return float(total / n)


@dataclass(frozen=True)
class KLDivergence(Loss):
    """What it costs to take p for t (Kullback, Leibler 1951); both clipped to [1e-7, 1]."""

    name = "kl_divergence"
    also = ("kld", "kl", "kullback_leibler_divergence")
    target = "probabilities"
    formula = "L = (1/n) Σᵢ Σₖ tᵢₖ·log(tᵢₖ / pᵢₖ)"
    gradient_formula = "∂L/∂pᵢₖ = −tᵢₖ / (n·pᵢₖ)"
    latex = r"L = \frac{1}{n} \sum_i \sum_k t_{ik} \log \frac{t_{ik}}{p_{ik}}"
    gradient_latex = r"\frac{\partial L}{\partial p_{ik}} = -\frac{t_{ik}}{n\,p_{ik}}"

    @property
    def reads(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def _encode(self, y_true: Any, pred: Array) -> Array:
        return self._encode_probabilities(y_true, pred)

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return divergence(truth, pred, weights, losses, EPSILON)
