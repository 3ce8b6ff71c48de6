"""What was measured after each epoch of a training."""

from __future__ import annotations

import math
from itertools import zip_longest

import numpy as np

from glassnet._core.types import Array
from glassnet.training.history import History

MOST_POINTS = 600  # of a curve; beyond, every second one is dropped
SERIES = ("loss", "test_loss", "accuracy", "test_accuracy")


class Curves:
    """What was measured after each epoch, thinned so that an hour of play stays small.

    Attributes:
        epochs: the epochs that are kept.
        last: the newest numbers, kept or not.
    """

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.every = 1
        self.last: tuple[int, tuple[float, ...]] | None = None
        # a column for each epoch that is kept, and room for the newest
        self._points = np.empty((1 + len(SERIES), MOST_POINTS + 2), np.float32)

    def add(self, epoch: int, row: tuple[float, ...]) -> None:
        """Add the numbers of one epoch."""
        self.last = (epoch, row)
        if epoch % self.every:
            return
        if not self.epochs or self.epochs[-1] != epoch:  # else: weights set by hand
            self.epochs.append(epoch)
        self._points[:, len(self.epochs) - 1] = epoch, *row
        if len(self.epochs) > MOST_POINTS:
            self.every *= 2
            self._keep([i for i, e in enumerate(self.epochs) if e % self.every == 0])

    def _keep(self, kept: list[int]) -> None:
        self._points[:, : len(kept)] = self._points[:, kept]
        self.epochs = [self.epochs[i] for i in kept]

    def array(self) -> Array:
        """(1 + series, points) float32: the epochs, then each series; the newest point is last."""
        count = len(self.epochs)
        if self.last is not None and (not count or self.epochs[-1] != self.last[0]):
            self._points[:, count] = self.last[0], *self.last[1]
            count += 1
        return self._points[:, :count].copy()

    def until(self, epoch: int, row: tuple[float, ...]) -> Curves:
        """The part up to an epoch, at which ``row`` was measured."""
        part = Curves()
        part.epochs, part.every, part._points = list(self.epochs), self.every, self._points.copy()
        part._keep([i for i, e in enumerate(self.epochs) if e < epoch])
        part.add(epoch, row)
        return part


def of_history(history: History) -> Curves:
    """The curves of the run, by the lab's names."""
    curves = Curves()
    rows = [history.history.get(name.replace("test", "val"), ()) for name in SERIES]
    for epoch, row in zip(history.epoch[:-1], zip_longest(*rows, fillvalue=math.nan)):
        curves.add(epoch + 1, row)
    return curves
