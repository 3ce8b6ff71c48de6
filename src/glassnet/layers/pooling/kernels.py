"""Loops of the pooling layers: the largest or the mean number of each window, and the way back.

Images (n, rows, columns, channels).  Padding is no number: a window is cut at the edge.
The channels of a pixel are sliced first, so that the loop over them becomes vectors.
"""

from __future__ import annotations

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.types import Array


@kernel
def max_pool(
    x: Array, kh: int, kw: int, sh: int, sw: int, top: int, left: int, y: Array, winner: Array
) -> None:
    """y[p, q, c] = max of x over its window; winner: where it was, a·kw + b.

    Of equal numbers the first wins, row by row; NaN wins over all.  top, left: the padding.
    """
    n, rows, columns, channels = x.shape
    for i in range(n):
        for p in range(y.shape[1]):
            for q in range(y.shape[2]):
                first = True
                for a in range(kh):
                    r = p * sh + a - top
                    if r < 0 or r >= rows:
                        continue
                    for b in range(kw):
                        s = q * sw + b - left
                        if s < 0 or s >= columns:
                            continue
                        at = a * kw + b
                        numbers, best, which = x[i, r, s], y[i, p, q], winner[i, p, q]
                        if first:
                            for c in range(channels):
                                best[c] = numbers[c]
                                which[c] = at
                            first = False
                            continue
                        for c in range(channels):
                            value = numbers[c]
                            larger = value > best[c] or (value != value and best[c] == best[c])
                            best[c] = value if larger else best[c]
                            which[c] = at if larger else which[c]


@kernel
def max_pool_backward(
    dy: Array, winner: Array, kw: int, sh: int, sw: int, top: int, left: int, dx: Array
) -> None:
    """dx at the winner of each window += dy; 0 elsewhere."""
    dx[:] = 0
    for i in range(dy.shape[0]):
        for p in range(dy.shape[1]):
            for q in range(dy.shape[2]):
                for c in range(dy.shape[3]):
                    at = np.int64(winner[i, p, q, c])
                    dx[i, p * sh + at // kw - top, q * sw + at % kw - left, c] += dy[i, p, q, c]


@kernel
def average_pool(
    x: Array, kh: int, kw: int, sh: int, sw: int, top: int, left: int, y: Array
) -> None:
    """y[p, q, c] = the mean of x over the part of the window that lies in the image."""
    n, rows, columns, channels = x.shape
    for i in range(n):
        for p in range(y.shape[1]):
            r0, r1 = max(p * sh - top, 0), min(p * sh - top + kh, rows)
            for q in range(y.shape[2]):
                s0, s1 = max(q * sw - left, 0), min(q * sw - left + kw, columns)
                share = x.dtype.type(1) / x.dtype.type((r1 - r0) * (s1 - s0))
                total = y[i, p, q]
                for c in range(channels):
                    total[c] = 0
                for r in range(r0, r1):
                    for s in range(s0, s1):
                        numbers = x[i, r, s]
                        for c in range(channels):
                            total[c] += numbers[c]
                for c in range(channels):
                    total[c] *= share


@kernel
def average_pool_backward(
    dy: Array, kh: int, kw: int, sh: int, sw: int, top: int, left: int, dx: Array
) -> None:
    """dx += dy / (numbers in the window), at each of them."""
    n, rows, columns, channels = dx.shape
    dx[:] = 0
    for i in range(n):
        for p in range(dy.shape[1]):
            r0, r1 = max(p * sh - top, 0), min(p * sh - top + kh, rows)
            for q in range(dy.shape[2]):
                s0, s1 = max(q * sw - left, 0), min(q * sw - left + kw, columns)
                share = dx.dtype.type(1) / dx.dtype.type((r1 - r0) * (s1 - s0))
                gradient = dy[i, p, q]
                for r in range(r0, r1):
                    for s in range(s0, s1):
                        numbers = dx[i, r, s]
                        for c in range(channels):
                            numbers[c] += gradient[c] * share
