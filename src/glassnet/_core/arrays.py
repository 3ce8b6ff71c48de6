"""Arrays as the functions need them: floating, contiguous, in rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.errors import DataError, ShapeError

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


def as_float(values: Any, what: str = "input") -> Array:
    """An array of float32 (if it is one already) or else float64; not copied if it need not be.

    >>> as_float([1, 2]).dtype
    dtype('float64')

    Raises:
        DataError: not numbers: strings, objects, complex numbers, rows of different lengths.
    """
    if type(values) is np.ndarray and (values.dtype is FLOAT32 or values.dtype is FLOAT64):
        return values  # the way of training
    try:
        array = np.asarray(values)
    except ValueError:
        raise DataError(f"{what}: rows of different lengths; pass a rectangular array.") from None
    if array.dtype == FLOAT32 or array.dtype == FLOAT64:
        return array
    if array.dtype.kind not in "biuf":
        raise DataError(
            f"{what}: expected numbers, got an array of type {array.dtype}. "
            "Convert it first, for example with np.asarray(x, dtype=float)."
        )
    return array.astype(np.float64)


def place(source: Array, out: Array | None) -> Array:
    """Where a result is computed in place: ``out``, or a new array, with ``source`` copied in."""
    if out is None:
        return source.copy(order="C")
    if out is not source:
        if out.shape != source.shape or out.dtype != source.dtype:
            raise ShapeError(
                f"out: expected shape {source.shape} and type {source.dtype}, "
                f"got {out.shape} and {out.dtype}."
            )
        np.copyto(out, source)
    return out


def rows(array: Array) -> Array:
    """The C-contiguous ``array`` as a matrix that keeps its last axis; a view."""
    k = array.shape[-1] if array.ndim else 1
    return array.reshape(array.size // k if k else 0, k)
