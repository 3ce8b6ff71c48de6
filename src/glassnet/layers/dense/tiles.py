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
from glassnet._core.team import PARTS, share_out
from glassnet._core.tile import ROWS, VECTOR, lanes, tile
from glassnet._core.types import Array
from glassnet.layers.dense.kernels import sum_rows
from glassnet.layers.dense.layer import Dense

CHUNK = 512  # rows of W at a time: with two vectors of each they stay in the second cache
WIDE = 2**16  # weights, and
MANY = 32  # samples, from which on it is worth to lay out W once more


@kernel
def multiply(
    x: Array, w: Array, places: Array, first: int, last: int, size: int, floor: Any, out: Array
) -> None:
    """out ← max(b + x·W, floor) for the tiles of rows from ``first`` to before ``last``.

    x: flat, rows of ``size``  w: (1 + size)·stride, b and then W, in whole pairs of vectors
    places: where the rows begin  out: a row of ``stride`` for each place
    """
    stride = w.size // (1 + size)
    start = np.zeros(1, np.int64)
    lowest = x.dtype.type(-np.inf)
    for k in range(0, size, CHUNK):
        length = min(CHUNK, size - k)
        limit = floor if k + length == size else lowest
        for f in range(0, stride, 2 * (VECTOR // x.itemsize)):
            for r in range(first * ROWS, last * ROWS, ROWS):
                to = r * stride + f
                w_at = (1 + k) * stride + f
                if k == 0:
                    tile(
                        ROWS, 2, x, k, places, r, start, length, 1, w, w_at, stride,
                        w, f, 0, limit, out, to, stride,
                    )  # fmt: skip
                else:
                    tile(
                        ROWS, 2, x, k, places, r, start, length, 1, w, w_at, stride,
                        out, to, stride, limit, out, to, stride,
                    )  # fmt: skip


@kernel
def weight_gradient(
    x: Array, dz: Array, places: Array, first: int, last: int, out: Array, dW: Array
) -> None:
    """dW ← xᵀ·dz for the tiles of inputs from ``first`` to before ``last``.

    x: flat, (n, p)  dz: flat, (n, stride), zeros behind its columns  places: 0 … p - 1, filled up
    out: room for one tile
    """
    p, q = dW.shape
    n = x.size // p
    stride = dz.size // n
    start = np.zeros(1, np.int64)
    zeros = np.zeros(stride, x.dtype)
    for t in range(first, last):
        for f in range(0, stride, 2 * (VECTOR // x.itemsize)):
            tile(
                ROWS, 2, x, 0, places, t * ROWS, start, n, p, dz, f, stride,
                zeros, f, 0, x.dtype.type(-np.inf), out, f, stride,
            )  # fmt: skip
        for r in range(min(ROWS, p - t * ROWS)):
            for f in range(q):
                dW[t * ROWS + r, f] = out[r * stride + f]


@kernel
def input_gradient(
    dz: Array, W: Array, places: Array, first: int, last: int, panel: Array, out: Array, dx: Array
) -> None:
    """dx ← dz·Wᵀ for the pairs of vectors of inputs from ``first`` to before ``last``.

    dz: flat, rows of q  W: (p, q)  panel: room for q rows of a pair  out: room for n rows of one
    """
    p, q = W.shape
    width = panel.size // q
    start = np.zeros(1, np.int64)
    zeros = np.zeros(width, dz.dtype)
    for block in range(first, last):
        j = block * width
        count = min(width, p - j)
        for c in range(count):
            for f in range(q):
                panel[f * width + c] = W[j + c, f]
        for r in range(0, len(places), ROWS):
            tile(
                ROWS, 2, dz, 0, places, r, start, q, 1, panel, 0, width,
                zeros, 0, 0, dz.dtype.type(-np.inf), out, r * width, width,
            )  # fmt: skip
        for i in range(len(dx)):
            for c in range(count):
                dx[i, j + c] = out[i * width + c]


class TiledDense:
    """y = f(x·W + b) of a :class:`Dense` layer, and back, as it does it itself."""

    def __init__(self, layer: Dense) -> None:
        self.layer = layer
        self._scratch: dict[tuple[str, int], Array] = {}
        self._saved: tuple[Array, Array, Array] | None = None  # x, z, y

    @classmethod
    def of(cls, layer: Any) -> TiledDense | None:
        """The layer by tiles; None if it computes something else, or is small."""
        if isinstance(layer, Dense) and type(layer).forward is Dense.forward:
            return cls(layer) if layer.W.size >= WIDE else None
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
        stride = _whole(q, 2 * lanes(x.itemsize))
        padded = self._room("dz", 0, n * stride)
        padded.reshape(n, stride)[:, :q] = dz
        places = _filled_up(np.arange(p))

        def weights(tiles: slice, part: int, thread: int) -> None:
            out = self._room("tile", thread, ROWS * stride)
            weight_gradient(x.ravel(), padded, places, tiles.start, tiles.stop, out, layer.dW)

        _in_parts(len(places) // ROWS, weights)
        if layer.use_bias:
            sum_rows(dz, layer.db)
        if not need_dx:
            return None
        dx = layer.work.array("dx", x.shape, dz.dtype)
        width = 2 * lanes(x.itemsize)
        rows = _filled_up(np.arange(n) * q)
        flat = np.ascontiguousarray(dz).ravel()

        def inputs(blocks: slice, part: int, thread: int) -> None:
            panel = self._room("panel", thread, q * width)
            out = self._room("rows", thread, len(rows) * width)
            input_gradient(flat, layer.W, rows, blocks.start, blocks.stop, panel, out, dx)

        _in_parts(_whole(p, width) // width, inputs)
        return dx

    def _multiply(self, x: Array) -> tuple[Array, Array]:
        """x in the layer's type, and z = x·W + b."""
        layer = self.layer
        x = np.ascontiguousarray(layer.take_input(x))
        n, (p, q) = len(x), layer.W.shape
        stride = _whole(q, 2 * lanes(x.itemsize))
        w = self._room("w", 0, (1 + p) * stride).reshape(1 + p, stride)
        w[0, :q] = layer.b if layer.use_bias else 0
        w[1:, :q] = layer.W
        places = _filled_up(np.arange(n) * p)
        out = self._room("out", 0, len(places) * stride)

        def work(tiles: slice, part: int, thread: int) -> None:
            lowest = x.dtype.type(-np.inf)
            multiply(x.ravel(), w.ravel(), places, tiles.start, tiles.stop, p, lowest, out)

        _in_parts(len(places) // ROWS, work)
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
