"""The loop that scales bytes."""

from __future__ import annotations

from glassnet._core.jit import kernel
from glassnet._core.types import Array


@kernel
def scale_bytes(x: Array, scale: float, offset: float, out: Array) -> None:
    """out ← x·scale + offset.  x: (n, k) uint8  out: (n, k) float32 or float64"""
    n, k = x.shape
    s, o = out.dtype.type(scale), out.dtype.type(offset)
    for i in range(n):
        for j in range(k):
            out[i, j] = out.dtype.type(x[i, j]) * s + o
