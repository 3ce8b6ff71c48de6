"""Kernels of 3×3 with 16 products for four places instead of 36 (Winograd 1980; Lavin, Gray 2016).

Two neighbours of a row, from four numbers d and a kernel of three, k:

    m₀ = (d₀ - d₂)·k₀                  m₁ = (d₁ + d₂)·(k₀ + k₁ + k₂)/2
    m₃ = (d₁ - d₃)·k₂                  m₂ = (d₂ - d₁)·(k₀ - k₁ + k₂)/2
    z₀ = m₀ + m₁ + m₂                  z₁ = m₁ - m₂ - m₃

are four products instead of six; along rows and columns 16 for 2×2 places, whose windows lie in a
patch of 4×4 numbers.  The sum over channels is made of the products m, so it is 16 products of
matrices: patches × channels times channels × filters.  A number that is not finite, or whose square
is not, would spoil all four places of its patches: such an image is left to the plain way.

It takes filters and channels that fill whole vectors: with few of them the sums beside the
products would cost more than they save.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types

from glassnet._core.jit import intrinsic, kernel
from glassnet._core.tile import ROWS, VECTOR, VectorWriter, tile, whole_number
from glassnet._core.types import Array
from glassnet.layers.convolution.blocks import NARROW, Geometry, pad
from glassnet.layers.convolution.vectors import vectors_of
from glassnet.layers.pooling.vectors import largest_of_four, mean_of_four

PATCHES = 24  # at a time: they and their products stay in the second cache
KERNEL = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
WEIGHTS = np.kron(KERNEL, KERNEL)  # (16, 9): the 16 weights of a kernel of 9


def plain_spread(
    x: Array, at: int, right: int, below: int, count: int, out: Array, to: int, step: int
) -> None:
    """out[to + (4a + b)·step + j] ← what m_ab multiplies, of the patch that begins at x[at + j]."""
    for j in range(count):
        rows = [[x[at + r * below + c * right + j] for c in range(4)] for r in range(4)]
        rows = [_four(*row) for row in rows]
        for b in range(4):
            for a, value in enumerate(_four(*[row[b] for row in rows])):
                out[to + (4 * a + b) * step + j] = value


def _four(d0: Any, d1: Any, d2: Any, d3: Any) -> list[Any]:
    return [d0 - d2, d1 + d2, d2 - d1, d1 - d3]


def plain_collect(
    m: Array, at: int, step: int, count: int, floor: Any, out: Array, to: int, right: int,
    below: int,
) -> None:  # fmt: skip
    """The four places of a patch from m_ab = m[at + (4a + b)·step + j], at least ``floor``.

    They go to out[to + j], right of it, below it, and both.
    """
    for j in range(count):
        rows = [[m[at + (4 * a + b) * step + j] for b in range(4)] for a in range(4)]
        rows = [_two(*row) for row in rows]
        for c in range(2):
            for r, value in enumerate(_two(*[row[c] for row in rows])):
                out[to + r * below + c * right + j] = floor if value < floor else value


def _two(m0: Any, m1: Any, m2: Any, m3: Any) -> list[Any]:
    return [m0 + m1 + m2, m1 - m2 - m3]


@intrinsic
def compiled_spread(
    typing: Any, x: Any, at: Any, right: Any, below: Any, count: Any, out: Any, to: Any, step: Any
) -> Any:
    """:func:`plain_spread`"""
    whole = types.intp
    signature = types.void(x, whole, whole, whole, whole, out, whole, whole)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        x, out = (v.pointer(signature.args[i], args[i]) for i in (0, 5))
        _, at, right, below, count, _, to, step = args

        def four(d: list[Any]) -> list[Any]:
            return [b.fsub(d[0], d[2]), b.fadd(d[1], d[2]), b.fsub(d[2], d[1]), b.fsub(d[1], d[3])]

        with vectors_of(v, count) as (j, _):
            here, rows = b.add(at, j), []
            for r in range(4):
                line = b.add(here, b.mul(below, whole_number(r)))
                across = [b.mul(right, whole_number(c)) for c in range(4)]
                rows.append(four([v.load(x, b.add(line, away)) for away in across]))
            for c in range(4):
                for a, value in enumerate(four([row[c] for row in rows])):
                    away = b.mul(step, whole_number(4 * a + c))
                    v.store(value, out, b.add(b.add(to, j), away))
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def compiled_collect(
    typing: Any, m: Any, at: Any, step: Any, count: Any, floor: Any, out: Any, to: Any, right: Any,
    below: Any,
) -> Any:  # fmt: skip
    """:func:`plain_collect`"""
    whole = types.intp
    signature = types.void(m, whole, whole, whole, m.dtype, out, whole, whole, whole)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        m, out = (v.pointer(signature.args[i], args[i]) for i in (0, 5))
        _, at, step, count, floor, _, to, right, below = args
        lowest = v.repeat(floor)

        def two(d: list[Any]) -> list[Any]:
            return [b.fadd(b.fadd(d[0], d[1]), d[2]), b.fsub(b.fsub(d[1], d[2]), d[3])]

        with vectors_of(v, count) as (j, _):
            here, rows = b.add(at, j), []
            for a in range(4):
                aways = [b.mul(step, whole_number(4 * a + c)) for c in range(4)]
                rows.append(two([v.load(m, b.add(here, away)) for away in aways]))
            for c in range(2):
                for r, value in enumerate(two([row[c] for row in rows])):
                    less = b.fcmp_ordered("<", value, lowest)  # NaN is not: it stays
                    place = b.add(b.add(to, j), b.mul(right, whole_number(c)))
                    place = b.add(place, b.mul(below, whole_number(r)))
                    v.store(b.select(less, lowest, value), out, place)
        return context.get_dummy_value()

    return signature, codegen


def first_places(g: Geometry) -> Array:
    """For each patch of an image where it begins, padded, and its first place in z.

    Of an uneven number of places the last patch overlaps the one before.
    """
    rows, columns = (
        [min(2 * k, count - 2) for k in range(-(-count // 2))]
        for count in (g.out_rows, g.out_columns)
    )
    found = [
        (r * g.down + c * g.right, r * g.out_columns + c) for r in rows for c in columns
    ]  # fmt: skip
    return np.array(found, np.int64)


spread = plain_spread if numba.config.DISABLE_JIT else compiled_spread
collect = plain_collect if numba.config.DISABLE_JIT else compiled_collect


@kernel
def convolve_patches(
    x: Array, w: Array, floor: Any, g: Geometry, patches: Array, places: Array, padded: Array,
    numbers: Array, products: Array, four: Array, strange: Array, y: Array, winner: Array,
) -> None:  # fmt: skip
    """What :func:`~glassnet.layers.convolution.blocks.convolve_images` computes.

    strange: for each image whether it is to be computed there

    w: flat, b and then the 16 weights of each kernel, (16, channels, filters)
    patches: of :func:`first_places`
    places: where rows of channels begin
    numbers, products: room for PATCHES patches, 16 times  four: room for the places of one
    """
    count, filled = len(patches), 0
    image = np.empty(PATCHES, np.int64)  # of each of the patches
    which = np.empty(PATCHES, np.int64)
    bits = np.empty(g.filters, np.uint8)
    for n in range(len(x)):
        pad(x[n], g, padded)
        squares = x.dtype.type(0)
        row = x[n]
        for k in range(len(row)):
            squares += row[k] * row[k]
        strange[n] = not squares < np.inf
        for k in range(count):
            at = patches[k, 0]
            to = filled * g.channels
            spread(
                padded, at, g.right, g.down, g.channels, numbers, to, PATCHES * g.channels
            )  # fmt: skip
            image[filled], which[filled] = n, k
            filled += 1
            if filled == PATCHES or (n == len(x) - 1 and k == count - 1):
                multiply_patches(w, g, places, filled, numbers, products)
                for p in range(filled):
                    i = image[p]
                    keep_patch(
                        products, p * g.filters, floor, g, which[p], patches[which[p], 1], four,
                        bits, y[i], winner[i] if winner.size else winner[0],
                    )  # fmt: skip
                filled = 0


@kernel
def multiply_patches(
    w: Array, g: Geometry, places: Array, filled: int, numbers: Array, products: Array
) -> None:
    """The 16 products of matrices.  The bias is in m₁₁, which is in all four places."""
    width = 2 * (VECTOR // w.itemsize)
    start = np.zeros(1, np.int64)
    lowest = w.dtype.type(-np.inf)
    zeros = np.zeros(g.filters, w.dtype)
    size = g.channels * g.filters
    for m in range(16):
        begin = w if m == 5 else zeros
        at, to = m * PATCHES * g.channels, m * PATCHES * g.filters
        for block in range(g.wide):
            f = block * width
            for p in range(0, filled, ROWS):
                tile(
                    ROWS, 2, numbers, at, places, p, start, g.channels, 1,
                    w, g.filters + m * size + f, g.filters, begin, f, 0, lowest,
                    products, to + p * g.filters + f, g.filters,
                )  # fmt: skip
        if g.narrow:
            f = g.wide * width
            for p in range(0, filled, NARROW):
                tile(
                    NARROW, 1, numbers, at, places, p, start, g.channels, 1,
                    w, g.filters + m * size + f, g.filters, begin, f, 0, lowest,
                    products, to + p * g.filters + f, g.filters,
                )  # fmt: skip


@kernel
def keep_patch(
    products: Array, at: int, floor: Any, g: Geometry, k: int, place: int, four: Array,
    bits: Array, y: Array, winner: Array,
) -> None:  # fmt: skip
    """The four places of patch k, or the largest or the mean of them, into y."""
    f = g.filters
    if g.pooled == 2:
        collect(products, at, PATCHES * f, f, floor, four, 0, f, 2 * f)
        kept, kept_at = (winner, k * f) if winner.size else (bits, 0)
        if g.mean:
            mean_of_four(four, 0, f, 2 * f, f, y, k * f, kept, kept_at)
        else:
            largest_of_four(four, 0, f, 2 * f, f, y, k * f, kept, kept_at)
    else:
        collect(products, at, PATCHES * f, f, floor, y, place * f, f, g.out_columns * f)
