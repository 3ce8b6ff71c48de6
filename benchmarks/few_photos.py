"""What a start from another network is worth with few photos: with and without, by their number.

    python benchmarks/few_photos.py --seeds 0,1,2
    python benchmarks/few_photos.py --each 20 --set frozen_epochs=0

A network learns to tell eight drawn figures apart, of 250 photos each (see drawn_photos.py). Then
eight others are learned from few: by a network of their own, and by one that starts from the first.
Both are judged on 25 other photos of each figure. Each line is one training by the recipe of
``glassnet train``, in this process.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

import drawn_photos

from glassnet.runs import work
from glassnet.runs.recipes import settings_for

KINDS = list(drawn_photos.FIGURES)
FIRST, OTHERS = KINDS[:8], KINDS[8:]
JUDGED = 25


def run(folder: Path, test: Path, out: Path, **given: Any) -> tuple[float, float]:
    """The share of right answers, and the seconds of training."""
    settings = settings_for(str(folder), {"test": str(test), **given})
    report = work.train(settings, out, verbose=0, plots=False).report
    return report["held_out"]["accuracy"], report["seconds"]


def main() -> None:
    """Print a line for each training and the means."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--each", default="10,20,50")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--source", help="a run to start from; it is trained if it is not there")
    parser.add_argument("--only", choices=["start", "none"])
    parser.add_argument("--set", nargs="*", default=[], metavar="SETTING=VALUE", dest="chosen")
    given = parser.parse_args()
    pairs = (each.split("=") for each in given.chosen)
    chosen = {name: float(value) if "." in value else int(value) for name, value in pairs}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        test = root / "test"
        drawn_photos.write(test, OTHERS, JUDGED, given.side, seed=1000)
        source = Path(given.source or root / "source")
        if not source.exists():
            drawn_photos.write(root / "first", FIRST, 250, given.side, seed=2000)
            drawn_photos.write(root / "first_test", FIRST, JUDGED, given.side, seed=3000)
            right, took = run(root / "first", root / "first_test", source)
            print(f"the network to start from: {right:.2%} right, {took:.1f} s", flush=True)
        for each in map(int, given.each.split(",")):
            found: dict[str, list[float]] = {}
            for seed in map(int, given.seeds.split(",")):
                photos = root / f"{each}-{seed}"
                drawn_photos.write(photos, OTHERS, each, given.side, seed)
                for start in (None, str(source)):
                    name = "none" if start is None else "start"
                    if given.only in (None, name):
                        more = chosen if start else {}
                        right, took = run(
                            photos, test, root / f"{name}-{each}-{seed}", seed=seed, start=start,
                            **more,
                        )  # fmt: skip
                        found.setdefault(name, []).append(right)
                        line = f"{each:3} photos, seed {seed}, {name:5}  {right:7.2%}"
                        print(f"{line}  {took:5.1f} s", flush=True)
            for name, shares in found.items():
                print(f"{each:3} photos, {name:5}  mean {mean(shares):7.2%} "
                      f"({min(shares):.1%} … {max(shares):.1%})", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
