"""What a step by blocks would take on more cores than there are, by counting.

    python benchmarks/cores.py                    # 1 to 16 cores
    python benchmarks/cores.py --wait 0.5         # µs for each thread at the end of a phase

Each phase of a step is measured by one thread.  On c cores a phase of k equal items takes the time
of ⌈k / c⌉ of them, the loss that of one thread, and each end of a phase a wait that grows with the
threads that count at one place in memory.  What is left out: cores share the last cache and the
memory, and slow down together.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

os.environ["GLASSNET_NUM_THREADS"] = "1"

import numpy as np
from works import NETWORKS, Material, Work

CORES = (1, 2, 4, 8, 16)


def phases(work: Work, repeats: int) -> list[tuple[int, float]]:
    """The number of items of each phase, and its microseconds by one thread."""
    from peers.glassnet import with_weights

    model = with_weights(Material(work))
    x = np.random.default_rng(0).standard_normal((work.batch, *work.shape)).astype(np.float32)
    y = np.arange(work.batch) % work.sizes[-1]
    model.ready(work.shape)
    with model.compiled_steps():
        for _ in range(3):
            model.train_step(x, y)
        blocks = model._blocks
        assert blocks is not None and blocks._last is not None
        made = blocks._last
        counts = np.diff(made.ends)
        taken: list[list[float]] = [[] for _ in range(made.phases + 1)]
        for _ in range(repeats):
            for phase in range(made.phases + 1):  # the last one: nothing
                made.sizes[:] = work.batch, x.ctypes.data, phase, min(phase + 1, made.phases)
                began = time.perf_counter()
                blocks._run(made, (y, made.targets[1]))
                taken[phase].append(time.perf_counter() - began)
    nothing = statistics.median(taken.pop())
    return [
        (int(count), max(0.0, statistics.median(times) - nothing) * 1e6)
        for count, times in zip(counts, taken)
    ]


def step(parts: list[tuple[int, float]], cores: int, wait: float) -> float:
    """Microseconds of a step on so many cores."""
    ends = 0.0 if cores == 1 else wait * cores * len(parts)
    return ends + sum(time * -(-count // cores) / count for count, time in parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--wait", type=float, default=0.25, help="of each thread, microseconds")
    parser.add_argument("--repeats", type=int, default=200)
    options = parser.parse_args()
    print("| network | " + " | ".join(f"cores: {c}" for c in CORES) + " | items of the phases |")
    print("|---|" + "---|" * (len(CORES) + 1))
    for work in NETWORKS:
        if work.sizes[0] != 784:
            continue
        parts = phases(work, options.repeats)
        alone = step(parts, 1, options.wait)
        cells = [f"{alone:,.0f} µs"]
        cells += [f"{alone / step(parts, c, options.wait):.1f} ×" for c in CORES[1:]]
        print(f"| {work.name} | {' | '.join(cells)} | {' '.join(str(k) for k, _ in parts)} |")


if __name__ == "__main__":
    main()
