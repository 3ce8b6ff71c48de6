"""Threads that share out a computation in compiled code, without Python between its parts.

A computation goes through *phases*, each of which is a number of *items*: blocks of one matrix, of
which each can be computed without the others of its phase.  Whoever is free takes the next item,
first of its own stretch (what it took of the last step is still in its cache), then of the
others'; and goes on to the next phase when all items of this one are done.  So what is computed
does not depend on who takes what: the results have the same bits on any number of threads.

A thread that comes late, or not at all, because something else has its core, costs nothing but
its help.  One that is halted in the middle of an item is waited for; who waited long works alone
for a while (``Crew.alone``), so that a busy machine is not slower than one core.

    main thread                       a helper
    ticket ← its number               waits until there is a new ticket
    takes items, phase by phase       takes items, phase by phase
    ticket ← 0, waits for helpers     says that it has left, waits again

Helpers wait in compiled code for as long as a batch is made ready, then asleep.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from glassnet._core import atomic
from glassnet._core.jit import kernel
from glassnet._core.memory import aligned
from glassnet._core.team import cores
from glassnet._core.types import Array

# Of the numbers that the threads share, each in a cache line of its own: the ticket of what is
# under way, 0: nothing; helpers that are at it; whether they are sent away; how often the thread
# that asks gave way; how it does that; and for each phase the items that are done, and of the
# stretch of each thread those that are taken.
LINE = 8
TICKET, INSIDE, ENDED, WAITED, WAY, PHASES = (LINE * i for i in range(6))
SPINS = 2_000  # before a waiting thread gives way: some 50 µs
PATIENCE = 100  # times that it gave way: then the machine is busy
IDLE = 20_000  # turns of a helper that nothing came for, before it sleeps: about a millisecond
MOST_ALONE = 2048  # steps


@kernel
def next_item(control: Array, phase: int, count: int, thread: int, threads: int) -> int:
    """The number of an item of ``phase`` that nobody has taken; -1: there is none."""
    for turn in range(threads):
        whose = (thread + turn) % threads
        first, end = count * whose // threads, count * (whose + 1) // threads
        taken = PHASES + (phase * (threads + 1) + whose + 1) * LINE
        if first + atomic.load(control, taken) < end:
            item = first + atomic.add(control, taken, 1)
            if item < end:
                return item
    return -1


@kernel
def finish(control: Array, phase: int, done: int, count: int, thread: int, threads: int) -> None:
    """Say that ``done`` items of ``phase`` are done, and wait until all are."""
    at = PHASES + phase * (threads + 1) * LINE
    before = atomic.add(control, at, done)
    spins = 0
    while before + done < count:
        before, done = atomic.load(control, at), 0
        spins += 1
        if spins < SPINS:
            atomic.pause()
        else:
            atomic.give_way(control[WAY])
            control[WAITED] += thread == 0


@kernel
def enter(control: Array, seen: int) -> int:
    """Wait for a ticket other than ``seen``, and go in; 0: nothing came for long."""
    for spins in range(IDLE):
        ticket = atomic.load(control, TICKET)
        if ticket != 0 and ticket != seen:
            atomic.add(control, INSIDE, 1)
            if atomic.load(control, TICKET) == ticket:
                return ticket
            atomic.add(control, INSIDE, -1)
        if atomic.load(control, ENDED):
            return 0
        atomic.pause()
        if spins % SPINS == SPINS - 1:
            atomic.give_way(control[WAY])
    return 0


@kernel
def close(control: Array) -> None:
    """Let nobody in any more, and wait for those who are inside."""
    atomic.store(control, TICKET, 0)
    spins = 0
    while atomic.load(control, INSIDE) > 0:
        spins += 1
        if spins < SPINS:
            atomic.pause()
        else:
            atomic.give_way(control[WAY])
            control[WAITED] += 1


def control_for(phases: int, threads: int) -> Array:
    """The numbers that the threads of a computation share."""
    control = aligned(PHASES + phases * (threads + 1) * LINE, np.dtype(np.int64))
    control[WAY] = atomic.way_giver()
    return control


Args = tuple[Any, ...]


class Crew:
    """The helpers of this process: a thread for each core but the one that asks.

    Attributes:
        size: the threads, that of the caller counted.
    """

    def __init__(self, size: int | None = None) -> None:
        self.size = 1 if numba.config.DISABLE_JIT else size or cores()
        self._calls: list[queue.SimpleQueue[tuple[Callable[..., Any], Args]]] = []
        self._asleep: list[bool] = []
        self._control: Array | None = None  # of the computation that the helpers are with
        self._lock = threading.Lock()
        self.alone = 0  # steps for which no helper is asked
        self._pause = 1
        self._tickets = 0

    def run(self, control: Array, work: Callable[..., float], own: Args, helpers: Args) -> float:
        """``work(*own, 0, ticket)``, and the helpers at ``work(*helpers, number, 0)``.

        They are not if another thread of this process has them, or the machine was just seen to
        be busy, or this is the first time: then the ticket is 0.
        """
        control[PHASES:] = 0
        if self.size < 2 or self.alone or not self._lock.acquire(blocking=False):
            self.alone = max(0, self.alone - 1)
            return work(*own, 0, 0)
        try:
            if self._control is not control:
                self._send_away()
                self._control = control
                control[ENDED] = 0
                return work(*own, 0, 0)  # it compiles here, where Ctrl-C is heard
            control[WAITED] = 0
            self._wake(work, helpers)
            self._tickets += 1
            result = work(*own, 0, self._tickets)
            self._heed(int(control[WAITED]))
            return result
        finally:
            self._lock.release()

    def _wake(self, work: Callable[..., Any], args: Args) -> None:
        while len(self._calls) < self.size - 1:
            self._calls.append(queue.SimpleQueue())
            self._asleep.append(True)
            number = len(self._calls)
            name = f"glassnet-crew-{number}"
            threading.Thread(target=self._serve, args=(number,), name=name, daemon=True).start()
        for i, asleep in enumerate(self._asleep):
            if asleep:
                self._asleep[i] = False
                self._calls[i].put((work, args))

    def _serve(self, number: int) -> None:
        calls = self._calls[number - 1]
        while True:
            work, args = calls.get()
            work(*args, number, 0)
            del work, args  # they hold arrays
            self._asleep[number - 1] = True

    def _heed(self, waited: int) -> None:
        """Who waited long works alone for a while, and each time for longer."""
        if waited > PATIENCE:
            self._pause = min(2 * self._pause, MOST_ALONE)
            self.alone = self._pause
        elif self._pause > 1:
            self._pause -= 1

    def _send_away(self) -> None:
        if self._control is not None:
            atomic.plain_store(self._control, ENDED, 1)
            self._control = None

    def dismiss(self) -> None:
        """What the helpers are at is over for now: they sleep."""
        with self._lock:
            self._send_away()

    def forget(self) -> None:
        """A forked process has none of the threads."""
        self._calls, self._asleep = [], []
        self._control, self._lock = None, threading.Lock()


CREW = Crew()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=CREW.forget)
