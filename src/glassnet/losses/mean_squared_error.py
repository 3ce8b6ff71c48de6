"""The mean squared error."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.losses.base import Loss, WrittenOut


@kernel
def squared_error(t: Array, p: Array, weights: Array, losses: Array) -> float:
    """lᵢ = (1/k) Σ (p - t)²    ∂lᵢ/∂p = 2·(p - t)/k"""
    n, k = p.shape
    number = p.dtype.type
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w * number(2) / number(n * k))
        row = number(0)
        for j in range(k):
            error = p[i, j] - t[i, j]
            row += error * error
            p[i, j] = scale * error
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """The mean of the squared errors.

    >>> MeanSquaredError()([1.0, 2.0], [1.0, 4.0])
    2.0
    """

    name = "mean_squared_error"
    also = ("MSELoss", "squared_error")
    target = "values"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ (yᵢⱼ − tᵢⱼ)²"
    gradient_formula = "∂L/∂yᵢⱼ = 2·(yᵢⱼ − tᵢⱼ) / (n·k)"
    latex = r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j (y_{ij} - t_{ij})^2"
    gradient_latex = r"\frac{\partial L}{\partial y_{ij}} = \frac{2\,(y_{ij} - t_{ij})}{n k}"
    written_out = WrittenOut(
        term=("({p} − {t})²", "(<p> - <t>)^2"), slope=("2·({p} − {t})", "2 (<p> - <t>)")
    )

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return squared_error(truth, pred, weights, losses)
