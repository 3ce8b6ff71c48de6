"""Looking at a training run while it goes on, and saying at its end what went wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.callbacks.base import Callback, Logs
from glassnet.diagnosis.examiner import Examiner
from glassnet.diagnosis.report import Diagnosis


class Diagnosing(Callback):
    """Fills ``history.diagnosis``; ``fit`` adds it to every run.

    It looks at 256 of the samples before the first update, then at the end of an epoch each
    time that the number of updates has doubled, and at the end.  Each time costs as much as a
    few updates.  It draws no random number and changes nothing, and no failure of its own
    ends a training.
    """

    FIRST = 100  # updates before the second time; 0.3 ms each for small networks

    def __init__(
        self, x: Array | None = None, y: Array | None = None, weights: Array | None = None
    ) -> None:
        self.arrays = None if x is None or y is None else (x, y, weights)
        self.examiner: Examiner | None = None
        self._resumed: dict[str, Any] | None = None

    def see(self, x: Array, y: Array, weights: Array | None) -> None:
        """The first batch of a run whose data come in batches stands for all of them."""
        if self.arrays is None:
            copies = (np.array(x), np.array(y), None if weights is None else np.array(weights))
            self.arrays = copies
            self._examine()

    def on_train_begin(self) -> None:
        if self.arrays is not None:
            self._examine()

    def _examine(self) -> None:
        assert self.arrays is not None
        model: Any = self.model
        try:
            self.examiner = Examiner(model, *self.arrays)
            self.examiner.measurements.penalties.append(self.model.penalty())
            if self._resumed is not None:
                self.examiner.measurements.take(self._resumed)
            else:
                self.examiner.measurements.begins = self.run.epoch
                self.examiner.measure(self.run.epoch)
        except Exception:  # a diagnosis must never end a training
            self.examiner = None

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if self.examiner is None:
            return
        self.examiner.measurements.penalties.append(self.model.penalty())
        taken, steps = self.examiner.measurements.snapshots, self.model.optimizer.steps
        if steps - taken[0].steps >= max(self.FIRST, 2 * (taken[-1].steps - taken[0].steps)):
            self._measure(epoch + 1, trial=False)

    def _measure(self, epoch: int, trial: bool = True) -> None:
        assert self.examiner is not None
        try:
            self.examiner.measure(epoch, trial)
        except Exception:
            self.examiner = None

    def on_train_end(self) -> None:
        if self.examiner is not None:
            self._measure(self.run.epoch, trial=self.run.diverged is None)
        try:
            diagnosis = self.diagnose()
        except Exception:
            diagnosis = Diagnosis()
        self.run.history.diagnosis = diagnosis

    def diagnose(self, finished: bool = True) -> Diagnosis:
        """What the measurements say now."""
        if self.examiner is None:
            return Diagnosis()
        return self.examiner.diagnose(self.run.history.history, finished, self.run.diverged)

    def get_state(self) -> dict[str, Any]:
        return {} if self.examiner is None else self.examiner.measurements.to_dict()

    def set_state(self, state: dict[str, Any]) -> None:
        self._resumed = state if state.get("looks") else None
