"""The process of one peer: a line of JSON in is an order, a line out its answer.

python worker.py torch
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import growth
from works import ImageWork, Material, as_work


def main(name: str) -> None:
    answer = sys.stdout
    sys.stdout = sys.stderr  # what a library prints must not be taken for an answer
    peer: Any = importlib.import_module(f"peers.{name}")
    current: Any = None
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if order["do"] == "versions":
                result: Any = peer.versions()
            elif order["do"] == "prepare":
                current = None
                work = as_work(order["work"])
                current = of(peer, "Steps", work)(Material(work))
                result = current.losses()  # all batches once: also the warm-up
            elif order["do"] == "time":
                result = timed(current.run, order["seconds"])
            elif order["do"] == "samples":
                result = samples(current.run, order["seconds"])
            elif order["do"] == "predict":
                current = None
                work = as_work(order["work"])
                current = of(peer, "Prediction", work)(Material(work), order["rows"])
                current.run(3)
                result = current.answer()
            elif order["do"] == "epochs":
                result = mnist(peer, **order)
            elif order["do"] == "lenet":
                peer.MnistLenet(order["folder"]).epoch()
                result = time.time() - order["began"]
            elif order["do"] == "fit":
                result = growth.seconds(**order)
            elif order["do"] == "table":
                result = growth.table_memory(**order)
            else:
                raise ValueError(order)
            text = json.dumps({"ok": result, "rss": peak()})
        except Exception:
            text = json.dumps({"error": traceback.format_exc(limit=4)})
        print(text, file=answer, flush=True)


def of(peer: Any, what: str, work: Any) -> Any:
    """The peer's class for images where it has one of its own."""
    own = getattr(peer, f"Image{what}", None)
    return own if own and isinstance(work, ImageWork) else getattr(peer, what)


def timed(run: Any, seconds: float) -> float:
    """Microseconds for one repetition, over about ``seconds``."""
    count = 1
    while True:
        began = time.perf_counter()
        run(count)
        spent = time.perf_counter() - began
        if spent > seconds / 4:
            break
        count *= 2
    count = max(1, round(count * seconds / spent))
    began = time.perf_counter()
    run(count)
    return (time.perf_counter() - began) / count * 1e6


def samples(run: Any, seconds: float) -> list[float]:
    """Microseconds for one repetition, ten times within about ``seconds`` if it is short."""
    count, spent = 1, 0.0
    while spent < seconds / 20:
        count = count * 2 if spent else 1
        began = time.perf_counter()
        run(count)
        spent = time.perf_counter() - began
    count = max(1, round(count * seconds / 10 / spent))
    found: list[float] = []
    end = time.perf_counter() + seconds
    while not found or time.perf_counter() < end:
        began = time.perf_counter()
        run(count)
        found.append((time.perf_counter() - began) / count * 1e6)
    return found


def mnist(
    peer: Any, folder: str, hidden: int, began: float, goal: float, most: int, **order: Any
) -> list[tuple[float, float, float]]:
    """Epochs until the test set is answered as well as ``goal``, at most ``most``.

    Of each: how long it took, when it was over, in seconds since the process was started at
    ``began``, and the accuracy on the test set.
    """
    training = peer.Mnist(folder, hidden)
    found: list[tuple[float, float, float]] = []
    while len(found) < most and (not found or found[-1][2] < goal):
        start = time.perf_counter()
        training.epoch()
        seconds = time.perf_counter() - start
        accuracy = training.accuracy()
        found.append((seconds, time.time() - began, accuracy))
    return found


def peak() -> float:
    """The largest memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1])
