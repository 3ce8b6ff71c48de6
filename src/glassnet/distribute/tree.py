"""Gradients added in an order that does not depend on who computed them.

Neighbours are added, then neighbours of those sums, as long as their number is even; what is left
over is added from the first to the last:

    8:  ((0+1) + (2+3)) + ((4+5) + (6+7))          6:  ((0+1) + (2+3)) + (4+5)

A rank that has some neighbours in a row can make the lower levels of the tree by itself: of a power
of two it sends one vector, and as many bytes as the fastest sums of MPI do.
"""

from __future__ import annotations

import numpy as np

from glassnet._core.types import Array


class Adder:
    """The lower levels of the tree, over the vectors of one rank, one after the other.

    Memory: the sums that are waiting for their neighbours.

    Args:
        count: how many vectors.
        size, dtype: of each.
    """

    def __init__(self, count: int, size: int, dtype: np.dtype[np.floating]) -> None:
        self.levels = (count & -count).bit_length() - 1  # how often it can be halved
        self.left = count >> self.levels
        self._rows = np.zeros((self.left + self.levels, size), dtype)
        self._used = self._taken = 0

    def next(self) -> Array:
        """Where the next vector is to be written: all of it."""
        place: Array = self._rows[self._used]
        return place

    def take(self) -> None:
        """It is written: add it to the neighbour that has been waiting for it."""
        self._used += 1
        self._taken += 1
        number = self._taken
        for _ in range(self.levels):
            if number % 2:
                break
            number //= 2
            self._used -= 1
            self._rows[self._used - 1] += self._rows[self._used]

    def sums(self) -> Array:
        """(left, size): what is left when all were taken; the next one begins anew."""
        self._used = self._taken = 0
        return self._rows[: self.left]


def total(rows: Array) -> Array:
    """The rest of the tree: the sum of all rows, in the memory of the first.

    >>> total(np.array([[1.0], [2.0], [3.0]])).tolist()
    [6.0]
    """
    while len(rows) > 1 and len(rows) % 2 == 0:
        rows[0::2] += rows[1::2]
        rows = rows[0::2]
    for row in rows[1:]:
        rows[0] += row
    first: Array = rows[0]
    return first
