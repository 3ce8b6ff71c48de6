"""A wide dense layer behind feature maps, by tiles of registers on all cores.

While feature maps take the cores, BLAS has one thread, and the two threads of the team would wait
for it.  4320-100 with a batch of 100, the head of the book's convolutional network: 8.3 ms by one
thread of BLAS, forward and backward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.memory import aligned
from glassnet._core.team import PARTS, TEAM, share_out
from glassnet._core.tile import ROWS, VECTOR, lanes, tile
from glassnet._core.types import Array
from glassnet.layers.base import goes_as
from glassnet.layers.dense.kernels import sum_rows
from glassnet.layers.dense.layer import Dense

CHUNK = 512  # rows of W at a time: with two vectors of each they stay in the second cache
WIDE = 2**16  # weights, and
MANY = 32  # samples, from which on it is worth to lay out W once more
STRIP = 4 * ROWS  # inputs at a time for dW: of whole cache lines, of which each is read once
UNITS = 8  # of work, at least, that are shared out over the cores


@kernel
def panel_times(
    x: Array, at: int, places: Array, first: int, last: int, x_step: int, panel: Array, length: int,
    width: int, begin: Array, begin_at: int, begin_step: int, out: Array, out_at: int,
    out_step: int,
) -> None:  # fmt: skip
    """out ← begin + x·panel for the rows from ``first`` to before ``last``, ROWS or more of them.

    Row r of x begins at ``at`` + places[r], its numbers ``x_step`` apart; that of begin at
    begin_at + r·begin_step, that of out at out_at + r·out_step.  panel: (length, width), flat.
    The last tile begins with rows of the one before, if it must: begin may not be out then.
    """
    start = np.zeros(1, np.int64)
    lowest = x.dtype.type(-np.inf)
    for each in range(first, last, ROWS):
        r = min(each, last - ROWS)
        if width == 2 * (VECTOR // x.itemsize):
            tile(
                ROWS, 2, x, at, places, r, start, length, x_step, panel, 0, width, begin,
                begin_at + r * begin_step, begin_step, lowest, out, out_at + r * out_step, out_step,
            )  # fmt: skip
        else:
            tile(
                ROWS, 1, x, at, places, r, start, length, x_step, panel, 0, width, begin,
                begin_at + r * begin_step, begin_step, lowest, out, out_at + r * out_step, out_step,
            )  # fmt: skip


@kernel
def multiply(
    x: Array, W: Array, b: Array, places: Array, first: int, last: int, f: int, width: int,
    panel: Array, out: Array,
) -> None:  # fmt: skip
    """``width`` columns, from f on, of out ← x·W + b for whole tiles of rows.

    x: flat  W: (p, q)  b: flat, for each column of out  places: where the rows of x begin, filled
    up  out: flat, a row for each place, in whole vectors  panel: room for CHUNK rows of W
    """
    p, q = W.shape
    stride = out.size // len(places)
    count = min(width, q - f)
    for k in range(0, p, CHUNK):
        length = min(CHUNK, p - k)
        for i in range(length):
            row, to = W[k + i, f : f + count], panel[i * width : i * width + count]
            for j in range(count):
                to[j] = row[j]
        if k == 0:
            panel_times(
                x, k, places, first, last, 1, panel, length, width, b, f, 0, out, f, stride
            )  # fmt: skip
        else:
            panel_times(
                x, k, places, first, last, 1, panel, length, width, out, f, stride, out, f, stride
            )  # fmt: skip


@kernel
def weight_gradient(
    x: Array, dz: Array, first: int, last: int, panel: Array, out: Array, dW: Array
) -> None:
    """dW ← xᵀ·dz for the strips of inputs from ``first`` to before ``last``.

    x: (n, p)  dz: flat, n rows of each one or two vectors of columns, then of the next
    panel: room for n·STRIP  out: room for STRIP rows, their columns in whole vectors
    """
    p, q = dW.shape
    n = len(x)
    stride = out.size // STRIP
    pair = 2 * (VECTOR // x.itemsize)
    places = np.arange(STRIP)
    zeros = np.zeros(pair, x.dtype)
    for strip in range(first, last):
        i = strip * STRIP
        count = min(STRIP, p - i)
        for row in range(n):
            numbers, to = x[row, i : i + count], panel[row * STRIP : row * STRIP + count]
            for r in range(count):
                to[r] = numbers[r]
        rows = max(count, ROWS)
        for f in range(0, stride, pair):
            width = min(pair, stride - f)
            panel_times(
                panel, 0, places, 0, rows, STRIP, dz[n * f :], n, width, zeros, 0, 0, out, f, stride
            )  # fmt: skip
        for r in range(count):
            numbers, to = out[r * stride : r * stride + q], dW[i + r]
            for f in range(q):
                to[f] = numbers[f]


@kernel
def input_gradient(
    dz: Array, W: Array, places: Array, first: int, last: int, panel: Array, dx: Array
) -> None:
    """dx ← dz·Wᵀ for the pairs of vectors of inputs from ``first`` to before ``last``.

    dz: flat, rows of q  W: (p, q)  places: where they begin  panel: room for q rows of a pair
    dx: flat, rows of p
    """
    p, q = W.shape
    width = panel.size // q
    zeros = np.zeros(width, dz.dtype)
    for block in range(first, last):
        j = min(block * width, p - width)
        for c in range(width):
            row = W[j + c]
            for f in range(q):
                panel[f * width + c] = row[f]
        panel_times(dz, 0, places, 0, len(places), 1, panel, q, width, zeros, 0, 0, dx, j, p)


class TiledDense:
    """y = f(x·W + b) of a :class:`Dense` layer, and back, as it does it itself."""

    def __init__(self, layer: Dense) -> None:
        self.layer = layer
        self._scratch: dict[tuple[str, int], Array] = {}
        self._saved: tuple[Array, Array, Array] | None = None  # x, z, y

    @classmethod
    def of(cls, layer: Any) -> TiledDense | None:
        """The layer by tiles; None if it computes something else, or is small."""
        if isinstance(layer, Dense) and goes_as(layer, Dense):
            whole = len(layer.W) >= 2 * lanes(layer.W.itemsize)
            return cls(layer) if whole and layer.W.size >= WIDE else None
        return None

    def numbers_kept(self) -> int:
        """As the layer's own."""
        return self.layer.numbers_kept()

    def weights(self) -> Any:
        """As the layer's own."""
        return self.layer.weights()

    def forward(self, x: Array, training: bool = False) -> Array:
        """y = f(x·W + b)"""
        if not training or len(x) < MANY:
            self._saved = None
            return self.layer.forward(x, training)
        f = self.layer.activation
        x, z = self._multiply(x)
        y = z
        if f.needs_z:
            y = self.layer.work.array("y", z.shape, z.dtype)
            np.copyto(y, z)
        f.forward_(y)
        self._saved = x, z, y
        return y

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """z = x·W + b"""
        if not training or len(x) < MANY:
            self._saved = None
            return self.layer.forward_logits(x, training)
        x, z = self._multiply(x)
        self._saved = x, z, z
        return z

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        """dW, db and dL/dx from dL/dy."""
        if self._saved is None:
            return self.layer.backward(dy, need_dx)
        _, z, y = self._saved
        f = self.layer.activation
        dz = self.layer.work.mine(dy)
        f.backward_(z if f.needs_z else y, dz)
        return self.backward_logits(dz, need_dx)

    def backward_logits(self, dz: Array, need_dx: bool = True) -> Array | None:
        """dW, db and dL/dx from dL/dz."""
        if self._saved is None:
            return self.layer.backward_logits(dz, need_dx)
        layer, x = self.layer, self._saved[0]
        n, (p, q) = len(x), layer.W.shape
        vector = lanes(x.itemsize)
        stride = _whole(q, vector)
        panels = self._room("dz", 0, n * stride)
        for f in range(0, stride, 2 * vector):
            panel = panels[n * f : n * min(f + 2 * vector, stride)].reshape(n, -1)
            part = dz[:, f : f + 2 * vector]
            panel[:, : part.shape[1]] = part

        def weights(strips: slice, part: int, thread: int) -> None:
            panel = self._room("inputs", thread, n * STRIP)
            out = self._room("strip", thread, STRIP * stride)
            weight_gradient(x, panels, strips.start, strips.stop, panel, out, layer.dW)

        _in_parts(_whole(p, STRIP) // STRIP, weights)
        if layer.use_bias:
            sum_rows(dz, layer.db)
        if not need_dx:
            return None
        dx = layer.work.array("dx", x.shape, dz.dtype)
        rows = np.arange(n) * q
        flat, to = np.ascontiguousarray(dz).ravel(), dx.ravel()

        def inputs(blocks: slice, part: int, thread: int) -> None:
            panel = self._room("inputs", thread, q * 2 * vector)
            input_gradient(flat, layer.W, rows, blocks.start, blocks.stop, panel, to)

        _in_parts(_whole(p, 2 * vector) // (2 * vector), inputs)
        return dx

    def _multiply(self, x: Array) -> tuple[Array, Array]:
        """x in the layer's type, and z = x·W + b."""
        layer = self.layer
        x = np.ascontiguousarray(layer.take_input(x))
        n, (p, q) = len(x), layer.W.shape
        vector = lanes(x.itemsize)
        stride = _whole(q, vector)
        b = self._room("b", 0, stride)
        b[:q] = layer.b if layer.use_bias else 0
        places = _filled_up(np.arange(n) * p)
        out = self._room("out", 0, len(places) * stride)
        flat = x.ravel()
        columns = range(0, stride, 2 * vector)
        tiles = len(places) // ROWS
        groups = min(-(-UNITS // len(columns)), tiles)

        def work(unit: int, thread: int) -> None:
            f, group = columns[unit // groups], unit % groups
            first, last = (tiles * k // groups * ROWS for k in (group, group + 1))
            width = min(2 * vector, stride - f)
            panel = self._room("panel", thread, CHUNK * 2 * vector)
            multiply(flat, layer.W, b, places, first, last, f, width, panel, out)

        TEAM.run(work, groups * len(columns))
        z = layer.work.array("z", (n, q), x.dtype)
        np.copyto(z, out.reshape(-1, stride)[:n, :q])
        return x, z

    def _room(self, name: str, thread: int, size: int) -> Array:
        """Zeros at first."""
        room = self._scratch.get((name, thread))
        if room is None or room.size < size:
            room = self._scratch[name, thread] = aligned(size, self.layer.dtype, VECTOR)
        return room[:size]


def _in_parts(count: int, work: Callable[[slice, int, int], None]) -> None:
    share_out(count, min(PARTS, count), work)


def _whole(count: int, unit: int) -> int:
    return -(-count // unit) * unit


def _filled_up(places: Array) -> Array:
    """The places, the last as often as fills the last tile."""
    last = np.repeat(places[-1:], -len(places) % ROWS)
    return np.concatenate([places, last])
