"""The fast convolution of one layer: its tables, its memory, and its images shared over cores."""

from __future__ import annotations

from collections.abc import Callable
from math import lcm, prod
from typing import Any, NamedTuple

import numpy as np

from glassnet._core.memory import aligned
from glassnet._core.team import parts_of, share_out
from glassnet._core.tile import MOST, ROWS, lanes
from glassnet._core.types import Array
from glassnet.layers.convolution.blocks import (
    NARROW,
    TAPS,
    Geometry,
    convolve_images,
    gradients_of_blocks,
    gradients_of_lists,
    gradients_of_places,
)
from glassnet.layers.pooling.lists import room_for_lists
from glassnet.layers.windows import Windows

BLOCK = 200  # places at a time, at most: with their sums they stay in the first caches
FEW = 40  # numbers of a window: a gradient from lists would be mostly lists


class Axis(NamedTuple):
    """The windows along rows or columns, and the zeros around what they read."""

    length: int
    size: int
    stride: int
    dilation: int
    before: int
    after: int
    windows: int

    @classmethod
    def of(cls, w: Windows) -> Axis:
        """The same, of a layer."""
        return cls(w.length, w.size, w.stride, w.dilation, *w.padding, w.count)


class Phase(NamedTuple):
    """Every stride-th place of x, whose gradient is a convolution of dL/dz with stride 1.

    Attributes:
        axis: of that convolution.
        z: the places of dL/dz that it reads: others met zeros around x only.
        x: those places.
        W: the places of the kernel that meet them.
    """

    axis: Axis
    z: slice
    x: slice
    W: slice


def phases(axis: Axis) -> list[Phase]:
    """One for each place of the stride.

    x[r] meets W[a] in window p = (r + before - a·dilation)/stride, so only those a with
    r + before ≡ a·dilation modulo the stride count: a = φ, φ + stride, …
    """
    found = []
    s, d = axis.stride, axis.dilation
    for phase in range(min(s, axis.size)):
        taps = len(range(phase, axis.size, s))
        first = -((phase - axis.before) // s)  # ⌈(before - φ)/stride⌉
        last = (axis.length - 1 + axis.before - phase) // s
        reach = (taps - 1) * d
        begin, end = max(first - reach, 0), min(last + 1, axis.windows)
        if last < first or end <= begin:
            continue  # no place, or none that a window of x meets
        before, after = begin - (first - reach), last + 1 - end
        along = Axis(end - begin, taps, 1, d, before, after, last - first + 1)
        x = slice(s * first + phase - axis.before, None, s)
        found.append(Phase(along, slice(begin, end), x, slice(phase, None, s)))
    return found


class FastConvolution:
    """max(x·W + b, floor) of every window, with 2×2 pooling on top where wanted; and back.

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
        self.rows = next(r for r in range(min(runs, MOST // self.vectors), 0, -1) if runs % r == 0)
        wide, rest = divmod(filters, 2 * vector)
        narrow = int(0 < rest <= vector)
        wide += rest > vector
        pool = 2 if pooled else 1
        out_rows, out_columns = rows.windows // pool * pool, columns.windows // pool * pool
        block = _rows_of_block(out_rows, out_columns, pool)
        step = -(-length // (vector * self.vectors)) * vector * self.vectors
        self.geometry = g = Geometry(
            rows.length, columns.length, channels, rows.before, columns.before, row,
            out_rows, out_columns, rows.stride * row, columns.stride * channels, filters,
            vector * (2 * wide + narrow), wide, narrow, block, length, step, pool,
            int(pooled == "mean"),
        )  # fmt: skip
        self.places = _filled_up(lcm(ROWS, NARROW), [
            r * g.down + c * g.right for r in range(block) for c in range(out_columns)
        ])  # fmt: skip
        beside = range(1 if whole else columns.size)
        self.starts = np.array([
            a * rows.dilation * row + b * columns.dilation * channels
            for a in range(rows.size) for b in beside
        ], np.int64)  # fmt: skip
        self.taps = runs * length
        self.padded = (rows.length + rows.before + rows.after) * row
        self.packed = aligned(g.stride * (1 + self.taps), dtype)
        self.nothing = np.empty((1, 0), dtype)
        self.no_winner = np.empty((1, 0), np.uint8)
        self._scratch: dict[tuple[str, int], Any] = {}
        self._tables: dict[str, Array] = {}
        self._back: list[tuple[FastConvolution, Phase, Phase]] | None = None

    # ---- forward ---------------------------------------------------------------------------

    def forward(
        self,
        x: Array,
        W: Array,
        b: Array | None,
        floor: float,
        y: Array,
        winner: Array | None = None,
    ) -> None:
        """y ← max(x·W + b, floor).  winner: of the 2×2 places, kept for :meth:`backward`."""
        g, n = self.geometry, len(x)
        packed = self.packed.reshape(1 + self.taps, g.stride)
        packed[0, : g.filters] = 0 if b is None else b
        packed[1:, : g.filters] = W.reshape(self.taps, g.filters)
        x, y = _rows(x), _rows(y)
        kept = self.no_winner if winner is None else _rows(winner)
        lowest = self.dtype.type(floor)

        def work(here: slice, part: int, thread: int) -> None:
            convolve_images(
                x[here], self.packed, lowest, g, self.places, self.starts,
                self._room("padded", thread, self.padded),
                self._room("out", thread, len(self.places) * g.stride),
                y[here], kept if winner is None else kept[here],
            )  # fmt: skip

        share_out(n, self._parts(n), work)

    # ---- backward --------------------------------------------------------------------------

    def backward(
        self,
        x: Array,
        dy: Array,
        y: Array | None,
        winner: Array | None,
        W: Array,
        dW: Array,
        db: Array | None,
        dx: Array | None,
    ) -> None:
        """dW, db and dx from dL/dy.  y: the output of ReLU, whose zeros pass no gradient."""
        g, n = self.geometry, len(x)
        x, dz = _rows(x), dy
        dy = _rows(dy)
        live = None if y is None else _rows(y)
        won = None if winner is None else _rows(winner)
        dW = dW.reshape(self.taps, -1)
        db = self.nothing[0] if db is None else db
        many = dx is not None or self.taps > FEW
        if live is not None and won is not None and not g.mean and many:
            self._by_lists(x, dy, live, won, W.reshape(self.taps, -1), dW, db, dx)
            return
        if dx is None or live is None:
            self._by_blocks(x, dy, live, won, dW, db, None)
        else:
            size = g.out_rows * g.out_columns * g.filters
            dz = self._room("dz", 0, n * size).reshape(n, size)
            self._by_blocks(x, dy, live, won, dW, db, dz)
        if dx is not None:
            to_input = self._by_places if self._by_places_is_less() else self._to_input
            to_input(dz, W, dx)

    def _by_blocks(
        self,
        x: Array,
        dy: Array,
        y: Array | None,
        winner: Array | None,
        dW: Array,
        db: Array,
        dz: Array | None,
    ) -> None:
        """dW and db from all of dL/dz, which is written to dz."""
        g, n = self.geometry, len(x)
        taps = self._table("taps", lambda: _filled_up(TAPS, [
            start + k for start in self.starts.tolist() for k in range(g.length)
        ]))  # fmt: skip
        starts = self._table("rows", lambda: np.arange(g.block, dtype=np.int64) * g.down)
        dWs, dbs = self._sums(self._parts(n), len(taps) * g.stride, g.stride)

        def work(here: slice, part: int, thread: int) -> None:
            gradients_of_blocks(
                x[here], dy[here], self.nothing if y is None else y[here],
                self.no_winner if winner is None else winner[here], g, taps, starts,
                self._room("padded", thread, self.padded),
                self._room("block", thread, g.block * g.out_columns * g.stride),
                dWs[part], dbs[part], self.nothing if dz is None else dz[here],
            )  # fmt: skip

        share_out(n, self._parts(n), work)
        dW[...] = dWs.sum(axis=0).reshape(-1, g.stride)[: self.taps, : g.filters]
        db[...] = dbs.sum(axis=0)[: db.size]

    def _by_lists(
        self,
        x: Array,
        dy: Array,
        y: Array,
        winner: Array,
        W: Array,
        dW: Array,
        db: Array,
        dx: Array | None,
    ) -> None:
        """dW, db and dx from those of dL/dz that are not 0."""
        g, n = self.geometry, len(x)
        turned = self._by_filter(W if dx is not None else None)
        form = g.filters, len(self.starts), g.step
        w_starts = self._w_starts()
        dWs, dbs = self._sums(self._parts(n), turned.size, g.filters)
        out = None if dx is None else _rows(dx)
        gradients = gradients_of_lists(self.rows, self.vectors)

        def work(here: slice, part: int, thread: int) -> None:
            gradients(
                x[here], dy[here], y[here], winner[here], turned, g, self.starts, w_starts,
                self._room("padded", thread, self.padded + g.step),
                self._room("dpadded", thread, self.padded + g.step),
                self._lists(thread), dWs[part], dbs[part],
                self.nothing if out is None else out[here],
            )  # fmt: skip

        share_out(n, self._parts(n), work)
        sums = dWs.sum(axis=0).reshape(form)[..., : g.length]
        dW.reshape(-1, g.length, g.filters)[...] = sums.transpose(1, 2, 0)
        db[...] = dbs.sum(axis=0)[: db.size]

    def _by_filter(self, W: Array | None) -> Array:
        """W filter by filter, each row of a window in whole vectors; None: room for it."""
        g = self.geometry
        form = g.filters, len(self.starts), g.step
        turned = self._room("turned", 0, prod(form))
        if W is not None:
            by_filter = W.reshape(-1, g.length, g.filters).transpose(2, 0, 1)
            turned.reshape(form)[..., : g.length] = by_filter
        return turned

    def _w_starts(self) -> Array:
        g = self.geometry
        return self._table("w", lambda: np.arange(len(self.starts), dtype=np.int64) * g.step)

    def _by_places_is_less(self) -> bool:
        """Whether :meth:`_by_places` multiplies less than half of what :meth:`_to_input` does.

        One fills up the rows of a window to whole vectors, the other the channels: those are few.
        """
        g = self.geometry
        places = g.out_rows * g.out_columns * g.filters * len(self.starts) * g.step
        turned = sum(
            r.axis.windows * c.axis.windows * fast.taps * fast.geometry.stride
            for fast, r, c in self._turned()
        )
        return 2 * places < turned

    def _by_places(self, dz: Array, W: Array, dx: Array) -> None:
        """dx from dL/dz: each place adds to its window."""
        g = self.geometry
        dz, out = _rows(dz), _rows(dx)
        turned, w_starts = self._by_filter(W), self._w_starts()
        size = len(self.starts) * g.step
        index = self._table("filters", lambda: np.arange(g.filters, dtype=np.int32) * size)
        gradients = gradients_of_places(self.rows, self.vectors)

        def work(here: slice, part: int, thread: int) -> None:
            gradients(
                dz[here], turned, g, self.starts, w_starts, index,
                self._room("dpadded", thread, self.padded + g.step), out[here],
            )  # fmt: skip

        share_out(len(dz), self._parts(len(dz)), work)

    def _turned(self) -> list[tuple[FastConvolution, Phase, Phase]]:
        """The convolutions of :meth:`_to_input`; pooling leaves places at the edge out."""
        if self._back is None:
            g = self.geometry
            rows, columns = (
                axis._replace(windows=count)
                for axis, count in zip(self.axes, (g.out_rows, g.out_columns))
            )
            self._back = [
                (FastConvolution(r.axis, c.axis, g.filters, g.channels, None, self.dtype), r, c)
                for r in phases(rows)
                for c in phases(columns)
            ]
        return self._back

    def _to_input(self, dz: Array, W: Array, dx: Array) -> None:
        """dx from dL/dz: for each place of the strides a convolution with the turned kernel."""
        rows, columns = self.axes
        g = self.geometry
        n, channels = len(dz), g.channels
        dz = dz.reshape(n, g.out_rows, g.out_columns, g.filters)
        dx = dx.reshape(n, rows.length, columns.length, channels)
        whole = rows.stride == columns.stride == 1
        if not whole:
            dx[...] = 0  # with a kernel smaller than the strides some places meet none
        W = W.reshape(rows.size, columns.size, channels, -1)
        for fast, r, c in self._turned():
            turned = W[r.W, c.W][::-1, ::-1].transpose(0, 1, 3, 2)
            shape = (n, r.axis.windows, c.axis.windows, channels)
            out = dx if whole else fast._room("dx", 0, prod(shape)).reshape(shape)
            read = dz if whole else np.ascontiguousarray(dz[:, r.z, c.z])
            fast.forward(read, turned, None, -np.inf, out)
            if not whole:
                dx[:, r.x, c.x] = out

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

    def _sums(self, parts: int, weights: int, biases: int) -> tuple[Array, Array]:
        dWs = self._room("dW", 0, parts * weights).reshape(parts, weights)
        dbs = self._room("db", 0, parts * biases).reshape(parts, biases)
        dWs[...], dbs[...] = 0, 0
        return dWs, dbs

    def _table(self, name: str, make: Callable[[], Array]) -> Array:
        if name not in self._tables:
            self._tables[name] = make()
        return self._tables[name]

    def _lists(self, thread: int) -> tuple[Array, ...]:
        """For :func:`gradients_of_lists`: two indices, values and counts."""
        lists: tuple[Array, ...] | None = self._scratch.get(("lists", thread))
        if lists is None:
            g = self.geometry
            places = g.out_rows * g.out_columns
            numbers = places * g.filters
            lists = self._scratch["lists", thread] = (
                np.empty(numbers // 4, np.int32), np.empty(numbers // 4, self.dtype),
                np.empty(g.filters, np.int64),
                *room_for_lists(numbers, self.dtype),
                np.empty(places, np.int64),
            )  # fmt: skip
        return lists


def _rows(x: Array) -> Array:
    """A row for each image."""
    return x.reshape(len(x), prod(x.shape[1:]))


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


def _filled_up(unit: int, places: list[int]) -> Array:
    """The places, the last as often as fills the last tile."""
    return np.array(places + places[-1:] * (-len(places) % unit), np.int64)
