"""The engines of a process, which share its processor and, above all, its interpreter."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from weakref import WeakSet

PATIENCE = 0.2  # seconds that an engine waits for its turn


class Plays(Protocol):
    """An engine, as the crowd sees it."""

    training: Any  # None while it pauses


class Turns:
    """One computes at a time, in the order in which they came.

    Threads that compute side by side take the interpreter from each other at each loop and
    product that lets go of it (thirty networks of 4-4 on two cores: 250 switches for a frame).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """A turn; False if for long there was none, as somebody takes long."""
        mine = self._take()
        try:
            yield mine
        finally:
            if mine:
                self._give()

    def _take(self) -> bool:
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            bell = threading.Lock()
            bell.acquire()
            self._waiting.append(bell)
        if bell.acquire(timeout=PATIENCE):
            return True
        with self._lock:
            if bell in self._waiting:
                self._waiting.remove(bell)
                return False
        return True  # it rang at the last moment

    def _give(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Crowd(Turns):
    """The engines, and how many of them train."""

    def __init__(self, cores: int | None = None) -> None:
        super().__init__()
        self._joining = threading.Lock()
        self._cores = cores or os.cpu_count() or 1
        self._engines: WeakSet[Plays] = WeakSet()

    def join(self, engine: Plays) -> None:
        """Count this engine too, for as long as there is one."""
        with self._joining:
            self._engines.add(engine)

    @property
    def playing(self) -> int:
        """How many networks are being trained."""
        with self._joining:
            return sum(engine.training is not None for engine in self._engines)

    @property
    def plays(self) -> bool:
        """Whether they are more than there are cores, as in a class."""
        return self.playing > self._cores


CROWD = Crowd()
