"""Rows of filters that fill no whole vector, moved by whole vectors: into a block, and out of it.

In a block each place begins ``stride`` numbers behind the one before, so that its filters fill
whole vectors; in x, y and their gradients it begins ``filters`` behind it.  What a vector holds
too much belongs to the next place: in a block it is never used, and outside it is written
again with the next place.  So the last places of an image are moved number by number.
With ``NUMBA_DISABLE_JIT=1`` the plain loops run.
"""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils

from glassnet._core.jit import intrinsic
from glassnet._core.tile import I64, VectorWriter, whole_number
from glassnet._core.types import Array


def plain_move(x: Array, x_step: int, count: int, width: int, y: Array, y_step: int) -> None:
    """y[p·y_step + j] ← x[p·x_step + j], place after place     p < count, j < width"""
    for p in range(count):
        for j in range(width):
            y[p * y_step + j] = x[p * x_step + j]


def plain_spread_live(
    d: Array, y: Array, count: int, filters: int, stride: int, out: Array
) -> None:
    """out[p·stride + j] ← d[p·filters + j], and 0 where y ≤ 0: ReLU passes no gradient there."""
    for p in range(count):
        for j in range(stride):
            k = p * filters + j
            out[p * stride + j] = d[k] if y[k] > 0 else 0


def plain_add_up(out: Array, count: int, stride: int, total: Array) -> None:
    """total[j] ← total[j] + Σ_p out[p·stride + j]     p < count, j < stride"""
    for j in range(stride):
        for p in range(count):
            total[j] += out[p * stride + j]


@intrinsic
def compiled_move(
    typing: Any, x: Any, x_step: Any, count: Any, width: Any, y: Any, y_step: Any
) -> Any:
    """:func:`plain_move`"""
    whole = types.intp
    signature = types.void(x, whole, whole, whole, y, whole)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        x, y = (v.pointer(signature.args[i], args[i]) for i in (0, 4))
        _, x_step, count, width, _, y_step = args
        with cgutils.for_range(b, count, intp=I64) as p:
            read, to = b.mul(p.index, x_step), b.mul(p.index, y_step)
            with vectors_of(v, width) as (j, _):
                v.store(v.load(x, b.add(read, j)), y, b.add(to, j))
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def compiled_spread_live(
    typing: Any, d: Any, y: Any, count: Any, filters: Any, stride: Any, out: Any
) -> Any:
    """:func:`plain_spread_live`"""
    whole = types.intp
    signature = types.void(d, y, whole, whole, whole, out)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        d, y, out = (v.pointer(signature.args[i], args[i]) for i in (0, 1, 5))
        _, _, count, filters, stride, _ = args
        zero = ir.Constant(v.vector, [0.0] * v.lanes)
        with cgutils.for_range(b, count, intp=I64) as p:
            read, to = b.mul(p.index, filters), b.mul(p.index, stride)
            with vectors_of(v, stride) as (j, _):
                here = b.add(read, j)
                flows = b.fcmp_ordered(">", v.load(y, here), zero)
                v.store(b.select(flows, v.load(d, here), zero), out, b.add(to, j))
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def compiled_add_up(typing: Any, out: Any, count: Any, stride: Any, total: Any) -> Any:
    """:func:`plain_add_up`, by four sums, for one would wait for itself."""
    whole = types.intp
    signature = types.void(out, whole, whole, total)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        out, total = (v.pointer(signature.args[i], args[i]) for i in (0, 3))
        _, count, stride, _ = args
        (sums,) = v.variables(1, 4)
        zero, four = whole_number(0), whole_number(4)
        whole = b.and_(count, whole_number(-4))
        with vectors_of(v, stride) as (j, _):
            b.store(v.load(total, j), sums[0])
            for each in sums[1:]:
                b.store(ir.Constant(v.vector, [0.0] * v.lanes), each)
            with cgutils.for_range_slice(b, zero, whole, four, intp=I64) as (p, _):
                for k, each in enumerate(sums):
                    place = b.add(b.mul(b.add(p, whole_number(k)), stride), j)
                    b.store(b.fadd(b.load(each), v.load(out, place)), each)
            with cgutils.for_range_slice(b, whole, count, whole_number(1), intp=I64) as (p, _):
                numbers = v.load(out, b.add(b.mul(p, stride), j))
                b.store(b.fadd(b.load(sums[0]), numbers), sums[0])
            pairs = [b.fadd(b.load(sums[k]), b.load(sums[k + 1])) for k in (0, 2)]
            v.store(b.fadd(*pairs), total, j)
        return context.get_dummy_value()

    return signature, codegen


def vectors_of(v: VectorWriter, count: Any) -> Any:
    """A loop over the beginnings of the vectors of ``count`` numbers."""
    zero, step = whole_number(0), whole_number(v.lanes)
    return cgutils.for_range_slice(v.builder, zero, count, step, intp=I64)


move = plain_move if numba.config.DISABLE_JIT else compiled_move
spread_live = plain_spread_live if numba.config.DISABLE_JIT else compiled_spread_live
add_up = plain_add_up if numba.config.DISABLE_JIT else compiled_add_up
