"""Two neighbouring places in one vector, for images of one channel and few filters.

With 6 filters in a vector of 16 numbers most of a multiplication is thrown away.  The windows of
two neighbours lie one number apart, so that the pair of numbers at k, repeated, serves both:

    x₀ x₁ x₀ x₁ x₀ x₁ …     times     w₀ w₀ w₁ w₁ w₂ w₂ …
"""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils

from glassnet._core.jit import intrinsic
from glassnet._core.tile import I32, I64, VectorWriter, lanes, whole_number
from glassnet._core.types import Array


def plain_pairs(
    rows: int, x: Array, at: int, places: Array, first: int, starts: Array, length: int,
    w: Array, floor: Any, out: Array, out_at: int, out_step: int,
) -> None:  # fmt: skip
    """out_rj ← max(b_j + Σᵢ Σₖ x[at + placesᵣ + startsᵢ + k]·w_ikj, floor)

    r counts ``rows`` pairs of neighbours, the first at places[first]; j half a vector of filters.
    w: b, then the w_ik, each a vector with every number twice.  out_rj lies at
    out_at + r·out_step + j.
    """
    width = lanes(x.itemsize)
    for r in range(2 * rows):
        for j in range(width // 2):
            total = w[2 * j]
            for i in range(len(starts)):
                for k in range(length):
                    number = x[at + places[first + r] + starts[i] + k]
                    total += number * w[(1 + i * length + k) * width + 2 * j]
            out[out_at + r * out_step + j] = floor if total < floor else total


@intrinsic
def compiled_pairs(
    typing: Any, rows: Any, x: Any, at: Any, places: Any, first: Any, starts: Any, length: Any,
    w: Any, floor: Any, out: Any, out_at: Any, out_step: Any,
) -> Any:  # fmt: skip
    """:func:`plain_pairs`; rows is a constant."""
    if not isinstance(rows, types.IntegerLiteral):
        return None  # Numba tries again with it as a constant
    whole, n_rows = types.intp, rows.literal_value
    signature = types.void(
        rows, x, whole, places, whole, starts, whole, w, x.dtype, out, whole, whole
    )  # fmt: skip

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        v = VectorWriter(context, b, signature.args[1].dtype)
        x, places, w, out = (v.pointer(signature.args[i], args[i]) for i in (1, 3, 7, 9))
        starts, runs = v.pointer_and_size(signature.args[5], args[5])
        _, _, at, _, first, _, length, _, floor, _, out_at, out_step = args
        pair = ir.VectorType(v.vector.element, 2)
        width = whole_number(v.lanes)

        def chosen(value: Any, lanes: list[int]) -> Any:
            mask = ir.Constant(ir.VectorType(I32, len(lanes)), lanes)
            return b.shuffle_vector(value, ir.Constant(value.type, ir.Undefined), mask)

        sums = [row[0] for row in v.variables(n_rows, 1)]
        for total in sums:
            b.store(v.load(w, whole_number(0)), total)
        rows_of_x = [
            b.gep(x, [b.add(at, b.load(b.gep(places, [b.add(first, whole_number(2 * r))])))])
            for r in range(n_rows)
        ]
        with cgutils.for_range(b, runs, intp=I64) as run:
            start = b.load(b.gep(starts, [run.index]))
            here = [b.gep(row, [start]) for row in rows_of_x]
            before = b.add(b.mul(run.index, length), whole_number(1))
            with cgutils.for_range(b, length, intp=I64) as step:
                weights = v.load(w, b.mul(b.add(before, step.index), width))
                for total, place in zip(sums, here):
                    numbers = chosen(v.load(place, step.index, pair), [0, 1] * (v.lanes // 2))
                    v.multiply_add(total, numbers, weights)
        lowest = v.repeat(floor)
        for r, total in enumerate(sums):
            value = b.load(total)
            value = b.select(b.fcmp_ordered("<", value, lowest), lowest, value)  # NaN stays
            for s in range(2):
                place = b.add(out_at, b.mul(out_step, whole_number(2 * r + s)))
                v.store(chosen(value, list(range(s, v.lanes, 2))), out, place)
        return context.get_dummy_value()

    return signature, codegen


pairs = plain_pairs if numba.config.DISABLE_JIT else compiled_pairs
