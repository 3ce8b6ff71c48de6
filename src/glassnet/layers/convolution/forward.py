"""The fast convolution of one layer: its tables, its memory, and its images shared over cores."""

from __future__ import annotations

from collections.abc import Callable
from math import lcm, prod
from typing import Any

import numpy as np

from glassnet._core.memory import aligned
from glassnet._core.team import parts_of, share_out
from glassnet._core.tile import MOST, ROWS, lanes
from glassnet._core.types import Array
from glassnet.layers.convolution.axes import Axis
from glassnet.layers.convolution.blocks import PAIRS, Geometry, convolve_images
from glassnet.layers.convolution.winograd import (
    PATCHES,
    WEIGHTS,
    convolve_patches,
    first_places,
)

# Channels times filters, for each number of a vector, from which fewer products are worth the sums
# beside them.  Time by patches ÷ by all products, 26×26 images in float32 on one thread: 16 → 32
# channels 1.3, 32 → 16 1.5, 32 → 32 1.07, 16 → 64 1.02, 64 → 32 0.88, 32 → 64 0.80, 64 → 64 0.72;
# in float64, with 8 numbers in a vector, 16 → 32 1.1, 32 → 32 0.85, 32 → 64 0.81.
ENOUGH = 128
BLOCK = 200  # places at a time, at most: with their sums they stay in the first caches


class ForwardConvolution:
    """max(x·W + b, floor) of every window, with 2×2 pooling on top where wanted.

    Args:
        rows, columns: the windows.
        channels, filters: of x and of z.
        pooled: "max": keep the largest of 2×2 places only; "mean": their mean; floor is 0.  What
            that drops at the edge is not computed.
        dtype: float32 or float64.
    """

    def __init__(
        self,
        rows: Axis,
        columns: Axis,
        channels: int,
        filters: int,
        pooled: str | None,
        dtype: np.dtype[Any],
    ) -> None:
        self.axes, self.dtype = (rows, columns), dtype
        vector = lanes(dtype.itemsize)
        row = (columns.length + columns.before + columns.after) * channels
        whole = columns.dilation == 1  # the columns of a window are neighbours
        length = columns.size * channels if whole else channels
        runs = rows.size if whole else rows.size * columns.size
        self.vectors = _vectors(-(-length // vector), runs)
        wide, rest = divmod(filters, 2 * vector)
        narrow = int(0 < rest <= vector)
        wide += rest > vector
        pool = 2 if pooled else 1
        out_rows, out_columns = rows.windows // pool * pool, columns.windows // pool * pool
        block = _rows_of_block(out_rows, out_columns, pool)
        paired = int(
            columns.stride * channels == 1 and whole and 2 * filters <= vector
            and out_columns % 2 == 0
        )  # fmt: skip
        step = -(-length // (vector * self.vectors)) * vector * self.vectors
        self.geometry = g = Geometry(
            rows.length, columns.length, channels, rows.before, columns.before, row,
            out_rows, out_columns, rows.stride * row, columns.stride * channels, filters,
            vector * (2 * wide + narrow), wide, narrow, block, length, step, pool,
            int(pooled == "mean"), paired,
        )  # fmt: skip
        self.places = filled_up(lcm(ROWS, PAIRS), [
            r * g.down + c * g.right for r in range(block) for c in range(out_columns)
        ])  # fmt: skip
        beside = range(1 if whole else columns.size)
        self.starts = np.array([
            a * rows.dilation * row + b * columns.dilation * channels
            for a in range(rows.size) for b in beside
        ], np.int64)  # fmt: skip
        self.taps = runs * length
        self.padded = (rows.length + rows.before + rows.after) * row
        self.by_patches = (
            rows[1:4] == columns[1:4] == (3, 1, 1)
            and channels % vector == filters % vector == 0
            and channels * filters >= ENOUGH * vector
            and min(out_rows, out_columns) > 1
        )
        taps = len(WEIGHTS) * channels if self.by_patches else self.taps
        self.packed = aligned(g.stride * (1 + taps), dtype)
        laid = self.packed.reshape(-1, g.stride)  # b, then the weights: each once, or a pair of it
        copies = [slice(k, (1 + paired) * filters, 1 + paired) for k in range(1 + paired)]
        self._biases = [laid[0, some] for some in copies]
        self._weights = [laid[1 : 1 + self.taps, some] for some in copies]
        self._transform = WEIGHTS.astype(dtype)
        self.no_winner = np.empty((1, 0), np.uint8)
        self._scratch: dict[tuple[str, int], Any] = {}
        self._tables: dict[str, Array] = {}

    def forward(
        self,
        x: Array,
        W: Array,
        b: Array | None,
        floor: float,
        y: Array,
        winner: Array | None = None,
    ) -> None:
        """y ← max(x·W + b, floor).  winner: of the 2×2 places, kept for the way back."""
        for row in self._biases:
            row[...] = 0 if b is None else b
        x, y = rows_of(x), rows_of(y)
        kept = self.no_winner if winner is None else rows_of(winner)
        lowest = self.dtype.type(floor)
        if not self.by_patches:
            self._by_blocks(x, W, lowest, y, kept)
            return
        strange = self._by_patches(x, W, lowest, y, kept)
        if strange.any():
            some, its = y[strange], kept[strange] if kept.size else kept
            self._by_blocks(x[strange], W, lowest, some, its)
            y[strange] = some
            if kept.size:
                kept[strange] = its

    def _by_blocks(self, x: Array, W: Array, floor: Any, y: Array, winner: Array) -> None:
        """All products of all windows."""
        g, n = self.geometry, len(x)
        for rows in self._weights:
            rows[...] = W.reshape(self.taps, g.filters)

        def work(here: slice, part: int, thread: int) -> None:
            convolve_images(
                x[here], self.packed, floor, g, self.places, self.starts,
                self._room("padded", thread, self.padded),
                self._room("out", thread, len(self.places) * g.stride),
                y[here], winner[here] if winner.size else winner,
            )  # fmt: skip

        share_out(n, self._parts(n), work)

    def _by_patches(self, x: Array, W: Array, floor: Any, y: Array, winner: Array) -> Array:
        """Four places at a time; which images are to be computed by blocks."""
        g, n = self.geometry, len(x)
        weights = self.packed[g.stride :].reshape(len(WEIGHTS), -1)
        np.dot(self._transform, W.reshape(9, -1), out=weights)
        patches = self._table("patches", lambda: first_places(g))
        places = self._table("channels", lambda: np.arange(PATCHES, dtype=np.int64) * g.channels)
        strange = np.zeros(n, np.bool_)

        def work(here: slice, part: int, thread: int) -> None:
            convolve_patches(
                x[here], self.packed, floor, g, patches, places,
                self._room("padded", thread, self.padded),
                self._room("numbers", thread, 16 * PATCHES * g.channels),
                self._room("products", thread, 16 * PATCHES * g.filters),
                self._room("four", thread, 4 * g.filters),
                strange[here], y[here], winner[here] if winner.size else winner,
            )  # fmt: skip

        share_out(n, self._parts(n), work)
        return strange

    # ---- memory -------------------------------------------------------------------------

    def _parts(self, n: int) -> int:
        return parts_of(n, self.packed.size)

    def _room(self, name: str, thread: int, size: int) -> Array:
        """Zeros at first.  Vectors may read a little behind the end."""
        room = self._scratch.get((name, thread))
        if room is None or room.size < size:
            g = self.geometry
            room = self._scratch[name, thread] = aligned(size, self.dtype, g.step + g.stride)
        return room if room.size == size else room[:size]

    def _table(self, name: str, make: Callable[[], Array]) -> Array:
        if name not in self._tables:
            self._tables[name] = make()
        return self._tables[name]


def rows_of(x: Array) -> Array:
    """A row for each image."""
    return x if x.ndim == 2 else x.reshape(len(x), prod(x.shape[1:]))


def _rows_of_block(rows: int, columns: int, unit: int) -> int:
    """How many rows of places in a block: few tiles for all rows, for places fill up the last."""

    def tiles(block: int) -> int:
        blocks, rest = divmod(rows, block)
        last = -(-block * columns // ROWS) - (block - rest) * columns // ROWS if rest else 0
        return blocks * -(-block * columns // ROWS) + last

    most = max(unit, min(BLOCK // columns, rows) // unit * unit)
    return min(range(unit, most + 1, unit), key=lambda block: (tiles(block), -block))


def _vectors(whole: int, runs: int) -> int:
    """How many vectors of a window's row to take at a time: few left over, in MOST registers."""
    most = max(1, MOST // min(runs, 5))
    return min(range(1, most + 1), key=lambda v: (-(-whole // v) * v, -v))


def filled_up(unit: int, places: list[int]) -> Array:
    """The places, the last as often as fills the last tile."""
    return np.array(places + places[-1:] * (-len(places) % unit), np.int64)
