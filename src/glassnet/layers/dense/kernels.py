"""Loops of the dense layer: products of a few columns, and sums over rows."""

from __future__ import annotations

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.types import Array

FEW = 4


@kernel
def product_of_few(x: Array, W: Array, out: Array) -> None:
    """out ← x·W for a W of at most FEW rows.  x: (n, p)  W: (p, q)  out: (n, q)

    OpenBLAS packs both matrices before it multiplies, which for so few rows is the larger part:
    300×2·2×64 in float32 2.4 → 1.5 µs, 300×3·3×64 with a transposed W 4.3 → 2.0, 10,000×2·2×64
    120 → 42.  For fewer than 8 columns it is no gain.
    """
    (n, q), p = out.shape, len(W)
    zero = out.dtype.type(0)
    rows = np.zeros((FEW, q), W.dtype)
    for i in range(p):  # rows[:p] = W would compile the texts of its errors for two seconds
        for j in range(q):
            rows[i, j] = W[i, j]
    for i in range(n):
        a = x[i, 0]
        b = x[i, 1] if p > 1 else zero
        if p <= 2:
            for j in range(q):
                out[i, j] = a * rows[0, j] + b * rows[1, j]
        else:
            c = x[i, 2]
            d = x[i, 3] if p > 3 else zero
            for j in range(q):
                out[i, j] = a * rows[0, j] + b * rows[1, j] + c * rows[2, j] + d * rows[3, j]


@kernel
def sum_rows(dz: Array, out: Array) -> None:
    """out ← Σᵢ dzᵢ, the gradient of a bias.  dz: (n, k)  out: (k,)

    Rows are added in blocks, and the blocks to each other: with 60,000 rows of float32 the
    rounding error of a plain running sum would grow with the number of rows.  Several short
    rows go as one long row, whose parts are added at the end (300×3: 1.0 → 0.3 µs).
    """
    n, k = dz.shape
    together = max(1, 32 // k)
    flat = dz.reshape(dz.size)
    wide = together * k
    block = np.empty(wide, dz.dtype)
    out[:] = 0
    for start in range(0, n, 128):
        stop = min(start + 128, n)
        left = (stop - start) % together
        block[:] = 0
        for i in range(start, stop - left, together):
            row = flat[i * k : i * k + wide]
            for j in range(wide):
                block[j] += row[j]
        for i in range(stop - left, stop):
            for j in range(k):
                block[j] += dz[i, j]
        for j in range(k):
            for i in range(k + j, wide, k):
                block[j] += block[i]
            out[j] += block[j]
