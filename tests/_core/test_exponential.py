"""exp, tanh and log of our own, against NumPy in long double."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet._core.exponential import exp, log, tanh
from glassnet._core.jit import kernel


@kernel
def all_exp(x):
    for i in range(x.size):
        x[i] = exp(x[i])


@kernel
def all_tanh(x):
    for i in range(x.size):
        x[i] = tanh(x[i])


@kernel
def all_log(x):
    for i in range(x.size):
        x[i] = log(x[i])


def applied(run, x):
    y = x.copy()
    run(y)
    return y


def ulps(y, exact):
    """The error in units of the last place of the result's own type."""
    spacing = np.spacing(np.abs(exact).astype(y.dtype)).astype(np.longdouble)
    return np.abs(y.astype(np.longdouble) - exact) / spacing


LIMITS = {np.float32: (-86.5, 88.7), np.float64: (-706.0, 709.7)}
DTYPES = pytest.mark.parametrize("dtype", LIMITS)


@DTYPES
def test_exp_is_off_by_less_than_two_in_the_last_place(dtype):
    low, high = LIMITS[dtype]
    wide = np.linspace(low, high, 100_001)
    x = np.concatenate([wide, np.linspace(-2, 2, 50_001), [0.0]]).astype(dtype)
    assert ulps(applied(all_exp, x), np.exp(x.astype(np.longdouble))).max() < 2
    assert applied(all_exp, np.zeros(1, dtype))[0] == 1


@DTYPES
def test_exp_at_the_edges(dtype):
    low, high = LIMITS[dtype]
    x = np.array([np.nan, np.inf, -np.inf, high + 1, 2 * high, low - 20, -1e30, -0.0], dtype)
    expected = [np.nan, np.inf, 0, np.inf, np.inf, 0, 0, 1]
    np.testing.assert_array_equal(applied(all_exp, x), expected)


@DTYPES
def test_tanh(dtype):
    small = np.logspace(-30, 0, 50_001)
    x = np.concatenate([np.linspace(-30, 30, 100_001), small, -small]).astype(dtype)
    exact = np.tanh(x.astype(np.longdouble))
    y = applied(all_tanh, x)
    assert ulps(y, exact).max() < 4
    assert np.abs(y).max() == 1  # and never above
    np.testing.assert_array_equal(applied(all_tanh, -x), -y)
    edges = np.array([np.nan, np.inf, -np.inf, 0, 1e30], dtype)
    np.testing.assert_array_equal(applied(all_tanh, edges), [np.nan, 1, -1, 0, 1])


@DTYPES
def test_log(dtype):
    largest = 80 if dtype is np.float32 else 700
    x = np.exp(np.concatenate([np.linspace(-largest, largest, 100_001), np.linspace(1e-3, 3, 999)]))
    x = x.astype(dtype)
    exact = np.log(x.astype(np.longdouble))
    y = applied(all_log, x)
    far = np.abs(exact) > 1e-3  # around log 1 = 0 the error is small, not its share
    assert ulps(y, exact)[far].max() < 3
    assert np.abs(y - exact)[~far].max(initial=0) < np.finfo(dtype).eps
    edges = np.array([1, np.inf, np.nan], dtype)
    np.testing.assert_array_equal(applied(all_log, edges), [0, np.inf, np.nan])


@settings(max_examples=50, deadline=None)
@given(x=st.floats(-80, 80, width=32))
def test_one_number_outside_of_a_loop(x):
    for dtype, tolerance in ((np.float32, 3e-7), (np.float64, 1e-15)):
        number = dtype(x)
        assert exp(number) == pytest.approx(np.exp(np.float64(number)), rel=tolerance)
        assert tanh(number) == pytest.approx(np.tanh(np.float64(number)), rel=tolerance)
        assert type(exp(number)) in (dtype, float)
