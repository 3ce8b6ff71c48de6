"""Diagnoses the training on the page now and then, as ``fit`` does at its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from glassnet.diagnosis.examiner import Examiner
from glassnet.diagnosis.report import Diagnosis

if TYPE_CHECKING:
    from glassnet.lab.session.trainer import Trainer

EVERY = 1.0  # seconds between two looks, and at least a doubling of the updates at the start
NEVER = ("shuffled_labels",)  # the page keeps samples and answers together: it is noise
MOST_SNAPSHOTS = 64  # kept; beyond, every second one is dropped


class Watcher:
    """Looks at a trainer's network now and then, as ``fit`` does for its own diagnosis.

    Attributes:
        findings: what is wrong now.
        version: counts the changes of ``findings``.
    """

    def __init__(self) -> None:
        self.findings: Diagnosis = Diagnosis()
        self.version = 1
        self._examiner: Examiner | None = None
        self._looked = 0.0
        self._after = 0

    def renew(self, after: int = 0) -> None:
        """Another network, or another start: measure again.

        ``after``: so many epochs were learned with other settings, and are no sign of these.
        """
        self._examiner, self._after = None, after
        self._say(Diagnosis())

    def begin(self, trainer: Trainer) -> None:
        """Before an epoch: the first look, if there was none yet."""
        if self._examiner is None:
            self._examiner = Examiner(trainer.model, *trainer.encoded)
            found = self._examiner.measurements
            if self._after:  # nothing is seen of a start
                found.begins, self._looked = trainer.epoch, time.monotonic()
                return
            found.begins = trainer.epoch if trainer.fresh and not trainer.kept else -1
            self._look(trainer)

    def end(self, trainer: Trainer, last: bool = False) -> None:
        """After an epoch, and when the training stopped; ``last``: nobody looks after this."""
        if self._examiner is None:
            return
        last = last or trainer.stopped == "diverged"
        if not last and time.monotonic() - self._looked < EVERY:
            return
        self._look(trainer)
        snapshots = self._examiner.measurements.snapshots
        if len(snapshots) > MOST_SNAPSHOTS:
            del snapshots[1:-1:2]
        history = trainer.history
        after = self._after if self._after < len(history.get("loss", ())) else 0
        part = {name: numbers[after:] for name, numbers in history.items()}
        found = self._examiner.diagnose(part, finished=False, diverged=trainer.diverged)
        self._say(Diagnosis(tuple(f for f in found if f.kind not in NEVER)))

    def _look(self, trainer: Trainer) -> None:
        assert self._examiner is not None
        self._examiner.measure(trainer.epoch, trial=trainer.stopped != "diverged")
        self._looked = time.monotonic()

    def _say(self, findings: Diagnosis) -> None:
        if [f.text() for f in findings] != [f.text() for f in self.findings]:
            self.version += 1
        self.findings = findings
