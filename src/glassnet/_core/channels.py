"""Weights of images whose channels come first, as in PyTorch and ONNX, and last, as in glassnet.

Kernels: (filters, channels, rows, columns) there, (rows, columns, channels, filters) here.  Behind
a flattening the order of the inputs differs as well: there channel after channel, here pixel after
pixel.
"""

from __future__ import annotations

from math import prod

import numpy as np

from glassnet._core.types import Array


def kernel_from_first(W: Array) -> Array:
    """(filters, channels, …places) → (…places, channels, filters)

    >>> kernel_from_first(np.zeros((30, 1, 5, 5))).shape
    (5, 5, 1, 30)
    """
    return np.ascontiguousarray(np.moveaxis(W, (0, 1), (-1, -2)))


def kernel_to_first(W: Array) -> Array:
    """(…places, channels, filters) → (filters, channels, …places)"""
    return np.ascontiguousarray(np.moveaxis(W, (-1, -2), (0, 1)))


def rows_from_first(W: Array, shape: tuple[int, ...]) -> Array:
    """The rows of W, one for each number of a flattened image, from channels first to last.

    Args:
        W: (numbers, …), a matrix of a dense layer, or one number for each.
        shape: of the image with its channels last: (…places, channels).

    >>> rows_from_first(np.array([1, 2, 10, 20]), (1, 2, 2))  # two pixels of two channels
    array([ 1, 10,  2, 20])
    """
    *places, channels = shape
    apart = W.reshape(channels, prod(places), *W.shape[1:])
    return np.ascontiguousarray(apart.swapaxes(0, 1)).reshape(W.shape)


def rows_to_first(W: Array, shape: tuple[int, ...]) -> Array:
    """The way back of :func:`rows_from_first`.

    >>> rows_to_first(np.array([1, 10, 2, 20]), (1, 2, 2))
    array([ 1,  2, 10, 20])
    """
    *places, channels = shape
    apart = W.reshape(prod(places), channels, *W.shape[1:])
    return np.ascontiguousarray(apart.swapaxes(0, 1)).reshape(W.shape)
