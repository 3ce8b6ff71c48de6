"""The thread of one page: it trains, and between two batches it does what it is asked.

One thing at a time: whoever wants something puts a function in the queue and gets a future.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from glassnet.lab.session.crowd import CROWD

SLICE = 0.004  # seconds of training between two answers
LONGEST = 0.05  # of them, after an answer that took long
FRAME = 1 / 15  # seconds in which all pages that train are drawn once, and trained
BEAT = 1 / 30  # seconds that the pace may run ahead of the training
CROWDED = 0.2  # seconds until, in a crowd, a page that nobody looks at trains by itself
DEBT = 0.25  # seconds of training that may be made up for
QUICK = 0.01  # seconds of the processor: a look that takes no more needs no thread of its own
SURE = 5  # so many of them in a row were quick: nothing is left to be compiled

T = TypeVar("T")


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


@dataclass(frozen=True)
class Task:
    """What an engine is asked; ``looks``: it changes nothing."""

    future: Future[Any]
    function: Callable[[], Any]
    looks: bool

    def do(self) -> None:
        """Whoever waits for the future gets the answer, or the error."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            self.future.set_result(self.function())
        except BaseException as error:
            self.future.set_exception(error)


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
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # whoever has it may touch the network
        self._quick = 0  # so many looks were quick, and nothing else was done since
        self._looked = 0.0  # seconds that the last one took
        self._trained = 0.0  # when it trained last
        self._closed = False
        CROWD.join(self)
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    # ---- from outside ------------------------------------------------------------------

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Run ``function`` in the thread, between two batches."""
        return self._put(function, False)

    def look(self, function: Callable[[], T]) -> Future[T]:
        """Run ``function``, which changes nothing: here and now, if that is known to be quick.

        Handing over to a thread and back, and its wait for the interpreter, would cost more than
        the answer (thirty pages: 160 frames for a second of the processor instead of 870).  What
        the thread would train afterwards :meth:`catch_up` trains.
        """
        if self._quick >= SURE and self._lock.acquire(blocking=False):
            future: Future[T] = Future()
            try:
                self._judge(Task(future, function, True))
            finally:
                self._lock.release()
            return future
        return self._put(function, True)

    def catch_up(self) -> None:
        """Train here and now what is due after a look that was made here."""
        if self._looked and self._lock.acquire(blocking=False):
            try:
                self._train(self._share())
                self._looked = 0.0
            finally:
                self._lock.release()

    def _put(self, function: Callable[[], T], looks: bool) -> Future[T]:
        future: Future[T] = Future()
        if self._closed:
            future.cancel()
        else:
            self._tasks.put(Task(future, function, looks))
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
                task = self._tasks.get(timeout=self._wait())
            except queue.Empty:
                self._go_on()
                continue
            if task is None:
                break
            with CROWD.turn(), self._lock:
                self._judge(task)
                self._train(self._share())
                self._looked = 0.0
        while not self._tasks.empty():
            left = self._tasks.get_nowait()
            if left is not None:
                left.future.cancel()

    def _go_on(self) -> None:
        """Nobody asks: train, or do what can wait."""
        with CROWD.turn() as mine, self._lock:
            if self._early() <= 0:
                if mine:
                    self._train(SLICE)
            elif self.spare:
                self.spare.popleft()()

    def _judge(self, task: Task) -> None:
        """Do it, and remember how long it took."""
        start = time.thread_time()
        task.do()
        self._looked = time.thread_time() - start
        self._quick = self._quick + 1 if task.looks and self._looked < QUICK else 0

    def _due(self) -> int:
        """How many updates may be made now, by the pace."""
        if self.training is None:
            return 0
        if not self._pace:
            return 1_000_000
        per_second = self._pace * self.training.steps_per_epoch
        due = max(0, int((time.perf_counter() - self._since) * per_second) - self._made)
        if due > per_second * DEBT + 1:  # it cannot keep up: save up no more
            due = int(per_second * DEBT) + 1
            self._since, self._made = time.perf_counter(), -due
        return due

    def _wait(self) -> float | None:
        """For how many seconds it may sleep, unless it is asked something."""
        if self.training is None and not self.spare:
            return None
        return 0.0 if self.spare else max(0.0, self._early())

    def _early(self) -> float:
        """In how many seconds the thread is to train by itself; as a rule it does after looks."""
        if self.training is None:
            return math.inf
        now = time.perf_counter()
        crowded = self._trained + CROWDED - now if CROWD.plays else 0.0
        if not self._pace:
            return crowded
        due = self._since + (self._made + 1) / (self._pace * self.training.steps_per_epoch)
        return max(due + BEAT - now, crowded)

    def _share(self) -> float:
        """Seconds of training after an answer: what a page has left of the time for all of them,
        but a third of its own."""
        left = FRAME / max(CROWD.playing, 1) - self._looked
        return min(max(0.5 * self._looked, min(SLICE, left)), LONGEST)

    def _train(self, seconds: float) -> None:
        training, due = self.training, self._due()
        if training is None or due < 1:
            return
        start, self._trained = time.thread_time(), time.perf_counter()
        self._made += training.run(seconds, due)
        if time.thread_time() - start > LONGEST:  # it compiled something
            self._quick = 0
        if training.stopped:
            self.training = None
