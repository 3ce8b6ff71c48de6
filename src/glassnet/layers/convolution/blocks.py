"""Compiled loops of the fast convolution: image by image, a block of places at a time.

Stretches of arrays are sliced first: an index that begins at 0 needs no test for a negative one,
and the loop over it becomes vector instructions (reading a block: 11 → 2 µs).

Everything about a layer that stays the same is a :class:`Geometry` and three tables; nothing is
compiled for one layer alone but, in ``gradients.py``, the number of registers that they take.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.tile import ROWS, VECTOR, tile
from glassnet._core.types import Array
from glassnet.layers.convolution.pairs import pairs
from glassnet.layers.convolution.vectors import move
from glassnet.layers.pooling.vectors import (
    largest_of_four,
    mean_of_four,
)

NARROW = 12  # places at a time where there is one vector of filters
PAIRS = 2 * NARROW  # where there is half a one


class Geometry(NamedTuple):
    """Sizes of a convolution, counted in numbers unless it says otherwise.

    Attributes:
        height, width, channels: of x.
        top, left: rows and columns of zeros before it.
        row: of the padded image.
        out_rows, out_columns: places that are computed.
        down, right: from a place to the one below and beside it, in the padded image.
        filters: how many.
        stride: from a place to the next in a block: the filters, filled up to whole vectors.
        wide, narrow: blocks of two vectors of filters, and of one.
        block: rows of places in a block.
        length: neighbours in the padded image that one row of a window reads.
        step: from a row of the kernel's gradient to the next: ``length`` in whole vectors.
        pooled: 2 where 2×2 places become one, else 1.
        mean: 1 where that is their mean, 0 where it is their largest.
        paired: 1 where two neighbouring places share a vector, and each weight is there twice.
    """

    height: int
    width: int
    channels: int
    top: int
    left: int
    row: int
    out_rows: int
    out_columns: int
    down: int
    right: int
    filters: int
    stride: int
    wide: int
    narrow: int
    block: int
    length: int
    step: int
    pooled: int
    mean: int
    paired: int


@kernel
def pad(x: Array, g: Geometry, padded: Array) -> None:
    """One image into the middle of zeros; those stay as they are."""
    size = g.width * g.channels
    for h in range(g.height):
        to = (g.top + h) * g.row + g.left * g.channels
        line, numbers = padded[to : to + size], x[h * size : (h + 1) * size]
        for k in range(size):
            line[k] = numbers[k]


@kernel
def convolve_images(
    x: Array,
    w: Array,
    floor: Any,
    g: Geometry,
    places: Array,
    starts: Array,
    padded: Array,
    out: Array,
    y: Array,
    winner: Array,
) -> None:
    """y = max(x·W + b, floor), and of 2×2 neighbours the largest or the mean where ``g.pooled``.

    x: (n, …)  y: (n, …), a row for each image
    winner: which of the four, 0 … 3; of a mean the bits of those > 0; empty: not kept
    padded, out: room for one image and for one block.
    """
    width = 2 * (VECTOR // w.itemsize)
    which = np.empty(g.stride, np.uint8)
    for n in range(len(x)):
        pad(x[n], g, padded)
        for top in range(0, g.out_rows, g.block):
            row = min(top, g.out_rows - g.block)  # the last block may overlap the one before:
            done = top - row  # so many of its rows are there
            at = row * g.down
            for block in range(g.wide):
                f = block * width
                for p in range(done * g.out_columns // ROWS * ROWS, len(places), ROWS):
                    tile(
                        ROWS, 2, padded, at, places, p, starts, g.length, 1,
                        w, g.stride + f, g.stride, w, f, 0, floor, out, p * g.stride + f, g.stride,
                    )  # fmt: skip
            if g.paired:
                for p in range(done * g.out_columns // PAIRS * PAIRS, len(places), PAIRS):
                    pairs(
                        NARROW, padded, at, places, p, starts, g.length, w, floor,
                        out, p * g.stride, g.stride,
                    )  # fmt: skip
            elif g.narrow:
                f = g.wide * width
                for p in range(done * g.out_columns // NARROW * NARROW, len(places), NARROW):
                    tile(
                        NARROW, 1, padded, at, places, p, starts, g.length, 1,
                        w, g.stride + f, g.stride, w, f, 0, floor, out, p * g.stride + f, g.stride,
                    )  # fmt: skip
            if g.pooled == 2:
                pool_block(out, which, g, row, done, y[n], winner[n] if winner.size else winner[0])
            else:
                first = done * g.out_columns * g.stride
                keep_places(out[first:], g, g.block - done, y[n, top * g.out_columns * g.filters :])


@kernel
def keep_places(out: Array, g: Geometry, rows: int, y: Array) -> None:
    """So many rows of places of a block, without what fills them up, to the beginning of y."""
    count = rows * g.out_columns
    whole = whole_vectors(g, count, len(y))
    move(out, g.stride, whole, g.stride, y, g.filters)
    for p in range(whole, count):
        to, numbers = y[p * g.filters : (p + 1) * g.filters], out[p * g.stride :]
        for f in range(len(to)):
            to[f] = numbers[f]


@kernel
def whole_vectors(g: Geometry, count: int, numbers: int) -> int:
    """How many of the places have whole vectors of filters, of so many numbers in all."""
    return max(0, min(count, (numbers - g.stride) // g.filters + 1))


@kernel
def pool_block(
    out: Array, which: Array, g: Geometry, row: int, done: int, y: Array, winner: Array
) -> None:
    """The largest or the mean of 2×2 places of the block, for each filter, into y.

    row: where the block begins, of whose rows the first ``done`` are in y already.

    Whole vectors are written: what is too much lies in the next places, which are written later.
    The last places of the image have none: theirs go into the block first.
    """
    line = g.out_columns * g.stride
    half = g.out_columns // 2
    last = g.out_rows // 2 * half * g.filters - g.stride
    for r in range(done // 2, g.block // 2):
        for q in range(half):
            at = 2 * (r * line + q * g.stride)
            place = (row // 2 + r) * half + q
            to = place * g.filters
            here, here_at = (y, to) if to <= last else (out, at)
            kept, kept_at = (winner, to) if to <= last and winner.size else (which, 0)
            if g.mean:
                mean_of_four(out, at, g.stride, line, g.stride, here, here_at, kept, kept_at)
            else:
                largest_of_four(out, at, g.stride, line, g.stride, here, here_at, kept, kept_at)
            if to > last:
                for f in range(g.filters):
                    y[to + f] = out[at + f]
                    if winner.size:
                        winner[to + f] = which[f]
