"""How good a recipe of ``glassnet train`` is: accuracy, time and memory over several seeds.

    python benchmarks/recipes.py digits cnn best
    python benchmarks/recipes.py mnist cnn best --data-dir folder
    python benchmarks/recipes.py mnist cnn --data-dir folder --validation 0.1667 --set epochs=10

Each seed is a process of its own, one after the other: ``glassnet train`` as a user runs it.
With --validation nothing is said of the held-out samples: recipes are chosen by what part of the
training samples shows, and judged once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any


def run(data: str, network: str, seed: int, options: list[str]) -> dict[str, Any]:
    """One training: its report, the seconds of the whole command, the peak of its memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [
            sys.executable, "-m", "glassnet", "train", data, "--network", network,
            "--seed", str(seed), "--out", str(out), "--no-plots", "--quiet", "--json", *options,
        ]  # fmt: skip
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{' '.join(command)} failed")
        found: dict[str, Any] = json.loads(text)
        found["wall"] = time.perf_counter() - started
        found["peak"] = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
        rows = (out / "history.csv").read_text().splitlines()
        found["last"] = dict(zip(rows[0].split(","), map(float, rows[-1].split(","))))
        return found


def main() -> None:
    """Print a line for each seed and the means."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("data")
    parser.add_argument("networks", nargs="+")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--data-dir")
    parser.add_argument("--validation", help="choose: judge on this share of the training samples")
    parser.add_argument("--set", nargs="*", default=[], metavar="OPTION=VALUE", dest="chosen")
    given = parser.parse_args()
    options = [f"--{part}" for part in given.chosen]
    options += ["--data-dir", given.data_dir] if given.data_dir else []
    options += ["--validation", given.validation] if given.validation else []
    for network in given.networks:
        rows = []
        for seed in map(int, given.seeds.split(",")):
            found = run(given.data, network, seed, options)
            right = (
                found["last"]["val_accuracy"] if given.validation else found["held_out"]["accuracy"]
            )
            rows.append((right, found["seconds"], found["wall"], found["peak"]))
            say(f"{given.data} {network} seed {seed}", rows[-1])
        say(f"{given.data} {network} mean of {len(rows)}", [mean(part) for part in zip(*rows)])


def say(what: str, row: Any) -> None:
    """One line."""
    right, training, wall, peak = row
    print(
        f"{what:32} {right:8.2%} right, training {training:6.1f} s, whole command {wall:6.1f} s, "
        f"peak {peak:5.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
