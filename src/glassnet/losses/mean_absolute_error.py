"""The mean absolute error."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.losses.base import Loss, WrittenOut


@kernel
def absolute_error(t: Array, p: Array, weights: Array, losses: Array) -> float:
    """lᵢ = (1/k) Σ |p - t|    ∂lᵢ/∂p = sign(p - t)/k, 0 at p = t"""
    n, k = p.shape
    number = p.dtype.type
    zero = number(0)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            error = p[i, j] - t[i, j]
            row += abs(error)
            side = scale if error > zero else -scale
            p[i, j] = side if abs(error) > zero else error  # 0, or NaN
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """The mean of the sizes of the errors; its slope where there is no error is 0."""

    name = "mean_absolute_error"
    also = ("L1Loss", "absolute_error")
    target = "values"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ |yᵢⱼ − tᵢⱼ|"
    gradient_formula = "∂L/∂yᵢⱼ = sign(yᵢⱼ − tᵢⱼ) / (n·k)"
    latex = r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j |y_{ij} - t_{ij}|"
    gradient_latex = (
        r"\frac{\partial L}{\partial y_{ij}} = \frac{\mathrm{sign}(y_{ij} - t_{ij})}{n k}"
    )
    written_out = WrittenOut(term=("|{p} − {t}|", "|<p> - <t>|"))

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return absolute_error(truth, pred, weights, losses)
