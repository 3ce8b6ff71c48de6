"""A training run for a notebook: its curves, its numbers, what went wrong."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from glassnet._core import notebook
from glassnet.metrics import higher_is_better

if TYPE_CHECKING:
    from glassnet.training.history import History

PICTURES = 4  # more names than this are in the table only


def render(history: History) -> str:
    """The whole run."""
    count = len(history.epoch)
    words = f"{count} epoch{'' if count == 1 else 's'} in {history.seconds:.2f} s"
    parts = [f"<h3>{words}</h3>"]
    if history.stopped:
        parts.append(f"<p>Ended early: {escape(history.stopped)}.</p>")
    if count:
        parts += [_pictures(history), _numbers(history)]
    if history.diagnosis is not None:
        parts.append(history.diagnosis.to_html())
    return notebook.block("".join(parts))


def _pictures(history: History) -> str:
    """One for each name, with its twin on the validation data."""
    found = history.history
    names = dict.fromkeys(n.removeprefix("val_") for n in found if not n.startswith("train_"))
    epochs = [epoch + 1 for epoch in history.epoch]
    pictures = []
    for name in [n for n in names if n != "learning_rate"][:PICTURES]:
        lines = {"training": found.get(name), "validation": found.get(f"val_{name}")}
        drawn = {side: line for side, line in lines.items() if line is not None}
        pictures.append(notebook.curves(name, epochs, drawn, "epoch"))
    return "".join(pictures)


def _numbers(history: History) -> str:
    rows = []
    for name, values in history.history.items():
        best, where = "", ""
        finite = [i for i, v in enumerate(values) if math.isfinite(v)]
        if finite and name != "learning_rate":
            i = (max if higher_is_better(name) else min)(finite, key=values.__getitem__)
            best, where = f"{values[i]:.4g}", str(history.epoch[i] + 1)
        rows.append((name, f"{values[0]:.4g}", best, where, f"{values[-1]:.4g}"))
    return notebook.table(("", "first", "best", "in epoch", "last"), rows)
