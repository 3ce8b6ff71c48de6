"""The thread of one page: it trains, and between two batches it does what it is asked.

Only this thread touches the network, so nothing needs a lock: whoever wants something puts
a function in the queue and gets a future.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar
from weakref import WeakSet

T = TypeVar("T")

SLICE = 0.004  # seconds of training between two looks at the queue
LONGEST = 0.05  # of them, after an answer that took long
PATIENCE = 0.1  # seconds that an engine lets others be answered before it looks again


class Trains(Protocol):
    """What an engine can keep going."""

    @property
    def steps_per_epoch(self) -> int:
        """How many updates an epoch has."""

    @property
    def stopped(self) -> str:
        """Why it does not go on; empty while it does."""

    def run(self, seconds: float, most: int) -> int:
        """Updates for about ``seconds``, at most ``most``; how many were made."""


class Crowd:
    """How many answers are asked for and not given yet, over the engines of a process.

    While there are more than the processor can compute at once, as of a class of thirty, no
    engine trains beside them: each trains after its own answer, for half the time that it took.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self._most = os.cpu_count() or 1
        self._engines: WeakSet[Engine] = WeakSet()

    def join(self, engine: Engine) -> None:
        """Count this engine too, for as long as there is one."""
        with self._lock:
            self._engines.add(engine)

    @property
    def plays(self) -> bool:
        """Whether more networks are being trained than there are cores."""
        with self._lock:
            return sum(engine.training is not None for engine in self._engines) > self._most

    def add(self, count: int) -> None:
        """So many more are asked for; below zero: given."""
        with self._lock:
            self._open += count

    @property
    def waits(self) -> bool:
        """Whether there are more than can be computed at once."""
        return self._open > self._most


CROWD = Crowd()


class Engine:
    """A thread of its own that trains and answers, one thing at a time.

    Attributes:
        training: what it trains now, or None while it pauses.
    """

    def __init__(self, name: str = "lab") -> None:
        self.training: Trains | None = None
        self._pace = 0.0  # epochs a second; 0: as fast as it goes
        self._since = 0.0
        self._made = 0
        self.spare: deque[Callable[[], Any]] = deque()  # to do when there is nothing else
        self._tasks: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = (
            queue.SimpleQueue()
        )
        self._closed = False
        CROWD.join(self)
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    # ---- from outside ------------------------------------------------------------------

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Run ``function`` in the thread, between two batches."""
        future: Future[T] = Future()
        if self._closed:
            future.cancel()
        else:
            CROWD.add(1)
            future.add_done_callback(lambda _: CROWD.add(-1))
            self._tasks.put((future, function))
        return future

    def close(self) -> None:
        """End the thread after what it is doing now; what waits in the queue is cancelled."""
        self._closed = True
        self._tasks.put(None)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread's end; whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # ---- in the thread -----------------------------------------------------------------

    def play(self, what: Trains, pace: float = 0.0) -> None:
        """Train ``what`` from now on, at ``pace`` epochs a second (0: as fast as it goes)."""
        self.training, self._pace = what, pace
        self._since, self._made = time.perf_counter(), 0

    def pause(self) -> None:
        """Train no more."""
        self.training = None

    def _work(self) -> None:
        while not self._closed:
            try:
                if self._idle() and not self.spare:
                    task = self._tasks.get(timeout=self._wait())
                elif CROWD.waits:
                    task = self._tasks.get(timeout=PATIENCE)
                else:
                    task = self._tasks.get_nowait()
            except queue.Empty:
                if self.spare and self._idle():
                    self.spare.popleft()()
                if not CROWD.waits:
                    self._train()
                continue
            if task is None:
                break
            start = time.perf_counter()
            self._do(*task)
            if self.training is not None:  # at least a third of the time is for it
                share = min(0.5 * (time.perf_counter() - start), LONGEST)
                self._train(share if CROWD.waits else max(share, SLICE))
        while not self._tasks.empty():
            left = self._tasks.get_nowait()
            if left is not None:
                left[0].cancel()

    def _do(self, future: Future[Any], function: Callable[[], Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(function())
        except BaseException as error:  # whoever waits for the future gets it
            future.set_exception(error)

    def _due(self) -> int:
        """How many updates may be made now, by the pace."""
        if self.training is None:
            return 0
        if not self._pace:
            return 1_000_000
        per_second = self._pace * self.training.steps_per_epoch
        due = int((time.perf_counter() - self._since) * per_second) - self._made
        if due > per_second * 0.25 + 1:  # it cannot keep up: do not save up a debt
            self._since, self._made, due = time.perf_counter(), 0, 1
        return due

    def _idle(self) -> bool:
        return self._due() < 1

    def _wait(self) -> float | None:
        if self.training is None:
            return None
        return 0.5 / (self._pace * self.training.steps_per_epoch) if self._pace else 0.0

    def _train(self, seconds: float = SLICE) -> None:
        training, due = self.training, self._due()
        if training is None or due < 1:
            return
        self._made += training.run(seconds, due)
        if training.stopped:
            self.training = None
