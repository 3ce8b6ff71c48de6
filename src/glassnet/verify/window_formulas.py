"""Convolution and pooling by NumPy's views on windows: written once more, to judge the layers by.

Images (n, rows, columns, channels), in float64; sizes, strides and dilations (rows, columns).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from glassnet._core.types import Array

Pair = tuple[int, int]


def zeros_around(length: int, span: int, stride: int, padding: str) -> Pair:
    """As TensorFlow documents it: by the rest of length/stride, the larger part at the end."""
    if padding == "valid":
        return 0, 0
    rest = length % stride
    total = max(span - (rest or stride), 0)
    return total // 2, total - total // 2


def windows(
    x: Array, size: Pair, strides: Pair, padding: str, dilation: Pair = (1, 1), fill: float = 0.0
) -> Array:
    """(n, out rows, out columns, channels, rows of the window, columns of the window)"""
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    around = [
        zeros_around(length, span, stride, padding)
        for length, span, stride in zip(x.shape[1:3], spans, strides)
    ]
    padded = np.pad(x.astype(np.float64), [(0, 0), *around, (0, 0)], constant_values=fill)
    every: Array = sliding_window_view(padded, spans, axis=(1, 2))
    return every[:, :: strides[0], :: strides[1], :, :: dilation[0], :: dilation[1]]


def convolution(
    x: Array,
    W: Array,
    b: Array | None,
    strides: Pair = (1, 1),
    padding: str = "valid",
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> Array:
    """z[p, q, f] = Σ window[p, q]·W[…, f] + b[f], each group of channels with its own filters."""
    how: Any = (W.shape[:2], strides, padding, dilation)
    parts = [
        np.einsum("npqcab,abcf->npqf", windows(one, *how), mine.astype(np.float64))
        for one, mine in zip(np.split(x, groups, axis=3), np.split(W, groups, axis=3))
    ]
    z: Array = np.concatenate(parts, axis=3)
    return z if b is None else z + b


def max_pool(x: Array, size: Pair, strides: Pair, padding: str = "valid") -> Array:
    """The largest number of each window."""
    return np.asarray(windows(x, size, strides, padding, fill=-np.inf).max(axis=(4, 5)))


def average_pool(x: Array, size: Pair, strides: Pair, padding: str = "valid") -> Array:
    """The mean of what lies in the image, of each window."""
    inside = windows(np.ones_like(x), size, strides, padding).sum(axis=(4, 5))
    return np.asarray(windows(x, size, strides, padding).sum(axis=(4, 5)) / inside)
