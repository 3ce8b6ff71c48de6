"""Binary cross-entropy, from probabilities or from logits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from glassnet._core.exponential import exp
from glassnet._core.jit import kernel
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.activations import Sigmoid
from glassnet.losses.base import EPSILON, LogitLoss, WrittenOut, refuse_logits


@kernel
def binary_probabilities(
    t: Array, p: Array, weights: Array, losses: Array, smoothing: float, epsilon: float
) -> float:
    """lᵢ = -(1/k) Σ t·log c + (1 - t)·log(1 - c), with c = min(max(p, ε), 1 - ε)

    ∂lᵢ/∂p = ((1 - t)/(1 - c) - t/c)/k, and 0 where p is clipped. Smoothing: t ← t·(1 - s) + s/2
    """
    n, k = p.shape
    number = p.dtype.type
    zero, one = number(0), number(1)
    low, high = number(epsilon), number(1.0 - epsilon)
    keep, add = number(1.0 - smoothing), number(0.5 * smoothing)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            v = p[i, j]
            c = low if v < low else (high if v > high else v)
            target = t[i, j] * keep + add
            row -= target * math.log(c) + (one - target) * math.log(one - c)
            slope = (one - target) / (one - c) - target / c
            p[i, j] = zero if v < low or v > high else scale * slope
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def binary_logits(t: Array, z: Array, weights: Array, losses: Array, smoothing: float) -> float:
    """lᵢ = (1/k) Σ max(z, 0) - t·z + log(1 + e), with e = exp(-|z|)    ∂lᵢ/∂z = (σ(z) - t)/k"""
    n, k = z.shape
    number = z.dtype.type
    zero, one = number(0), number(1)
    keep, add = number(1.0 - smoothing), number(0.5 * smoothing)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            v = z[i, j]
            e = exp(-abs(v))
            target = t[i, j] * keep + add
            row += v * ((one if v > zero else zero) - target) + number(math.log1p(e))
            probability = (one if v > zero else e) / (one + e)
            z[i, j] = scale * (probability - target)
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@dataclass(frozen=True)
class BinaryCrossentropy(LogitLoss):
    """How surprising the outcomes are, each of them yes or no: one probability per column.

    ``label_smoothing`` s turns the target t into t·(1 − s) + s/2.
    """

    name = "binary_crossentropy"
    also = ("bce", "BCELoss")
    target = "probabilities"
    activation = Sigmoid()
    logits_name = "sigmoid_crossentropy"
    formula = "L = −(1/n) Σᵢ (1/k) Σⱼ [tᵢⱼ·log pᵢⱼ + (1 − tᵢⱼ)·log(1 − pᵢⱼ)]"
    gradient_formula = (
        "∂L/∂pᵢⱼ = (pᵢⱼ − tᵢⱼ) / (n·k·pᵢⱼ·(1 − pᵢⱼ));  on logits: ∂L/∂zᵢⱼ = (pᵢⱼ − tᵢⱼ) / (n·k)"
    )
    latex = (
        r"L = -\frac{1}{n} \sum_i \frac{1}{k} \sum_j "
        r"\left[t_{ij} \log p_{ij} + (1 - t_{ij}) \log (1 - p_{ij})\right]"
    )
    gradient_latex = (
        r"\frac{\partial L}{\partial p_{ij}} = \frac{p_{ij} - t_{ij}}{n k\,p_{ij} (1 - p_{ij})},"
        r"\quad \frac{\partial L}{\partial z_{ij}} = \frac{p_{ij} - t_{ij}}{n k}"
    )
    written_out = WrittenOut(
        term=(
            "−[{t}·log({p}) + (1 − {t})·log(1 − {p})]",
            r"-[<t> \log(<p>) + (1 - <t>) \log(1 - <p>)]",
        )
    )
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        number(self.name, "label_smoothing", self.label_smoothing, minimum=0.0, maximum=1.0)

    def _refuse(self, pred: Array) -> None:
        if not self.from_logits:
            refuse_logits(self.name, pred, highest=1.0)

    def _encode(self, y_true: Any, pred: Array) -> Array:
        return self._encode_probabilities(y_true, pred)

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        smoothing = float(self.label_smoothing)
        if not self.from_logits:
            return binary_probabilities(truth, pred, weights, losses, smoothing, EPSILON)
        return binary_logits(truth, pred, weights, losses, smoothing)
