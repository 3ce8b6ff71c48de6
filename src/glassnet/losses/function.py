"""A loss made of a plain function of (y_true, y_pred), with its gradient or without."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from glassnet._core import custom
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.losses.base import Loss

H = 1e-5  # of the central differences, in float64


@dataclass(frozen=True)
class FunctionLoss(Loss):
    """L = (1/n) Σ wᵢ·lᵢ, where lᵢ is what a function of your own gives for sample i.

    Args:
        function: ``f(y_true, y_pred)`` of two arrays (n, k).  It returns the loss of each
            sample (n,), or of each number (n, k), of which the mean is taken; or one number
            for all, as ``np.mean(…)`` does: then it is called for each sample by itself.
        derivative: ``g(y_true, y_pred)``, the derivative of what ``function`` returns with
            respect to ``y_pred``, (n, k).  None: the numerical derivative, which is slower,
            and right to about ten digits.

    >>> squared = FunctionLoss(lambda t, y: (y - t) ** 2, lambda t, y: 2 * (y - t))
    >>> squared([1.0, 2.0], [1.0, 4.0])
    2.0

    Raises:
        ConfigError: not a function.
        ShapeError: the function returned something of another form.
    """

    of_function: ClassVar[bool] = True
    target = "values"

    function: Callable[[Any, Any], Any]
    derivative: Callable[[Any, Any], Any] | None = None

    def __post_init__(self) -> None:
        for what, function in (("function", self.function), ("derivative", self.derivative or abs)):
            if not callable(function):
                raise ConfigError(f"loss: {what} is {function!r}, no function of (y_true, y_pred).")
        if self.derivative is None:
            warnings.warn(
                f"loss {self.name!r}: no derivative was given, so the numerical one is used. "
                "FunctionLoss(f, derivative) takes it.",
                stacklevel=4,
            )

    @property
    def name(self) -> str:  # type: ignore[override]  # of the function, not of the class
        return custom.function_name(self.function, "loss")

    @property
    def display_name(self) -> str:
        return self.name if self.derivative is not None else f"{self.name} (numerical gradient)"

    @property
    def formula(self) -> str:  # type: ignore[override]
        return f"L = (1/n) Σᵢ lᵢ, with l = {self.name}(t, y)"

    @property
    def gradient_formula(self) -> str:  # type: ignore[override]
        if self.derivative is None:
            return "∂L/∂yᵢⱼ ≈ (lᵢ(yᵢⱼ + h) − lᵢ(yᵢⱼ − h)) / (2h·n)"
        return f"∂L/∂y = {custom.function_name(self.derivative)}(t, y) / n"

    @property
    def latex(self) -> str:  # type: ignore[override]
        return rf"L = \frac{{1}}{{n}} \sum_i \mathrm{{{self.name}}}(t_i, y_i)".replace("_", r"\_")

    @property
    def gradient_latex(self) -> str:  # type: ignore[override]
        return r"\frac{\partial L}{\partial y_{ij}} = \frac{1}{n} l'(t_i, y_i)_j"

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        n, k = pred.shape
        y, t = pred.astype(np.float64), truth.astype(np.float64)
        each = self._of_each(t, y)
        if self.derivative is None:
            slope = self._differences(t, y)
        elif np.ndim(self.function(t[:1], y[:1])) == 0:  # of one number for all: row by row
            slope = np.concatenate([self._slope(t[i : i + 1], y[i : i + 1]) for i in range(n)])
        else:
            slope = self._slope(t, y)
            if np.ndim(self.function(t[:1], y[:1])) == 2:
                slope = slope / k
        scale = np.ones(n) if weights.size == 0 else weights.astype(np.float64)
        losses[:] = each
        pred[...] = slope * (scale / n)[:, np.newaxis]
        return float(np.sum(each * scale) / n)

    def _of_each(self, t: Array, y: Array) -> Array:
        """The loss of each sample, (n,)."""
        found = np.asarray(self.function(t, y), np.float64)
        n = len(y)
        if found.ndim == 0:
            return np.array([float(self.function(t[i : i + 1], y[i : i + 1])) for i in range(n)])
        if found.shape == y.shape:
            return np.asarray(found.mean(axis=1))
        if found.shape != (n,):
            raise ShapeError(
                f"{self.name}: the function returned shape {found.shape} for predictions "
                f"{y.shape}; expected one loss for each sample ({n},), or for each number."
            )
        return found

    def _slope(self, t: Array, y: Array) -> Array:
        assert self.derivative is not None
        found = np.asarray(self.derivative(t, y), np.float64)
        if found.shape != y.shape:
            raise ShapeError(
                f"{self.name}: its derivative has shape {found.shape} for predictions {y.shape}; "
                "expected the same shape."
            )
        return found

    def _differences(self, t: Array, y: Array) -> Array:
        """∂lᵢ/∂yᵢⱼ ≈ (lᵢ(yᵢⱼ + h) - lᵢ(yᵢⱼ - h)) / 2h, column by column."""
        slope = np.empty_like(y)
        for j in range(y.shape[1]):
            h = np.zeros(y.shape[1])
            h[j] = H
            slope[:, j] = (self._of_each(t, y + h) - self._of_each(t, y - h)) / (2 * H)
        return slope

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}
