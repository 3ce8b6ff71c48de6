"""One thread at a time at the layers of a model."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from glassnet.errors import ConfigError

BREATH = 1e-4  # seconds: long enough for the thread that waits to wake up


class ModelLock:
    """One thread at a time: what a layer keeps for its backward pass is there once.

    Training holds the lock as long as it lasts, and lets those who wait in between two batches:
    a network can be asked while it learns. Callbacks run in its thread and need not wait.
    Copies and pickles of a model get a lock of their own.
    """

    def __init__(self) -> None:
        lock = threading.RLock()
        self.acquire, self.release = lock.acquire, lock.release
        self._fitting = False
        self.waiting: deque[None] = deque()  # one entry for each; append and pop are atomic

    def __enter__(self) -> None:
        if not self.acquire(blocking=False):
            self.wait()

    def __exit__(self, *error: object) -> None:
        self.release()

    def wait(self) -> None:
        """Until the lock is held."""
        self.waiting.append(None)
        try:
            self.acquire()
        finally:
            self.waiting.pop()

    @contextmanager
    def fitting(self, name: str) -> Iterator[None]:
        """Held for a fit: there is one at a time.

        Raises:
            ConfigError: there is one, of another thread or around the callback that asks.
        """
        if self._fitting:
            raise ConfigError(
                f"{name} is being trained already, by another thread or by the fit whose callback "
                "this is. Train a copy: model.copy()."
            )
        with self:
            self._fitting = True
            try:
                yield
            finally:
                self._fitting = False

    def let_others_in(self) -> None:
        """For the holder of the lock: those who wait now come first."""
        self.release()
        time.sleep(BREATH)
        self.acquire()

    def __reduce__(self) -> tuple[Any, ...]:
        return ModelLock, ()
