"""What an answer is worth that never looks at the row: the commonest class, or the mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.insight.scores import score
from glassnet.insight.shown import say


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


def beside(found: Mapping[str, Any], language: str = "en") -> str:
    """What stands beside a result, in words: how good one answer for all rows would be, and which
    classes are never answered.

    Args:
        found: as ``runs.judge`` gives it: accuracy or mae, ``always`` and ``never_answered``.
    """
    always = found.get("always")
    if always is None:  # of an older run
        return ""
    if "accuracy" in found:
        key = "always_class" if found["accuracy"] > always["accuracy"] else "no_better_class"
        share = f"{always['accuracy']:.2%}".replace("%", " %")
        words = [say(key, language, answer=always["answer"], share=share)]
        never = found.get("never_answered", ())
        if never:
            words.append(say("never_answered", language, names=quoted(never)))
        return "; ".join(words)
    key = "always_mean" if found["mae"] < always["mae"] else "no_better_mean"
    return say(key, language, error=f"{always['mae']:.4g}")


def quoted(names: Sequence[str], most: int = 3) -> str:
    """The first few names, in quotation marks.

    >>> quoted(["a", "b", "c", "d"])
    '“a”, “b”, “c”, …'
    """
    return ", ".join([*(f"“{name}”" for name in names[:most]), *(["…"] if names[most:] else [])])


def never_answered(true: Array, given: Array, classes: int) -> list[int]:
    """Classes that rows have and that the model never answers, the commonest first.

    Args:
        true: class numbers.
        given: the classes answered.
    """
    has = np.bincount(true, minlength=classes)
    said = np.bincount(given, minlength=classes)
    return [int(k) for k in np.argsort(-has, kind="stable") if has[k] and not said[k]]
