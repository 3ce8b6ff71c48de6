"""Loops of the convolution: products of windows, and their gradients.

Images have their channels last.  x is padded already.
"""

from __future__ import annotations

from glassnet._core.jit import kernel
from glassnet._core.types import Array


@kernel
def convolve(x: Array, W: Array, sh: int, sw: int, dh: int, dw: int, groups: int, z: Array) -> None:
    """z[p, q, f] = Σ x[p·sh + a·dh, q·sw + b·dw, c]·W[a, b, c, f], over a, b and c.

    x: (n, rows, columns, channels)  W: (kh, kw, channels/groups, filters)
    z: (n, out rows, out columns, filters)
    """
    kh, kw, depth, filters = W.shape
    share = filters // groups
    for i in range(z.shape[0]):
        for p in range(z.shape[1]):
            for q in range(z.shape[2]):
                for f in range(filters):
                    z[i, p, q, f] = 0
                for a in range(kh):
                    for b in range(kw):
                        r, s = p * sh + a * dh, q * sw + b * dw
                        if depth == 1 and share == 1:  # each channel by itself: neighbours
                            for f in range(filters):
                                z[i, p, q, f] += x[i, r, s, f] * W[a, b, 0, f]
                            continue
                        for g in range(groups):
                            for c in range(depth):
                                value = x[i, r, s, g * depth + c]
                                for f in range(g * share, (g + 1) * share):
                                    z[i, p, q, f] += value * W[a, b, c, f]


@kernel
def kernel_gradient(
    x: Array, dz: Array, sh: int, sw: int, dh: int, dw: int, groups: int, dW: Array
) -> None:
    """dW[a, b, c, f] = Σ x[p·sh + a·dh, q·sw + b·dw, c]·dz[p, q, f], over samples, p and q."""
    kh, kw, depth, filters = dW.shape
    share = filters // groups
    dW[:] = 0
    for i in range(dz.shape[0]):
        for p in range(dz.shape[1]):
            for q in range(dz.shape[2]):
                for a in range(kh):
                    for b in range(kw):
                        r, s = p * sh + a * dh, q * sw + b * dw
                        if depth == 1 and share == 1:
                            for f in range(filters):
                                dW[a, b, 0, f] += x[i, r, s, f] * dz[i, p, q, f]
                            continue
                        for g in range(groups):
                            for c in range(depth):
                                value = x[i, r, s, g * depth + c]
                                for f in range(g * share, (g + 1) * share):
                                    dW[a, b, c, f] += value * dz[i, p, q, f]


@kernel
def input_gradient(
    dz: Array, W: Array, sh: int, sw: int, dh: int, dw: int, groups: int, dx: Array
) -> None:
    """dx[p·sh + a·dh, q·sw + b·dw, c] += Σ dz[p, q, f]·W[a, b, c, f]: windows overlap, and add."""
    kh, kw, depth, filters = W.shape
    share = filters // groups
    dx[:] = 0
    for i in range(dz.shape[0]):
        for p in range(dz.shape[1]):
            for q in range(dz.shape[2]):
                for a in range(kh):
                    for b in range(kw):
                        r, s = p * sh + a * dh, q * sw + b * dw
                        if depth == 1 and share == 1:
                            for f in range(filters):
                                dx[i, r, s, f] += dz[i, p, q, f] * W[a, b, 0, f]
                            continue
                        for g in range(groups):
                            for c in range(depth):
                                total = dx.dtype.type(0)
                                for f in range(g * share, (g + 1) * share):
                                    total += dz[i, p, q, f] * W[a, b, c, f]
                                dx[i, r, s, g * depth + c] += total
