"""Lines of equal height, cut out of a grid of heights by marching squares.

Each cell of the grid has four corners.  Where two neighbouring corners lie on different sides
of the level, the line crosses the edge between them, at the place that a straight line from
corner to corner gives.  Two crossings make a piece; with four, the mean height of the corners
says which belong together.  (Lorensen and Cline 1987, in two dimensions.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float64]
Piece = tuple[float, float, float, float]


def levels(z: Grid, count: int = 14) -> Grid:
    """Heights for contour lines.

    The share of the plane below level i of n is (i/n)²: for a bowl, rings of the same width.
    """
    finite = z[np.isfinite(z)]
    if finite.size == 0 or finite.min() == finite.max():
        return np.empty(0)
    shares = (np.arange(1, count + 1) / (count + 1)) ** 2
    return np.unique(np.quantile(finite, shares))


def lines(x: Grid, y: Grid, z: Grid, level: float) -> Grid:
    """The pieces (n, 4) of the line at ``level``: x₀, y₀, x₁, y₁.

    Args:
        x, y: (columns,) and (rows,), where the grid stands.
        z: (rows, columns) the heights; cells with a corner that is not finite have no line.
    """
    above, whole = z > level, np.isfinite(z)
    whole = whole[:-1, :-1] & whole[:-1, 1:] & whole[1:, :-1] & whole[1:, 1:]
    count = above[:-1, :-1].astype(int) + above[:-1, 1:] + above[1:, :-1] + above[1:, 1:]
    across, up, heights = x.tolist(), y.tolist(), z.tolist()
    found: list[Piece] = []
    for i, j in np.argwhere(whole & (count > 0) & (count < 4)).tolist():
        found += _pieces(across, up, heights, i, j, level)
    return np.array(found).reshape(-1, 4)


def _pieces(
    x: list[float], y: list[float], z: list[list[float]], i: int, j: int, level: float
) -> list[Piece]:
    """The one or two pieces in the cell between (i, j) and (i + 1, j + 1)."""
    corners = ((i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j))  # around it
    heights = [z[m][n] for m, n in corners]
    crossings = []
    for k in range(4):
        (m, n), (p, q) = corners[k], corners[(k + 1) % 4]
        a, b = heights[k], heights[(k + 1) % 4]
        if (a > level) != (b > level):
            share = (level - a) / (b - a)
            crossings.append((x[n] + share * (x[q] - x[n]), y[m] + share * (y[p] - y[m])))
    pairs: tuple[tuple[int, int], ...] = ((0, 1),)
    if len(crossings) == 4:  # a saddle: the middle goes with the first corner, or it does not
        together = (sum(heights) / 4 > level) == (heights[0] > level)
        pairs = ((0, 1), (2, 3)) if together else ((3, 0), (1, 2))
    return [(*crossings[a], *crossings[b]) for a, b in pairs]
