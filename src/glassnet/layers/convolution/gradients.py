"""Compiled loops of the gradients of a fast convolution: image by image, as its forward goes.

From all of dL/dz, block by block, or behind ReLU and 2×2 pooling from the few that are not 0.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.tile import COUNT, VECTOR, gather, tile
from glassnet._core.types import Array
from glassnet.layers.convolution.blocks import Geometry, keep_places, pad, whole_vectors
from glassnet.layers.convolution.vectors import add_up, move, spread_live
from glassnet.layers.pooling.lists import list_filter, list_places
from glassnet.layers.pooling.vectors import to_largest_of_four, to_mean_of_four

BAND = 28672  # bytes of x: most of a first cache
TAPS = 9 if COUNT == 32 else 5  # numbers of a window: kernels of 9, 25 and 27 leave few over


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
        twice: filter by filter for dW, of rows whose windows stay in the first cache, and place by
        place for dx.
        """
        index, value, place_index, place_value, place_count = lists
        runs = len(starts)
        size = runs * g.step
        chunk = vectors * (VECTOR // padded.itemsize)
        half = g.out_columns // 2
        places = g.out_rows // 2 * half
        line = g.width * g.channels
        band = max(1, (BAND // x.itemsize - starts[-1] - g.length) // (2 * g.down))
        for n in range(len(x)):
            pad(x[n], g, padded)
            d, live, won = dy[n], y[n], winner[n]
            for top in range(0, g.out_rows // 2, band):
                height = min(band, g.out_rows // 2 - top)
                skip, away = top * half * g.filters, 2 * top * g.down
                for f in range(g.filters):
                    here = skip + f
                    count = list_filter(
                        d[here:], live[here:], won[here:], g.filters, height, half, g.right,
                        g.down, index, value, 0,
                    )  # fmt: skip
                    if count == 0:
                        continue
                    total = db.dtype.type(0)
                    for k in range(count):
                        total += value[k]
                    db[f] += total
                    for i in range(0, runs, rows):
                        for c in range(0, g.step, chunk):
                            gather(
                                rows, vectors, dW, f * size + c, w_starts, padded, away + c,
                                starts, i, index, value, 0, count,
                            )  # fmt: skip
            if dx.size == 0:
                continue
            for place in range(places):
                list_places(
                    d[place * g.filters :], live[place * g.filters :],
                    won[place * g.filters :], g.filters, size,
                    place_index[4 * place * g.filters :], place_value[4 * place * g.filters :],
                    place_count[4 * place :],
                )  # fmt: skip
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
