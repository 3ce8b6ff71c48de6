"""Conditions on which a training stops: epochs, a loss, an accuracy, patience."""

from __future__ import annotations

import math
from collections.abc import Callable

from glassnet.errors import DataError
from glassnet.lab.session.trainer import Trainer


def condition(kind: str, value: float, trainer: Trainer) -> Callable[[Trainer], bool]:
    """The condition of the fields ``until`` and ``until_value``, from where training stands.

    "epochs": after so many more epochs; "loss", "test_loss": not above; "accuracy": of the
    test part, in percent, not below; "patience": so many epochs in which the test loss has
    not become better.

    Raises:
        DataError: an accuracy of data that have no classes.
    """
    if kind == "epochs":
        end = trainer.epoch + max(1, round(value))
        return lambda t: t.epoch >= end
    if kind in ("loss", "test_loss"):
        return lambda t: t.measured[kind] <= value
    if kind == "accuracy":
        if math.isnan(trainer.measured["accuracy"]):
            raise DataError("these data have no classes, so there is no accuracy to reach.")
        return lambda t: 100 * t.measured["test_accuracy"] >= value
    return _patience(max(1, round(value)))


def _patience(epochs: int) -> Callable[[Trainer], bool]:
    best, since = math.inf, 0

    def no_better(trainer: Trainer) -> bool:
        nonlocal best, since
        loss = trainer.measured["test_loss"]
        if loss < best:
            best, since = loss, trainer.epoch
        return trainer.epoch - since >= epochs

    return no_better
