"""How much memory this process may still take."""

from __future__ import annotations

import os
from pathlib import Path

SMALL = 2**28  # bytes below which the system is not asked

LIMIT = {  # of a container, by the version of Linux's control groups: most, used, of that a cache
    2: ("memory.max", "memory.current", "inactive_file"),
    1: ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
}


def available_memory() -> int | None:
    """Bytes, as far as the system tells; None where it does not.

    >>> free = available_memory()
    >>> free is None or free > 0
    True
    """
    found = (_of_machine(), _of_container())
    return min((free for free in found if free is not None), default=None)


def free_below(needed: int) -> int | None:
    """The memory that is free, if it is less than what is needed; else None."""
    free = available_memory() if needed > SMALL else None
    return free if free is not None and free < needed else None


def gigabytes(number: int) -> str:
    """``1.5 GB``"""
    return f"{number / 1e9:,.1f} GB"


def _of_machine() -> int | None:
    try:  # Linux: what is free, and what it keeps of files only while nobody needs the memory
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:  # elsewhere all that there is
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows
        return None


def _of_container(folder: Path = Path("/sys/fs/cgroup")) -> int | None:
    for most, used, cache in LIMIT.values():
        try:
            limit = int((folder / most).read_text())
            taken = int((folder / used).read_text())
            statistics = (folder / most).with_name("memory.stat").read_text().split()
        except (OSError, ValueError):  # no such version, or "max": no limit
            continue
        kept = int(statistics[statistics.index(cache) + 1]) if cache in statistics else 0
        return max(limit - taken + kept, 0)
    return None
