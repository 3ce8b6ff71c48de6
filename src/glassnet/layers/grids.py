"""Numbers of an explained step as they lie: a window, its kernel, their products side by side."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from glassnet._core.derivation import Grid, Grids
from glassnet._core.types import Array

SIDE = 7  # rows and columns of a grid; of a larger one the part around its largest number
LINES = 2  # channels, or filters, that are shown one below the other

Part = tuple[slice, slice]


def in_rows(numbers: Array) -> Array:
    """A series lies in one row."""
    return numbers if numbers.ndim == 2 else numbers.reshape(1, -1)


def part_of(numbers: Array) -> Part:
    """All of it, or ``SIDE`` rows and columns around the largest |number|."""
    size = np.nan_to_num(np.abs(in_rows(numbers)), nan=-1.0)
    at = np.unravel_index(int(size.argmax()), size.shape)
    first = [max(0, min(int(i) - SIDE // 2, n - SIDE)) for i, n in zip(at, size.shape)]
    rows, columns = (slice(i, min(i + SIDE, n)) for i, n in zip(first, size.shape))
    return rows, columns


def grid(
    title: str, numbers: Array, part: Part,
    padding: Array | None = None, marked: Array | None = None,
) -> Grid:  # fmt: skip
    """A grid of the part; NaN of ``numbers`` are places where there is no number.

    ``padding`` and ``marked`` are true where a zero of padding lies, and where to look.
    """
    numbers = in_rows(numbers)
    shown = numbers[part].astype(np.float64)
    if shown.size < numbers.size:
        title += f", {_span('row', part[0], len(numbers))}"
        title += f"{_span('column', part[1], numbers.shape[1])} of "
        title += "×".join(map(str, numbers.shape))
    return Grid(
        title,
        tuple(tuple(None if np.isnan(v) else float(v) for v in row) for row in shown),
        _true(padding, part),
        _true(marked, part),
    )


def _true(where: Array | None, part: Part) -> frozenset[tuple[int, int]]:
    if where is None:
        return frozenset()
    return frozenset((int(i), int(j)) for i, j in np.argwhere(in_rows(where)[part]))


def _span(word: str, part: slice, length: int) -> str:
    if length == 1:
        return ""
    comma = ", " if word == "column" else ""
    return f"{comma}{word}s {part.start + 1}–{part.stop}"


def times(
    first: tuple[str, Array], second: tuple[str, Array], padding: Array | None = None
) -> tuple[Grid, ...]:
    """Three grids: a · b = the products; all show the part where the largest product lies."""
    products = first[1] * second[1]
    part = part_of(products)
    return (
        grid(*first, part, padding),
        grid(*second, part),
        grid("products", products, part),
    )


def all_of(lines: Iterable[tuple[Grid, ...]], count: int, word: str) -> Grids:
    """The lines, of ``count`` that there are."""
    shown = tuple(lines)
    left_out = count - len(shown)
    plural = "" if left_out == 1 else "s"
    return Grids(shown, f"… {left_out} more {word}{plural}" if left_out > 0 else "")
