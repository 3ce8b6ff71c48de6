"""The loop of dropout."""

from __future__ import annotations

from glassnet._core.jit import kernel
from glassnet._core.types import Array


@kernel
def dropout(x: Array, bits: Array, threshold: int, scale: float, out: Array) -> None:
    """out ← x·scale where bits ≥ threshold, else 0.  x, bits, out: (n, k)

    ``bits`` are uniform unsigned integers (8, 16 or 32 bits wide). The same call with ``dy`` in the
    place of ``x`` is the backward pass. With b bits and ``threshold = round(rate·2ᵇ)``
    the chance to be kept is exactly 1 - threshold/2ᵇ, and ``scale`` its inverse.
    """
    n, k = x.shape
    zero, s = x.dtype.type(0), x.dtype.type(scale)
    for i in range(n):
        for j in range(k):
            out[i, j] = x[i, j] * (zero if bits[i, j] < threshold else s)
