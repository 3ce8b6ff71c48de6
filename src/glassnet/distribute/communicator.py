"""What the processes of a group ask of whatever connects them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from glassnet._core.types import Array


class Communicator(Protocol):
    """Every method is called by all ranks, in the same order.

    Attributes:
        rank, ranks: which of how many this process is.
    """

    rank: int
    ranks: int

    def gather(self, row: Array) -> Array:
        """(ranks, n): the row of every rank; float64."""

    def words(self, said: Any) -> list[Any]:
        """What every rank said, by rank: plain values, texts, bytes."""

    def exchange(self, rows: Array) -> Array:
        """From (g, n) of each rank: (ranks·g, n / ranks), this rank's piece of every row."""

    def join(self, piece: Array) -> Array:
        """(ranks·n,): the pieces (n,) of all ranks, one after the other."""

    def add(self, vector: Array) -> None:
        """The sum over all ranks in its place, in an order that is not said."""

    def rows(self, own: Array, counts: list[int]) -> Array:
        """The rows of all ranks below each other; ``counts``: how many each has."""

    def abort(self, status: int) -> None:
        """End all ranks at once."""


class Lone:
    """A group of one."""

    rank, ranks = 0, 1

    def gather(self, row: Array) -> Array:
        return row[np.newaxis]

    def words(self, said: Any) -> list[Any]:
        return [said]

    def exchange(self, rows: Array) -> Array:
        return rows

    def join(self, piece: Array) -> Array:
        return piece

    def add(self, vector: Array) -> None:
        """There is nothing to add."""

    def rows(self, own: Array, counts: list[int]) -> Array:
        return own

    def abort(self, status: int) -> None:
        """It ends by itself."""
