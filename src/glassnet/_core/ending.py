"""How a process ends that others may be waiting for: it says so, or ends all of them.

``mpiexec`` does not tell the others when a process comes to its end, and they would wait for ever.
So one whose script is over sends them how many exchanges it took part in; who waits for it in a
later one knows that it will not come.  An exception that nobody caught ends all.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from types import TracebackType
from typing import Any

VARIABLE = "GLASSNET_DISTRIBUTE"
# What MPICH, Open MPI and Slurm tell the processes that they start.
LAUNCHED = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK")
STARTED = (*LAUNCHED, "SLURM_PROCID")
SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE")
OWNER = "GLASSNET_RANK_PROCESS"  # processes that a rank starts inherit its environment
LEFT = "_left_by_all"  # of an exception with which every rank ends: nobody waits
TAG = 19_019  # of the message of one who leaves
GRACE = 0.5  # seconds for the others to say the same, before all are ended


def started(names: tuple[str, ...] = STARTED) -> bool:
    """Whether this process is one of those that ``mpiexec`` or ``srun`` started."""
    own = os.environ.get(OWNER) == f"{os.getpid()} {_numbers()}"
    return own and any(name in os.environ for name in names)


def _numbers() -> str:
    return " ".join(f"{name}={os.environ[name]}" for name in STARTED if name in os.environ)


def started_beside() -> int:
    """How many processes ``mpiexec`` started, this one among them; 1: it is not known."""
    sizes = [os.environ[name] for name in SIZES if os.environ.get(name, "").isdecimal()]
    return int(sizes[0]) if started(LAUNCHED) and sizes else 1


class Ending:
    """Of this process; there is one."""

    def __init__(self) -> None:
        self.world: Any = None  # once it has joined
        self.headers = 0  # exchanges that it took part in
        self._gone: dict[int, int] = {}  # who left, after how many
        self._said: list[Any] = []  # messages under way
        self._broken = False

    def watch(self) -> None:
        """From now on the others hear of this process's end."""
        numbers = _numbers()
        if not numbers or os.environ.get(OWNER, "").partition(" ")[2] == numbers:
            return  # nobody's, or a child of a rank, which inherits what that one was told
        os.environ[OWNER] = f"{os.getpid()} {numbers}"
        atexit.register(self._leave)  # before MPI_Finalize, in which all wait for all
        before = sys.excepthook

        def hook(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            before(kind, error, trace)
            if not getattr(error, LEFT, False) or self._broken:
                self._end_all(130 if issubclass(kind, KeyboardInterrupt) else 1)

        sys.excepthook = hook

    def refuse_gone(self) -> None:
        """Hear who has left.

        Raises:
            RankError: one that this rank waits for.
        """
        from mpi4py import MPI

        status = MPI.Status()
        while self.world.Iprobe(MPI.ANY_SOURCE, TAG, status):
            self._gone[status.source] = self.world.recv(source=status.source, tag=TAG)
        late = [rank for rank, count in self._gone.items() if count < self.headers]
        if late:
            from glassnet.errors import RankError

            self._broken = True
            error = RankError(
                f"rank {late[0]} of {self.world.size} has ended, and this one, {self.world.rank}, "
                "waits for it: each must run the same script to its end, and call fit as often as "
                f"the others, with distribute= or the environment variable {VARIABLE}."
            )
            error.rank = late[0]
            raise error

    def _joined(self, launched: bool) -> bool:
        """Whether the others may be waiting; it joins them now if it had not."""
        if self.world is None and (os.environ.get(VARIABLE) or launched):
            try:
                from mpi4py import MPI

                if not MPI.Is_initialized():
                    MPI.Init_thread()
            except (ImportError, RuntimeError):
                return False
            self.world = MPI.COMM_WORLD
        return self.world is not None and self.world.size > 1

    def _end_all(self, status: int) -> None:
        if self._joined(started(LAUNCHED)):
            time.sleep(GRACE if self._broken else 0.0)
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
            self.world.Abort(status)

    def _leave(self) -> None:
        """The script is over, and nobody needs to wait for this process any more."""
        if self._broken:
            self._end_all(1)
        elif started() and self._joined(launched=False):
            for rank in range(self.world.size):
                if rank != self.world.rank:
                    self._said.append(self.world.isend(self.headers, rank, TAG))


ENDING = Ending()
