"""Where layers write their results."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.types import Array


class Workspace:
    """Gives a layer the arrays it writes into.

    Everywhere but in the training loop each array is new, so that what a public call
    returns belongs to the caller.  The training loop sets ``reuse``: then a layer gets the
    same memory in every step, and a step allocates nothing after the first.  A shorter
    batch gets the first rows of the array of the longer one.
    """

    __slots__ = ("_kept", "reuse")

    def __init__(self) -> None:
        self.reuse = False
        self._kept: dict[tuple[str, tuple[int, ...]], Array] = {}

    def array(self, key: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        """An array to write into; what it holds is undefined."""
        if not self.reuse:
            return np.empty(shape, dtype)
        kept = self._kept.get((key, shape))
        return self._make(key, shape, dtype) if kept is None else kept

    def _make(self, key: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        """The first rows of a longer array with that key, or a new array."""
        for (name, other), array in self._kept.items():
            if name == key and other[1:] == shape[1:] and other[0] > shape[0]:
                self._kept[key, shape] = array[: shape[0]]
                break
        else:
            self._kept[key, shape] = np.empty(shape, dtype)
        return self._kept[key, shape]

    def mine(self, array: Array) -> Array:
        """``array`` to be written over: itself when memory is reused, else a copy."""
        if self.reuse and array.flags.c_contiguous:
            return array
        return np.array(array, order="C")

    def over(self, array: Array) -> Array | None:
        """The ``out=`` of an operation on ``array``: in place when memory is reused.

        None means: write into a new array, this one is the caller's.
        """
        return array if self.reuse else None

    def clear(self) -> None:
        """Give the memory back."""
        self._kept.clear()
