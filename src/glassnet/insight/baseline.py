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
    """One answer for all rows.

    Attributes:
        answer: the class number, or the value.
        shares: of classes, the probability that each is given; empty for values.
    """

    answer: float
    shares: tuple[float, ...] = ()

    @classmethod
    def of(cls, learned: Array, classes: int | None = None) -> Constant:
        """The commonest of ``classes`` classes, or the mean, among the answers learned from.

        Each class is given its share; one that was not there counts as half a row.
        """
        if classes is None:
            return cls(float(np.mean(learned, dtype=np.float64)))
        counts = np.bincount(learned, minlength=classes)
        known = np.maximum(counts, 0.5)
        return cls(int(counts.argmax()), tuple((known / known.sum()).tolist()))

    def scores(self, true: Array) -> dict[str, float]:
        """How good it is: accuracy and log loss, or R², mean absolute and root mean square error.

        Args:
            true: class numbers, or values in the units of ``answer``.
        """
        if self.shares:
            given = np.tile(self.shares, (len(true), 1))
            share = float((true == self.answer).mean())
            return {"accuracy": share, "log_loss": score("log_loss", true, given, True)}
        given = np.full(len(true), self.answer)
        found = {s: score(s, true, given, False) for s in ("r2", "mae", "rmse")}
        return {s: v for s, v in found.items() if np.isfinite(v)}

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {"answer": self.answer, **({"shares": list(self.shares)} if self.shares else {})}

    @classmethod
    def kept(cls, found: Any) -> Constant | None:
        """What a report says of it; None if it is of an older version."""
        if not isinstance(found, Mapping) or "answer" not in found:
            return None
        shares = tuple(map(float, found.get("shares", ())))
        return cls(int(np.argmax(shares)) if shares else float(found["answer"]), shares)


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
