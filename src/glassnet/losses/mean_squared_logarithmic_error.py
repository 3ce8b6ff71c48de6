"""The mean squared error of logarithms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.errors import LabelError
from glassnet.losses.base import EPSILON, Loss, WrittenOut


@kernel
def squared_logarithmic_error(
    t: Array, p: Array, weights: Array, losses: Array, epsilon: float
) -> float:
    """lᵢ = (1/k) Σ e², with e = log(1 + p) - log(1 + t), both p and t at least ε

    ∂lᵢ/∂p = 2·e/(1 + p)/k, and 0 where p is below ε
    """
    n, k = p.shape
    number = p.dtype.type
    zero, one, low = number(0), number(1), number(epsilon)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w * number(2) / number(n * k))
        row = zero
        for j in range(k):
            v, u = p[i, j], t[i, j]
            c = low if v < low else v
            error = number(math.log1p(c) - math.log1p(low if u < low else u))
            row += error * error
            p[i, j] = zero if v < low else scale * error / (one + c)
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@dataclass(frozen=True)
class MeanSquaredLogarithmicError(Loss):
    """The mean of the squared errors of log(1 + y): how many times too much, not how much.

    For values of at least 0 that span powers of ten, as prices and counts. A prediction below
    ε = 1e-7 counts as ε, and has the slope 0 there: after a last layer of ``softplus`` or
    ``exponential`` none is.

    >>> round(MeanSquaredLogarithmicError()([9.0, 99.0], [99.0, 999.0]), 4)
    5.3019
    """

    name = "mean_squared_logarithmic_error"
    also = ("mean_squared_log_error", "squared_log_error")
    target = "values"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ (log(1 + yᵢⱼ) − log(1 + tᵢⱼ))²"
    gradient_formula = "∂L/∂yᵢⱼ = 2·(log(1 + yᵢⱼ) − log(1 + tᵢⱼ)) / (n·k·(1 + yᵢⱼ))"
    latex = r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j (\log(1 + y_{ij}) - \log(1 + t_{ij}))^2"
    gradient_latex = (
        r"\frac{\partial L}{\partial y_{ij}} = "
        r"\frac{2\,(\log(1 + y_{ij}) - \log(1 + t_{ij}))}{n k\,(1 + y_{ij})}"
    )
    written_out = WrittenOut(
        term=(
            "(log(1 + max({p}, 1e-7)) − log(1 + max({t}, 1e-7)))²",
            r"(\log(1 + \max(<p>, 10^{-7})) - \log(1 + \max(<t>, 10^{-7})))^2",
        )
    )

    def _encode(self, y_true: Any, pred: Array) -> Array:
        truth = super()._encode(y_true, pred)
        if (truth < 0).any():
            i, j = np.argwhere(truth < 0)[0]
            raise LabelError(
                f"{self.name}: y_true holds {truth[i, j]:g} in row {i}, column {j}; expected "
                "values of at least 0, because it compares logarithms. For values of both signs "
                "take 'mean_squared_error' or 'huber'."
            )
        return truth

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return squared_logarithmic_error(truth, pred, weights, losses, EPSILON)
