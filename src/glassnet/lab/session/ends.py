"""Calls a trainer at both ends of each epoch of the library's own loop."""

from __future__ import annotations

from collections.abc import Callable

from glassnet.callbacks import Callback, Logs
from glassnet.training.history import History


class NoHistory(History):
    """A history that keeps nothing: a training on the page has no last epoch."""

    def append(self, epoch: int, logs: dict[str, float]) -> None:
        """Nothing: the curves are thinned, the history is not."""


class Ends(Callback):
    """Calls ``begin`` and ``end`` around each epoch."""

    def __init__(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self.begin, self.end = begin, end

    def on_epoch_begin(self, epoch: int) -> None:
        self.begin()

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.end()
