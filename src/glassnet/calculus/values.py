"""What goes into a function and what comes out: finite float64 numbers, or a clear error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import DataError, ShapeError

FloatArray = NDArray[np.float64]


def as_float(x: ArrayLike) -> FloatArray:
    """A float64 copy of x.

    Raises:
        DataError: x is not made of finite real numbers.
    """
    try:
        given = np.asarray(x)
    except ValueError as error:  # rows of different lengths
        raise DataError(f"x is not an array of numbers: {error}") from None
    if given.dtype.kind not in "biuf":
        raise DataError(f"x is not made of real numbers: its type is {given.dtype}.")
    point = np.array(given, dtype=np.float64)
    if not np.isfinite(point).all():
        raise DataError(f"x is not finite: {brief(point)}")
    return point


def number(f: Callable[[Any], Any], argument: Any, at: Any) -> float:
    """f(argument) as a float; ``at`` is the place for the message.

    Raises:
        DataError: not a finite real number, or an overflow or a division by zero in f.
        ShapeError: an array with more or less than one number.
    """
    array = _real(_call(f, argument, at))
    if array.ndim != 0:
        raise ShapeError(
            f"f returned an array of shape {array.shape} at x = {brief(at)}; one number was "
            f"expected. For a gradient at each of many points: numerical_gradient_rows."
        )
    if not np.isfinite(array):
        raise DataError(f"f returned {float(array)} at x = {brief(at)}: no slope there.")
    return float(array)


def numbers(f: Callable[[FloatArray], Any], x: FloatArray) -> FloatArray:
    """f of every element of x, as ``number``."""
    array = _real(_call(f, x.copy(), x))
    if array.shape != x.shape:
        raise ShapeError(
            f"f returned shape {array.shape} for x of shape {x.shape}; one value for each x was "
            f"expected. For one number made from the whole of x: numerical_gradient."
        )
    bad = ~np.isfinite(array)
    if bad.any():
        raise DataError(f"f returned {array[bad][0]} at x = {x[bad][0]:.10g}: no slope there.")
    return array


def _call(f: Callable[[Any], Any], argument: Any, at: Any) -> Any:
    """f(argument); where Python raises an overflow that NumPy would return, name the place."""
    with np.errstate(all="ignore"):
        try:
            return f(argument)
        except (OverflowError, ZeroDivisionError) as error:
            raise DataError(f"f fails at x = {brief(at)}: {error}.") from error


def _real(value: Any) -> FloatArray:
    if value is None:
        raise DataError("f returned nothing (None): is a `return` missing?")
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray("ragged")
    if array.dtype.kind not in "biuf":
        raise DataError(
            f"f returned {brief(value)} ({type(value).__name__}); a real number was expected."
        )
    return array.astype(np.float64)


def brief(value: Any) -> str:
    """A value on one short line."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, threshold=6, precision=6)
    else:
        text = str(value) if isinstance(value, np.generic) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:77] + "..."
