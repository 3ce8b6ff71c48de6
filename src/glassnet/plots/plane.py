"""The plane of two features over which a model is asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import ConfigError, ShapeError

Range = tuple[float, float]


def pair(rows: NDArray[np.float64] | None, features: tuple[int, int] | None) -> tuple[int, int]:
    """Which two features are the axes."""
    count = 2 if rows is None else rows.shape[1]
    if features is None:
        if count == 1:
            raise ShapeError("x has one feature: use regression_curve, or pass two features.")
        if count != 2:
            raise ShapeError(
                f"x has {count} features, but a map has two axes: choose two, as features=(0, 1), "
                "and the others are held at their means; or look at all with data_points."
            )
        return (0, 1)
    first, second = features
    if first == second or not all(0 <= i < count for i in features):
        raise ShapeError(f"features={features}: expected two different numbers 0 to {count - 1}.")
    return first, second


def grid(
    rows: NDArray[np.float64] | None,
    pair: tuple[int, int],
    x_range: Range | None,
    y_range: Range | None,
    resolution: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middles of the cells along each axis."""
    if not 2 <= resolution <= 2000:
        raise ConfigError(f"resolution={resolution}: expected 2 to 2000 cells along an axis.")
    if rows is None and (x_range is None or y_range is None):
        raise ConfigError("there is no range to draw: pass points x, or both x_range and y_range.")
    middles = []
    for i, given in zip(pair, (x_range, y_range)):
        low, high = span(None if rows is None else rows[:, i], given, 0.08)
        edges = np.linspace(low, high, resolution + 1)
        middles.append((edges[1:] + edges[:-1]) / 2)
    return middles[0], middles[1]


def parts(
    cells: NDArray[np.float64], rows: NDArray[np.float64] | None, pair: tuple[int, int]
) -> Iterator[NDArray[np.float64]]:
    """The cells as points of all features, so many at once as stay small in memory; then x."""
    if rows is None:
        yield cells
        return
    means = rows.mean(axis=0, keepdims=True)
    at_once = max(1, 4_000_000 // rows.shape[1])
    for start in range(0, len(cells), at_once):
        part = cells[start : start + at_once]
        points = np.repeat(means, len(part), axis=0)
        points[:, list(pair)] = part
        yield points
    yield rows


def span(values: NDArray[np.float64] | None, given: Range | None, margin: float) -> Range:
    """The range that is given, or that of the values and a little more."""
    if given is not None:
        if not (np.isfinite(given).all() and given[0] < given[1]):
            raise ConfigError(f"{given} is no range: expected (low, high), low < high.")
        return given
    assert values is not None  # grid and regression_curve pass one of the two
    low, high = float(values.min()), float(values.max())
    room = margin * (high - low) or max(1.0, abs(low))
    return low - room, high + room
