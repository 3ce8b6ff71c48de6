"""A block of a matrix product in registers: the inner loop of convolutions and wide products.

    tile:    out[r] ← max(b + Σᵢ Σₖ x[place_r + start_i + k]·w[i, k], floor)     r = 0 … ROWS - 1
    gather:  out[r] ← out[r] + Σₜ value_t·x[index_t + start_r]                    r = 0 … rows - 1

where out[r], b, w[i, k] and the x of ``gather`` are vectors of neighbouring numbers.

A processor multiplies and adds a whole vector of numbers in one instruction, two of these in each
cycle, but loads no more than two vectors in it: what is loaded must be used several times.  So
a product is computed block by block, and a block stays in registers until it is done.  In
``tile`` one vector of w serves ROWS places, and one number of x serves VECTORS vectors:

- with 16 registers of 8 numbers (AVX2) 6 × 2 of them hold the sums, 2 the vectors of w, one the
  number of x, repeated: 15.  Each step of k loads 2 vectors and 6 numbers for 12 instructions.
- with 32 registers (AVX-512: 16 numbers each; ARM: 4) 12 × 2 hold the sums.

The places are a table, so that x is read where it lies, and the windows of a convolution need not
be copied together first (im2col).  Neither needs a compiler at installation: it is the language of
LLVM, into which Numba translates everything else, and the vectors' length is the processor's.

Sums are made in the order in which they are written, with one rounding for product and sum.
With ``NUMBA_DISABLE_JIT=1`` the plain loops beside them run instead.
"""

from __future__ import annotations

import functools
from typing import Any

import numba
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils

from glassnet._core.jit import intrinsic
from glassnet._core.types import Array

I32, I64 = ir.IntType(32), ir.IntType(64)
FUSED = ("contract",)  # a·b + c with one rounding


@functools.cache
def registers() -> tuple[int, int]:
    """(bytes of a vector register, how many there are)"""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 64, 32
    if features.get("avx2") and features.get("fma"):
        return 32, 16
    return 16, 32 if "aarch64" in binding.get_process_triple() else 16


VECTOR, COUNT = registers()
ROWS = 12 if COUNT == 32 else 6
MOST = 20 if COUNT == 32 else 12  # sums that ``gather`` holds in registers


def lanes(itemsize: int) -> int:
    """How many numbers of this size a vector has."""
    return VECTOR // itemsize


def whole_number(n: int) -> Any:
    """n, as LLVM has it."""
    return ir.Constant(I64, n)


class VectorWriter:
    """Writes instructions on vectors of one type of number; for the intrinsics here and elsewhere.

    Attributes:
        lanes: how many numbers a vector has.
    """

    def __init__(self, context: Any, builder: Any, number: Any) -> None:
        self.context, self.builder = context, builder
        self.size = number.bitwidth // 8
        self.lanes = lanes(self.size)
        self.vector = ir.VectorType(context.get_data_type(number), self.lanes)

    def pointer_and_size(self, kind: Any, array: Any) -> tuple[Any, Any]:
        """Where the numbers of an array are, and how many."""
        struct = self.context.make_array(kind)(self.context, self.builder, value=array)
        return struct.data, struct.nitems

    def pointer(self, kind: Any, array: Any) -> Any:
        """Where the numbers of an array are."""
        return self.pointer_and_size(kind, array)[0]

    def load(self, base: Any, index: Any, vector: Any = None, size: int | None = None) -> Any:
        """The vector that begins at base[index]."""
        kind = (vector or self.vector).as_pointer()
        place = self.builder.bitcast(self.builder.gep(base, [index]), kind)
        return self.builder.load(place, align=size or self.size)

    def store(self, value: Any, base: Any, index: Any, size: int | None = None) -> None:
        """The vector to base[index] and behind it."""
        kind = value.type.as_pointer()
        place = self.builder.bitcast(self.builder.gep(base, [index]), kind)
        self.builder.store(value, place, align=size or self.size)

    def repeat(self, number: Any) -> Any:
        """A vector of equal numbers."""
        undefined = ir.Constant(self.vector, ir.Undefined)
        first = self.builder.insert_element(undefined, number, ir.Constant(I32, 0))
        mask = ir.Constant(ir.VectorType(I32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(first, undefined, mask)

    def multiply_add(self, total: Any, a: Any, b: Any) -> None:
        """total ← total + a·b"""
        product = self.builder.fmul(a, b, flags=FUSED)
        old = self.builder.load(total)
        self.builder.store(self.builder.fadd(old, product, flags=FUSED), total)

    def variables(self, rows: int, columns: int) -> list[list[Any]]:
        """Vectors that LLVM keeps in registers."""
        return [
            [cgutils.alloca_once(self.builder, self.vector) for _ in range(columns)]
            for _ in range(rows)
        ]


def plain_tile(
    rows: int, vectors: int,
    x: Array, at: int, places: Array, first: int, starts: Array, length: int, x_step: int,
    w: Array, w_at: int, w_step: int, begin: Array, begin_at: int, begin_step: int, floor: Any,
    out: Array, out_at: int, out_step: int,
) -> None:  # fmt: skip
    """out_rj ← max(begin_rj + Σᵢ Σₖ x[at + placesᵣ + startsᵢ + k·x_step]·w_ikj, floor)

    r counts ``rows`` of the places, from ``first`` on; i all starts; k ``length`` numbers; j the
    numbers of ``vectors`` vectors.  out_rj lies at out_at + r·out_step + j, begin_rj likewise
    (a step of 0: one bias for all), w_ikj at w_at + (i·length + k)·w_step + j.
    """
    for r in range(rows):
        for j in range(vectors * lanes(x.itemsize)):
            total = begin[begin_at + r * begin_step + j]
            for i in range(len(starts)):
                for k in range(length):
                    number = x[at + places[first + r] + starts[i] + k * x_step]
                    total += number * w[w_at + (i * length + k) * w_step + j]
            out[out_at + r * out_step + j] = floor if total < floor else total


@intrinsic
def compiled_tile(
    typing: Any, rows: Any, vectors: Any, x: Any, at: Any, places: Any, first: Any, starts: Any,
    length: Any, x_step: Any, w: Any, w_at: Any, w_step: Any, begin: Any, begin_at: Any,
    begin_step: Any, floor: Any, out: Any, out_at: Any, out_step: Any,
) -> Any:  # fmt: skip
    """:func:`plain_tile`; rows and vectors are constants."""
    if not isinstance(rows, types.IntegerLiteral) or not isinstance(vectors, types.IntegerLiteral):
        return None  # Numba tries again with them as constants
    whole, n_rows, n_vectors = types.intp, rows.literal_value, vectors.literal_value
    signature = types.void(rows, vectors, x, whole, places, whole, starts, whole, whole, w, whole,
                           whole, begin, whole, whole, x.dtype, out, whole, whole)  # fmt: skip

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[2].dtype)
        arrays = {
            name: v.pointer(signature.args[i], args[i])
            for name, i in (("x", 2), ("places", 4), ("w", 9), ("begin", 12), ("out", 16))
        }
        at, first, length, x_step = (args[i] for i in (3, 5, 7, 8))
        w_at, w_step, begin_at, begin_step, floor = (args[i] for i in (10, 11, 13, 14, 15))
        out_at, out_step = args[17:]
        starts, runs = v.pointer_and_size(signature.args[6], args[6])

        sums = v.variables(n_rows, n_vectors)
        for r, row in enumerate(sums):
            line = b.add(begin_at, b.mul(begin_step, whole_number(r)))
            for j, total in enumerate(row):
                place = b.add(line, whole_number(j * v.lanes))
                b.store(v.load(arrays["begin"], place), total)
        chosen = b.gep(arrays["places"], [first])
        rows_of_x = [
            b.gep(arrays["x"], [b.add(at, b.load(b.gep(chosen, [whole_number(r)])))])
            for r in range(n_rows)
        ]
        with cgutils.for_range(b, runs, intp=I64) as run:
            start = b.load(b.gep(starts, [run.index]))
            here = [b.gep(row, [start]) for row in rows_of_x]
            w_run = b.add(w_at, b.mul(b.mul(run.index, length), w_step))
            with cgutils.for_range(b, length, intp=I64) as step:
                w_here = b.add(w_run, b.mul(step.index, w_step))
                weights = [
                    v.load(arrays["w"], b.add(w_here, whole_number(j * v.lanes)))
                    for j in range(n_vectors)
                ]
                k = b.mul(step.index, x_step)
                for row, place in zip(sums, here):
                    number = v.repeat(b.load(b.gep(place, [k])))
                    for total, weight in zip(row, weights):
                        v.multiply_add(total, number, weight)
        lowest = v.repeat(floor)
        for r, row in enumerate(sums):
            line = b.add(out_at, b.mul(out_step, whole_number(r)))
            for j, total in enumerate(row):
                value = b.load(total)
                below = b.fcmp_ordered("<", value, lowest)  # NaN is not: it stays
                place = b.add(line, whole_number(j * v.lanes))
                v.store(b.select(below, lowest, value), arrays["out"], place)
        return context.get_dummy_value()

    return signature, codegen


def plain_gather(
    rows: int, vectors: int,
    out: Array, out_at: int, out_starts: Array, x: Array, x_at: int, x_starts: Array,
    first: int, index: Array, value: Array, begin: int, end: int,
) -> None:  # fmt: skip
    """out[out_at + out_startsᵣ + j] += Σₜ valueₜ·x[x_at + indexₜ + x_startsᵣ + j]

    r counts ``rows`` of the starts, from ``first`` on; t from ``begin`` to before ``end``; j the
    numbers of ``vectors`` vectors.
    """
    width = vectors * lanes(x.itemsize)
    for r in range(first, first + rows):
        for j in range(width):
            to = out_at + out_starts[r] + j
            total = out[to]
            for t in range(begin, end):
                total += value[t] * x[x_at + index[t] + x_starts[r] + j]
            out[to] = total


@intrinsic
def compiled_gather(
    typing: Any, rows: Any, vectors: Any, out: Any, out_at: Any, out_starts: Any, x: Any,
    x_at: Any, x_starts: Any, first: Any, index: Any, value: Any, begin: Any, end: Any,
) -> Any:  # fmt: skip
    """:func:`plain_gather`; rows and vectors are constants."""
    if not isinstance(rows, types.IntegerLiteral) or not isinstance(vectors, types.IntegerLiteral):
        return None  # Numba tries again with them as constants
    whole, n_rows, n_vectors = types.intp, rows.literal_value, vectors.literal_value
    signature = types.void(rows, vectors, out, whole, out_starts, x, whole, x_starts, whole,
                           index, value, whole, whole)  # fmt: skip

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[2].dtype)
        out, out_starts, x, x_starts, index, value = (
            v.pointer(signature.args[i], args[i]) for i in (2, 4, 5, 7, 9, 10)
        )
        out, x = b.gep(out, [args[3]]), b.gep(x, [args[6]])
        out_starts, x_starts = (b.gep(p, [args[8]]) for p in (out_starts, x_starts))
        rows_of_out = [
            b.gep(out, [b.load(b.gep(out_starts, [whole_number(r)]))]) for r in range(n_rows)
        ]
        away = [b.load(b.gep(x_starts, [whole_number(r)])) for r in range(n_rows)]
        sums = v.variables(n_rows, n_vectors)
        for row, place in zip(sums, rows_of_out):
            for j, total in enumerate(row):
                b.store(v.load(place, whole_number(j * v.lanes)), total)
        one = whole_number(1)
        with cgutils.for_range_slice(b, args[11], args[12], one, intp=I64) as (t, _):
            place = b.gep(x, [b.sext(b.load(b.gep(index, [t])), I64)])
            number = v.repeat(b.load(b.gep(value, [t])))
            for row, start in zip(sums, away):
                for j, total in enumerate(row):
                    numbers = v.load(place, b.add(start, whole_number(j * v.lanes)))
                    v.multiply_add(total, number, numbers)
        for row, place in zip(sums, rows_of_out):
            for j, total in enumerate(row):
                v.store(b.load(total), place, whole_number(j * v.lanes))
        return context.get_dummy_value()

    return signature, codegen


tile = plain_tile if numba.config.DISABLE_JIT else compiled_tile
gather = plain_gather if numba.config.DISABLE_JIT else compiled_gather
