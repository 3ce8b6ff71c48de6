"""Compiled loops of the fast convolution: image by image, a block of places at a time.

Stretches of arrays are sliced first: an index that begins at 0 needs no test for a negative one,
and the loop over it becomes vector instructions (reading a block: 11 → 2 µs).

Everything about a layer that stays the same is a :class:`Geometry` and three tables; nothing is
compiled for one layer alone but the number of registers that its gradients take.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.tile import COUNT, ROWS, VECTOR, gather, tile
from glassnet._core.types import Array
from glassnet.layers.convolution.vectors import add_up, move, spread_live
from glassnet.layers.pooling.lists import list_places
from glassnet.layers.pooling.vectors import (
    largest_of_four,
    mean_of_four,
    to_largest_of_four,
    to_mean_of_four,
)

NARROW = 12  # places at a time where there is one vector of filters
TAPS = 9 if COUNT == 32 else 5  # numbers of a window: kernels of 9, 25 and 27 leave few over


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
            if g.narrow:
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


@kernel
def gradients_of_blocks(
    x: Array,
    dy: Array,
    y: Array,
    winner: Array,
    g: Geometry,
    taps: Array,
    starts: Array,
    padded: Array,
    out: Array,
    dW: Array,
    db: Array,
    dz: Array,
) -> None:
    """dW (numbers of a window, stride) and db += those of some images, from all of dL/dz.

    dz: (n, …), empty: not asked.  taps: where the numbers of a window lie.  starts: of the rows of
    places of a block.  y: of ReLU, whose zeros pass no gradient; empty: all pass.
    """
    width = 2 * (VECTOR // dW.itemsize)
    floor = dW.dtype.type(-np.inf)
    for n in range(len(x)):
        pad(x[n], g, padded)
        for top in range(0, g.out_rows, g.block):
            rows = min(g.block, g.out_rows - top)
            if g.pooled == 2:
                unpool_block(dy[n], y[n], winner[n], g, top, rows, out)
            else:
                read_block(dy[n], y[n] if y.size else y[0], g, top, rows, out)
            if dz.size:
                keep_places(out, g, rows, dz[n, top * g.out_columns * g.filters :])
            add_up(out, rows * g.out_columns, g.stride, db)
            at = top * g.down
            for block in range(g.wide):
                f = block * width
                for t in range(0, len(taps), TAPS):
                    tile(
                        TAPS, 2, padded, at, taps, t, starts[:rows], g.out_columns, g.right,
                        out, f, g.stride, dW, t * g.stride + f, g.stride, floor,
                        dW, t * g.stride + f, g.stride,
                    )  # fmt: skip
            if g.narrow:
                f = g.wide * width
                for t in range(0, len(taps), TAPS):
                    tile(
                        TAPS, 1, padded, at, taps, t, starts[:rows], g.out_columns, g.right,
                        out, f, g.stride, dW, t * g.stride + f, g.stride, floor,
                        dW, t * g.stride + f, g.stride,
                    )  # fmt: skip


@kernel
def read_block(dy: Array, y: Array, g: Geometry, top: int, rows: int, out: Array) -> None:
    """dL/dz of the block: dL/dy, and 0 where y ≤ 0 if there is a y."""
    first = top * g.out_columns * g.filters
    count = rows * g.out_columns
    zero = out.dtype.type(0)
    d, live = dy[first:], y[first:] if y.size else y
    whole = whole_vectors(g, count, len(d))
    if y.size:
        spread_live(d, live, whole, g.filters, g.stride, out)
    else:
        move(d, g.filters, whole, g.stride, out, g.stride)
    for p in range(whole, count):
        for f in range(g.filters):
            k = p * g.filters + f
            out[p * g.stride + f] = d[k] if y.size == 0 or live[k] > zero else zero


@kernel
def unpool_block(
    dy: Array, y: Array, winner: Array, g: Geometry, top: int, rows: int, out: Array
) -> None:
    """dL/dz of the block: dL/dy at the largest of each 2×2 places, 0 at the others.

    Of a mean a quarter of it at each of them, and 0 where ReLU passes none.
    """
    half = g.out_columns // 2
    line = g.out_columns * g.stride
    zero = out.dtype.type(0)
    part = out.dtype.type(0.25 if g.mean else 1)
    last = g.out_rows // 2 * half * g.filters - g.stride
    for r in range(rows // 2):
        for q in range(half):
            place = (top // 2 + r) * half + q
            at = place * g.filters
            to = 2 * (r * line + q * g.stride)
            if at <= last:  # too much is read, and never used
                if g.mean:
                    to_mean_of_four(dy, winner, at, g.stride, out, to, g.stride, line)
                else:
                    to_largest_of_four(dy, y, winner, at, g.stride, out, to, g.stride, line)
                continue
            for f in range(g.filters):
                which = np.int64(winner[at + f])
                bits = which if g.mean else (1 << which) * (y[at + f] > zero)
                for k in range(4):
                    away = (k >> 1) * line + (k & 1) * g.stride
                    gradient = dy[at + f] * part
                    out[to + away + f] = gradient if (bits >> k) & 1 else zero


@functools.cache
def gradients_of_places(rows: int, vectors: int) -> Any:
    """The loop over images that takes so many rows and vectors of a window at a time."""

    @kernel
    def gradients_of_inputs(
        dz: Array,
        w: Array,
        g: Geometry,
        starts: Array,
        w_starts: Array,
        index: Array,
        dpadded: Array,
        dx: Array,
    ) -> None:
        """dx from all of dL/dz: each place adds dL/dz·W to its window.

        dz: (n, …)  w: filter by filter; filter f begins at index[f]
        """
        chunk = vectors * (VECTOR // dz.itemsize)
        line = g.width * g.channels
        for n in range(len(dz)):
            for k in range(dpadded.size):
                dpadded[k] = 0
            for c in range(0, g.step, chunk):
                for i in range(0, len(starts), rows):
                    for p in range(g.out_rows):
                        for q in range(g.out_columns):
                            gather(
                                rows, vectors, dpadded, p * g.down + q * g.right + c, starts,
                                w, c, w_starts, i, index,
                                dz[n, (p * g.out_columns + q) * g.filters :], 0, g.filters,
                            )  # fmt: skip
            keep_inside(dpadded, g, line, dx[n])

    return gradients_of_inputs


@kernel
def keep_inside(dpadded: Array, g: Geometry, line: int, dx: Array) -> None:
    """The gradient of a padded image, without that of the zeros around it."""
    for h in range(g.height):
        begin = (g.top + h) * g.row + g.left * g.channels
        numbers, to = dpadded[begin : begin + line], dx[h * line : (h + 1) * line]
        for k in range(line):
            to[k] = numbers[k]


@functools.cache
def gradients_of_lists(rows: int, vectors: int) -> Any:
    """The loop over images that takes so many rows and vectors of a window at a time."""

    @kernel
    def gradients_of_winners(
        x: Array,
        dy: Array,
        y: Array,
        winner: Array,
        w: Array,
        g: Geometry,
        starts: Array,
        w_starts: Array,
        padded: Array,
        dpadded: Array,
        lists: Any,
        dW: Array,
        db: Array,
        dx: Array,
    ) -> None:
        """dW (filters, …) and db += those of some images; dx (n, …), empty: not asked.

        Behind ReLU and 2×2 pooling at most one in four of dL/dz is not 0.  Those are listed
        twice: filter by filter for dW, and place by place for dx.
        """
        index, value, count, place_index, place_value, place_count = lists
        runs = len(starts)
        size = runs * g.step
        chunk = vectors * (VECTOR // padded.itemsize)
        half = g.out_columns // 2
        places = g.out_rows // 2 * half
        line = g.width * g.channels
        zero = dW.dtype.type(0)
        for n in range(len(x)):
            pad(x[n], g, padded)
            d, live, won = dy[n], y[n], winner[n]
            for f in range(g.filters):
                to, numbers = index[f * places :], value[f * places :]
                k = 0
                for p in range(g.out_rows // 2):
                    for q in range(half):
                        here = (p * half + q) * g.filters + f
                        which = np.int64(won[here])
                        below, right = which >> 1, which & 1
                        to[k] = (2 * p + below) * g.down + (2 * q + right) * g.right
                        numbers[k] = d[here]
                        k += live[here] > zero
                count[f] = k
            if dx.size:
                for place in range(places):
                    list_places(
                        d[place * g.filters :], live[place * g.filters :],
                        won[place * g.filters :], g.filters, size,
                        place_index[4 * place * g.filters :], place_value[4 * place * g.filters :],
                        place_count[4 * place :],
                    )  # fmt: skip
            for f in range(g.filters):
                if count[f] == 0:
                    continue
                first, last = f * places, f * places + count[f]
                total = db.dtype.type(0)
                for k in range(first, last):
                    total += value[k]
                db[f] += total
                for i in range(0, runs, rows):
                    for c in range(0, g.step, chunk):
                        gather(
                            rows, vectors, dW, f * size + c, w_starts, padded, c, starts, i,
                            index, value, first, last,
                        )  # fmt: skip
            if dx.size == 0:
                continue
            for k in range(dpadded.size):
                dpadded[k] = 0
            for c in range(0, g.step, chunk):
                for i in range(0, runs, rows):
                    for p in range(g.out_rows // 2):
                        for q in range(half):
                            for s in range(4):
                                where = 4 * (p * half + q) + s
                                if place_count[where]:
                                    to = (2 * p + (s >> 1)) * g.down
                                    to += (2 * q + (s & 1)) * g.right
                                    first = where * g.filters
                                    gather(
                                        rows, vectors, dpadded, to + c, starts, w, c, w_starts, i,
                                        place_index, place_value, first,
                                        first + place_count[where],
                                    )  # fmt: skip
            keep_inside(dpadded, g, line, dx[n])

    return gradients_of_winners
