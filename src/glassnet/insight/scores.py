"""The numbers by which answers are judged here, by scikit-learn's definitions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glassnet import metrics
from glassnet._core.registry import lookup
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.metrics.reports import area_under_roc, log_loss, regression_report

Judge = Callable[[Array, Array], float | None]

# Of class numbers and probabilities (n, classes).
OF_CLASSES: dict[str, Judge] = {
    "accuracy": lambda true, p: float((p.argmax(axis=1) == true).mean()),
    "log_loss": log_loss,
    "roc_auc": area_under_roc,
}
# Of values and predictions, both (n,).
OF_VALUES: dict[str, Judge] = {
    "r2": lambda true, value: regression_report(true, value).r2,
    "mae": lambda true, value: float(np.abs(true - value).mean()),
    "mse": lambda true, value: float(((true - value) ** 2).mean()),
    "rmse": lambda true, value: float(np.sqrt(((true - value) ** 2).mean())),
}
NOT_RUNNING = {"log_loss": False, "roc_auc": True}  # no metrics of a training


def score(name: str, true: Array, given: Array, classifies: bool) -> float:
    """The number called ``name``; NaN where it is not defined.

    Raises:
        UnknownNameError: no such number for this kind of answer.
    """
    found = lookup("score", OF_CLASSES if classifies else OF_VALUES, name)(true, given)
    return float("nan") if found is None else float(found)


def higher_is_better(name: str) -> bool:
    """Whether a larger number is a better one.

    >>> higher_is_better("accuracy"), higher_is_better("log_loss")
    (True, False)
    """
    found = NOT_RUNNING[name] if name in NOT_RUNNING else metrics.higher_is_better(name)
    if found is None:
        raise ConfigError(f"{name}: nobody knows whether more of it is better.")
    return found


def usual(classifies: bool) -> tuple[str, ...]:
    """Those that are looked at where none is asked for; the first one orders the columns."""
    return ("log_loss", "accuracy") if classifies else ("r2", "mae")


def defined(value: float) -> float | None:
    """A number for JSON: None where it is not defined, as R² of a single row."""
    return float(value) if np.isfinite(value) else None
