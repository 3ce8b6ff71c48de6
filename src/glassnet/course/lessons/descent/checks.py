"""What is asked of gradient descent."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

CALL = "gradient_descent(gradient, x0, lr, steps)"


def _bowl(x: FloatArray) -> FloatArray:
    return 2 * x


@check("gradient_descent")
def by_hand(t: Trial) -> None:
    points = t.call(_bowl, np.array([-3.0, 4.0]), 0.1, 2)
    t.close(points, [[-3.0, 4.0], [-2.4, 3.2], [-1.92, 2.56]], CALL)


@check("gradient_descent")
def twenty_steps(t: Trial) -> None:
    points = t.call(_bowl, np.array([-3.0, 4.0]), 0.1, 20)
    t.that(np.shape(points) == (21, 2), f"shape = {np.shape(points)} ≠ (21, 2)")
    t.close(points[-1], [-3 * 0.8**20, 4 * 0.8**20], f"{CALL}[-1]")


@check("gradient_descent")
def whole_numbers(t: Trial) -> None:
    points = t.call(_bowl, np.array([-3, 4]), 0.25, 3)
    t.close(points, np.array([[-3, 4]]) * 0.5 ** np.arange(4)[:, None], CALL)


@check("gradient_descent")
def slanted_bowls(t: Trial) -> None:
    for n in (1, 2, 5):
        half = t.normal(n, n)
        H = half @ half.T / n + np.eye(n)
        lowest, x0, lr = t.normal(n), t.normal(n), 0.1
        points = t.call(_slanted(H, lowest), x0, lr, 10)
        shrink = np.eye(n) - lr * H
        expected = [lowest + np.linalg.matrix_power(shrink, k) @ (x0 - lowest) for k in range(11)]
        t.close(points, expected, CALL)


@check("gradient_descent")
def matrices_and_no_step(t: Trial) -> None:
    x0 = t.normal(2, 3)
    t.close(t.call(_bowl, x0, 0.1, 1), [x0, 0.8 * x0], CALL)
    t.close(t.call(_bowl, x0, 0.1, 0), [x0], CALL)


def _slanted(H: FloatArray, lowest: FloatArray) -> Callable[[FloatArray], Any]:
    return lambda x: H @ (x - lowest)
