"""What an answer is worth that never looks at the row: the commonest class, or the mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.insight.scores import score


@dataclass(frozen=True)
class Constant:
    """The one answer for all rows, and how good it is.

    Attributes:
        answer: the class number, or the value.
        scores: name → number, on the rows that the model is judged on.
    """

    answer: float
    scores: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {"answer": self.answer, **self.scores}


def always_the_commonest(learned: Array, true: Array, classes: int) -> Constant:
    """Always the class that was commonest among those learned from.

    ``log_loss`` is that of giving each class its share among them; a class that was not there
    counts as half a row.

    Args:
        learned: class numbers of the rows that the model learned from.
        true: those of the rows it is judged on.
        classes: how many there are.
    """
    counts = np.bincount(learned, minlength=classes)
    shares = np.maximum(counts, 0.5) / np.maximum(counts, 0.5).sum()
    answers = np.tile(shares, (len(true), 1))
    names = ("accuracy", "log_loss")
    return Constant(int(counts.argmax()), {s: score(s, true, answers, True) for s in names})


def always_the_mean(learned: Array, true: Array) -> Constant:
    """Always the mean of the values learned from, all in the units of the table."""
    mean = float(np.mean(learned))
    answers = np.full(len(true), mean)
    return Constant(mean, {s: score(s, true, answers, False) for s in ("r2", "mae", "rmse")})


def never_answered(true: Array, given: Array, classes: int) -> list[int]:
    """Classes that rows have and that the model never answers, the commonest first.

    Args:
        true: class numbers.
        given: the classes answered.
    """
    has = np.bincount(true, minlength=classes)
    said = np.bincount(given, minlength=classes)
    return [int(k) for k in np.argsort(-has, kind="stable") if has[k] and not said[k]]
