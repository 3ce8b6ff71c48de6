"""2×2 pooling on vectors of channels: the largest or the mean of four, and the gradient back.

The rows of pixels are those of a block in the first cache; ``step`` is from a pixel to the next.
With ``NUMBA_DISABLE_JIT=1`` the plain loops run.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils

from glassnet._core.jit import intrinsic
from glassnet._core.tile import I64, VectorWriter, whole_number
from glassnet._core.types import Array

I8, I32 = ir.IntType(8), ir.IntType(32)


def plain_largest(
    x: Array, at: int, right: int, below: int, count: int, y: Array, to: int,
    winner: Array, winner_to: int,
) -> None:  # fmt: skip
    """y[to + j] ← the largest of x at ``at``, right of it, below it, and both.

    winner[winner_to + j]: which, 0 … 3.  j = 0 … count - 1.  Of equal numbers the
    first wins; NaN wins over all.
    """
    for j in range(count):
        best, which = x[at + j], 0
        for k, away in enumerate((right, below, below + right), 1):
            value = x[at + away + j]
            if best == best and not value <= best:
                best, which = value, k
        y[to + j], winner[winner_to + j] = best, which


@intrinsic
def compiled_largest(
    typing: Any, x: Any, at: Any, right: Any, below: Any, count: Any, y: Any, to: Any,
    winner: Any, winner_to: Any,
) -> Any:  # fmt: skip
    """:func:`plain_largest`; whole vectors are read and written."""
    whole = types.intp
    signature = types.void(x, whole, whole, whole, whole, y, whole, winner, whole)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        x, y, winner = (v.pointer(signature.args[i], args[i]) for i in (0, 5, 7))
        _, at, right, below, count, _, to, _, winner_to = args
        which = ir.VectorType(I8, v.lanes)
        with _vectors(b, count, v.lanes) as j:
            place = b.add(at, j)
            best, choice = v.load(x, place), ir.Constant(which, [0] * v.lanes)
            for k, away in enumerate((right, below, b.add(below, right)), 1):
                value = v.load(x, b.add(place, away))
                larger = b.not_(b.fcmp_ordered("<=", value, best))
                larger = b.and_(larger, b.fcmp_ordered("ord", best, best))
                best = b.select(larger, value, best)
                choice = b.select(larger, ir.Constant(which, [k] * v.lanes), choice)
            v.store(best, y, b.add(to, j))
            v.store(choice, winner, b.add(winner_to, j), 1)
        return context.get_dummy_value()

    return signature, codegen


def plain_to_largest(
    dy: Array, y: Array, winner: Array, at: int, count: int, dz: Array, to: int, right: int,
    below: int,
) -> None:  # fmt: skip
    """dz ← dy[at + j] at the winner of the four, 0 at the others; and 0 where y ≤ 0."""
    for j in range(count):
        flows = y[at + j] > 0
        for k, away in enumerate((0, right, below, below + right)):
            mine = flows and winner[at + j] == k
            dz[to + away + j] = dy[at + j] if mine else 0


@intrinsic
def compiled_to_largest(
    typing: Any, dy: Any, y: Any, winner: Any, at: Any, count: Any, dz: Any, to: Any, right: Any,
    below: Any,
) -> Any:  # fmt: skip
    """:func:`plain_to_largest`; whole vectors are read and written."""
    whole = types.intp
    signature = types.void(dy, y, winner, whole, whole, dz, whole, whole, whole)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        dy, y, winner, dz = (v.pointer(signature.args[i], args[i]) for i in (0, 1, 2, 5))
        at, count, to, right, below = (args[i] for i in (3, 4, 6, 7, 8))
        which = ir.VectorType(I8, v.lanes)
        zero = ir.Constant(v.vector, [0.0] * v.lanes)
        with _vectors(b, count, v.lanes) as j:
            here = b.add(at, j)
            flows = b.fcmp_ordered(">", v.load(y, here), zero)
            gradient = b.select(flows, v.load(dy, here), zero)
            choice = v.load(winner, here, which, 1)
            for k, away in enumerate((None, right, below, b.add(below, right))):
                mine = b.icmp_signed("==", choice, ir.Constant(which, [k] * v.lanes))
                place = b.add(to, j) if away is None else b.add(b.add(to, j), away)
                v.store(b.select(mine, gradient, zero), dz, place)
        return context.get_dummy_value()

    return signature, codegen


def plain_mean(
    x: Array, at: int, right: int, below: int, count: int, y: Array, to: int,
    live: Array, live_to: int,
) -> None:  # fmt: skip
    """y[to + j] ← the mean of x at ``at``, right of it, below it, and both.

    live[live_to + j]: bit k is set where the k-th of them is > 0.  j = 0 … count - 1.
    """
    quarter = x.dtype.type(0.25)
    for j in range(count):
        total, bits = x.dtype.type(0), 0
        for k, away in enumerate((0, right, below, below + right)):
            value = x[at + away + j]
            total += value
            bits |= (1 << k) if value > 0 else 0
        y[to + j], live[live_to + j] = total * quarter, bits


@intrinsic
def compiled_mean(
    typing: Any, x: Any, at: Any, right: Any, below: Any, count: Any, y: Any, to: Any,
    live: Any, live_to: Any,
) -> Any:  # fmt: skip
    """:func:`plain_mean`; whole vectors are read and written."""
    whole = types.intp
    signature = types.void(x, whole, whole, whole, whole, y, whole, live, whole)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        x, y, live = (v.pointer(signature.args[i], args[i]) for i in (0, 5, 7))
        _, at, right, below, count, _, to, _, live_to = args
        bits = ir.VectorType(I8, v.lanes)
        nothing = ir.Constant(bits, [0] * v.lanes)
        zero, quarter = (ir.Constant(v.vector, [number] * v.lanes) for number in (0.0, 0.25))
        with _vectors(b, count, v.lanes) as j:
            place = b.add(at, j)
            total, flows = zero, nothing
            for k, away in enumerate((whole_number(0), right, below, b.add(below, right))):
                value = v.load(x, b.add(place, away))
                total = b.fadd(total, value)
                bit = ir.Constant(bits, [1 << k] * v.lanes)
                flows = b.or_(flows, b.select(b.fcmp_ordered(">", value, zero), bit, nothing))
            v.store(b.fmul(total, quarter), y, b.add(to, j))
            v.store(flows, live, b.add(live_to, j), 1)
        return context.get_dummy_value()

    return signature, codegen


def plain_to_mean(
    dy: Array, live: Array, at: int, count: int, dz: Array, to: int, right: int, below: int
) -> None:
    """dz ← dy[at + j]/4 at those of the four whose bit is set, 0 at the others."""
    quarter = dy.dtype.type(0.25)
    for j in range(count):
        for k, away in enumerate((0, right, below, below + right)):
            mine = (live[at + j] >> k) & 1
            dz[to + away + j] = dy[at + j] * quarter if mine else 0


@intrinsic
def compiled_to_mean(
    typing: Any, dy: Any, live: Any, at: Any, count: Any, dz: Any, to: Any, right: Any, below: Any
) -> Any:
    """:func:`plain_to_mean`; whole vectors are read and written."""
    whole = types.intp
    signature = types.void(dy, live, whole, whole, dz, whole, whole, whole)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        dy, live, dz = (v.pointer(signature.args[i], args[i]) for i in (0, 1, 4))
        at, count, to, right, below = (args[i] for i in (2, 3, 5, 6, 7))
        bits = ir.VectorType(I8, v.lanes)
        zero, quarter = (ir.Constant(v.vector, [number] * v.lanes) for number in (0.0, 0.25))
        with _vectors(b, count, v.lanes) as j:
            here = b.add(at, j)
            share = b.fmul(v.load(dy, here), quarter)
            flows = v.load(live, here, bits, 1)
            for k, away in enumerate((whole_number(0), right, below, b.add(below, right))):
                bit = ir.Constant(bits, [1 << k] * v.lanes)
                mine = b.icmp_signed("==", b.and_(flows, bit), bit)
                v.store(b.select(mine, share, zero), dz, b.add(b.add(to, j), away))
        return context.get_dummy_value()

    return signature, codegen


@contextlib.contextmanager
def _vectors(b: Any, count: Any, lanes: int) -> Iterator[Any]:
    """A loop over the beginnings of the vectors of ``count`` numbers."""
    step = whole_number(lanes)
    with cgutils.for_range_slice(b, whole_number(0), count, step, intp=I64) as (j, _):
        yield j


mean_of_four = plain_mean if numba.config.DISABLE_JIT else compiled_mean
to_mean_of_four = plain_to_mean if numba.config.DISABLE_JIT else compiled_to_mean
largest_of_four = plain_largest if numba.config.DISABLE_JIT else compiled_largest
to_largest_of_four = plain_to_largest if numba.config.DISABLE_JIT else compiled_to_largest
