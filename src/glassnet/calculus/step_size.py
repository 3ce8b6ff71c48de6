"""How the error of a difference depends on its step h, in float64 and in float32.

    central:  (f(x + h) - f(x - h)) / 2h      error about h²·f'''/6 + ε·|f|/h
    forward:  (f(x + h) - f(x)) / h           error about h·f''/2  + 2·ε·|f|/h

A large h cuts the corners of f, a small one drowns in rounding (ε, the spacing of floats at 1).
Nothing here protects h, as ``numerical_diff`` does: the mistakes are what is to be seen.
After Nocedal and Wright, *Numerical Optimization*, chapter 8.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Kind = Literal["central", "forward"]


class Differences(NamedTuple):
    """For each step, in the type of the computation: all that a difference is made of.

    ``below`` is x - h of a central difference, x of a forward one; ``width`` is what is
    divided by.
    """

    above: NDArray[Any]
    below: NDArray[Any]
    f_above: NDArray[Any]
    f_below: NDArray[Any]
    width: NDArray[Any]
    slope: NDArray[Any]


def differences(
    f: Callable[[NDArray[Any]], NDArray[Any]],
    x: float,
    steps: ArrayLike,
    kind: Kind = "central",
    dtype: DTypeLike = np.float64,
) -> Differences:
    """The difference of f at x for each step, computed in ``dtype`` from end to end.

    Args:
        f: takes an array and gives one value for each element, of the same type.
        steps: the values of h, all positive.

    >>> d = differences(np.exp, 0.0, [1.0, 1e-20])
    >>> d.slope.round(4).tolist()  # the secant; and h lost in rounding
    [1.1752, 0.0]
    """
    h = np.asarray(steps, dtype)
    at = np.asarray(x, dtype)
    above = at + h
    below = at - h if kind == "central" else np.full_like(h, at)
    width = 2 * h if kind == "central" else h
    with np.errstate(all="ignore"):  # what overflows is infinite, and seen as such
        f_above, f_below = f(above), f(below)
        slope = (f_above - f_below) / width
    return Differences(above, below, f_above, f_below, width, slope)


def step_errors(
    f: Callable[[NDArray[Any]], NDArray[Any]],
    slope: float,
    x: float,
    steps: ArrayLike,
    kind: Kind = "central",
    dtype: DTypeLike = np.float64,
) -> NDArray[np.float64]:
    """|difference - slope| for each step; ``slope`` is the exact derivative.

    >>> step_errors(np.exp, 1.0, 0.0, [1e-1, 1e-5, 1e-15]).round(7).tolist()
    [0.0016675, 0.0, 0.0547119]
    """
    found = differences(f, x, steps, kind, dtype).slope
    return np.abs(found.astype(np.float64) - slope)
