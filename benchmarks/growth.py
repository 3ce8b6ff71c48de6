"""How glassnet's time and memory grow with the work: parameters, samples, depth, a long table."""

from __future__ import annotations

import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

# what grows: (how often as much work, the smaller, the larger); sizes, rows, batch size
TRAININGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "parameters × 97": (
        {"sizes": (100, 30, 10), "rows": 10_000}, {"sizes": (1000, 320, 10), "rows": 10_000},
    ),
    "samples × 100": (
        {"sizes": (20, 32, 3), "rows": 2_000}, {"sizes": (20, 32, 3), "rows": 200_000},
    ),
    "depth × 10": (
        {"sizes": (64, *[64] * 3, 10), "rows": 10_000},
        {"sizes": (64, *[64] * 30, 10), "rows": 10_000},
    ),
}  # fmt: skip
COLUMNS = 40
TABLES = (50_000, 500_000)  # rows: 8 and 80 MB as float32


def seconds(sizes: tuple[int, ...], rows: int, **order: Any) -> tuple[float, int]:
    """Of an epoch through ``fit``, in batches of 100; and the multiplications of a sample."""
    from glassnet import Sequential, layers

    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, sizes[0])).astype(np.float32)
    y = rng.integers(0, sizes[-1], rows)
    stack: list[Any] = [layers.Dense(units, "relu") for units in sizes[1:-1]]
    model = Sequential([*stack, layers.Dense(sizes[-1], "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x[:200], y[:200], batch_size=100, verbose=0)
    began = time.perf_counter()
    model.fit(x, y, batch_size=100, verbose=0)
    return time.perf_counter() - began, sum(p * q for p, q in pairwise(sizes))


def table_memory(rows: int, **order: Any) -> tuple[float, float]:
    """Megabytes that an epoch over a Parquet table adds to the process, and of the table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from glassnet import Sequential, data, layers

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.parquet"
        rng = np.random.default_rng(0)
        writer: Any = None
        for _ in range(rows // 50_000):
            part = rng.standard_normal((50_000, COLUMNS)).astype(np.float32)
            columns = {f"x{i}": part[:, i] for i in range(COLUMNS)}
            made = pa.table(columns | {"y": (part[:, 0] > 0).astype(np.int64)})
            writer = writer or pq.ParquetWriter(path, made.schema)
            writer.write_table(made, row_group_size=10_000)
        writer.close()
        before = resident()
        batches = data.ParquetBatches(path, target="y", batch_size=256, buffer_rows=8192)
        model = Sequential([layers.Dense(32, "relu"), layers.Dense(2, "softmax")], seed=0)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(batches, verbose=0)
        return peak() - before, rows * COLUMNS * 4 / 1e6


def resident() -> float:
    """Megabytes of this process now; its peak is set back to it."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def peak() -> float:
    """The most megabytes since :func:`resident`."""
    return _status("VmHWM")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024
