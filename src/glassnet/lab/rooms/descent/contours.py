"""Contour lines of a grid of heights."""

from __future__ import annotations

from typing import Any

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray

Grid = NDArray[np.float64]


def levels(z: Grid, count: int = 14) -> Grid:
    """Heights for contour lines.

    The share of the plane below level i of n is (i/n)²: for a bowl, rings of the same width.
    """
    finite = z[np.isfinite(z)]
    if finite.size == 0 or finite.min() == finite.max():
        return np.empty(0)
    shares = (np.arange(1, count + 1) / (count + 1)) ** 2
    return np.unique(np.quantile(finite, shares))


def lines(x: Grid, y: Grid, z: Grid, at: Grid) -> list[Grid]:
    """The pieces (n, 4) of the line at each level of ``at``: x₀, y₀, x₁, y₁.

    Args:
        x, y: (columns,) and (rows,), where the grid stands.
        z: (rows, columns) the heights; cells with a corner that is not finite have no line.
    """
    masked = np.ma.masked_invalid(z)
    cut = contour_generator(x, y, masked, line_type=LineType.Separate, corner_mask=False)
    return [_pieces(cut.lines(float(level))) for level in at]


def _pieces(polylines: Any) -> Grid:
    """Polylines (n, 2) as their straight pieces."""
    return np.concatenate([np.empty((0, 4)), *(np.hstack([p[:-1], p[1:]]) for p in polylines)])
