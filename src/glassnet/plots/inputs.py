"""What the plots accept as points, labels and images, checked once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import DataError, LabelError, ShapeError


def numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """``values`` as floats.

    Raises:
        DataError: empty, or not numbers.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} must be an array of numbers: {error}") from None
    if array.size == 0:
        raise DataError(f"{name} is empty: there is nothing to draw.")
    return array


def points(x: ArrayLike, name: str = "x") -> NDArray[np.float64]:
    """Points as rows (n, features); a vector (n,) is one feature.

    Raises:
        ShapeError: neither one nor two dimensions.
        DataError: empty, not numbers, not finite.
    """
    array = numbers(x, name)
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2:
        raise ShapeError(f"{name} has shape {array.shape}; expected rows of points (n, features).")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        row, column = bad[0]
        raise DataError(
            f"{name} has {len(bad)} values that are not finite, the first in row {row}, "
            f"column {column}: remove these rows or fill the values in."
        )
    return array


def classes(
    y: ArrayLike, class_names: Sequence[Any] | None = None, n: int | None = None, name: str = "y"
) -> tuple[NDArray[np.int64], list[str]]:
    """Labels as class numbers (n,) and the names of the classes.

    Labels may be of any kind that can be sorted; one-hot rows count as their numbers. With
    ``class_names``, they are numbers that point into it, or names that stand in it.

    Raises:
        ShapeError: not one label for each of the ``n`` rows.
        LabelError: a label that is none of the classes.
    """
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] > 1 and labels.dtype.kind in "biuf":
        labels = labels.argmax(axis=1)
    labels = labels.reshape(-1) if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.ndim != 1 or (n is not None and len(labels) != n):
        expected = f"({n},), one label for each row" if n is not None else "(n,)"
        raise ShapeError(f"{name} has shape {np.shape(y)}; expected {expected}.")
    if labels.size == 0:
        raise DataError(f"{name} is empty: there is nothing to draw.")
    if class_names is None:
        known, index = np.unique(labels, return_inverse=True)
        return index.astype(np.int64), [label_text(value) for value in known]
    names = [label_text(value) for value in class_names]
    if labels.dtype.kind in "biuf":
        index = labels.astype(np.int64)
        wrong = (index != labels) | (index < 0) | (index >= len(names))
    else:
        table = {known: number for number, known in enumerate(names)}
        index = np.array([table.get(label_text(value), -1) for value in labels], dtype=np.int64)
        wrong = index < 0
    if wrong.any():
        row = int(np.argmax(wrong))
        raise LabelError(
            f"{name}[{row}] is {labels[row]!r}, but there are {len(names)} class names: "
            f"expected numbers 0 to {len(names) - 1}, or one of these names."
        )
    return index, names


def images(pictures: ArrayLike, shape: tuple[int, ...] | None = None) -> NDArray[np.float64]:
    """Pictures as (n, height, width) or (n, height, width, 3).

    Rows of pixels (n, pixels) are folded to ``shape``, or to a square.

    Raises:
        ShapeError: rows that are no square, or do not fit ``shape``.
    """
    array = numbers(pictures, "images")
    if array.ndim == 2:
        array = array.reshape(len(array), *picture_shape(array.shape[1], shape))
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim == 3 or (array.ndim == 4 and array.shape[3] == 3):
        return array
    raise ShapeError(
        f"images have shape {array.shape}; expected (n, height, width), (n, height, width, 1 or 3) "
        "or rows of pixels (n, pixels)."
    )


def picture_shape(pixels: int, shape: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """The shape of a picture of so many pixels: ``shape``, or a square.

    >>> picture_shape(784)
    (28, 28)
    """
    if shape is None:
        side = math.isqrt(pixels)
        if side * side == pixels:
            return (side, side)
        raise ShapeError(
            f"{pixels} values do not make a square picture: pass shape=(height, width)."
        )
    if math.prod(shape) != pixels or len(shape) not in (2, 3):
        raise ShapeError(
            f"shape={shape} has {math.prod(shape)} values, but each row has {pixels}: pass "
            "shape=(height, width) or (height, width, 3) that fits."
        )
    return shape


def feature_labels(names: Sequence[Any] | None, count: int) -> list[str]:
    """Names of the features: those given, or x1, x2, …"""
    if names is None:
        return [f"x{number + 1}" for number in range(count)]
    if len(names) != count:
        raise ShapeError(f"{len(names)} feature names for {count} features: pass one for each.")
    return [str(name) for name in names]


def label_text(value: Any) -> str:
    """A label as text: 3 and 3.0 and '3' are the same class name."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def labels(y: ArrayLike, n: int, name: str = "y") -> NDArray[Any]:
    """Labels (n,) or one-hot rows (n, k) as an array of n rows.

    Raises:
        ShapeError: not one for each row.
    """
    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2) or len(array) != n:
        raise ShapeError(f"{name} has shape {np.shape(y)}; expected ({n},), one for each row.")
    return array
