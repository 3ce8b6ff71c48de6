"""What a piecewise-linear encoding is given: checked, and converted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.settings import number, whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, DataError, ShapeError
from glassnet.layers.encoding.learning import Edges

NAME = "PiecewiseLinearEncoding"


def checked_edges(edges: Any) -> tuple[Edges, ...]:
    """An entry for each column: rising numbers, or None."""
    try:
        columns = list(edges)
    except TypeError:
        raise ConfigError(
            f"{NAME}: edges is {edges!r}, but must be a list with the edges of each column."
        ) from None
    if not columns:
        raise ConfigError(f"{NAME}: edges is empty; expected an entry for each column.")
    return tuple(_column(place, own) for place, own in enumerate(columns))


def _column(place: int, own: Any) -> Edges:
    if own is None:
        return None
    try:
        found = np.asarray(own, np.float64)
        good = found.ndim == 1 and len(found) >= 2 and bool(np.isfinite(found).all())
    except (TypeError, ValueError):
        good = False
    if not good:
        raise ConfigError(
            f"{NAME}: the edges of column {place} are {_short(own)}, but must be at least two "
            "finite numbers, or None to pass the column on."
        )
    with np.errstate(over="ignore"):
        widths = np.diff(found)
    if not ((widths > 0) & np.isfinite(widths)).all():
        raise ConfigError(
            f"{NAME}: the edges of column {place} are {_short(own)}, but must rise from each to "
            "the next. numpy.unique(edges) sorts them and drops those that are twice there."
        )
    return tuple(found.tolist())


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def checked_groups(groups: Sequence[int] | None, columns: int) -> list[int]:
    """Sizes that are all columns together."""
    if groups is None:
        return [1] * columns
    sizes = [whole_number(f"{NAME}.adapt", "a size in groups", size) for size in groups]
    if sum(sizes) != columns:
        raise ConfigError(
            f"{NAME}.adapt: groups are {sum(sizes)} columns together, but x has {columns}."
        )
    return sizes


def checked_rows(x: ArrayLike) -> Array:
    """Rows of finite numbers."""
    try:
        rows: Array = np.asarray(x, np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{NAME}.adapt: x must hold numbers, in rows of one length.") from None
    if rows.ndim != 2:
        raise ShapeError(f"{NAME}.adapt: x has shape {rows.shape}, but must be rows: (n, columns).")
    if not rows.size:
        raise DataError(f"{NAME}.adapt: x is empty, shape {rows.shape}.")
    if not np.isfinite(rows).all():
        i, j = np.argwhere(~np.isfinite(rows))[0]
        raise DataError(
            f"{NAME}.adapt: x holds {rows[i, j]} in row {i}, column {j}. Fill or drop it first."
        )
    return rows


def checked_numbers(
    name: str, given: Sequence[float] | None, features: int | None
) -> tuple[float, ...] | None:
    """One number for each feature, if any."""
    if given is None:
        return None
    try:
        numbers = tuple(number(NAME, name, value) for value in given)
    except TypeError:
        raise ConfigError(f"{NAME}: {name} is {given!r}, but must be a list.") from None
    if features is not None and len(numbers) != features:
        raise ConfigError(
            f"{NAME}: {name} has {len(numbers)} numbers, but the edges make {features} features. "
            "adapt(x) learns all of them from rows."
        )
    return numbers
