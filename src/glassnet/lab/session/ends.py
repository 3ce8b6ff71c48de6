"""Calls a trainer at both ends of each epoch of the library's own loop."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakMethod

from glassnet.callbacks import Callback, Logs
from glassnet.training.history import History


class NoHistory(History):
    """A history that keeps nothing: a training on the page has no last epoch."""

    def append(self, epoch: int, logs: dict[str, float]) -> None:
        """Nothing: the curves are thinned, the history is not."""


class Ends(Callback):
    """Calls the methods ``begin`` and ``end`` around each epoch, as long as their object lives.

    It does not keep that object, which keeps this one: a training that nobody needs any more is
    gone at once, with all of its past, and does not wait for the garbage collector.
    """

    def __init__(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self.begin, self.end = WeakMethod(begin), WeakMethod(end)

    def on_epoch_begin(self, epoch: int) -> None:
        _call(self.begin)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        _call(self.end)


def _call(kept: WeakMethod[Callable[[], None]]) -> None:
    method = kept()
    if method is not None:
        method()
