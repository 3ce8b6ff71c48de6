"""A linear model and gradient boosting, both scikit-learn's defaults, on the same rows."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from glassnet._core.types import Array
from glassnet.errors import MissingDependencyError
from glassnet.insight.rows import Rows
from glassnet.insight.scores import score

LARGE = 2_000_000  # numbers of a table, beyond which several threads learn from it
MOST_WORDS = 255  # categories of a column that scikit-learn's boosting takes as such


def compare(rows: Rows, x: Array, y: Array) -> dict[str, dict[str, float]]:
    """How good two models of scikit-learn are on ``rows``, trained on (x, y).

    "linear": LogisticRegression (of values LinearRegression) on the network's own features.
    "boosting": HistGradientBoosting with its defaults, on the columns as the table has them,
    words as categories and gaps as gaps.

    Args:
        rows: what the network is judged on.
        x, y: what it learned from: features, and class numbers or values in the table's units.

    Returns:
        For each its scores (accuracy and log loss, or R² and mean absolute error), and seconds.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        from sklearn.linear_model import LinearRegression, LogisticRegression
    except ImportError:
        raise MissingDependencyError(
            "to compare with a linear model and boosting takes scikit-learn, which is not "
            "installed: pip install scikit-learn"
        ) from None
    learned, words = _raw(rows, x)
    asked, _ = _raw(rows, rows.x)
    boosting, linear = (
        (HistGradientBoostingClassifier, LogisticRegression(max_iter=1000))
        if rows.classifies
        else (HistGradientBoostingRegressor, LinearRegression())
    )
    return {
        "linear": _judged(rows, linear, x, y, rows.x),
        "boosting": _judged(
            rows, boosting(categorical_features=words, random_state=0), learned, y, asked
        ),
    }


def _judged(rows: Rows, peer: Any, x: Array, y: Array, asked: Array) -> dict[str, float]:
    started = time.perf_counter()
    # scikit-learn's threads turn in circles while they wait: beside other work they take minutes
    with threadpool_limits(1 if x.size < LARGE else None, user_api="openmp"):
        peer.fit(x, y)
    if rows.classifies:
        answers = np.zeros((len(asked), len(rows.class_names or ())))
        answers[:, peer.classes_] = peer.predict_proba(asked)
    else:
        answers = peer.predict(asked)
    names = ("accuracy", "log_loss") if rows.classifies else ("r2", "mae")
    found = {s: score(s, rows.y, answers, rows.classifies) for s in names}
    return {**found, "seconds": time.perf_counter() - started}


def _raw(rows: Rows, x: Array) -> tuple[Array, Array]:
    """The columns as numbers, words as the number of their category; and which are words."""
    found = np.empty((len(x), len(rows.columns)))
    words = np.zeros(len(rows.columns), bool)
    for j, column in enumerate(rows.columns):
        values = column.values(x)
        if values.dtype.kind == "f":
            found[:, j] = values
            continue
        known = getattr(column.source, "categories", ("false", "true"))
        number = {word: float(i) for i, word in enumerate(known)}
        found[:, j] = [number.get(value, np.nan) for value in values.tolist()]
        words[j] = len(known) <= MOST_WORDS
    return found, words
