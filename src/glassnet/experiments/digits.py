"""Digits to learn from: those of scikit-learn, or MNIST's where its files were named."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from glassnet import data
from glassnet._core.types import Array
from glassnet.errors import DataError
from glassnet.experiments.result import Setting


@dataclass(frozen=True, eq=False)
class Digits:
    """Rows of pixels from 0 to 1, some to learn from and some to judge by.

    Attributes:
        name: "digits" or "mnist".
    """

    name: str
    x: Array
    y: Array
    x_test: Array
    y_test: Array

    @property
    def validation(self) -> tuple[Array, Array]:
        """What is judged by, as ``fit`` takes it."""
        return self.x_test, self.y_test

    def first(self, n: int) -> Digits:
        """The same with ``n`` samples to learn from."""
        return Digits(self.name, self.x[:n], self.y[:n], self.x_test, self.y_test)


def load(setting: Setting, most: int = 1438, most_test: int = 1000) -> Digits:
    """At most so many, drawn by the seed."""
    named = setting.data_dir or os.environ.get("GLASSNET_DATA")
    try:
        found = data.load("mnist", data_dir=named) if named else None
    except DataError:
        if setting.data_dir:  # it was asked for
            raise
        found = None
    found = found or data.load("digits", seed=setting.seed)
    assert found.x_test is not None and found.y_test is not None and found.image_max
    rng = np.random.default_rng(setting.seed)
    chosen = rng.permutation(len(found.x))[:most]
    judged = rng.permutation(len(found.x_test))[:most_test]

    def rows(x: Array) -> Array:
        flat: Array = x.reshape(len(x), -1).astype(np.float32) / np.float32(found.image_max)
        return flat

    return Digits(
        found.name, rows(found.x[chosen]), found.y[chosen],
        rows(found.x_test[judged]), found.y_test[judged],
    )  # fmt: skip
