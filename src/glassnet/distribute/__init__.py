"""Several processes, on one machine or many, train one network together.

``fit(…, distribute="mpi")`` under ``mpiexec -n 4 python train.py``.  Each batch is cut into a fixed
number of shards, and the gradients of the shards are added in one order: 1, 2 and 4 processes give
the same bits.  ``fit(…, shards=8)`` computes the same in one process, without MPI.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from glassnet._core.ending import VARIABLE, started, started_beside
from glassnet._core.habits import unknown
from glassnet._core.settings import whole_number
from glassnet.distribute.communicator import Communicator, Lone
from glassnet.distribute.group import Group
from glassnet.errors import ConfigError, UnknownNameError

__all__ = ["NAMES", "Communicator", "Group", "Lone", "chosen", "rank"]

NAMES = ("mpi", "mpi-allreduce")
SHARDS = "GLASSNET_SHARDS"
ALONE = (
    "mpiexec started {ranks} processes, and each trains a network of its own: say "
    'distribute="mpi", or set the environment variable '
    + VARIABLE
    + "=mpi, to train one together; "
    "distribute=False if this is what you want."
)
USUAL = 8  # shards: 1, 2, 4 and 8 ranks divide it


def rank() -> int:
    """Which of the processes of ``mpiexec`` or ``srun`` this one is: 0 prints, plots and saves.

    0 where nothing says that there are others.

    Raises:
        MissingDependencyError: mpi4py, or an MPI library, is not installed.
    """
    if not started():
        return 0
    from glassnet.distribute.mpi import MPI

    return MPI().rank


@contextmanager
def chosen(
    distribute: str | Group | bool | None = None, shards: int | None = None
) -> Iterator[Group | None]:
    """Those who train together; None: this process alone, in the usual way.

    Args:
        distribute: "mpi"; "mpi-allreduce", which adds the gradients in whatever order the MPI
            library likes best; a group that is open already; False for none.  None: what the
            environment variable GLASSNET_DISTRIBUTE says, and none where there is none.
        shards: in how many parts each batch is cut.  Without ``distribute`` they are computed here,
            one after the other.

    Raises:
        UnknownNameError: another name.
        ConfigError: shards that are no multiple of the ranks.
        MissingDependencyError: mpi4py, or an MPI library, is not installed.
    """
    if isinstance(distribute, Group):
        if shards not in (None, distribute.shards):
            raise ConfigError(
                f"shards={shards}, but the group was opened with {distribute.shards}: leave shards "
                "out."
            )
        yield distribute
        return
    name = os.environ.get(VARIABLE) or None if distribute is None else distribute or None
    if shards is None and name and os.environ.get(SHARDS):
        shards = _number(os.environ[SHARDS])
    if shards is not None:
        shards = whole_number("fit", "shards", shards)
    if name is None:
        if distribute is None and started_beside() > 1:
            warnings.warn(ALONE.format(ranks=started_beside()), stacklevel=4)
        if shards is None:
            yield None
            return
        communicator: Communicator = Lone()
    elif name not in NAMES:
        raise UnknownNameError(unknown("way to distribute", str(name), NAMES))
    else:
        from glassnet.distribute.mpi import MPI

        communicator = MPI()
    group = Group(communicator, shards or _usual(communicator.ranks), name == "mpi-allreduce")
    with group.open():
        yield group


def _number(text: str) -> int:
    if not text.strip().isdecimal():
        raise ConfigError(f"the environment variable {SHARDS} is {text!r}: expected a number.")
    return int(text)


def _usual(ranks: int) -> int:
    """8, or the next multiple of the ranks."""
    return ranks * -(-USUAL // ranks)
