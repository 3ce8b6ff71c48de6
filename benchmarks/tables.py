"""glassnet's tables beside boosting and other networks, each with its defaults, in one run.

    python benchmarks/tables.py --folder FOLDER --results tables.jsonl

FOLDER holds CSV files, each with a column ``target``. Each measurement is a process of its own;
the peers take turns on each table. The error is the log loss with probabilities kept within 1e-6,
or 1 - R². What stands in the file of results already is not measured again: a run that was stopped
goes on where it was. The tables in Markdown come last; ``--report`` only prints them.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tables_report

WORKER = Path(__file__).parent / "tables_worker.py"
KINDS = {  # name → how the report calls it
    "quick": "glassnet, quick",
    "default": "glassnet",
    "best": "glassnet, best",
    "hgb": "HistGradientBoosting",
    "cat": "CatBoost",
    "lgbm": "LightGBM",
    "mlp": "scikit-learn's MLP",
    "realmlp": "RealMLP-TD",
    "tabm": "TabM-D",
}
OWN = ("quick", "default", "best")
# What the recipe was tuned on, and what confirmed it.
TUNED = ("abalone", "adult", "california", "diamonds", "german", "ionosphere", "mammography",
         "phoneme", "pima", "titanic")  # fmt: skip
CONFIRMED = ("banknote", "breast", "mpg", "sonar", "wine_white")
GRADES = ("wine_white",)  # whole numbers that are values although they are few
FEW = 20  # a target of at most so many different whole numbers is taken for classes


def main() -> None:
    args = arguments()
    results = Results(args.results)
    if not args.report:
        measure(args, results)
    found = results.chosen(args.tables, args.seeds)
    print(tables_report.report(found, KINDS, {"tuned on": TUNED, "confirmed on": CONFIRMED}))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="of CSV files")
    parser.add_argument("--results", type=Path, default=Path("tables.jsonl"))
    parser.add_argument("--kinds", help=f"comma-separated; default: all of {','.join(KINDS)}")
    parser.add_argument("--tables", help="comma-separated; also: tuned, confirmed; default: all")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument(
        "--values", default=",".join(GRADES),
        help=f"tables whose target is a value although it is at most {FEW} whole numbers",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=float, default=3600, help="seconds for one measurement")
    parser.add_argument(
        "--peers-python", default=sys.executable,
        help="the interpreter that has the peers: they may want other versions than glassnet",
    )  # fmt: skip
    parser.add_argument("--again", action="store_true", help="measure what is there already")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    args = parser.parse_args()
    there = sorted(path.stem for path in args.folder.glob("*.csv"))
    if not there:
        parser.error(f"--folder: there is no CSV file in {args.folder}")
    groups = {"tuned": TUNED, "confirmed": CONFIRMED}
    asked = args.tables.split(",") if args.tables else there
    args.tables = [name for one in asked for name in groups.get(one, (one,))]
    args.kinds = args.kinds.split(",") if args.kinds else list(KINDS)
    args.values = set(filter(None, args.values.split(",")))
    args.seeds = [int(seed) for seed in args.seeds.split(",")]
    for option, given, known in (("--kinds", args.kinds, KINDS), ("--tables", args.tables, there)):
        if wrong := [name for name in given if name not in known]:
            parser.error(f"{option}: {', '.join(wrong)}; there are {', '.join(known)}")
    return args


class Results:
    """A file of JSON lines; of two for the same measurement, the later one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[tuple[str, str, int], dict[str, Any]] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                row = json.loads(line)
                self.rows[row["kind"], row["table"], row["seed"]] = row

    def add(self, row: dict[str, Any]) -> None:
        self.rows[row["kind"], row["table"], row["seed"]] = row
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def chosen(self, tables: Iterable[str], seeds: Iterable[int]) -> list[dict[str, Any]]:
        tables, seeds = set(tables), set(seeds)
        return [r for r in self.rows.values() if r["table"] in tables and r["seed"] in seeds]


def measure(args: argparse.Namespace, results: Results) -> None:
    """Every table, seed by seed, the peers in turns."""
    orders = [
        (seed, table, kind) for seed in args.seeds for table in args.tables for kind in args.kinds
        if args.again or (kind, table, seed) not in results.rows
    ]  # fmt: skip
    began = time.perf_counter()
    for number, (seed, table, kind) in enumerate(orders):
        file = args.folder / f"{table}.csv"
        order = {
            "kind": kind, "file": str(file), "seed": seed, "threads": args.threads,
            "values": table in args.values or is_value(file),
        }  # fmt: skip
        row = {"kind": kind, "table": table, "seed": seed, "load": os.getloadavg()[0]}
        row |= one(order, sys.executable if kind in OWN else args.peers_python, args.limit)
        results.add(row)
        left = (time.perf_counter() - began) / (number + 1) * (len(orders) - number - 1)
        told = row.get("failed") or (
            f"error {row['error']:.4f}  {row['seconds']:6.1f} s  {row['memory']:5.0f} MB"
        )
        print(f"{number + 1}/{len(orders)}  seed {seed}  {table:12} {KINDS[kind]:21} {told}"
              f"   (about {left / 60:.0f} min left)", flush=True)  # fmt: skip


def is_value(file: Path) -> bool:
    """Numbers that are not whole, or more than a few different ones."""
    with file.open(newline="") as lines:
        found = {row["target"] for row in csv.DictReader(lines)}
    try:
        numbers = {float(text) for text in found if text}
    except ValueError:
        return False
    return len(numbers) > FEW or any(not number.is_integer() for number in numbers)


def one(order: dict[str, Any], python: str, limit: float) -> dict[str, Any]:
    """One measurement in a process of its own; ``failed`` says what went wrong."""
    pools = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    environment = {f"{name}_NUM_THREADS": str(order["threads"]) for name in pools}
    try:
        process = subprocess.run(
            [python, str(WORKER), json.dumps(order)], env={**os.environ, **environment},
            capture_output=True, text=True, timeout=limit, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {limit:g} s", "error": math.nan}
    lines = process.stdout.strip().splitlines()
    try:
        found: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        said = process.stderr.strip().splitlines()
        return {"failed": said[-1] if said else f"ended with {process.returncode}",
                "error": math.nan}  # fmt: skip
    return found


if __name__ == "__main__":
    main()
