"""Files that one process at a time may hold; a process that dies lets go of them."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

fcntl: Any = None  # Windows: a file that is open there cannot be removed by another process
with contextlib.suppress(ImportError):
    fcntl = importlib.import_module("fcntl")


def hold(handle: int, wait: bool = True) -> bool:
    """Lock an open file for this process, until it is closed; False: another one has it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def kept(handle: int) -> Callable[[], None]:
    """Keep the lock of ``handle`` when that is closed; what it returns lets go."""
    if fcntl is None:
        return lambda: None
    twin = os.dup(handle)  # the lock is that of the opened file, not of the number
    return lambda: os.close(twin)


def remove_abandoned(path: Path) -> None:
    """Remove a file whose writer has died, and leave that of one at work."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDWR)
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
        finally:
            os.close(handle)
        if fcntl is None:
            path.unlink()


@contextlib.contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Hold the lock file ``path`` while the block runs; gives False if another process holds it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        mine = hold(handle, wait=False)
        if not mine or fcntl is None or os.fstat(handle).st_nlink:
            break
        os.close(handle)  # the one before has just removed it
    try:
        yield mine
    finally:
        if mine and fcntl is not None:
            path.unlink(missing_ok=True)
        os.close(handle)
        if mine and fcntl is None:
            with contextlib.suppress(OSError):
                path.unlink()
