"""Right or wrong: accuracy, over the largest output, a threshold, or the k largest."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from glassnet._core.attributes import set_directly
from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.metrics.base import (
    Cutting,
    Share,
    class_numbers,
    row_means,
    several,
    values_like,
)


class Accuracy(Cutting, Share):
    """The share of samples that were put in the right class.

    Several outputs: the largest is the class, the first of equals. One output: above
    ``threshold`` means class 1, as in ``BinaryAccuracy``.
    """

    name = "accuracy"
    also = ("accuracy_score",)

    def _count(self, y_true: Array, y_pred: Array, weight: Array | None) -> None:
        if weight is None and y_true.ndim == 1 and several(y_pred):
            set_directly(self, "total", self.total + _count_right()(y_true, y_pred))
            set_directly(self, "weight", self.weight + len(y_pred))
        else:
            super()._count(y_true, y_pred, weight)

    def _per_sample(self, y_true: Array, y_pred: Array) -> Array:
        if several(y_pred):
            return np.asarray(class_numbers(self.name, y_true, y_pred) == y_pred.argmax(axis=1))
        return _above(self.name, y_true, y_pred, self.threshold)


@functools.cache
def _count_right() -> Any:
    from glassnet.metrics.kernels import count_right  # Numba: not to name a metric

    return count_right


class BinaryAccuracy(Cutting, Share):
    """The share of outputs on the right side of ``threshold``.

    For one output, and for several labels that do not exclude each other, (n, k).
    """

    name = "binary_accuracy"

    def _per_sample(self, y_true: Array, y_pred: Array) -> Array:
        return _above(self.name, y_true, y_pred, self.threshold)


class TopKAccuracy(Share):
    """The share of samples whose class is among the ``k`` largest outputs.

    Right if fewer than k outputs are larger than that of the class, as in Keras.
    """

    name = "top_k_categorical_accuracy"
    also = ("top_k_accuracy", "sparse_top_k_categorical_accuracy")
    settings = ("k",)

    def __init__(self, k: int = 5) -> None:
        super().__init__()
        self.k = whole_number(self.name, "k", k)

    def _per_sample(self, y_true: Array, y_pred: Array) -> Array:
        classes = class_numbers(self.name, y_true, y_pred)
        own = np.take_along_axis(y_pred, classes[:, None], axis=1)
        larger = ~(y_pred <= own)  # so that NaN is never right
        return np.asarray(larger.sum(axis=1) < self.k)


def _above(name: str, y_true: Array, y_pred: Array, threshold: float) -> Array:
    return row_means((values_like(name, y_true, y_pred) > threshold) == (y_pred > threshold))
