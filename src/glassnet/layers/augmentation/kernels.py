"""The loops that move, mirror and tint images.

Moving is reading: pixel (p, q) of an image y comes from

    row    = a·p + b·q + c
    column = d·p + e·q + f

of the image x, by the numbers of its ``places``.  Between four pixels each counts by how near it
is (bilinear):

    y = (1 - v)·((1 - h)·x[r, s] + h·x[r, s + 1]) + v·((1 - h)·x[r + 1, s] + h·x[r + 1, s + 1])

with r = ⌊row⌋, s = ⌊column⌋, v = row - r, h = column - s.
"""

from __future__ import annotations

import math

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.layers.augmentation.lines import (
    CONSTANT,
    NOWHERE,
    behind_last,
    first_inside,
    folded,
)


@kernel
def warp(
    x: Array, places: Array, rows: int, columns: int, mode: int, nearest: bool, fill: float,
    out: Array,
) -> None:  # fmt: skip
    """out[i] = x[i], each pixel read where ``places`` says.

    The image is copied with one pixel more on each side, so that most reads need not ask where
    the image ends.

    x, out: (n, rows·columns·channels)  places: (n, 6): a … f  fill: of what is outside
    """
    n, size = x.shape
    channels = size // (rows * columns)
    line, wide = columns * channels, (columns + 2) * channels
    number = x.dtype.type
    nothing = number(fill)
    framed = np.empty((rows + 2) * wide, x.dtype)
    at, v, h = np.empty(columns, np.uint32), np.empty(columns, x.dtype), np.empty(columns, x.dtype)
    before, behind = folded(-1, columns, mode), folded(columns, columns, mode)
    for i in range(n):
        own = x[i]
        for r in range(-1, rows + 1):
            source, into = folded(r, rows, mode), framed[(r + 1) * wide : (r + 2) * wide]
            if source == NOWHERE:
                for t in range(wide):
                    into[t] = nothing
                continue
            given = own[source * line : (source + 1) * line]
            for t in range(line):
                into[channels + t] = given[t]
            for k in range(channels):
                into[k] = nothing if before == NOWHERE else given[before * channels + k]
                into[channels + line + k] = (
                    nothing if behind == NOWHERE else given[behind * channels + k]
                )
        a, d = places[i, 0], places[i, 3]
        b, e = number(places[i, 1]), number(places[i, 4])
        for p in range(rows):
            top = number(a * p + places[i, 2] + 1.0)  # in the copy
            left = number(d * p + places[i, 5] + 1.0)
            # a little less than the last: rounded up it would be read beyond the end
            down, right = rows + 0.999, columns + 0.999
            low = first_inside(top, b, down, columns)
            low = max(low, first_inside(left, e, right, columns))
            high = low
            if low < columns:
                high = min(
                    behind_last(top, b, down, low, columns),
                    behind_last(left, e, right, low, columns),
                )
            if nearest:
                low = high = 0
            top, left = top + b * number(low), left + e * number(low)
            for q in range(high - low):
                row, column = top + b * number(q), left + e * number(q)
                above, beside = np.int32(row), np.int32(column)
                v[q], h[q] = row - number(above), column - number(beside)
                at[q] = np.uint32(above * wide + beside * channels)
            for k in range(channels):
                to = out[i, p * line + low * channels + k : (p + 1) * line]
                upper, lower = framed[k:], framed[k + wide :]
                for q in range(high - low):
                    here, next_one = at[q], at[q] + np.uint32(channels)
                    one = upper[here] + h[q] * (upper[next_one] - upper[here])
                    two = lower[here] + h[q] * (lower[next_one] - lower[here])
                    to[q * channels] = one + v[q] * (two - one)
            to = out[i]
            for side in range(2):  # before and behind them
                for q in range(high * side, columns if side else low):
                    row, column = top - 1.0 + b * (q - low), left - 1.0 + e * (q - low)
                    if nearest:
                        row, column = math.floor(row + 0.5), math.floor(column + 0.5)
                    if mode == CONSTANT and not (-1.0 < row < rows and -1.0 < column < columns):
                        for k in range(channels):
                            to[p * line + q * channels + k] = nothing
                        continue
                    m, j = math.floor(row), math.floor(column)
                    for k in range(channels):
                        total = 0.0
                        for z in range(4):
                            r, s = m + z // 2, j + z % 2
                            share = abs(row - (2 * m + 1 - r)) * abs(column - (2 * j + 1 - s))
                            r, s = folded(r, rows, mode), folded(s, columns, mode)
                            outside = r == NOWHERE or s == NOWHERE
                            total += share * (
                                nothing if outside else own[r * line + s * channels + k]
                            )
                        to[p * line + q * channels + k] = number(total)


@kernel
def warp_axes(
    x: Array, places: Array, rows: int, columns: int, mode: int, nearest: bool, fill: float,
    out: Array,
) -> None:  # fmt: skip
    """:func:`warp` where b = d = 0, four times as fast: shifts and zooms.

    The row depends on p alone and the column on q alone: two lines of x become one, and that is
    read by the same columns for all rows.
    """
    n, size = x.shape
    channels = size // (rows * columns)
    line = columns * channels
    number = x.dtype.type
    nothing = number(fill)
    mixed = np.empty(line + channels, x.dtype)  # one pixel more: what lies outside
    first, second = np.empty(line, np.uint32), np.empty(line, np.uint32)
    h = np.empty(line, x.dtype)
    for k in range(channels):
        mixed[line + k] = nothing
    for i in range(n):
        for q in range(columns):
            column = places[i, 4] * q + places[i, 5]
            column = math.floor(column + 0.5) if nearest else column
            s = math.floor(column)
            left, right = folded(s, columns, mode), folded(s + 1, columns, mode)
            left, right = left if left >= 0 else columns, right if right >= 0 else columns
            for k in range(channels):
                first[q * channels + k] = left * channels + k
                second[q * channels + k] = right * channels + k
                h[q * channels + k] = column - s
        for p in range(rows):
            row = places[i, 0] * p + places[i, 2]
            row = math.floor(row + 0.5) if nearest else row
            r = math.floor(row)
            u, v = number(1.0 - (row - r)), number(row - r)
            m, j = folded(r, rows, mode), folded(r + 1, rows, mode)
            outside = number(0.0)
            if m == NOWHERE:
                outside, u, m = outside + u * nothing, number(0.0), 0
            if j == NOWHERE:
                outside, v, j = outside + v * nothing, number(0.0), 0
            above, below = x[i, m * line : (m + 1) * line], x[i, j * line : (j + 1) * line]
            for t in range(line):
                mixed[t] = u * above[t] + v * below[t] + outside
            to = out[i, p * line : (p + 1) * line]
            for t in range(line):
                one = mixed[first[t]]
                to[t] = one + h[t] * (mixed[second[t]] - one)


@kernel
def warp_back(
    dy: Array, places: Array, rows: int, columns: int, mode: int, nearest: bool, dx: Array
) -> None:
    """dx[i] ← to each pixel that :func:`warp` read, dy times the share that it had.

    dy, dx: (n, rows·columns·channels)  places: (n, 6)
    """
    n, size = dy.shape
    channels = size // (rows * columns)
    number = dy.dtype.type
    for i in range(n):
        dx[i, :] = number(0.0)
        a, b, c = places[i, 0], places[i, 1], places[i, 2]
        d, e, f = places[i, 3], places[i, 4], places[i, 5]
        for p in range(rows):
            for q in range(columns):
                row, column = a * p + c + b * q, d * p + f + e * q
                if nearest:
                    row, column = math.floor(row + 0.5), math.floor(column + 0.5)
                m, j = math.floor(row), math.floor(column)
                for z in range(4):
                    r, s = m + z // 2, j + z % 2
                    share = number(abs(row - (2 * m + 1 - r)) * abs(column - (2 * j + 1 - s)))
                    r, s = folded(r, rows, mode), folded(s, columns, mode)
                    if r != NOWHERE and s != NOWHERE:
                        to, of = (r * columns + s) * channels, (p * columns + q) * channels
                        for k in range(channels):
                            dx[i, to + k] += share * dy[i, of + k]


@kernel
def mirror(
    x: Array, flips: Array, rows: int, columns: int, sideways: bool, upright: bool, out: Array
) -> None:
    """out[i] = x[i], where ``flips[i]`` with its columns (rows) in the other order.

    x, out: (n, rows·columns·channels)  flips: (n,) of 0 and 1
    """
    n, size = x.shape
    line = size // rows
    channels = line // columns
    for i in range(n):
        for p in range(rows):
            r = rows - 1 - p if upright and flips[i] else p
            own, to = x[i, r * line : (r + 1) * line], out[i, p * line : (p + 1) * line]
            if sideways and flips[i]:
                for k in range(channels):
                    for q in range(columns):
                        to[q * channels + k] = own[(columns - 1 - q) * channels + k]
            else:
                for t in range(line):
                    to[t] = own[t]


@kernel
def tint(
    x: Array, factor: Array, offset: Array, low: float, high: float, out: Array, inside: Array
) -> None:
    """z = x·factor + offset, out ← z between low and high; inside ← whether z lies between.

    x, out, inside: (n, pixels, channels)  factor: (n,)  offset: (n, channels)
    """
    n, pixels, channels = x.shape
    number = x.dtype.type
    least, most = number(low), number(high)
    for i in range(n):
        f = number(factor[i])
        for p in range(pixels):
            for k in range(channels):
                z = x[i, p, k] * f + number(offset[i, k])
                inside[i, p, k] = least <= z <= most
                out[i, p, k] = min(max(z, least), most)


@kernel
def means(x: Array, out: Array) -> None:
    """out ← the mean of each channel of each image.

    x: (n, pixels, channels)  out: (n, channels)
    """
    n, pixels, channels = x.shape
    for i in range(n):
        for k in range(channels):
            out[i, k] = 0.0
        for p in range(pixels):
            for k in range(channels):
                out[i, k] += x[i, p, k]
        for k in range(channels):
            out[i, k] /= pixels


@kernel
def tint_back(dy: Array, inside: Array, factor: Array, shared: Array, dx: Array) -> None:
    """g = dy where inside, else 0;  dx ← factor·g + shared·mean(g).

    dy, inside, dx: (n, pixels, channels)  factor, shared: (n,)
    """
    n, pixels, channels = dy.shape
    number = dy.dtype.type
    zero = number(0.0)
    for i in range(n):
        f = number(factor[i])
        for k in range(channels):
            total = 0.0
            for p in range(pixels):
                total += dy[i, p, k] if inside[i, p, k] else zero
            mean = number(shared[i] * total / pixels)
            for p in range(pixels):
                dx[i, p, k] = f * (dy[i, p, k] if inside[i, p, k] else zero) + mean
