"""Is this very installation right? Everything compared with independent answers.

>>> from glassnet import verify
>>> verify.run(only="schedules", peers=[]).ok
True
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable
from typing import Any

from glassnet._core.registry import lookup
from glassnet._core.settings import whole_number
from glassnet.errors import ConfigError
from glassnet.verify.bench import Bench
from glassnet.verify.measure import TOLERANCES
from glassnet.verify.peers import Peer, find
from glassnet.verify.report import NotCompared, Report, Row

__all__ = ["GROUPS", "TOLERANCES", "NotCompared", "Peer", "Report", "Row", "find", "run"]

# What can be checked → the module that does.
GROUPS = {
    "activations": "check_activations",
    "losses": "check_losses",
    "layers": "check_layers",
    "optimizers": "check_optimizers",
    "schedules": "check_schedules",
    "initializers": "check_initializers",
    "network": "check_network",
}


def run(
    only: str | Iterable[str] | None = None,
    *,
    seed: int = 0,
    peers: list[Peer] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Check this installation: each function, layer and optimizer, and whole networks.

    Always against formulas written a second time in float64 and against central differences;
    and against PyTorch and Keras where they are installed. What is missing is said in the
    report and counts as nothing.

    Args:
        only: names of groups, as a list or with commas: activations, losses, layers,
            optimizers, schedules, initializers, network. None: all.
        seed: of the random cases.
        peers: the other systems, as ``find()`` gives them; [] for none. None: find them.
        progress: is called with what is being checked.

    Raises:
        UnknownNameError: no such group.
        ConfigError: nothing to check, or a seed that is not a whole number from 0.
    """
    names = only.split(",") if isinstance(only, str) else list(GROUPS if only is None else only)
    names = [name.strip() for name in names if name.strip()]
    if not names:
        raise ConfigError(f"verify: nothing to check. Groups are {', '.join(GROUPS)}.")
    modules = {name: lookup("group of checks", GROUPS, name) for name in names}
    seed = whole_number("verify", "seed", seed, minimum=0)
    started, worked = time.perf_counter(), time.process_time()
    if peers is None:
        if progress is not None:
            progress("looking for PyTorch and Keras")
        peers = find()
    bench = Bench(seed, peers, progress)
    for name in GROUPS:
        if name in modules:
            module: Any = importlib.import_module(f"glassnet.verify.{modules[name]}")
            bench.group = name
            module.check(bench)
    return Report(
        bench.rows(),
        peers,
        seed,
        bench.not_compared,
        time.perf_counter() - started,
        time.process_time() - worked,
    )
