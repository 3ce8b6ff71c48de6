"""The way back through the fast convolution of one layer."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from glassnet._core.team import share_out
from glassnet._core.tile import MOST
from glassnet._core.types import Array
from glassnet.layers.convolution.axes import Axis, Phase, phases
from glassnet.layers.convolution.forward import ForwardConvolution, filled_up, rows_of
from glassnet.layers.convolution.gradients import (
    TAPS,
    gradients_of_blocks,
    gradients_of_lists,
    gradients_of_places,
)
from glassnet.layers.pooling.lists import room_for_lists

FEW = 40  # numbers of a window: a gradient from lists would be mostly lists


class FastConvolution(ForwardConvolution):
    """A convolution, with 2×2 pooling on top where wanted, and its gradients."""

    def __init__(
        self,
        rows: Axis,
        columns: Axis,
        channels: int,
        filters: int,
        pooled: str | None,
        dtype: np.dtype[Any],
    ) -> None:
        super().__init__(rows, columns, channels, filters, pooled, dtype)
        runs = len(self.starts)
        self.rows = next(r for r in range(min(runs, MOST // self.vectors), 0, -1) if runs % r == 0)
        self.nothing = np.empty((1, 0), dtype)
        self._back: list[tuple[ForwardConvolution, Phase, Phase]] | None = None

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
        x, dz = rows_of(x), dy
        dy = rows_of(dy)
        live = None if y is None else rows_of(y)
        won = None if winner is None else rows_of(winner)
        dW = dW.reshape(self.taps, -1)
        db = self.nothing[0] if db is None else db
        many = dx is not None or self.taps > FEW
        if live is not None and won is not None and not g.mean and many:
            self._from_lists(x, dy, live, won, W.reshape(self.taps, -1), dW, db, dx)
            return
        if dx is None or live is None:
            self._from_blocks(x, dy, live, won, dW, db, None)
        else:
            size = g.out_rows * g.out_columns * g.filters
            dz = self._room("dz", 0, n * size).reshape(n, size)
            self._from_blocks(x, dy, live, won, dW, db, dz)
        if dx is not None:
            to_input = self._by_places if self._by_places_is_less() else self._to_input
            to_input(dz, W, dx)

    def _from_blocks(
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
        taps = self._table("taps", lambda: filled_up(TAPS, [
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

    def _from_lists(
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
        out = None if dx is None else rows_of(dx)
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
        dz, out = rows_of(dz), rows_of(dx)
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

    def _turned(self) -> list[tuple[ForwardConvolution, Phase, Phase]]:
        """The convolutions of :meth:`_to_input`; pooling leaves places at the edge out."""
        if self._back is None:
            g = self.geometry
            rows, columns = (
                axis._replace(windows=count)
                for axis, count in zip(self.axes, (g.out_rows, g.out_columns))
            )
            self._back = [
                (ForwardConvolution(r.axis, c.axis, g.filters, g.channels, None, self.dtype), r, c)
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

    def _sums(self, parts: int, weights: int, biases: int) -> tuple[Array, Array]:
        dWs = self._room("dW", 0, parts * weights).reshape(parts, weights)
        dbs = self._room("db", 0, parts * biases).reshape(parts, biases)
        dWs[...], dbs[...] = 0, 0
        return dWs, dbs

    def _lists(self, thread: int) -> tuple[Array, ...]:
        """For :func:`gradients_of_lists`: of a filter index and values, of places also counts."""
        lists: tuple[Array, ...] | None = self._scratch.get(("lists", thread))
        if lists is None:
            g = self.geometry
            places = g.out_rows * g.out_columns
            numbers = places * g.filters
            lists = self._scratch["lists", thread] = (
                np.empty(places // 4, np.int32), np.empty(places // 4, self.dtype),
                *room_for_lists(numbers, self.dtype),
                np.empty(places, np.int64),
            )  # fmt: skip
        return lists
