"""Small helpers that Keras and scikit-learn have for arrays, under their names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.data.arrays import as_array
from glassnet.data.dataset import hold_out
from glassnet.errors import LabelError, ShapeError


def to_categorical(
    y: ArrayLike, num_classes: int | None = None, dtype: DTypeLike = "float32"
) -> Array:
    """One-hot rows: 1 in the column of the class, 0 elsewhere.

    ``fit`` takes class numbers as they are, with 'sparse_categorical_crossentropy'; one-hot rows
    belong to 'categorical_crossentropy'.

    >>> to_categorical([0, 2, 1]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]

    Args:
        y: class numbers from 0 on, (n,) or (n, 1).
        num_classes: how many columns; None: the largest number and one.

    Raises:
        LabelError: no class numbers, or one outside of them.
    """
    numbers = as_array(y, "y")
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    whole = numbers.dtype.kind in "iub" or (
        numbers.dtype.kind == "f" and bool((numbers == np.floor(numbers)).all())
    )
    if not whole or (numbers.size and float(numbers.min()) < 0):
        raise LabelError(
            "to_categorical: y must hold class numbers from 0 on. numpy.unique(y, "
            "return_inverse=True)[1] makes them of other labels."
        )
    found = numbers.astype(np.int64)
    most = int(found.max(initial=-1)) + 1
    count = (
        most if num_classes is None else whole_number("to_categorical", "num_classes", num_classes)
    )
    if most > count:
        raise LabelError(f"to_categorical: y holds the class {most - 1}, but there are {count}.")
    return np.eye(count, dtype=dtype)[found]


one_hot = to_categorical


def train_test_split(
    *arrays: Any,
    test_size: float = 0.25,
    random_state: int = 0,
    stratify: ArrayLike | None = None,
) -> list[Array]:
    """A random part of the rows of each array, and the rest, as scikit-learn's function.

    >>> x_train, x_test = train_test_split(np.arange(8))
    >>> len(x_train), len(x_test)
    (6, 2)

    Args:
        test_size: the share of the rows that is held out.
        random_state: the same number, the same rows.
        stratify: labels, each of which gives its share.

    Raises:
        ShapeError: no arrays, or of different lengths.
        ConfigError, DataError: a share that leaves one side empty.
    """
    made = [as_array(array, f"array {i}") for i, array in enumerate(arrays)]
    if not made or len({len(array) for array in made}) > 1:
        raise ShapeError(
            f"train_test_split: expected arrays of one length, got {[len(a) for a in made]}."
        )
    y = made[0] if stratify is None else as_array(stratify, "stratify")
    train, test = hold_out(y, test_size, seed=random_state, stratify=stratify is not None)
    return [part for array in made for part in (array[train], array[test])]
