"""The loop of a weighted sum."""

from __future__ import annotations

from glassnet._core.jit import kernel
from glassnet._core.types import Array


@kernel
def add_weighted(y: Array, weight: float, out: Array, first: bool) -> None:
    """out ← weight·y, or out + weight·y.  y, out: of one size, C-contiguous"""
    y, out = y.reshape(y.size), out.reshape(out.size)
    w = out.dtype.type(weight)
    if first:
        for i in range(out.size):
            out[i] = w * y[i]
    else:
        for i in range(out.size):
            out[i] += w * y[i]
