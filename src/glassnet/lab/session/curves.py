"""What was measured after each epoch of a training."""

from __future__ import annotations

import math
from itertools import chain, zip_longest

import numpy as np

from glassnet._core.types import Array
from glassnet.training.history import History

MOST_POINTS = 600  # of a curve; beyond, every second one is dropped
SERIES = ("loss", "test_loss", "accuracy", "test_accuracy")


class Curves:
    """What was measured after each epoch, thinned so that an hour of play stays small.

    Attributes:
        epochs: the epochs that are kept.
        rows: for each of them the numbers of ``SERIES``.
        last: the newest numbers, kept or not.
    """

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.rows: list[tuple[float, ...]] = []
        self.every = 1
        self.last: tuple[int, tuple[float, ...]] | None = None

    def add(self, epoch: int, row: tuple[float, ...]) -> None:
        """Add the numbers of one epoch."""
        self.last = (epoch, row)
        if epoch % self.every:
            return
        if self.epochs and self.epochs[-1] == epoch:  # measured again: weights set by hand
            self.rows[-1] = row
            return
        self.epochs.append(epoch)
        self.rows.append(row)
        if len(self.epochs) > MOST_POINTS:
            self.every *= 2
            kept = [i for i, e in enumerate(self.epochs) if e % self.every == 0]
            self.epochs = [self.epochs[i] for i in kept]
            self.rows = [self.rows[i] for i in kept]

    def array(self) -> Array:
        """(1 + series, points) float32: the epochs, then each series; the newest point is last."""
        epochs, rows = list(self.epochs), list(self.rows)
        if self.last is not None and (not epochs or epochs[-1] != self.last[0]):
            epochs.append(self.last[0])
            rows.append(self.last[1])
        if not epochs:
            return np.zeros((1 + len(SERIES), 0), np.float32)
        found = np.empty((1 + len(SERIES), len(epochs)), np.float32)
        found[0] = epochs
        flat = np.fromiter(chain.from_iterable(rows), np.float32, len(rows) * len(SERIES))
        found[1:] = flat.reshape(-1, len(SERIES)).T
        return found

    def until(self, epoch: int, row: tuple[float, ...]) -> Curves:
        """The part up to an epoch, at which ``row`` was measured."""
        part = Curves()
        kept = [i for i, e in enumerate(self.epochs) if e < epoch]
        part.epochs, part.rows = [self.epochs[i] for i in kept], [self.rows[i] for i in kept]
        part.every = self.every
        part.add(epoch, row)
        return part


def of_history(history: History) -> Curves:
    """The curves of the run, by the lab's names."""
    curves = Curves()
    rows = [history.history.get(name.replace("test", "val"), ()) for name in SERIES]
    for epoch, row in zip(history.epoch[:-1], zip_longest(*rows, fillvalue=math.nan)):
        curves.add(epoch + 1, row)
    return curves
