"""Slopes to look at: the tangent line at a point, the gradient at the points of a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.calculus.differences import (
    DEFAULT_STEP,
    numerical_diff,
    numerical_gradient_rows,
)
from glassnet.calculus.values import as_float, number
from glassnet.errors import ConfigError, ShapeError


@dataclass(frozen=True)
class TangentLine:
    """y = y₀ + slope·(t - x₀), as a function of t.

    Attributes:
        x, y: the point (x₀, y₀) where the line touches.
        slope: how steep it is.
    """

    x: float
    y: float
    slope: float

    def __call__(self, t: ArrayLike) -> Any:
        line = self.y + self.slope * (np.asarray(t, dtype=np.float64) - self.x)
        return float(line) if np.ndim(line) == 0 else line

    @property
    def intercept(self) -> float:
        """The height of the line at 0."""
        return self.y - self.slope * self.x

    def __str__(self) -> str:
        sign = "-" if self.intercept < 0 else "+"
        return f"y = {self.slope:.6g}·x {sign} {abs(self.intercept):.6g}"


def tangent_line(f: Callable[[Any], Any], x: float, h: float = DEFAULT_STEP) -> TangentLine:
    """The line that touches f at x, itself a function.

    >>> line = tangent_line(lambda x: 0.01 * x**2 + 0.1 * x, 5)
    >>> round(line(5), 6), round(line(10), 6), round(line.slope, 6)
    (0.75, 1.75, 0.2)

    Raises:
        ShapeError: x is not one number.
        ConfigError, DataError: as ``numerical_diff``.
    """
    point = as_float(x)
    if point.ndim != 0:
        raise ShapeError(f"tangent_line: x has shape {point.shape}, one number was expected.")
    at = point[()]
    return TangentLine(float(at), number(f, at, at), numerical_diff(f, at, h))


class GradientField(NamedTuple):
    """Points of the plane and the gradient there, four grids of one shape (rows: x1)."""

    x0: NDArray[np.float64]
    x1: NDArray[np.float64]
    g0: NDArray[np.float64]
    g1: NDArray[np.float64]


def gradient_field(
    f: Callable[[NDArray[np.float64]], Any],
    x0_range: ArrayLike,
    x1_range: ArrayLike,
    points: int = 19,
    h: float = DEFAULT_STEP,
) -> GradientField:
    """The gradient of f at the points of a grid; unpacks as (x0, x1, g0, g1).

    Args:
        f: takes a point (2,), returns one number.
        x0_range, x1_range: two numbers, (low, high), between which ``points`` values are
            spread evenly; or the values themselves, such as ``np.arange(-2, 2.5, 0.25)``.

    >>> x0, x1, g0, g1 = gradient_field(lambda x: x[0] ** 2 + x[1] ** 2, (-2, 2), (-1, 1), 3)
    >>> g0
    array([[-4.,  0.,  4.],
           [-4.,  0.,  4.],
           [-4.,  0.,  4.]])

    Raises:
        ConfigError: a range without extent.
        ShapeError, DataError: as ``numerical_gradient_rows``.
    """
    x0, x1 = np.meshgrid(
        axis_values("x0_range", x0_range, points), axis_values("x1_range", x1_range, points)
    )
    gradients = numerical_gradient_rows(f, np.column_stack([x0.ravel(), x1.ravel()]), h)
    return GradientField(
        x0, x1, gradients[:, 0].reshape(x0.shape), gradients[:, 1].reshape(x0.shape)
    )


def axis_values(name: str, given: ArrayLike, points: int) -> NDArray[np.float64]:
    """The values along an axis: spread between two ends, or as given.

    Raises:
        ConfigError: not two different ends, nor a row of values.
    """
    values = as_float(given)
    if values.ndim != 1 or values.size < 2 or (values.size == 2 and not values[0] < values[1]):
        raise ConfigError(
            f"{name} = {given!r}: expected (low, high) with low < high, or the values themselves."
        )
    if values.size > 2:
        return values
    if points < 2:
        raise ConfigError(f"points = {points}: at least 2 along an axis.")
    return np.linspace(values[0], values[1], points)
