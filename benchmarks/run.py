"""glassnet beside its peers, in one run: see README.md of this folder."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import growth
import images
import processes
from processes import PEERS, Peer, environment, show, spread, turns
from works import EXTRAS, NETWORKS, Work, same_curve

PREDICTION = Work((784, 50, 100, 10), 100)
GOALS = (0.97, 0.98)  # shares of the 10,000 test images


def steps(
    names: list[str], works: list[Work], repeats: int, seconds: float
) -> list[dict[str, Any]]:
    """One training step of each network."""
    rows = []
    for work in works:
        settings = {"sizes": work.sizes, "batch": work.batch, "extra": work.extra}
        judge = Peer("numpy_book")
        expected = judge.ask(do="prepare", work=settings)
        judge.close()
        ready: dict[str, Peer] = {}
        notes: dict[str, str] = {}
        for name in [*names, "matrices"]:
            peer = Peer(name)
            try:
                losses = peer.ask(do="prepare", work=settings)
                seeded = work.extra == "dropout"  # every peer drops others
                if losses and not seeded and not same_curve(losses, expected):
                    raise RuntimeError(f"other losses: {losses[-1]:.4f}, not {expected[-1]:.4f}")
                ready[name] = peer
            except RuntimeError as error:
                notes[name] = str(error)
                peer.close()
        times = turns(ready, repeats, {"do": "time", "seconds": seconds})
        for peer in ready.values():
            peer.close()
        row = {"work": work.name, "parameters": work.parameters, "unit": "µs",
               "times": {n: spread(t) for n, t in times.items()}, "notes": notes}  # fmt: skip
        rows.append(row)
        show(row)
    return rows


def predictions(names: list[str], repeats: int, seconds: float) -> list[dict[str, Any]]:
    """One sample, and ten thousand."""
    rows = []
    settings = {"sizes": PREDICTION.sizes, "batch": PREDICTION.batch}
    for count in (1, 10_000):
        ready: dict[str, Peer] = {}
        notes: dict[str, str] = {}
        answers: dict[str, list[float]] = {}
        for name in names:
            peer = Peer(name)
            try:
                answers[name] = peer.ask(do="predict", work=settings, rows=count)
                ready[name] = peer
            except RuntimeError as error:
                notes[name] = str(error)
                peer.close()
        times = turns(ready, repeats, {"do": "time", "seconds": seconds})
        for name, peer in ready.items():
            if not same_curve(answers[name], answers["glassnet"]):
                notes[name] = "other answers"
            peer.close()
        row = {"work": f"predict {count:,} through {PREDICTION.name}", "unit": "µs",
               "times": {n: spread(t) for n, t in times.items()}, "notes": notes}  # fmt: skip
        rows.append(row)
        show(row)
    return rows


def mnist(names: list[str], folder: str, repeats: int) -> list[dict[str, Any]]:
    """An epoch of MNIST as a user writes it, the largest memory of that process; and, with 256
    hidden units, the time from its start until the test set is answered as well as the goals."""
    names = [name for name in names if name not in ("numpy_book", "onnx_runtime")]
    rows = [
        {"work": "one epoch of MNIST 784-128-10, batch 128", "unit": "s", "times": {}, "notes": {}},
        {"work": "largest memory of that process", "unit": "MB", "times": {}, "notes": {}},
        *({"work": f"from process start to {goal:.0%} on MNIST's test set, 784-256-10", "unit": "s",
           "times": {}, "notes": {}} for goal in GOALS),
    ]  # fmt: skip
    found: dict[str, list[list[float]]] = {}

    def train(name: str, row: dict[str, Any], **order: Any) -> tuple[Any, float]:
        began = time.time()
        peer = Peer(name)
        try:
            return peer.ask(do="epochs", folder=folder, began=began, **order), peer.rss
        except RuntimeError as error:
            row["notes"][name] = str(error)
            return None, 0.0
        finally:
            peer.close()

    for _ in range(repeats):
        for name in names:
            epochs, rss = train(name, rows[0], hidden=128, goal=2.0, most=3)
            if epochs:
                found.setdefault(name, []).append([min(t for t, _, _ in epochs[1:]), rss])
    for i, row in enumerate(rows[:2]):
        row["times"] = {name: spread([run[i] for run in runs]) for name, runs in found.items()}
        show(row)
    reached: dict[str, list[list[float]]] = {}
    for _ in range(max(1, repeats // 2)):
        for name in names:
            epochs, _ = train(name, rows[-1], hidden=256, goal=GOALS[-1], most=20)
            over = [next((t for _, t, a in epochs or [] if a >= g), None) for g in GOALS]
            if None in over:
                rows[-1]["notes"][name] = "not reached in 20 epochs"
            else:
                reached.setdefault(name, []).append(over)
                rows[-1]["notes"][name] = f"epochs: {len(epochs)}"
    for i, row in enumerate(rows[2:]):
        row["times"] = {name: spread([run[i] for run in runs]) for name, runs in reached.items()}
        show(row)
    return rows


def grown(repeats: int) -> list[dict[str, Any]]:
    """glassnet alone: does its time grow faster than the work, its memory with the table?"""
    rows = []
    for what, (small, large) in growth.TRAININGS.items():
        ratios = []
        for _ in range(repeats):
            ends = []
            for settings in (small, large):
                peer = Peer("glassnet")
                seconds, each = peer.ask(do="fit", **settings)
                ends.append((seconds, each * settings["rows"]))
                peer.close()
            (a, work_a), (b, work_b) = ends
            ratios.append((b / a) / (work_b / work_a))
        rows.append({"work": f"{what}: growth of the time, that of the work being 1", "unit": "",
                     "times": {"glassnet": spread(ratios)}, "notes": {}})  # fmt: skip
        show(rows[-1])
    for length in growth.TABLES:
        peer = Peer("glassnet")
        used, size = peer.ask(do="table", rows=length)
        peer.close()
        rows.append({"work": f"memory to train on a Parquet table of {size:.0f} MB", "unit": "MB",
                     "times": {"glassnet": spread([used])}, "notes": {}})  # fmt: skip
        show(rows[-1])
    return rows


def starts(repeats: int, versions: list[str]) -> list[dict[str, Any]]:
    """Whole processes: import, help, a first run that compiles, a second run."""
    run = [sys.executable, "-m", "glassnet", "train", "spiral", "--quiet"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import glassnet": [sys.executable, "-c", "import glassnet"],
        "glassnet --help": [sys.executable, "-m", "glassnet", "--help"],
        "glassnet train spiral, second run": run,
        "glassnet train digits, first run after installing (it compiles)": [*run[:4], "digits"],
    }
    rows = []
    for work, command in commands.items():
        first = "first" in work
        found: dict[str, list[float]] = {version: [] for version in versions}
        with tempfile.TemporaryDirectory() as folder:
            for i in range(2 if first else repeats + 1):
                for version in versions:
                    cache = {"NUMBA_CACHE_DIR": f"{folder}/{version}{i}"} if first else {}
                    began = time.perf_counter()
                    subprocess.run(
                        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                        check=True, env={**environment(version), **cache},
                    )  # fmt: skip
                    if i or first:
                        found[version].append(time.perf_counter() - began)
        times = {version: spread(each) for version, each in found.items()}
        row = {"work": work, "unit": "s", "times": times, "notes": {}}
        rows.append(row)
        show(row)
    return rows


def machine() -> dict[str, Any]:
    """What it ran on."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0].partition(":")[2].strip() if names else model
    return {
        "processor": model, "cores": os.cpu_count(), "system": platform.platform(),
        "python": platform.python_version(), "load_before": os.getloadavg(),
        "threads": {k: v for k, v in os.environ.items() if k.endswith("_NUM_THREADS")},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ["steps", "extras", "predict", "mnist", "start", "growth", *images.PARTS]
    parser.add_argument(
        "parts", nargs="*", choices=[*parts, "images", []],
        help="default: all; images: all that begin with it",
    )  # fmt: skip
    parser.add_argument("--peers", help="comma-separated; default: all that are installed")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--seconds", type=float, help=f"of one measurement: 0.5, with images {images.SECONDS}"
    )
    parser.add_argument("--data-dir", help="folder with the MNIST files, for the two 'mnist'")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="of the steps, the networks named so"
    )
    parser.add_argument(
        "--before", type=Path, help="a checkout of another version, as one peer more"
    )
    parser.add_argument("--json", type=Path, help="write the results here")
    parser.add_argument("--plot", type=Path, help="draw the steps here")
    args = parser.parse_args()
    seconds = args.seconds or 0.5
    processes.before = args.before and args.before.resolve()
    own = ["glassnet"] if args.before is None else ["glassnet", "before"]
    chosen = args.parts or [p for p in parts if "mnist" not in p or args.data_dir]
    if "images" in chosen:
        chosen += [p for p in images.PARTS if p != "image-mnist" or args.data_dir]
    if not args.data_dir and {"mnist", "image-mnist"} & set(chosen):
        parser.error("'mnist' needs --data-dir, a folder with the MNIST files")
    wanted = args.peers.split(",") if args.peers else list(PEERS)
    unknown = [name for name in wanted if name not in PEERS]
    if unknown:
        parser.error(f"--peers: {', '.join(unknown)}; there are {', '.join(PEERS)}")
    names = own + [n for n in wanted if n not in ("glassnet", "before")]
    missing = [n for n in names if importlib.util.find_spec(PEERS[n][0]) is None]
    names = [n for n in names if n not in missing]
    for name in missing:
        print(f"missing: {PEERS[name][1]} (not installed)")
    about: dict[str, Any] = {"machine": machine(), "missing": missing, "versions": {}}
    for name in names:
        peer = Peer(name)
        if name != "before":
            about["versions"] |= peer.ask(do="versions")
        peer.close()
    print(json.dumps(about, indent=1))
    rows: list[dict[str, Any]] = []
    dense = [n for n in names if n not in ("torch_channels_last", "keras_xla")]
    training = [n for n in dense if n != "onnx_runtime"]
    if "steps" in chosen:
        works = [work for work in NETWORKS if args.only in work.name]
        rows += steps(training, works, args.repeats, seconds)
    if "extras" in chosen:
        works = [work for work in EXTRAS if args.only in work.name]
        rows += steps(training, works, args.repeats, seconds)
    if "predict" in chosen:
        rows += predictions([n for n in dense if n != "numpy_book"], args.repeats, seconds)
    if "mnist" in chosen:
        rows += mnist(dense, args.data_dir, args.repeats)
    if "start" in chosen:
        rows += starts(args.repeats, own)
    if "growth" in chosen:
        rows += grown(args.repeats)
    asked = [*images.PEERS, *wanted] if args.peers else images.PEERS
    over = [n for n in names if n in asked and n not in ("sklearn_mlp", "numpy_book")]
    if {"image-steps", "image-predict"} & set(chosen):
        rows += images.measure(
            over, chosen, args.only, args.repeats, args.seconds or images.SECONDS
        )
    if "image-mnist" in chosen:
        rows += images.mnist(over, args.data_dir)
    if "image-start" in chosen:
        rows += images.starts(own, 2)
    if args.json:
        args.json.write_text(json.dumps({**about, "rows": rows}, indent=1, ensure_ascii=False))
    if args.plot:
        from picture import draw

        draw([row for row in rows if "parameters" in row], args.plot)


if __name__ == "__main__":
    main()
