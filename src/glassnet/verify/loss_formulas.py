"""The losses once more in float64: for each sample its loss, and the slope of it by y_pred.

Each function takes targets and predictions as matrices, and the type in which glassnet computes:
where predictions are clipped at 1e-7, the ends are numbers of that type.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit, xlogy

from glassnet._core.types import Array
from glassnet.verify.activation_formulas import log_sum_exp

Formula = Callable[[Array, Array, str], tuple[Array, Array]]


def _ends(dtype: str) -> tuple[float, float]:
    number = np.dtype(dtype).type
    return float(number(1e-7)), float(number(1 - 1e-7))


def squared(t: Array, p: Array, dtype: str) -> tuple[Array, Array]:
    return ((p - t) ** 2).mean(axis=1), 2 * (p - t) / p.shape[1]


def absolute(t: Array, p: Array, dtype: str) -> tuple[Array, Array]:
    return np.abs(p - t).mean(axis=1), np.sign(p - t) / p.shape[1]


def squared_logarithmic(t: Array, p: Array, dtype: str) -> tuple[Array, Array]:
    low = _ends(dtype)[0]
    c = np.maximum(p, low)
    e = np.log1p(c) - np.log1p(np.maximum(t, low))
    return (e**2).mean(axis=1), np.where(p < low, 0, 2 * e / (1 + c)) / p.shape[1]


def huber(delta: float) -> Formula:
    def formula(t: Array, p: Array, dtype: str) -> tuple[Array, Array]:
        e = p - t
        small = np.abs(e) <= delta
        value = np.where(small, e**2 / 2, delta * np.abs(e) - delta**2 / 2)
        return value.mean(axis=1), np.where(small, e, delta * np.sign(e)) / p.shape[1]

    return formula


def hinge(t: Array, p: Array, dtype: str) -> tuple[Array, Array]:
    short = 1 - t * p
    return np.maximum(short, 0).mean(axis=1), np.where(short > 0, -t, 0) / p.shape[1]


def binary(smoothing: float = 0.0) -> Formula:
    def formula(t: Array, p: Array, dtype: str) -> tuple[Array, Array]:
        low, high = _ends(dtype)
        t, c = t * (1 - smoothing) + smoothing / 2, np.clip(p, low, high)
        value = -(t * np.log(c) + (1 - t) * np.log(1 - c))
        slope = np.where((p < low) | (p > high), 0, (c - t) / (c * (1 - c)))
        return value.mean(axis=1), slope / p.shape[1]

    return formula


def binary_logits(smoothing: float = 0.0) -> Formula:
    def formula(t: Array, z: Array, dtype: str) -> tuple[Array, Array]:
        t = t * (1 - smoothing) + smoothing / 2
        value = t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z)
        return value.mean(axis=1), (expit(z) - t) / z.shape[1]

    return formula


def categorical(smoothing: float = 0.0) -> Formula:
    """Predictions are divided by their sum q = p/S, so each moves all: ∂q/∂p = (I - q·1ᵀ)/S."""

    def formula(t: Array, p: Array, dtype: str) -> tuple[Array, Array]:
        low, high = _ends(dtype)
        t = t * (1 - smoothing) + smoothing / p.shape[1]
        total = p.sum(axis=1, keepdims=True)
        q = p / total
        value = -(t * np.log(np.clip(q, low, high))).sum(axis=1)
        by_q = np.where((q < low) | (q > high), 0, -t / np.clip(q, low, high))
        eye = np.eye(p.shape[1])
        slope = [(eye - row) @ g / s for row, g, s in zip(q, by_q, total)]
        return value, np.array(slope)

    return formula


def categorical_logits(smoothing: float = 0.0) -> Formula:
    def formula(t: Array, z: Array, dtype: str) -> tuple[Array, Array]:
        t = t * (1 - smoothing) + smoothing / z.shape[1]
        log_p = z - log_sum_exp(z)
        return -(t * log_p).sum(axis=1), np.exp(log_p) * t.sum(axis=1, keepdims=True) - t

    return formula


def divergence(t: Array, p: Array, dtype: str) -> tuple[Array, Array]:
    low = _ends(dtype)[0]
    u, c = np.clip(t, low, 1), np.clip(p, low, 1)
    value = (xlogy(u, u) - u * np.log(c)).sum(axis=1)
    return value, np.where((p < low) | (p > 1), 0, -u / c)


def poisson(logits: bool = False, deviance: bool = False) -> Formula:
    """What is taken off for the deviance is the loss at p = t."""

    def formula(t: Array, p: Array, dtype: str) -> tuple[Array, Array]:
        least = t - xlogy(t, t) if deviance else 0 * t
        if logits:
            return (np.exp(p) - t * p - least).mean(axis=1), (np.exp(p) - t) / p.shape[1]
        above = p + _ends(dtype)[0]
        return (p - t * np.log(above) - least).mean(axis=1), (1 - t / above) / p.shape[1]

    return formula
