"""What the rules of a diagnosis read, and where they write what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.diagnosis.measurements import (
    DataMeasurements,
    LayerMeasurements,
    Measurements,
    Snapshot,
)
from glassnet.diagnosis.report import Finding, Severity


@dataclass
class Evidence:
    """What the rules read.

    Attributes:
        measurements: of the data and of the layers.
        history: name → one number for each epoch.
        learning_rate: the highest that was used.
        steps: updates made.
        finished: whether the training is over.
        diverged: where the loss became NaN: {"epoch", "batch", "layer"}; else None.
        adaptive: whether the steps of the optimizer do not grow with the gradient.
    """

    measurements: Measurements
    history: Mapping[str, Sequence[float]]
    learning_rate: float
    steps: int
    finished: bool = True
    diverged: Mapping[str, Any] | None = None
    relate: Callable[[], float] | None = None
    adaptive: bool = False
    findings: list[Finding] = field(default_factory=list)

    # ---- what several rules ask for --------------------------------------------------------

    @property
    def data(self) -> DataMeasurements | None:
        return self.measurements.data

    @property
    def last(self) -> Snapshot | None:
        return self.measurements.snapshots[-1] if self.measurements.snapshots else None

    @cached_property
    def losses(self) -> list[float]:
        return [float(v) for v in self.history.get("loss", ())]

    @cached_property
    def data_losses(self) -> list[float]:
        """The losses without penalties: at least these, where the penalty changes in an epoch."""
        kept = self.measurements.penalties
        if len(kept) != len(self.losses) + 1:
            return [loss - self.measurements.penalty for loss in self.losses]
        return [loss - max(kept[i], kept[i + 1]) for i, loss in enumerate(self.losses)]

    @property
    def baseline(self) -> float:
        return self.data.baseline if self.data is not None else float("nan")

    @property
    def progress(self) -> float:
        """The share of the baseline's loss that is gone: 0 knows nothing of x, 1 is perfect."""
        known = [loss - self.measurements.penalty for loss in self.losses[-1:]]
        if self.last is not None:
            known.append(self.last.loss)
        finite = [v for v in known if np.isfinite(v)]
        if not finite or not self.baseline > 0:
            return float("nan")
        return 1 - min(finite) / self.baseline

    @property
    def moved(self) -> float:
        """The largest share of its weights by which an update moved a layer, over all snapshots."""
        ratios = [
            s.moved
            for one in self.measurements.snapshots
            for s in one.layers
            if np.isfinite(s.moved)
        ]
        return max(ratios, default=float("nan"))

    def hidden(self, snapshot: Snapshot) -> list[LayerMeasurements]:
        return [s for s in snapshot.layers if not s.output]

    def has(self, *kinds: str) -> bool:
        return any(finding.kind in kinds for finding in self.findings)

    def report(
        self,
        kind: str,
        severity: Severity,
        numbers: Mapping[str, Any],
        cure: Mapping[str, Any],
        layer: str | None = None,
        since: int | None = None,
        variant: str = "",
    ) -> None:
        """Add a finding; the message is that of ``variant`` where one is named."""
        self.findings.append(
            Finding(kind, severity, layer, since, dict(numbers), dict(cure), variant)
        )
