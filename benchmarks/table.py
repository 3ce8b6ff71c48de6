"""The results of run.py as the Markdown of the guide Performance:  python table.py results.json"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from processes import PEERS
from works import NETWORKS

ORDER = [name for name in PEERS if name != "glassnet"]


def main() -> None:
    found = json.loads(Path(sys.argv[1]).read_text())
    rows = found["rows"]
    print(about(found))
    named = {work.name for work in NETWORKS}
    steps = [row for row in rows if row["work"] in named]
    extras = [row for row in rows if "parameters" in row and row["work"] not in named]
    images = [row for row in rows if "threads" in row]
    rest = [row for row in rows if row not in steps and row not in extras and row not in images]
    for title, chosen in (("One training step", steps), ("With additions", extras)):
        if chosen:
            print(f"\n### {title}: microseconds\n")
            table(chosen, products=True)
    for threads in sorted({row["threads"] for row in images}, reverse=True):
        for title, predicted in (("One training step", False), ("Predictions", True)):
            chosen = [row for row in images if row["threads"] == threads]
            chosen = [row for row in chosen if row["work"].startswith("predict") == predicted]
            if chosen:
                count = f"{threads} thread" + "s" * (threads > 1)
                print(f"\n### {title} with convolution, {count}: milliseconds\n")
                image_table(chosen)
    peers = [row for row in rest if set(row["times"]) - {"glassnet", "before"}]
    if peers:
        print("\n### MNIST and predictions\n")
        table(peers, products=False)
    alone = [row for row in rest if row not in peers]
    if alone:
        print("\n### glassnet alone\n\n| work | median | from … to |\n|---|---|---|")
        for row in alone:
            own = row["times"]["glassnet"]
            unit = f" {row['unit']}" if row["unit"] else ""
            ends = f"{number(own['min'])} … {number(own['max'])}{unit}"
            print(f"| {row['work']} | {number(own['median'])}{unit} | {ends} |")


def about(found: dict[str, Any]) -> str:
    machine, versions = found["machine"], dict(found["versions"])
    threads = versions.pop("threads", "?")
    names = ", ".join(f"{name} {version}" for name, version in versions.items())
    load = ", ".join(f"{value:.1f}" for value in machine["load_before"])
    return (
        f"{machine['processor']}, {machine['cores']} cores, {threads} threads; Python "
        f"{machine['python']}; {names}. Load of the machine before: {load}."
    )


def table(rows: list[dict[str, Any]], products: bool) -> None:
    """A row for each work, a column for each peer; the fastest peer against glassnet last."""
    used = [name for name in ORDER if any(name in row["times"] for row in rows)]
    heads = ["work", "glassnet", *(PEERS[name][1] for name in used)]
    heads += ["products alone", "glassnet ÷ products"] if products else []
    print("| " + " | ".join([*heads, "fastest peer ÷ glassnet"]) + " |")
    print("|---" * (len(heads) + 1) + "|")
    for row in rows:
        times = row["times"]
        own = times["glassnet"]["median"]
        unit = "" if products else f" {row['unit']}"
        cells = [row["work"], f"**{number(own)}**{unit}"]
        cells += [number(times[name]["median"]) if name in times else "–" for name in used]
        if products:
            bare = times["matrices"]["median"]
            cells += [number(bare), f"{own / bare:.2f}"]
        peers = [name for name in used if name in times and name != "before"] or ["before"]
        fastest = min(times[name]["median"] for name in peers)
        print("| " + " | ".join([*cells, f"**{fastest / own:.2f}**"]) + " |")


def image_table(rows: list[dict[str, Any]]) -> None:
    """Medians, in brackets the fastest fifth; of both the fastest peer against glassnet."""
    used = [name for name in ORDER if any(name in row["times"] for row in rows)]
    heads = ["work", "glassnet", *(PEERS[name][1] for name in used), "fastest peer ÷ glassnet"]
    print("| " + " | ".join(heads) + " |")
    print("|---" * len(heads) + "|")
    for row in rows:
        times = row["times"]
        cells = [
            f"{number(times[name]['median'])} ({number(times[name]['fifth'])})"
            if name in times else "–"
            for name in ["glassnet", *used]
        ]  # fmt: skip
        peers = [name for name in used if name in times and name != "before"] or ["before"]
        ratios = [
            min(times[name][which] for name in peers) / times["glassnet"][which]
            for which in ("median", "fifth")
        ]
        cells += ["**{:.2f}** ({:.2f})".format(*ratios)]
        print("| " + " | ".join([row["work"], f"**{cells[0]}**", *cells[1:]]) + " |")


def number(value: float) -> str:
    """Three figures, without an exponent."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


if __name__ == "__main__":
    main()
