"""What a training run measured, epoch by epoch."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from glassnet._core.storage import PathLike, write_text


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

    def append(self, epoch: int, logs: dict[str, float]) -> None:
        """Add the numbers of one epoch; a name that is new is NaN for those before."""
        for name in logs:
            self.history.setdefault(name, [float("nan")] * len(self.epoch))
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
        from glassnet.training.history_html import render

        return render(self)
