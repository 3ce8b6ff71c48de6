"""The cores of the machine, each with a thread that waits for work.

Compiled loops let go of Python's lock, so threads compute side by side.  What is shared out is
cut the same way for any number of threads: the results do not depend on it.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator

from threadpoolctl import ThreadpoolController

Work = Callable[[int, int], None]  # (which part, which thread)

# What the libraries beside us read, too: joblib sets them for its workers.
LIMITS = ("GLASSNET_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


# Of the processes that mpiexec starts: how many of them this machine has.
BESIDE = ("MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE")


def cores() -> int:
    """How many threads compute: the cores this process may use, or fewer if a variable says so.

    Processes that ``mpiexec`` started on one machine share its cores, unless it gave each its own.
    """
    every = os.cpu_count() or 1
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        count = every
    limits = _numbers(LIMITS)
    if not limits and count == every:
        limits = [count // max(1, beside) for beside in _numbers(BESIDE)]
    return max(1, min([count, *limits[:1]]))


def _numbers(names: tuple[str, ...]) -> list[int]:
    return [int(os.environ[name]) for name in names if os.environ.get(name, "").isdecimal()]


class _Task:
    """Parts that are taken one by one, by whoever is free."""

    def __init__(self, work: Work, parts: int) -> None:
        self.work, self.parts = work, parts
        self.next: Iterator[int] = itertools.count()  # one call of next() is atomic
        self.error: BaseException | None = None
        self.ended: list[int] = []  # the threads that take no more
        self.done = threading.Semaphore(0)

    def take(self, thread: int) -> None:
        """Work until no part is left."""
        try:
            while self.error is None and (part := next(self.next)) < self.parts:
                self.work(part, thread)
        except BaseException as error:  # it is raised where the work was given
            self.error = error


class Team:
    """A thread for each core but the one that asks; they are made when they are first needed."""

    def __init__(self, size: int | None = None) -> None:
        self.size = cores() if size is None else size
        self._calls: list[queue.SimpleQueue[_Task]] = []
        self._busy = threading.Lock()

    def run(self, work: Work, parts: int) -> None:
        """``work(part, thread)`` for each part; returns when all are done.

        While another thread has the team, the parts are done here, one after the other.
        """
        others = min(self.size, parts) - 1
        task = _Task(work, parts)
        if others < 1 or not self._busy.acquire(blocking=False):
            task.take(0)
        else:
            try:
                self._share(task, others)
            finally:
                self._busy.release()
        if task.error is not None:
            raise task.error

    def _share(self, task: _Task, others: int) -> None:
        while len(self._calls) < others:
            calls: queue.SimpleQueue[_Task] = queue.SimpleQueue()
            number = len(self._calls) + 1
            threading.Thread(
                target=_wait, args=(calls, number), name=f"glassnet-{number}", daemon=True
            ).start()
            self._calls.append(calls)
        for calls in self._calls[:others]:
            calls.put(task)
        try:
            task.take(0)
        finally:
            _await(task, others)


def _await(task: _Task, others: int) -> None:
    """Until the others are done, Ctrl-C or not: they write into arrays that are used again.

    And a process that ends while one of them compiles ends in LLVM, by a fault.
    """
    try:
        for _ in range(others):
            task.done.acquire()
    except BaseException as error:
        task.error = error  # nobody takes another part
        while len(task.ended) < others:
            with contextlib.suppress(KeyboardInterrupt):
                time.sleep(0.001)
        raise


def _wait(calls: queue.SimpleQueue[_Task], number: int) -> None:
    while True:
        task = calls.get()
        task.take(number)
        task.ended.append(number)
        task.done.release()
        del task  # it holds arrays


TEAM = Team()
PARTS = 8  # of a batch
MOST_SUMS = 2**23  # numbers: of the sums that all parts make


@functools.cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()  # it looks for the libraries once: a millisecond


def leave_cores_to_others() -> None:
    """From now on BLAS has no more threads than the team: other processes have the rest."""
    _pools().limit(limits=TEAM.size, user_api="blas")


@contextlib.contextmanager
def cores_to_ourselves() -> Iterator[None]:
    """While it lasts BLAS has one thread.

    The threads of OpenBLAS go on turning when their product is done, and take the cores from the
    team: LeNet's products of 0.1 ms then took 7 beside other work, and 1,000 images through a
    network for CIFAR twice as long.
    """
    with _pools().limit(limits=1, user_api="blas"):
        yield


def parts_of(n: int, sums: int) -> int:
    """In how many parts n samples are cut, each of which makes so many sums of its own.

    It does not ask how many cores there are: the parts' sums are added in one order everywhere.
    """
    return max(1, min(PARTS, n // 4, MOST_SUMS // max(1, sums)))


def share_out(n: int, parts: int, work: Callable[[slice, int, int], None]) -> None:
    """``work(which samples, part, thread)`` for each part of n samples, on all cores."""
    if parts == 1:
        work(slice(0, n), 0, 0)
        return
    ends = [n * part // parts for part in range(parts + 1)]
    TEAM.run(lambda part, thread: work(slice(ends[part], ends[part + 1]), part, thread), parts)


def _fresh() -> None:
    """A forked process has none of the threads."""
    TEAM._calls.clear()
    TEAM._busy = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fresh)
