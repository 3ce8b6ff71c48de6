import numpy as np
import pytest

from glassnet.calculus.step_size import differences, step_errors


@pytest.mark.parametrize(("kind", "order"), [("central", 2), ("forward", 1)])
def test_a_large_step_errs_by_its_order(kind, order):
    one, half = step_errors(np.exp, np.exp(0.3), 0.3, [1e-2, 5e-3], kind)
    assert one / half == pytest.approx(2**order, rel=0.01)


def test_a_small_step_drowns_in_rounding_and_sooner_in_float32():
    steps = [1e-3, 1e-7, 1e-12]
    exact = step_errors(np.sin, np.cos(1.0), 1.0, steps)
    coarse = step_errors(np.sin, np.cos(1.0), 1.0, steps, dtype=np.float32)
    assert exact[1] < 1e-8 < 1e-6 < exact[2]
    assert coarse[0] < 1e-3 < 1e-2 < coarse[1]


def test_what_a_difference_is_made_of():
    d = differences(lambda x: x * x, 3.0, [0.5], "forward")
    assert [float(v[0]) for v in d] == [3.5, 3.0, 12.25, 9.0, 0.5, 6.5]
    d = differences(lambda x: x * x, 3.0, [0.5])
    assert [float(v[0]) for v in d] == [3.5, 2.5, 12.25, 6.25, 1.0, 6.0]


def test_everything_is_in_the_type_that_was_asked_for():
    d = differences(np.tanh, 0.1, [1e-3], dtype=np.float32)
    assert {v.dtype for v in d} == {np.dtype(np.float32)}


def test_a_lost_step_and_an_overflow_are_shown_as_they_are():
    assert step_errors(np.exp, 1.0, 0.0, [1e-20]) == 1.0
    assert np.isinf(step_errors(np.exp, 1.0, 0.0, [1e3]))
