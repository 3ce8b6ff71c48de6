"""Whether all numbers of an array are finite, in one pass over it."""

from __future__ import annotations

import math

import numpy as np

from glassnet._core.types import Array

CHUNK = 1 << 16  # elements looked at in one go: they stay in the cache


def surely_finite(array: Array) -> bool:
    """Whether the sum of squares is finite, and with it each number; False: look closely.

    A sum of squares is NaN or infinite if one of its terms is.  So the array is multiplied
    with itself piece by piece, in the order of its memory (100×784: 4 µs; a sum takes 14), and
    no array of booleans as large as the data is made.
    """
    if array.dtype.kind != "f" or array.size == 0:
        return True
    if array.size <= CHUNK and array.flags.c_contiguous:
        flat = array.reshape(-1)
        return math.isfinite(np.vdot(flat, flat))  # dot would warn where it overflows
    flat = array.ravel(order="K") if array.flags.forc else array
    rows = max(1, CHUNK * len(flat) // flat.size)
    parts = (flat[start : start + rows] for start in range(0, len(flat), rows))
    return all(math.isfinite(np.vdot(part, part)) for part in parts)
