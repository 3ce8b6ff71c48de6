"""Folds: which rows a network leaves out, so that they can judge it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.data.batches import Batch


def folds_of(y: Array, folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The fold of each row: every ``folds`` rows that are neighbours by y go to all folds.

    So each fold has its share of every class, and of small and large values.

    >>> y = np.array([0, 1, 0, 1])
    >>> found = folds_of(y, 2, np.random.default_rng(0))
    >>> sorted(found[y == 0].tolist()), sorted(found[y == 1].tolist())
    ([0, 1], [0, 1])
    """
    n = len(y)
    order = rng.permutation(n)
    order = order[np.argsort(y[order], kind="stable")]
    out = np.empty(n, np.int64)
    rounds = [rng.permutation(folds) for _ in range(-(-n // folds))]
    out[order] = np.concatenate(rounds)[:n]
    return out


def distinct_rows(x: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each that differs from all before it, and for each row which it is.

    >>> first, which = distinct_rows(np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]]))
    >>> x = np.array([10, 20])[which]
    >>> bool(x[0] == x[2] != x[1]), len(first)
    (True, 2)
    """
    whole = np.ascontiguousarray(x).view(f"V{x.shape[1] * x.itemsize}").reshape(-1)
    _, first, which = np.unique(whole, return_index=True, return_inverse=True)
    return first, which


class RowBatches:
    """Batches of some rows of arrays that several networks learn from at once.

    Whole batches only: what is left over at the end of an epoch waits for the next one, in which
    another row is left over.
    """

    def __init__(
        self,
        x: Array,
        y: Array,
        sample_weight: Array | None,
        rows: NDArray[np.int64],
        batch_size: int,
    ) -> None:
        self.x, self.y, self.sample_weight, self.rows = x, y, sample_weight, rows
        self.batch_size = min(batch_size, len(rows))
        self._x = np.empty((self.batch_size, *x.shape[1:]), x.dtype)
        self._y = np.empty((self.batch_size, *y.shape[1:]), y.dtype)

    @property
    def n_samples(self) -> int:
        """The number of rows of an epoch."""
        return self.steps_per_epoch * self.batch_size

    @property
    def steps_per_epoch(self) -> int:
        """⌊n / batch_size⌋."""
        return len(self.rows) // self.batch_size

    def epoch(self, rng: np.random.Generator, skip: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, in an order drawn from ``rng``, from number ``skip`` on."""
        order = rng.permutation(self.rows)
        size, weights = self.batch_size, self.sample_weight
        for start in range(skip * size, self.n_samples, size):
            rows = order[start : start + size]
            self.x.take(rows, 0, self._x, "clip")
            self.y.take(rows, 0, self._y, "clip")
            yield Batch(self._x, self._y, None if weights is None else weights[rows], size)
