"""Precision, recall and F1, from counts for each class."""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np

from glassnet._core.types import Array
from glassnet.metrics.base import Cutting, class_numbers, several, values_like


class _Counts(Cutting):
    """Counts of hits, predictions and occurrences of each class.

    One output: the numbers of class 1. Several: the mean over the classes that occur among the
    targets or the predictions ("macro"), as in scikit-learn; 0 where it would be 0 / 0.
    """

    higher_is_better = True
    is_share = True
    counted = ("hits", "predicted", "actual", "one_output")

    def reset(self) -> None:
        self.hits = self.predicted = self.actual = np.zeros(0)
        self.one_output = False

    def _count(self, y_true: Array, y_pred: Array, weight: Array | None) -> None:
        if several(y_pred):
            k, true = y_pred.shape[1], class_numbers(self.name, y_true, y_pred)
            pred = y_pred.argmax(axis=1)
        else:
            k, true = 2, (values_like(self.name, y_true, y_pred) > self.threshold).ravel()
            pred = (y_pred > self.threshold).ravel()
        w = np.ones(len(true)) if weight is None else weight
        new = (
            np.bincount(true, w * (true == pred), minlength=k),
            np.bincount(pred, w, minlength=k),
            np.bincount(true, w, minlength=k),
        )
        if not self.hits.size:
            self.hits, self.predicted, self.actual = np.zeros((3, k))
        self.hits, self.predicted, self.actual = (
            old + more for old, more in zip((self.hits, self.predicted, self.actual), new)
        )
        self.one_output = not several(y_pred)

    def result(self) -> float:
        if not self.hits.size:
            return math.nan
        scores = self._scores()
        if self.one_output:
            return float(scores[1])
        return float(scores[(self.predicted + self.actual) > 0].mean())

    @abstractmethod
    def _scores(self) -> Array:
        """The metric of each class."""


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


class Precision(_Counts):
    """hits / predictions: of what was called a class, how much was it."""

    name = "precision"
    also = ("precision_score",)

    def _scores(self) -> Array:
        return _ratio(self.hits, self.predicted)


class Recall(_Counts):
    """hits / occurrences: of what was a class, how much was found."""

    name = "recall"
    also = ("recall_score", "sensitivity")

    def _scores(self) -> Array:
        return _ratio(self.hits, self.actual)


class F1(_Counts):
    """2·hits / (predictions + occurrences), the harmonic mean of precision and recall."""

    name = "f1"
    also = ("f1_score",)

    def _scores(self) -> Array:
        return _ratio(2.0 * self.hits, self.predicted + self.actual)
