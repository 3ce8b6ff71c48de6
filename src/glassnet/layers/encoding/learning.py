"""What a piecewise-linear encoding learns from a table: edges, means and scales."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet._core.types import Array

Edges = tuple[float, ...] | None

FEWEST = 3  # edges worth having: with two values a column is one number
FLOOR = 1e-3  # of a standard deviation
NARROWEST = 64 * float(np.finfo(np.float32).eps)  # of a bin, as a share of its place
ONE_HOT_FLOOR = 0.3  # the same, for columns without edges: a rare class is not blown up


def edges_of(column: Array, bins: int, rows_per_bin: int) -> Edges:
    """The edges for the numbers of one column: quantiles of the rows and of the distinct values.

    Where many rows share a value, quantiles of the rows leave the rest of the range to a few
    wide bins; those of the distinct values do not.
    """
    most = min(bins, max(2, len(column) // rows_per_bin))
    distinct = np.unique(column)
    edges = distinct
    if len(distinct) > most:
        of_rows = np.quantile(column, np.linspace(0, 1, most + 1))
        of_values = np.quantile(distinct, np.linspace(0, 1, most // 2 + 1))
        edges = np.unique(np.concatenate([of_rows, of_values]))
    edges = _apart(edges)
    return tuple(edges.tolist()) if len(edges) >= FEWEST else None


def _apart(edges: Array) -> Array:
    """Edges without those that only rounding tells from the one before.

    A quantile that falls on a value can come out as it and as its neighbour among the doubles. A
    bin between the two would make 0 or 1 of the last digit of a number, which differs from one
    program that runs the network to the next.
    """
    widths = np.diff(edges)
    if not len(widths):
        return edges
    places = np.maximum(np.abs(edges[1:]), np.median(widths))
    kept: Array = edges[np.concatenate([[True], widths > NARROWEST * places])]
    return kept


def scales_of(encoded: Array, edges: Sequence[Edges], groups: Sequence[int]) -> Array:
    """1/√(the variances of a block together), for each feature of it.

    A block is the number of a column with edges; its bins; and of each group of columns those
    without edges.

    Args:
        encoded: the features of all rows, with means 0 and scales 1.
        groups: how many columns, one after the other, belong together.
    """
    variance, scales = encoded.var(axis=0), np.empty(encoded.shape[1])
    at = column = 0
    for size in groups:
        plain: list[int] = []
        for own in edges[column : column + size]:
            if own is None:
                plain.append(at)
                at += 1
                continue
            bins = slice(at + 1, at + len(own))
            scales[at] = 1 / max(np.sqrt(variance[at]), FLOOR)
            scales[bins] = 1 / max(np.sqrt(variance[bins].sum()), FLOOR)
            at += len(own)
        if plain:
            scales[plain] = 1 / max(np.sqrt(variance[plain].sum()), ONE_HOT_FLOOR)
        column += size
    return scales
