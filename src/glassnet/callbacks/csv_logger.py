"""A row of a CSV file for each epoch."""

from __future__ import annotations

import csv
from pathlib import Path

from glassnet._core.storage import PathLike, refuse_special
from glassnet.callbacks.base import Callback, Logs


class CSVLogger(Callback):
    """Writes a row for each epoch, at once, so that a killed run leaves its numbers.

    A resumed run goes on in the same file (rows after the checkpoint are written anew).
    """

    last = True
    once = True

    def __init__(self, path: PathLike) -> None:
        self.path = Path(path)

    def on_train_begin(self) -> None:
        refuse_special(self.path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.run.history.epoch:
            self.run.history.to_csv(self.path)
        else:
            self.path.unlink(missing_ok=True)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            if new:
                table.writerow(["epoch", *logs])
            table.writerow([epoch, *(repr(float(v)) for v in logs.values())])
