"""The loops that Numba compiles.

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

from glassnet._core.exponential import exp, log, tanh
from glassnet._core.jit import kernel
from glassnet._core.types import Array

# --- products ----------------------------------------------------------------------------

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
    rows[:p] = W
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
    y, dy = y.reshape(y.size), dy.reshape(dy.size)
    zero = y.dtype.type(0)
    for i in range(y.size):
        dy[i] = zero if y[i] <= zero else dy[i]


@kernel
def leaky_relu(z: Array, slope: float) -> None:
    """z ← z if z > 0 else slope · z"""
    z = z.reshape(z.size)
    zero, s = z.dtype.type(0), z.dtype.type(slope)
    for i in range(z.size):
        z[i] = z[i] if z[i] > zero else s * z[i]


@kernel
def leaky_relu_backward(y: Array, dy: Array, slope: float) -> None:
    """dy ← dy · (1 if y > 0 else slope)"""
    y, dy = y.reshape(y.size), dy.reshape(dy.size)
    zero, one, s = y.dtype.type(0), y.dtype.type(1), y.dtype.type(slope)
    for i in range(y.size):
        dy[i] *= one if y[i] > zero else s


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
def sigmoid(z: Array) -> None:
    """z ← 1 / (1 + e⁻ᶻ)"""
    z = z.reshape(z.size)
    one = z.dtype.type(1)
    for i in range(z.size):
        z[i] = one / (one + exp(-z[i]))


@kernel
def sigmoid_backward(y: Array, dy: Array) -> None:
    """dy ← dy · y·(1 - y)"""
    y, dy = y.reshape(y.size), dy.reshape(dy.size)
    one = y.dtype.type(1)
    for i in range(y.size):
        dy[i] *= y[i] * (one - y[i])


@kernel
def tanh_(z: Array) -> None:
    """z ← tanh z"""
    z = z.reshape(z.size)
    for i in range(z.size):
        z[i] = tanh(z[i])


@kernel
def tanh_backward(y: Array, dy: Array) -> None:
    """dy ← dy · (1 - y²)"""
    y, dy = y.reshape(y.size), dy.reshape(dy.size)
    one = y.dtype.type(1)
    for i in range(y.size):
        dy[i] *= one - y[i] * y[i]


@kernel
def multiply(a: Array, b: Array) -> None:
    """a ← a·b"""
    a, b = a.reshape(a.size), b.reshape(b.size)
    for i in range(a.size):
        a[i] *= b[i]


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
def exponentials(z: Array) -> None:
    """z ← eᶻ"""
    z = z.reshape(z.size)
    for i in range(z.size):
        z[i] = exp(z[i])


@kernel
def softmax(z: Array) -> None:
    """zᵢ ← eᶻⁱ / Σ eᶻⁱ"""
    subtract_row_max(z)
    exponentials(z)
    n, k = z.shape
    for i in range(n):
        total = z.dtype.type(0)
        for j in range(k):
            total += z[i, j]
        factor = z.dtype.type(1) / total
        for j in range(k):
            z[i, j] *= factor


@kernel
def log_softmax(z: Array) -> None:
    """zᵢ ← zᵢ - log Σ eᶻⁱ"""
    subtract_row_max(z)
    n, k = z.shape
    for i in range(n):
        total = z.dtype.type(0)
        for j in range(k):
            total += exp(z[i, j])
        log_total = log(total)
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
