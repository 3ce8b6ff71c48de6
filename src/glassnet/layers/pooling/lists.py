"""What is not 0 of dL/dz behind ReLU and 2×2 max pooling, listed: for the gradients there.

Filter by filter, of some places; and place by place, all filters.  The latter take 27 cycles each
number by number, for the lists are written at places that only their counts tell.  AVX-512 has an
instruction that moves the chosen numbers of a vector to its front (compress); other processors, and
filters that fill no whole vectors, go by the plain loop.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from glassnet._core.jit import intrinsic, kernel
from glassnet._core.tile import I32, I64, VECTOR, VectorWriter, lanes, whole_number
from glassnet._core.types import Array

COMPRESSES = VECTOR == 64 and not numba.config.DISABLE_JIT


def plain_list_filter(
    dy: Array, y: Array, winner: Array, filters: int, rows: int, columns: int, right: int,
    below: int, index: Array, value: Array, at: int,
) -> int:  # fmt: skip
    """How many of the places of one filter have y > 0: those are listed, from ``at`` on.

    dy, y, winner: they begin at the filter; the next place is ``filters`` numbers behind.
    index: where in x the window of the largest of 2×2 places begins, ``right`` and ``below``
    being from one of those to the next.  value: dy there.  What lies behind
    the list is overwritten, as far as it would go with all places.
    """
    count = 0
    for p in range(rows):
        for q in range(columns):
            here = (p * columns + q) * filters
            which = int(winner[here])
            index[at + count] = (2 * p + (which >> 1)) * below + (2 * q + (which & 1)) * right
            value[at + count] = dy[here]
            count += int(y[here] > 0)
    return count


@intrinsic
def compiled_list_filter(
    typing: Any, dy: Any, y: Any, winner: Any, filters: Any, rows: Any, columns: Any, right: Any,
    below: Any, index: Any, value: Any, at: Any,
) -> Any:  # fmt: skip
    """:func:`plain_list_filter`: 8 cycles a number by Numba, which asks whether indices are < 0."""
    whole = types.intp
    signature = whole(
        dy, y, winner, whole, whole, whole, whole, whole, index, value, whole
    )  # fmt: skip

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        dy, y, winner, index, value = (
            v.pointer(signature.args[i], args[i]) for i in (0, 1, 2, 8, 9)
        )
        filters, rows, columns, right, below = args[3:8]
        index, value = (b.gep(place, [args[10]]) for place in (index, value))
        zero, one = ir.Constant(v.vector.element, 0.0), whole_number(1)
        count = cgutils.alloca_once_value(b, whole_number(0))
        with cgutils.for_range(b, rows, intp=I64) as p:
            line = b.mul(b.mul(p.index, whole_number(2)), below)
            first = b.mul(p.index, columns)
            with cgutils.for_range(b, columns, intp=I64) as q:
                here = b.mul(b.add(first, q.index), filters)
                which = b.zext(b.load(b.gep(winner, [here])), I64)
                place = b.add(line, b.mul(b.mul(q.index, whole_number(2)), right))
                place = b.add(place, b.mul(b.lshr(which, one), below))
                place = b.add(place, b.mul(b.and_(which, one), right))
                to = b.load(count)
                b.store(b.trunc(place, I32), b.gep(index, [to]))
                b.store(b.load(b.gep(dy, [here])), b.gep(value, [to]))
                live = b.fcmp_ordered(">", b.load(b.gep(y, [here])), zero)
                b.store(b.add(to, b.zext(live, I64)), count)
        return b.load(count)

    return signature, codegen


list_filter = plain_list_filter if numba.config.DISABLE_JIT else compiled_list_filter


@kernel
def list_one_by_one(
    dy: Array, y: Array, winner: Array, filters: int, size: int, index: Array, value: Array,
    count: Array,
) -> None:  # fmt: skip
    """Four lists of filters, one for each of 2×2 places: those whose largest it is, and > 0.

    index, value: f·size and dy[f] of each, the list of place k from k·filters on, of count[k].
    What lies behind a list is overwritten: as far as a vector behind the last.
    """
    c0, c1, c2, c3 = 0, 0, 0, 0
    for f in range(filters):
        which = winner[f] if y[f] > 0 else np.uint8(4)
        here, d = f * size, dy[f]
        index[c0], value[c0] = here, d  # kept only if the count goes on
        c0 += which == 0
        index[filters + c1], value[filters + c1] = here, d
        c1 += which == 1
        index[2 * filters + c2], value[2 * filters + c2] = here, d
        c2 += which == 2
        index[3 * filters + c3], value[3 * filters + c3] = here, d
        c3 += which == 3
    count[0], count[1], count[2], count[3] = c0, c1, c2, c3


@intrinsic
def list_by_vectors(
    typing: Any, dy: Any, y: Any, winner: Any, filters: Any, size: Any, index: Any, value: Any,
    count: Any,
) -> Any:  # fmt: skip
    """:func:`list_one_by_one`, for filters that fill whole vectors."""
    whole = types.intp
    signature = types.void(dy, y, winner, whole, whole, index, value, count)

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[0].dtype)
        dy, y, winner, index, value, count = (
            v.pointer(signature.args[i], args[i]) for i in (0, 1, 2, 5, 6, 7)
        )
        filters, size = args[3], b.trunc(args[4], I32)
        places, which = (ir.VectorType(kind, v.lanes) for kind in (I32, ir.IntType(8)))
        zero = ir.Constant(v.vector, [0.0] * v.lanes)
        steps = b.mul(_repeat(b, size, places), ir.Constant(places, list(range(v.lanes))))
        length = cgutils.alloca_once(b, I64)
        for k in range(4):
            b.store(whole_number(0), length)
            begin = b.mul(filters, whole_number(k))
            step = whole_number(v.lanes)
            with cgutils.for_range_slice(b, whole_number(0), filters, step, intp=I64) as (f, _):
                here = ir.Constant(which, [k] * v.lanes)
                mine = b.icmp_signed("==", v.load(winner, f, which, 1), here)
                mine = b.and_(mine, b.fcmp_ordered(">", v.load(y, f), zero))
                first = _repeat(b, b.mul(b.trunc(f, I32), size), places)
                to = b.add(begin, b.load(length))
                v.store(_compress(b, b.add(first, steps), mine), index, to, 4)
                v.store(_compress(b, v.load(dy, f), mine), value, to)
                bits = b.ctpop(b.bitcast(mine, ir.IntType(v.lanes)))
                b.store(b.add(b.load(length), b.zext(bits, I64)), length)
            b.store(b.load(length), b.gep(count, [whole_number(k)]))
        return context.get_dummy_value()

    return signature, codegen


def _repeat(b: Any, number: Any, vector: Any) -> Any:
    undefined = ir.Constant(vector, ir.Undefined)
    first = b.insert_element(undefined, number, ir.Constant(I32, 0))
    mask = ir.Constant(ir.VectorType(I32, vector.count), [0] * vector.count)
    return b.shuffle_vector(first, undefined, mask)


def _compress(b: Any, numbers: Any, chosen: Any) -> Any:
    """The chosen numbers of a vector at its front."""
    kind = numbers.type
    word = {"i32": "i32", "float": "f32", "double": "f64"}[str(kind.element)]
    function = cgutils.get_or_insert_function(
        b.module,
        ir.FunctionType(kind, [kind, kind, chosen.type]),
        f"llvm.x86.avx512.mask.compress.v{kind.count}{word}",
    )
    return b.call(function, [numbers, ir.Constant(kind, ir.Undefined), chosen])


@kernel
def list_compressed(
    dy: Array, y: Array, winner: Array, filters: int, size: int, index: Array, value: Array,
    count: Array,
) -> None:  # fmt: skip
    """:func:`list_one_by_one`, by whole vectors where the filters fill them."""
    if filters % (VECTOR // dy.itemsize) == 0:
        list_by_vectors(dy, y, winner, filters, size, index, value, count)
    else:
        list_one_by_one(dy, y, winner, filters, size, index, value, count)


list_places = list_compressed if COMPRESSES else list_one_by_one


def room_for_lists(numbers: int, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """index and value for so many numbers of places and filters."""
    size = numbers + lanes(dtype.itemsize)
    return np.empty(size, np.int32), np.empty(size, dtype)
