"""Diagnosis of a training run: what went wrong, and what to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet._core.types import Array
from glassnet.diagnosis.examiner import ExaminedModel, Examiner
from glassnet.diagnosis.report import Diagnosis
from glassnet.training.history import History


def diagnose(
    model: ExaminedModel,
    x: Array,
    y: Array,
    history: History | Mapping[str, Sequence[float]] | None = None,
    sample_weight: Array | None = None,
    finished: bool = True,
) -> Diagnosis:
    """What is wrong with a model and its data, from one snapshot now and the history there is.

    Args:
        model: built and compiled.
        x, y: training data, as ``fit`` takes them (labels as the model knows them).
        history: the numbers of the epochs so far.
        finished: whether the training is over; while it goes on nothing is called too short.
    """
    asked: Any = model
    numbers = history.history if isinstance(history, History) else history or {}
    inputs, encoded = asked.take_input(x), asked.encode_targets(y)
    examiner = Examiner(model, inputs, encoded, sample_weight)
    examiner.measurements.begins = -1  # there was no snapshot before the first update
    examiner.measure(len(numbers.get("loss", ())))
    return examiner.diagnose(numbers, finished)
