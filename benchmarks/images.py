"""The parts of run.py about convolution: steps, predictions, LeNet on MNIST, the first step."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from processes import HERE, Peer, environment, show, spread, turns
from works import IMAGES, LENET, ImageWork, same_curve

PARTS = ["image-steps", "image-predict", "image-mnist", "image-start"]
# torch.compile takes half a minute for each network: only when it is asked for by name
PEERS = ["glassnet", "before", "torch_eager", "torch_channels_last", "jax_optax", "keras_tf",
         "keras_xla", "onnx_runtime"]  # fmt: skip
STARTS = ["784-128-10", LENET.title]
SECONDS = 0.3  # of one measurement
PREDICTIONS = [(work, rows) for work in IMAGES[:3] for rows in (1, 1000)] + [(LENET, 10_000)]
ALONE = PREDICTIONS[:4]  # those that are measured on one core, too
NOT_ALONE = ("keras_xla",)  # half a minute more a network, and behind Keras without it


def measure(
    names: list[str], parts: list[str], only: str, repeats: int, seconds: float
) -> list[dict[str, Any]]:
    """Steps and predictions, with all cores and with one; a process for each peer and both."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    rows = []
    judged: dict[str, list[float]] = {}
    for threads in sorted({cores or 1, 1}, reverse=True):
        some = [name for name in names if threads > 1 or name not in NOT_ALONE]
        peers = {name: Peer(name, threads) for name in some}
        training = {name: peer for name, peer in peers.items() if name != "onnx_runtime"}
        works = [work for work in IMAGES if "image-steps" in parts and only in work.name]
        for work in works:
            if work.title not in judged:
                judged[work.title] = judge(work)
            rows.append(steps(training, work, judged[work.title], threads, repeats, seconds))
        asked = {n: peer for n, peer in peers.items() if n not in ("torch_compiled", "keras_xla")}
        for work, count in PREDICTIONS if threads > 1 else ALONE:
            if "image-predict" in parts and only in work.name:
                rows.append(predictions(asked, work, count, threads, repeats, seconds))
        for peer in peers.values():
            peer.close()
    return rows


def judge(work: ImageWork) -> list[float]:
    """The first losses, by plain NumPy."""
    peer = Peer("numpy_book")
    losses: list[float] = peer.ask(do="prepare", work={"title": work.title})
    peer.close()
    return losses


def steps(
    peers: dict[str, Peer], work: ImageWork, expected: list[float], threads: int, repeats: int,
    seconds: float,
) -> dict[str, Any]:  # fmt: skip
    """One training step; a peer whose losses are not those of plain NumPy is not timed."""

    def ready(peer: Peer) -> None:
        losses = peer.ask(do="prepare", work={"title": work.title})
        if not same_curve(losses, expected):
            raise RuntimeError(f"other losses: {losses[-1]:.4f}, not {expected[-1]:.4f}")

    return timed(work.name, peers, ready, threads, repeats, seconds)


def predictions(
    peers: dict[str, Peer], work: ImageWork, count: int, threads: int, repeats: int, seconds: float
) -> dict[str, Any]:
    """The first answer has to be glassnet's."""
    expected: list[float] = []

    def ready(peer: Peer) -> None:
        answer = peer.ask(do="predict", work={"title": work.title}, rows=count)
        expected.extend(answer if not expected else [])
        if not same_curve(answer, expected):
            raise RuntimeError("other answers")

    name = f"predict {count:,} through {work.title}"
    return timed(name, peers, ready, threads, repeats, seconds)


def timed(
    work: str, peers: dict[str, Peer], ready: Callable[[Peer], None], threads: int, repeats: int,
    seconds: float,
) -> dict[str, Any]:  # fmt: skip
    """A row: samples of all turns together, in milliseconds."""
    able: dict[str, Peer] = {}
    notes: dict[str, str] = {}
    for name, peer in peers.items():
        try:
            ready(peer)
            able[name] = peer
        except RuntimeError as error:
            notes[name] = str(error)
    answers = turns(able, repeats, {"do": "samples", "seconds": seconds})
    times = {
        name: spread([sample / 1000 for turn in each for sample in turn])
        for name, each in answers.items()
    }
    row = {"work": work, "threads": threads, "unit": "ms", "times": times, "notes": notes}
    show(row)
    return row


def mnist(names: list[str], folder: str) -> list[dict[str, Any]]:
    """LeNet on the 60,000 images, one epoch as a user writes it, in a process of its own."""
    names = [n for n in names if n not in ("onnx_runtime", "keras_xla", "torch_compiled")]
    times: dict[str, dict[str, float]] = {}
    memory: dict[str, dict[str, float]] = {}
    notes: dict[str, str] = {}
    for name in names:
        began = time.time()
        peer = Peer(name)
        try:
            times[name] = spread([peer.ask(do="lenet", folder=folder, began=began)])
            memory[name] = spread([peer.rss])
        except RuntimeError as error:
            notes[name] = str(error)
        peer.close()
    rows = [
        {"work": "LeNet, an epoch of MNIST from the start of the process", "unit": "s",
         "times": times, "notes": notes},
        {"work": "largest memory of that process with LeNet", "unit": "MB", "times": memory,
         "notes": {}},
    ]  # fmt: skip
    for row in rows:
        show(row)
    return rows


def starts(versions: list[str], repeats: int) -> list[dict[str, Any]]:
    """Whole processes that make one step: with nothing compiled, and the next one."""
    rows: list[dict[str, Any]] = []
    for title in STARTS:
        found: list[dict[str, list[float]]] = [{}, {}]
        notes: dict[str, str] = {}
        for _ in range(repeats):
            for version in versions:
                with tempfile.TemporaryDirectory() as cache:
                    for times in found:  # the first compiles, the second finds it compiled
                        began = time.perf_counter()
                        done = subprocess.run(
                            [sys.executable, str(HERE / "first_step.py"), title],
                            env={**environment(version), "NUMBA_CACHE_DIR": cache},
                            capture_output=True, text=True,
                        )  # fmt: skip
                        spent = time.perf_counter() - began
                        if done.returncode:
                            notes[version] = done.stderr.strip().splitlines()[-1]
                        else:
                            times.setdefault(version, []).append(spent)
        words = ("first step after installing (it compiles)", "first step of the next process")
        for work, times in zip(words, found):
            spreads = {version: spread(each) for version, each in times.items()}
            row = {"work": f"{work}, {title}", "unit": "s", "times": spreads, "notes": notes}
            rows.append(row)
            show(row)
    return rows
