"""What a training run measured, epoch by epoch."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, KeysView
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any

from glassnet._core import notebook
from glassnet._core.habits import missing_attribute, unknown
from glassnet._core.storage import PathLike, write_text
from glassnet.metrics import higher_is_better

PICTURES = 4  # of a run in a notebook; more names than this are in the table only


@dataclass
class History:
    """The numbers of each epoch.

    Attributes:
        history: name → one number for each epoch: ``loss``, ``accuracy``, ``val_loss`` …
            ``loss`` is the mean over the epoch's batches, each measured before its update,
            as Keras does; ``train_loss`` (on request) that of the whole training set after
            the epoch.
        epoch: the epochs' numbers, counted from 0.
        seconds: how long training took.
        stopped: why it ended before its last epoch, in words; empty if it did not.
        diagnosis: what went wrong and what to try, as measured.
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    epoch: list[int] = field(default_factory=list)
    seconds: float = 0.0
    stopped: str = ""
    diagnosis: Any = None

    def __getitem__(self, name: str) -> list[float]:
        """``history["loss"]``: one number for each epoch."""
        if name not in self.history:
            raise KeyError(unknown("measured number", name, self.history))
        return self.history[name]

    def __getattr__(self, name: str) -> Any:
        """Says what to write for a name that there is not."""
        if name in self.__dict__.get("history", {}):
            text = f"'History' object has no attribute {name!r}: history[{name!r}] has its numbers."
            raise AttributeError(text)
        raise missing_attribute(self, "history", name, [f.name for f in fields(self)])

    def __iter__(self) -> Iterator[str]:
        """The names of what was measured, as of a dict."""
        return iter(self.history)

    def keys(self) -> KeysView[str]:
        """The names of what was measured."""
        return self.history.keys()

    def __contains__(self, name: object) -> bool:
        return name in self.history

    def append(self, epoch: int, logs: dict[str, float]) -> None:
        """Add the numbers of one epoch; a name that is new is NaN for those before."""
        for name in logs:
            if name not in self.history:
                self.history[name] = [float("nan")] * len(self.epoch)
        self.epoch.append(epoch)
        for name, values in self.history.items():
            values.append(logs.get(name, float("nan")))

    def to_csv(self, path: PathLike) -> None:
        """Write a table with a row for each epoch."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["epoch", *self.history])
        for i, epoch in enumerate(self.epoch):
            table.writerow([epoch, *(repr(values[i]) for values in self.history.values())])
        write_text(path, text.getvalue())

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.history.items())
        return f"History({len(self.epoch)} epochs; last: {last or 'none'})"

    def _repr_html_(self) -> str:
        return _html(self)


# ---- for a notebook ------------------------------------------------------------------------


def _html(history: History) -> str:
    """The whole run: its curves, its numbers, what went wrong."""
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
