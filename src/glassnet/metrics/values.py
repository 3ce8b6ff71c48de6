"""How far predicted values are from the true ones: MAE, MSE, RMSE, R²."""

from __future__ import annotations

import math

import numpy as np

from glassnet._core.types import Array
from glassnet.metrics.base import Mean, Metric, row_means, values_like


class MeanAbsoluteError(Mean):
    """(1/n) Σ |y - ŷ|"""

    name = "mae"
    higher_is_better = False

    def _per_sample(self, y_true: Array, y_pred: Array) -> Array:
        return row_means(np.abs(_errors(self.name, y_true, y_pred)))


class MeanSquaredError(Mean):
    """(1/n) Σ (y - ŷ)²"""

    name = "mse"
    higher_is_better = False

    def _per_sample(self, y_true: Array, y_pred: Array) -> Array:
        return row_means(np.square(_errors(self.name, y_true, y_pred)))


class RootMeanSquaredError(MeanSquaredError):
    """√((1/n) Σ (y - ŷ)²), in the unit of y."""

    name = "rmse"
    also = ("root_mean_squared_error",)

    def result(self) -> float:
        return math.sqrt(super().result())


def _errors(name: str, y_true: Array, y_pred: Array) -> Array:
    return np.subtract(y_pred, values_like(name, y_true, y_pred), dtype=np.float64)


class R2(Metric):
    """1 - Σ (y - ŷ)² / Σ (y - ȳ)²: how much of the variance is explained; 1 is all.

    The mean over the outputs. Where y does not vary: 1 if ŷ = y, else 0 (as scikit-learn).
    """

    name = "r2"
    also = ("r2_score",)
    higher_is_better = True
    counted = ("weight", "mean", "spread", "error")

    def reset(self) -> None:
        self.weight = 0.0
        self.mean: Array | float = 0.0
        self.spread: Array | float = 0.0
        self.error: Array | float = 0.0

    def _count(self, y_true: Array, y_pred: Array, weight: Array | None) -> None:
        n = len(y_pred)
        pred = y_pred.reshape(n, -1).astype(np.float64)
        true = values_like(self.name, y_true, y_pred).reshape(n, -1).astype(np.float64)
        w = np.ones((n, 1)) if weight is None else weight[:, None].astype(np.float64)
        total = float(w.sum())
        if not total:
            return
        mean = (w * true).sum(axis=0) / total
        # Means and sums of squares of two parts put together (Chan, Golub and LeVeque 1983):
        # Σy² - (Σy)²/n would lose its digits where the mean is large.
        both, shift = self.weight + total, mean - self.mean
        between = shift**2 * (self.weight * total / both)
        self.spread = self.spread + (w * (true - mean) ** 2).sum(axis=0) + between
        self.error = self.error + (w * (true - pred) ** 2).sum(axis=0)
        self.mean = self.mean + shift * (total / both)
        self.weight = both

    def result(self) -> float:
        if not self.weight:
            return math.nan
        error, spread = np.asarray(self.error), np.asarray(self.spread)
        flat = np.where(error == 0.0, 1.0, 0.0)
        explained = 1.0 - np.divide(error, spread, out=np.ones_like(error), where=spread > 0)
        return float(np.where(spread > 0, explained, flat).mean())
