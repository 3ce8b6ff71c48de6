"""The field that holds a kernel, and the well-known kernels."""

from __future__ import annotations

import math
from typing import Any

from glassnet.lab.kinds import Field, is_real

MOST_SIDE = 7
LARGEST = 100.0

Rows = tuple[tuple[float, ...], ...]

PRESETS: dict[str, Rows] = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "vertical": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),  # Sobel's, for edges that stand
    "horizontal": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "edges": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),  # in all directions: Laplace's
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "blur": ((0.0625, 0.125, 0.0625), (0.125, 0.25, 0.125), (0.0625, 0.125, 0.0625)),
    "mean": ((0.111111,) * 3,) * 3,
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
}


class Kernel(Field):
    """A square of numbers, row by row; in an address ``0,1,0;1,-4,1;0,1,0``."""

    kind = "kernel"

    def check(self, value: Any) -> Rows:
        if not isinstance(value, (list, tuple)) or not 0 < len(value) <= MOST_SIDE:
            raise self.refuse(value, f"a list of 1 to {MOST_SIDE} rows")
        rows = []
        for row in value:
            if not isinstance(row, (list, tuple)) or len(row) != len(value):
                raise self.refuse(row, f"{len(value)} numbers in each of {len(value)} rows")
            rows.append(tuple(self._number(number) for number in row))
        return tuple(rows)

    def _number(self, value: Any) -> float:
        if not is_real(value) or not abs(value) <= LARGEST:
            raise self.refuse(
                value, f"numbers from -{LARGEST:g} to {LARGEST:g}", "problem.number",
                low=-LARGEST, high=LARGEST,
            )  # fmt: skip
        return float(f"{value:.6g}") + 0.0  # no -0, and as many digits as the address has

    def to_text(self, value: Rows) -> str:
        return ";".join(",".join(f"{number:.6g}" for number in row) for row in value)

    def from_text(self, text: str) -> Rows:
        try:
            rows = [[float(number) for number in row.split(",")] for row in text.split(";")]
        except ValueError:
            raise self.refuse(text, "rows of numbers as a saved address writes them") from None
        if not all(math.isfinite(number) for row in rows for number in row):
            raise self.refuse(text, "rows of numbers as a saved address writes them")
        return self.check(rows)


def preset(name: str, side: int) -> Rows:
    """A well-known kernel; with zeros around it, or as a mean over all, where it is larger."""
    if name == "mean":
        return ((float(f"{1 / side**2:.6g}"),) * side,) * side
    return resized(PRESETS[name], max(side, 3) if name != "identity" else side)


def resized(rows: Rows, side: int) -> Rows:
    """The middle of a kernel, or the kernel with zeros around it."""
    before = (side - len(rows)) // 2
    inside = range(len(rows))
    return tuple(
        tuple(
            float(rows[i - before][j - before])
            if i - before in inside and j - before in inside else 0.0
            for j in range(side)
        )
        for i in range(side)
    )  # fmt: skip


def name_of(rows: Rows) -> str:
    """Which of the well-known kernels it is; empty: none of them."""
    return next((name for name in PRESETS if preset(name, len(rows)) == rows), "")
