"""What is asked of the gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

CALL = "numerical_gradient(f, x)"


def _bowl(x: FloatArray) -> Any:
    return np.sum(x**2)


def _wavy(a: FloatArray, mixed: FloatArray) -> Callable[[FloatArray], Any]:
    return lambda x: a @ np.sin(x) + x @ mixed @ x


def _squares(x: FloatArray, y: FloatArray) -> Callable[[FloatArray], Any]:
    return lambda W: ((x @ W - y) ** 2).sum()


@check("numerical_gradient")
def bowl_by_hand(t: Trial) -> None:
    for x, expected in (([3.0, 4.0], [6, 8]), ([0.0, 2.0], [0, 4]), ([3.0, 0.0], [6, 0])):
        point = np.array(x)
        t.close(t.call(_bowl, point), expected, CALL, 1e-6, x=point)


@check("numerical_gradient")
def whole_numbers(t: Trial) -> None:
    x = np.array([3, 4])
    t.close(t.call(_bowl, x), [6, 8], CALL, 1e-6, x=x)


@check("numerical_gradient")
def any_length(t: Trial) -> None:
    for n in (1, 2, 5, 9):
        x, a = t.normal(n), t.normal(n)
        mixed = t.normal(n, n)
        expected = a * np.cos(x) + (mixed + mixed.T) @ x
        t.close(t.call(_wavy(a, mixed), x), expected, CALL, 1e-6, x=x)


@check("numerical_gradient")
def matrices(t: Trial) -> None:
    for rows, columns in ((2, 3), (3, 2), (1, 4)):
        W, x, y = t.normal(rows, columns), t.normal(4, rows), t.normal(4, columns)
        expected = 2 * x.T @ (x @ W - y)
        t.close(t.call(_squares(x, y), W), expected, CALL, 1e-6, x=W)


@check("numerical_gradient")
def two_calls_for_each_number(t: Trial) -> None:
    calls = []

    def f(x: FloatArray) -> Any:
        calls.append(x.copy())
        return np.sum(x**2)

    t.call(f, np.array([[1.0, 2.0], [3.0, 4.0]]))
    t.that(len(calls) <= 9, f"4 → {len(calls)}")


@check("numerical_gradient")
def one_number_moves_at_a_time(t: Trial) -> None:
    seen = []

    def f(x: FloatArray) -> Any:
        seen.append(np.array(x, dtype=float))
        return np.sum(x)

    x = t.normal(3)
    t.call(f, x)
    moved = [int((np.abs(at - x) > 1e-9).sum()) for at in seen]
    t.that(max(moved, default=0) <= 1, str(moved))
