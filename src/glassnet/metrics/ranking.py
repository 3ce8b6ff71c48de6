"""How well outputs put the samples in order: the area under the ROC curve."""

from __future__ import annotations

import math

import numpy as np

from glassnet._core.types import Array
from glassnet.metrics.base import Metric, class_numbers, several, values_like
from glassnet.metrics.reports import area_under_roc


class AUC(Metric):
    """The chance that a sample of a class has a higher output than one of the others.

    (R - m·(m + 1)/2) / (m·(n - m)), with R the sum of the ranks of its m samples  (Mann and
    Whitney 1947).  One output: of class 1.  Several: the mean over the classes, each against the
    rest, as scikit-learn's ``roc_auc_score(multi_class="ovr")``.  It is exact, and keeps all
    outputs until it is reset; sample weights do not count.  NaN where only one class occurred.
    """

    name = "auc"
    also = ("roc_auc", "roc_auc_score")
    higher_is_better = True
    is_share = True
    of_classes = True
    counted = ("true", "scores")

    def reset(self) -> None:
        self.true = np.zeros(0, np.int64)
        self.scores = np.zeros((0, 1))
        self._parts: list[tuple[Array, Array]] = []

    def _count(self, y_true: Array, y_pred: Array, weight: Array | None) -> None:
        if several(y_pred):
            true, scores = class_numbers(self.name, y_true, y_pred), y_pred
        else:
            true = (values_like(self.name, y_true, y_pred).reshape(-1) > 0).astype(np.int64)
            scores = y_pred.reshape(-1, 1)
        self._parts.append((np.array(true), np.array(scores, np.float64)))

    def _gather(self) -> None:
        if self._parts:
            before = [(self.true, self.scores)] if len(self.true) else []
            true, scores = zip(*before, *self._parts)
            self._parts = []
            self.true, self.scores = np.concatenate(true), np.concatenate(scores)

    def result(self) -> float:
        self._gather()
        if not len(self.true):
            return math.nan
        p = self.scores
        if p.shape[1] == 1:
            p = np.concatenate([-p, p], axis=1)
        area = area_under_roc(self.true, p)
        return math.nan if area is None else area

    def get_state(self) -> dict[str, object]:
        self._gather()
        return super().get_state()
