"""What training by several processes gains: measured here, and modelled for larger networks.

    mpiexec -n 2 python benchmarks/scaling.py measure      seconds and bytes of a step, on 1, 2, 4
    python benchmarks/scaling.py step                      one process: seconds for n samples
    python benchmarks/scaling.py model                     the tables of the guide "Many machines"

The model, for R ranks with a shard each, n samples in it, P parameters of 4 bytes, latency a and
bandwidth w:

    step = shard + each·n                  computed by every rank: its samples, and the update
         + 2·⌈log₂ R⌉·a                    header and joining (Allgather)
         + (R - 1)·a                       exchanging pieces (Alltoall), one message to each
         + 2·4P·(R - 1)/R / w              both ways of the gradients
"""

from __future__ import annotations

import sys
import time
from math import ceil, log2

import numpy as np

from glassnet import Sequential, layers
from glassnet.callbacks import Callback

# Measured on one core of the machine of the guide: seconds of a step of one process apart from its
# samples (``step``), of a shard apart from its samples (``measure`` on one rank: what 8 shards cost
# more, divided by 8), of a sample; parameters.
NETWORKS = {
    "784-128-10": (0.20e-3, 0.48e-3, 9.9e-6, 101_770),
    "CNN": (0.92e-3, 0.89e-3, 173e-6, 34_826),
}
# One message: seconds, and bytes a second. Of typical hardware, as MPI sees it.
LINKS = {
    "1 Gbit Ethernet": (50e-6, 0.11e9),
    "10 Gbit Ethernet": (20e-6, 1.1e9),
    "100 Gbit InfiniBand": (2e-6, 11e9),
}
RANKS = (4, 16, 64, 1024)


def network(kind: str) -> Sequential:
    """A dense network, or two convolutions with pooling: 28×28 pixels, 10 classes."""
    if kind == "CNN":
        inner = [
            layers.Reshape((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2), layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2), layers.Flatten(),
        ]  # fmt: skip
    else:
        inner = [layers.Dense(128, "relu")]
    model = Sequential([*inner, layers.Dense(10, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


class Steps(Callback):
    """When each step ended."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        self.times.append(time.perf_counter())


def seconds(kind: str, batch: int, steps: int = 30, **settings: object) -> tuple[float, int]:
    """The median step of ``batch`` samples, and the number of parameters."""
    rng = np.random.default_rng(0)
    x = rng.random((batch * steps, 784), dtype=np.float32)
    y = rng.integers(0, 10, len(x))
    model, clock = network(kind), Steps()
    model.fit(x, y, batch_size=batch, epochs=1, verbose=0, callbacks=clock, **settings)
    return float(np.median(np.diff(clock.times)[3:])), model.parameters.size


def measure() -> None:
    """Strong: 128 samples in all. Weak: 64 for each rank."""
    from glassnet.distribute.mpi import MPI

    ranks, first = MPI().ranks, MPI().rank == 0
    for kind in NETWORKS:
        for name, batch in (("strong", 128), ("weak", 64 * ranks)):
            for how in ("mpi", "mpi-allreduce"):
                took, numbers = seconds(kind, batch, distribute=how, shards=8)
                sent = 2 * 4 * numbers * (ranks - 1) / ranks
                if first:
                    print(f"{kind:12} {name:7} {ranks} ranks, {batch:4} samples, {how:14} "
                          f"{took * 1e3:8.2f} ms  {sent / 1e6:.2f} MB sent by each")  # fmt: skip


def step() -> None:
    """A step of one process is nearly a straight line over its samples."""
    for kind in NETWORKS:
        few, many = 8, 128
        (less, numbers), (more, _) = seconds(kind, few), seconds(kind, many)
        each = (more - less) / (many - few)
        print(f"{kind}: {less - few * each:.3e} s + {each:.3e} s a sample; {numbers:,} parameters")


def alone(kind: str, samples: float) -> float:
    """Seconds of a step of one process."""
    fixed, _, each, _ = NETWORKS[kind]
    return fixed + each * samples


def together(kind: str, link: str, ranks: int, samples: float) -> float:
    """Seconds of a step with so many samples on each rank."""
    _, shard, each, numbers = NETWORKS[kind]
    latency, width = LINKS[link]
    messages = 2 * ceil(log2(ranks)) + ranks - 1
    sent = 2 * 4 * numbers * (ranks - 1) / ranks
    return shard + each * samples + messages * latency + sent / width


def model() -> None:
    """Markdown: how many times as fast as one rank."""
    for title, strong in (("Strong: 1,024 samples in all", True), ("Weak: 64 for each", False)):
        print(f"\n{title}\n\n| network | connection | {' | '.join(f'{r:,}' for r in RANKS)} |")
        print("|---|---|" + "--:|" * len(RANKS))
        for kind in NETWORKS:
            for link in LINKS:
                cells = []
                for ranks in RANKS:
                    n = 1024 / ranks if strong else 64
                    times = 1 if strong else ranks  # one process makes the steps one by one
                    gained = times * alone(kind, n * ranks / times) / together(kind, link, ranks, n)
                    cells.append(f"{gained:,.1f}")
                print(f"| {kind} | {link} | {' | '.join(cells)} |")


if __name__ == "__main__":
    {"measure": measure, "step": step, "model": model}[sys.argv[1]]()
