"""Loops that several packages share, and the rules that all compiled loops follow.

All work in place on C-contiguous matrices of float32 or float64 (rows are samples). In place,
because a loop over one array vectorises, where for ``z`` and ``out`` that are the same memory
it does not: the compiler must assume that they overlap (128×128 bias+ReLU: 5 against 14 µs).
``exp`` and ``tanh`` come from ``exponential``; ``log1p`` and ``expm1`` are left to NumPy, which
computes several numbers at a time.

Numbers are written as ``x.dtype.type(0.5)``: with a plain 0.5 the loop over a float32 array
would be computed in float64. A conditional value vectorises, a conditional store does not.
Comparisons are turned so that NaN falls through to the result.
What goes element by element takes the matrix as one row, ``z.reshape(z.size)``: with rows of
3 or 4 numbers the loop over rows costs more than the work (300×3: 2.0 → 0.5 µs).
Shapes are not checked here: the callers do.
"""

from __future__ import annotations

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.types import Array


@kernel
def in_long_rows(z: Array, b: Array) -> tuple[Array, Array]:
    """z and b; of many short rows several as one, and as many b behind each other.

    What adds b to each row is the same loop then (300×3: 0.6 → 0.2 µs).  z: (n, k)  b: (k,)
    """
    n, k = z.shape
    if k > 8 or n < 64:
        return z, b
    several = 64 // k
    while n % several:
        several -= 1
    row = np.empty(several * k, b.dtype)
    for i in range(several):
        for j in range(k):
            row[i * k + j] = b[j]
    return z.reshape((n // several, row.size)), row


@kernel
def add_bias(z: Array, b: Array) -> None:
    """z ← z + b.  z: (n, k)  b: (k,)"""
    z, b = in_long_rows(z, b)
    for i in range(len(z)):
        for j in range(b.size):
            z[i, j] += b[j]


@kernel
def multiply(a: Array, b: Array) -> None:
    """a ← a·b"""
    a, b = a.reshape(a.size), b.reshape(b.size)
    for i in range(a.size):
        a[i] *= b[i]


@kernel
def sum_of_squares(g: Array) -> float:
    """Σ g², in float64."""
    total = 0.0
    for i in range(g.size):
        x = np.float64(g[i])
        total += x * x
    return total
