"""A table larger than memory: rows a second, and the peak memory of the process.

    python benchmarks/large_table.py --rows 10000000

The table is made first, in another process: ten columns of numbers, four of categories, one with
gaps, as a folder of ten Parquet files or (``--csv``) as one CSV file. Then it is looked over once
and learned from once, each network seeing each row but those of its fold, and judged on rows that
were held out: by what it could have known at best as well.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

PIECE = 100_000  # rows that are made at a time
FILES = 10


def made(rows: int, number: int) -> dict[str, Any]:
    """Some rows: whether a customer comes back, by p = 1/(1 + e⁻ᶻ)."""
    rng = np.random.default_rng(number)
    x = rng.standard_normal((rows, 10)).astype(np.float32)
    x[:, 1] = np.exp(x[:, 1])
    x[:, 2] = np.round(40 + 15 * x[:, 2])
    codes = rng.integers(0, (4, 12, 30, 60), (rows, 4))
    z = (
        np.sin(2 * x[:, 0]) + 0.7 * np.log(x[:, 1]) * (codes[:, 0] % 2 * 2 - 1)
        - 0.5 * (codes[:, 1] > 7) + 0.4 * x[:, 3] * x[:, 4] + 0.02 * (x[:, 2] - 40)
    )  # fmt: skip
    p = 1 / (1 + np.exp(-2 * z))
    columns: dict[str, Any] = {f"number {i}": x[:, i] for i in range(10)}
    columns["number 9"] = np.where(rng.random(rows) < 0.05, np.nan, x[:, 9])
    for i in range(4):
        names = np.array([f"{'abcd'[i]}{k}" for k in range(60)])
        columns[f"category {i}"] = names[codes[:, i]]
    return {**columns, "back": np.where(rng.random(rows) < p, "yes", "no"), "p": p}


def make(path: Path, rows: int, as_csv: bool) -> float:
    """Write the table; the mean log loss of who knows p."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    writer: Any = None
    best, pieces = [], -(-rows // PIECE)
    if not as_csv:
        path.mkdir()
    for number in range(pieces):
        columns = made(min(PIECE, rows - number * PIECE), number)
        p = columns.pop("p")
        best.append(float(np.mean(-p * np.log(p) - (1 - p) * np.log1p(-p))))
        table = pa.table({n: pa.array(v, from_pandas=True) for n, v in columns.items()})
        if as_csv:
            writer = writer or pa.csv.CSVWriter(path, table.schema)
        elif number % max(1, pieces // FILES) == 0:
            if writer is not None:
                writer.close()
            file = path / f"part-{number:05}.parquet"
            writer = pa.parquet.ParquetWriter(file, table.schema)
        writer.write_table(table)
    writer.close()
    return float(np.mean(best))


def learn(path: Path, effort: str, verbose: int) -> None:
    """The row of the benchmark."""
    from glassnet.data import TableBatches
    from glassnet.tabular import fit_stream

    class Counted(TableBatches):
        drawn = 0

        def numbered(self, *args: Any, **settings: Any) -> Any:
            for batch in super().numbered(*args, **settings):
                self.drawn += len(batch.rows)
                yield batch

    size = sum(f.stat().st_size for f in path.rglob("*")) if path.is_dir() else path.stat().st_size
    began = time.perf_counter()
    batches = Counted(
        path,
        "back",
        batch_size=8192,
        held_out=0.2,
        missing="fill",
        scaling="robust",
        scale_target=True,
        unknown="zeros",
    )
    looking = time.perf_counter() - began
    after, began, busy = peak(), time.perf_counter(), time.process_time()
    fitted = fit_stream(batches, effort=effort, verbose=verbose)
    seconds, processor = time.perf_counter() - began, time.process_time() - busy
    rows = batches.drawn
    sample = batches.sample
    assert sample is not None and sample.x_test is not None and sample.y_test is not None
    fitted.model.predict(sample.x_test[:100])  # compiles
    began = time.perf_counter()
    p = fitted.model.predict(sample.x_test)
    predicting = len(p) / (time.perf_counter() - began)
    chosen = np.clip(p[np.arange(len(p)), sample.y_test], 1e-6, 1)
    print(
        f"{batches.n_samples:,} rows of {path.name} ({size / 1e6:,.0f} MB), {effort}, load "
        f"{os.getloadavg()[0]:.1f}\n"
        f"looked over in {looking:.1f} s: {batches.n_samples / looking:,.0f} rows/s, "
        f"{after:.0f} MB\n"
        f"learned from {rows:,} rows in {seconds:.1f} s ({processor:.1f} s of processor time): "
        f"{rows / seconds:,.0f} rows/s, {rows / processor:,.0f} a second of one core\n"
        f"log loss of {len(p):,} rows held out: {-np.log(chosen).mean():.4f}; predicted "
        f"{predicting:,.0f} rows/s\n"
        f"peak memory of the process: {peak():.0f} MB",
        flush=True,
    )


def peak() -> float:
    """The largest memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--effort", default="default", help="quick, default or best")
    parser.add_argument("--csv", action="store_true", help="one CSV file")
    parser.add_argument("--progress", action="store_true")
    parser.add_argument("--keep", type=Path, help="the table; made if it is not there")
    parser.add_argument("--only", choices=("make", "learn"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only == "make":
        print(f"log loss of who knows p: {make(args.keep, args.rows, args.csv):.4f}", flush=True)
        return
    if args.only == "learn":
        learn(args.keep, args.effort, int(args.progress))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = args.keep or Path(folder) / ("table.csv" if args.csv else "table")
        for part in ("make", "learn"):
            if part == "make" and path.exists():
                continue
            command = [sys.executable, __file__, *sys.argv[1:], "--only", part, "--keep", path]
            subprocess.run(list(map(str, command)), check=True)


if __name__ == "__main__":
    main()
