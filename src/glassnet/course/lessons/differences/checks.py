"""What is asked of the slope."""

import numpy as np

from glassnet.course.judging.trial import Trial, check

CALL = "numerical_diff(f, x)"


@check("numerical_diff")
def slopes_by_hand(t: Trial) -> None:
    def f(x: float) -> float:
        return 0.01 * x**2 + 0.1 * x

    t.close(t.call(f, 5.0), 0.2, CALL, 1e-8, x=5.0)
    t.close(t.call(f, 10.0), 0.3, CALL, 1e-8, x=10.0)


@check("numerical_diff")
def sine_and_exponential(t: Trial) -> None:
    for x in t.rng.uniform(-2, 2, size=20):
        t.close(t.call(np.sin, float(x)), np.cos(x), CALL, 1e-8, x=x)
        t.close(t.call(np.exp, float(x)), np.exp(x), CALL, 1e-8, x=x)


@check("numerical_diff")
def whole_numbers(t: Trial) -> None:
    t.close(t.call(lambda x: x * x, 3), 6, CALL, 1e-8, x=3)
    t.close(t.call(lambda x: x * x, np.float32(3)), 6, CALL, 1e-8, x=3)


@check("numerical_diff")
def far_from_zero(t: Trial) -> None:
    for x in (1e9, -1e13):
        t.close(t.call(lambda x: 3 * x, x), 3, CALL, 1e-6, x=x)
