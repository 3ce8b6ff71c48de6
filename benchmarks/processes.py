"""Peers in processes of their own, their turns, and their times as lines."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
before: Path | None = None  # a checkout of another version of glassnet, to be compared with
PEERS = {  # name → (module that must be there, how the table calls it)
    "glassnet": ("glassnet", "glassnet"),
    "before": ("glassnet", "glassnet before"),
    "torch_eager": ("torch", "PyTorch"),
    "torch_channels_last": ("torch", "PyTorch, channels last"),
    "torch_compiled": ("torch", "torch.compile"),
    "jax_optax": ("optax", "JAX"),
    "keras_tf": ("keras", "Keras"),
    "keras_xla": ("keras", "Keras, XLA"),
    "sklearn_mlp": ("sklearn", "scikit-learn"),
    "numpy_book": ("numpy", "NumPy, as in books"),
    "onnx_runtime": ("onnxruntime", "ONNX Runtime"),
}


POOLS = ("OMP", "OPENBLAS", "MKL", "NUMBA")


class Peer:
    """A process that waits for orders; on ``threads`` cores only, if that is said."""

    def __init__(self, name: str, threads: int | None = None) -> None:
        self.name = name
        module = "glassnet" if name == "before" else name
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), module],
            env=environment(name, threads), preexec_fn=threads and partial(stay_on, threads),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.rss = 0.0

    def ask(self, **order: Any) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name}: its process ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"].strip().splitlines()[-1])
        self.rss = answer["rss"]
        return answer["ok"]

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def stay_on(cores: int) -> None:
    """What the libraries count when they make their threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def environment(name: str, threads: int | None = None) -> dict[str, str]:
    """Where a peer finds its modules: the version before in its own checkout and cache."""
    found = dict(os.environ)
    if threads:
        found |= {f"{name}_NUM_THREADS": str(threads) for name in POOLS}
    if name == "before" and before is not None:
        cache = str(before / ".numba_cache")
        found |= {"PYTHONPATH": str(before / "src"), "NUMBA_CACHE_DIR": cache}
    return found


def turns(peers: dict[str, Peer], count: int, ask: dict[str, Any]) -> dict[str, list[Any]]:
    """The answers of the peers one after the other, ``count`` times; never two at once."""
    answers: dict[str, list[Any]] = {name: [] for name in peers}
    for _ in range(count):
        for name, peer in peers.items():
            time.sleep(0.05)  # the other's threads stop spinning
            answers[name].append(peer.ask(**ask))
    return answers


def spread(values: list[float]) -> dict[str, float]:
    fifth = sorted(values)[(len(values) - 1) // 5]
    return {"median": statistics.median(values), "fifth": fifth,
            "min": min(values), "max": max(values)}  # fmt: skip


def show(row: dict[str, Any]) -> None:
    """The row at once, so that a long run can be followed."""
    own = row["times"].get("glassnet", {}).get("median")
    threads = f", threads: {row['threads']}" if "threads" in row else ""
    print(f"\n{row['work']}{threads}")
    for name, found in sorted(row["times"].items(), key=lambda item: item[1]["median"]):
        ratio = f"{found['median'] / own:6.2f} ×" if own else ""
        fifth = f"  fastest fifth {found['fifth']:.4g}" if "threads" in row else ""
        label = PEERS.get(name, ("", "matrix products alone"))[1]
        print(f"  {label:22} {found['median']:10.4g} {row['unit']:3} {ratio}   "
              f"[{found['min']:.4g} … {found['max']:.4g}]{fifth}")  # fmt: skip
    for name, note in row["notes"].items():
        print(f"  {PEERS.get(name, ('', name))[1]:22} {note}")
    sys.stdout.flush()
