"""The loops that Numba compiles.

All work in place on C-contiguous matrices of float32 or float64 (rows are samples). In place,
because a loop over one array vectorises, where for ``z`` and ``out`` that are the same memory
it does not: the compiler must assume that they overlap (128×128 bias+ReLU: 5 against 14 µs).
``exp``, ``tanh`` and ``log1p`` are left to NumPy, which computes several numbers at a time.

Numbers are written as ``x.dtype.type(0.5)``: with a plain 0.5 the loop over a float32 array
would be computed in float64. A conditional value vectorises, a conditional store does not.
Comparisons are turned so that NaN falls through to the result.
Shapes are not checked here: the callers do.
"""

from __future__ import annotations

import math

import numpy as np

from glassnet.functions.types import Array
from glassnet.jit import kernel

# --- bias --------------------------------------------------------------------------------


@kernel
def add_bias(z: Array, b: Array) -> None:
    """z ← z + b.  z: (n, k)  b: (k,)"""
    n, k = z.shape
    for i in range(n):
        for j in range(k):
            z[i, j] += b[j]


@kernel
def sum_rows(dz: Array, out: Array) -> None:
    """out ← Σᵢ dzᵢ, the gradient of a bias.  dz: (n, k)  out: (k,)

    Rows are added in blocks, and the blocks to each other: with 60,000 rows of float32 the
    rounding error of a plain running sum would grow with the number of rows.
    """
    n, k = dz.shape
    zero = dz.dtype.type(0)
    block = np.empty(k, dz.dtype)
    for j in range(k):
        out[j] = zero
    for start in range(0, n, 128):
        for j in range(k):
            block[j] = zero
        for i in range(start, min(start + 128, n)):
            for j in range(k):
                block[j] += dz[i, j]
        for j in range(k):
            out[j] += block[j]


# --- activations -------------------------------------------------------------------------


@kernel
def bias_relu(z: Array, b: Array) -> None:
    """z ← max(z + b, 0).  z: (n, k)  b: (k,)"""
    n, k = z.shape
    zero = z.dtype.type(0)
    for i in range(n):
        for j in range(k):
            v = z[i, j] + b[j]
            z[i, j] = zero if v <= zero else v


@kernel
def relu_backward(y: Array, dy: Array) -> None:
    """dy ← dy · [y > 0]"""
    n, k = y.shape
    zero = y.dtype.type(0)
    for i in range(n):
        for j in range(k):
            dy[i, j] = zero if y[i, j] <= zero else dy[i, j]


@kernel
def leaky_relu(z: Array, slope: float) -> None:
    """z ← z if z > 0 else slope · z"""
    n, k = z.shape
    zero, s = z.dtype.type(0), z.dtype.type(slope)
    for i in range(n):
        for j in range(k):
            v = z[i, j]
            z[i, j] = v if v > zero else s * v


@kernel
def leaky_relu_backward(y: Array, dy: Array, slope: float) -> None:
    """dy ← dy · (1 if y > 0 else slope)"""
    n, k = y.shape
    zero, one, s = y.dtype.type(0), y.dtype.type(1), y.dtype.type(slope)
    for i in range(n):
        for j in range(k):
            dy[i, j] *= one if y[i, j] > zero else s


@kernel
def elu_join(z: Array, e: Array, alpha: float, scale: float) -> None:
    """z ← scale · (z if z > 0 else alpha · e), with e = exp(min(z, 0)) - 1"""
    n, k = z.shape
    zero, a, s = z.dtype.type(0), z.dtype.type(alpha), z.dtype.type(scale)
    for i in range(n):
        for j in range(k):
            v = z[i, j]
            z[i, j] = s * (v if v > zero else a * e[i, j])


@kernel
def elu_backward(y: Array, dy: Array, alpha: float, scale: float) -> None:
    """dy ← dy · (scale if y > 0 else y + scale·alpha): the derivative read off the output."""
    n, k = y.shape
    zero, s = y.dtype.type(0), y.dtype.type(scale)
    bottom = y.dtype.type(scale * alpha)
    for i in range(n):
        for j in range(k):
            v = y[i, j]
            dy[i, j] *= s if v > zero else v + bottom


@kernel
def negate_below(z: Array, limit: float) -> None:
    """z ← -z, or inf where that is above ``limit``: exp(inf) = inf is no overflow."""
    n, k = z.shape
    top, infinite = z.dtype.type(limit), z.dtype.type(np.inf)
    for i in range(n):
        for j in range(k):
            v = -z[i, j]
            z[i, j] = infinite if v > top else v


@kernel
def one_over_one_plus(e: Array) -> None:
    """e ← 1 / (1 + e)"""
    n, k = e.shape
    one = e.dtype.type(1)
    for i in range(n):
        for j in range(k):
            e[i, j] = one / (one + e[i, j])


@kernel
def sigmoid_backward(y: Array, dy: Array) -> None:
    """dy ← dy · y·(1 - y)"""
    n, k = y.shape
    one = y.dtype.type(1)
    for i in range(n):
        for j in range(k):
            v = y[i, j]
            dy[i, j] *= v * (one - v)


@kernel
def tanh_backward(y: Array, dy: Array) -> None:
    """dy ← dy · (1 - y²)"""
    n, k = y.shape
    one = y.dtype.type(1)
    for i in range(n):
        for j in range(k):
            v = y[i, j]
            dy[i, j] *= one - v * v


@kernel
def multiply(a: Array, b: Array) -> None:
    """a ← a·b"""
    n, k = a.shape
    for i in range(n):
        for j in range(k):
            a[i, j] *= b[i, j]


@kernel
def silu_backward(z: Array, s: Array, dy: Array) -> None:
    """dy ← dy · s·(1 + z·(1 - s)), with s = σ(z)"""
    n, k = z.shape
    one = z.dtype.type(1)
    for i in range(n):
        for j in range(k):
            v = s[i, j]
            dy[i, j] *= v * (one + z[i, j] * (one - v))


@kernel
def softplus_join(z: Array, e: Array) -> None:
    """z ← max(z, 0) + e, with e = log(1 + exp(-|z|))"""
    n, k = z.shape
    zero = z.dtype.type(0)
    for i in range(n):
        for j in range(k):
            v = z[i, j]
            z[i, j] = e[i, j] + (zero if v <= zero else v)


# --- softmax -----------------------------------------------------------------------------


@kernel
def subtract_row_max(z: Array) -> None:
    """zᵢ ← zᵢ - max zᵢ: the exponentials then lie in (0, 1], and softmax is the same.

    A maximum that heeds NaN does not vectorise, and each comparison waits for the one before.
    Four at a time: 26 → 10 µs for 128×128, and no loss for short rows.
    """
    n, k = z.shape
    fours = k - k % 4
    for i in range(n if k else 0):
        a = z[i, 0]
        b, c, d = a, a, a
        for j in range(0, fours, 4):
            a = z[i, j] if z[i, j] > a else a
            b = z[i, j + 1] if z[i, j + 1] > b else b
            c = z[i, j + 2] if z[i, j + 2] > c else c
            d = z[i, j + 3] if z[i, j + 3] > d else d
        for j in range(fours, k):
            a = z[i, j] if z[i, j] > a else a
        a = b if b > a else a
        c = d if d > c else c
        top = c if c > a else a
        for j in range(k):
            z[i, j] -= top


@kernel
def divide_by_row_sum(e: Array) -> None:
    """eᵢ ← eᵢ / Σ eᵢ"""
    n, k = e.shape
    for i in range(n):
        total = e.dtype.type(0)
        for j in range(k):
            total += e[i, j]
        factor = e.dtype.type(1) / total
        for j in range(k):
            e[i, j] *= factor


@kernel
def subtract_log_row_sum(z: Array, e: Array) -> None:
    """zᵢ ← zᵢ - log Σ eᵢ, with e = exp(z)"""
    n, k = z.shape
    for i in range(n):
        total = z.dtype.type(0)
        for j in range(k):
            total += e[i, j]
        log_total = math.log(total)
        for j in range(k):
            z[i, j] -= log_total


@kernel
def softmax_backward(y: Array, dy: Array) -> None:
    """dyᵢ ← yᵢ·(dyᵢ - Σ dyᵢ·yᵢ)"""
    n, k = y.shape
    for i in range(n):
        dot = y.dtype.type(0)
        for j in range(k):
            dot += dy[i, j] * y[i, j]
        for j in range(k):
            dy[i, j] = y[i, j] * (dy[i, j] - dot)


@kernel
def log_softmax_backward(p: Array, dy: Array) -> None:
    """dyᵢ ← dyᵢ - pᵢ·Σ dyᵢ, with p the probabilities"""
    n, k = p.shape
    for i in range(n):
        total = p.dtype.type(0)
        for j in range(k):
            total += dy[i, j]
        for j in range(k):
            dy[i, j] -= p[i, j] * total


# --- for layers --------------------------------------------------------------------------


@kernel
def scale_bytes(x: Array, scale: float, offset: float, out: Array) -> None:
    """out ← x·scale + offset.  x: (n, k) uint8  out: (n, k) float32 or float64"""
    n, k = x.shape
    s, o = out.dtype.type(scale), out.dtype.type(offset)
    for i in range(n):
        for j in range(k):
            out[i, j] = out.dtype.type(x[i, j]) * s + o


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
