"""Derivatives of any Python function by central differences.

    f'(x) ≈ (f(x + h) - f(x - h)) / 2h            error: h²·f'''/6 + rounding/h

All of it is computed in float64, whatever came in: in float32 or in integers ``x + h`` with
h = 1e-4 is mostly lost.  After *Deep Learning from Scratch* (Saito), chapter 4.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.calculus.values import FloatArray, as_float, number, numbers
from glassnet.errors import ConfigError, DataError, ShapeError

# x + h keeps h only if h is many times the distance between neighbouring floats at x.
# With at least 2^16 of them the step is right to 1e-5; h = 1e-4 is enough up to |x| = 6.9e6.
SPACINGS = 2.0**16
DEFAULT_STEP = 1e-4


def numerical_diff(f: Callable[[Any], Any], x: ArrayLike, h: float = DEFAULT_STEP) -> Any:
    """The slope of f at x: (f(x + h) - f(x - h)) / 2h.

    Args:
        f: takes a number; if x is an array, f takes the array and works on each element.
        x: a number, or an array of any shape; not changed.
        h: the step. Where x is so large that h would drown in rounding (|x| > 6.9e6 for
            1e-4), the step grows with x.

    Returns:
        a float, or an array of the shape of x.

    >>> numerical_diff(lambda x: 0.01 * x**2 + 0.1 * x, 5)
    0.1999999999990898

    Raises:
        ConfigError: h is not a positive number, or too small to move x at all.
        DataError: f returned something that is not a finite number, or it changes too fast
            for the floats that exist around a huge x.
        ShapeError: f did not return one value for each x.
    """
    point = as_float(x)
    if point.ndim == 0:
        return float(_slope(lambda t: number(f, t, t), point[()], h))
    return _slope(lambda t: numbers(f, t), point, h)


def partial_derivative(
    f: Callable[[FloatArray], Any],
    x: ArrayLike,
    index: int | tuple[int, ...],
    h: float = DEFAULT_STEP,
) -> float:
    """∂f/∂x[index] at x: the slope of f when only this coordinate moves.

    >>> partial_derivative(lambda x: x[0] ** 2 + x[1] ** 2, [3.0, 4.0], 0)
    6.00000000000378

    Raises:
        ShapeError: x has no such coordinate.
        ConfigError, DataError: as ``numerical_diff``.
    """
    point = as_float(x)
    place = index if isinstance(index, tuple) else (index,)
    try:
        coordinate = point[tuple(operator.index(i) for i in place)]
    except (IndexError, TypeError):
        coordinate = None
    if np.ndim(coordinate) != 0 or coordinate is None:
        raise ShapeError(
            f"partial_derivative: index {index!r} is not one coordinate of x, "
            f"which has shape {point.shape}."
        )
    return _partial(f, point, tuple(i % n for i, n in zip(place, point.shape)), h)


def numerical_gradient(
    f: Callable[[FloatArray], Any], x: ArrayLike, h: float = DEFAULT_STEP
) -> FloatArray:
    """∇f at x: the partial derivative by each element of x.

    Args:
        f: takes the whole of x, returns one number.
        x: of any shape: one point, a weight matrix …; not changed.
        h: as for ``numerical_diff``.

    Returns:
        float64, the shape of x.

    For many points at once, one to a row, there is ``numerical_gradient_rows``.

    *Deep Learning from Scratch* also writes ``numerical_gradient(lambda W: net.loss(x, t),
    net.W)``, where f looks past its argument at the array itself.  If no shift of the
    argument changes f, x itself is shifted, and put back bit for bit.

    >>> numerical_gradient(lambda x: x[0] ** 2 + x[1] ** 2, [3, 4])
    array([6., 8.])

    Raises:
        ConfigError, DataError: as ``numerical_diff``.
        ShapeError: f did not return one number, or x is empty.
    """
    point = as_float(x)
    if point.size == 0:
        raise ShapeError(f"numerical_gradient: x is empty (shape {point.shape}).")
    gradient = _gradient(f, point, h)
    if not gradient.any() and isinstance(x, np.ndarray) and x.flags.writeable:
        return _gradient_in_place(f, x, h)
    return gradient


def numerical_gradient_rows(
    f: Callable[[FloatArray], Any], points: ArrayLike, h: float = DEFAULT_STEP
) -> FloatArray:
    """The gradient of f at many points: row i is ∇f at ``points[i]``.

    Args:
        f: takes one point of shape (d,), returns one number.
        points: (n, d), one point to a row.

    Returns:
        (n, d)

    >>> numerical_gradient_rows(lambda x: x[0] ** 2 + x[1] ** 2, [[3, 4], [0, 2]])
    array([[6., 8.],
           [0., 4.]])

    Raises:
        ShapeError: points is not (n, d).
        ConfigError, DataError: as ``numerical_diff``.
    """
    rows = as_float(points)
    if rows.ndim != 2 or rows.size == 0:
        raise ShapeError(
            f"numerical_gradient_rows: points has shape {rows.shape}, expected (n, d), one point "
            f"to a row. For the gradient at a single point: numerical_gradient."
        )
    return np.stack([_gradient(f, row, h) for row in rows])


def _slope(values: Callable[[Any], Any], x: Any, h: float) -> Any:
    """The central difference of ``values`` at x: a float64 number, or an array by element."""
    step = _step(x, h)
    plus, minus = values(x + step), values(x - step)
    slope = (plus - minus) / (2 * step)
    if np.any(step > h):
        rounding = np.finfo(np.float64).eps * (np.abs(plus) + np.abs(minus)) / step
        halved = (values(x + step / 2) - values(x - step / 2)) / step
        _must_agree(x, step, slope, halved, 1e-3 * np.abs(halved) + 4 * rounding)
    return slope


def _step(x: Any, h: float) -> Any:
    """h, or more where h would drown at a huge x."""
    wanted = _positive(h)
    if wanted >= DEFAULT_STEP:
        return np.maximum(wanted, usual_step(x))
    lost = (x + wanted == x) | (x - wanted == x)  # who asks for a smaller step gets just that
    if np.any(lost):
        raise ConfigError(
            f"h = {h:g} is lost at x = {_largest(x):.10g}: x + h == x, because neighbouring "
            f"floats there are {np.spacing(_largest(x)):.2g} apart. Take h = {DEFAULT_STEP:g}."
        )
    return np.full(np.shape(x), wanted)[()]


def usual_step(x: Any) -> Any:
    """1e-4, or more where that would drown at a huge x."""
    return np.maximum(DEFAULT_STEP, SPACINGS * np.spacing(np.abs(x)))


def _must_agree(x: Any, step: Any, slope: Any, halved: Any, allowed: Any) -> None:
    """Half a step must give the same slope, or the step that a huge x forces is too coarse."""
    off = np.ravel(np.abs(slope - halved) > allowed)
    if off.any():
        at, width, one, other = (np.ravel(v)[off][0] for v in (x, step, slope, halved))
        raise DataError(
            f"no trustworthy slope at x = {at:.10g}: floats there are {np.spacing(abs(at)):.2g} "
            f"apart, so the step is {width:.2g}, and f changes too fast for it "
            f"(slope {one:.6g}, with half the step {other:.6g})."
        )


def _largest(x: Any) -> float:
    return float(np.abs(x).max())


def _positive(h: float) -> float:
    if isinstance(h, (int, float, np.integer, np.floating)) and np.isfinite(h) and h > 0:
        return float(h)
    raise ConfigError(f"h = {h!r}: the step of a difference is a positive number, such as 1e-4.")


def _gradient(f: Callable[[FloatArray], Any], point: FloatArray, h: float) -> FloatArray:
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        gradient[index] = _partial(f, point, index, h)
    return gradient


def _partial(
    f: Callable[[FloatArray], Any], point: FloatArray, index: Sequence[int], h: float
) -> float:
    place = tuple(index)

    def along(t: float) -> float:
        moved = point.copy()  # f may keep or change what it gets
        moved[place] = t
        return number(f, moved, moved)

    return float(_slope(along, point[place], h))


def _gradient_in_place(f: Callable[[FloatArray], Any], x: NDArray[Any], h: float) -> FloatArray:
    """The gradient when f reads x from elsewhere: shift x itself, one element at a time."""
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]

        def along(t: float, index: tuple[int, ...] = index) -> float:
            x[index] = t
            return number(f, x, x)

        try:
            gradient[index] = _slope(along, np.float64(kept), h)
        finally:
            x[index] = kept
    if gradient.any() and x.dtype != np.float64:
        raise DataError(
            f"f does not use its argument but looks at x itself, which is {x.dtype}: too coarse "
            f"for differences. Use the argument in f, or make x float64."
        )
    return gradient
