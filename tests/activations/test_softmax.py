"""Softmax: its Jacobian, its backward pass, and that it is the same function when fused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.activations import log_softmax, softmax
from glassnet.errors import ConfigError
from glassnet.losses import CategoricalCrossentropy

ROWS = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
    elements=st.floats(-1000, 1000),
)


def test_jacobian_by_its_formula():
    z = np.array([0.3, -1.0, 2.0])
    y = softmax(z)
    np.testing.assert_allclose(softmax.jacobian(z), np.diag(y) - np.outer(y, y), atol=1e-16)
    np.testing.assert_allclose(log_softmax.jacobian(z), np.eye(3) - y, atol=1e-16)


def test_jacobian_of_two_by_hand():
    # z = (0, log 3): y = (1/4, 3/4), and every entry is ± 3/16
    expected = np.array([[3, -3], [-3, 3]]) / 16
    np.testing.assert_allclose(softmax.jacobian([0, np.log(3)]), expected, atol=1e-16)


@pytest.mark.parametrize("f", [softmax, log_softmax], ids=["softmax", "log_softmax"])
def test_jacobian_by_central_differences(f):
    z, h = np.random.default_rng(0).standard_normal((3, 5)), 1e-5
    J = f.jacobian(z)
    assert J.shape == (3, 5, 5)
    for j in range(5):
        e = h * np.eye(5)[j]
        np.testing.assert_allclose(J[:, :, j], (f(z + e) - f(z - e)) / (2 * h), atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(z=ROWS, shift=st.floats(-1000, 1000))
def test_rows_are_probabilities_and_a_shift_changes_nothing(z, shift):
    y = softmax(z)
    assert (y >= 0).all()
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax(z + shift), y, atol=1e-12)
    in_order = np.take_along_axis(y, z.argsort(axis=1), axis=1)
    assert (np.diff(in_order, axis=1) >= 0).all()


@settings(max_examples=50, deadline=None)
@given(z=ROWS)
def test_log_softmax_is_its_logarithm_and_never_positive(z):
    log_y, y = log_softmax(z), softmax(z)
    assert (log_y <= 0).all()
    np.testing.assert_allclose(np.exp(log_y), y, rtol=1e-11, atol=1e-300)


def test_log_softmax_keeps_what_softmax_rounds_away():
    np.testing.assert_allclose(log_softmax(np.float32([0, 1000])), [-1000, 0])


@pytest.mark.parametrize("k", range(1, 14))
def test_the_largest_is_found_wherever_it_is(k):
    z = np.full((k, k), -5.0, np.float32)
    np.fill_diagonal(z, 800.0)  # overflows if it is not subtracted
    np.testing.assert_array_equal(softmax(z), np.eye(k))
    np.testing.assert_array_equal(log_softmax(z).diagonal(), np.zeros(k))


def test_backward_is_the_jacobian_applied():
    rng = np.random.default_rng(1)
    z, dy = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    for f in (softmax, log_softmax):
        expected = np.einsum("ni,nij->nj", dy, f.jacobian(z))
        np.testing.assert_allclose(f.backward(f(z), dy), expected, atol=1e-15)


@settings(max_examples=50, deadline=None)
@given(z=hnp.arrays(np.float64, (4, 3), elements=st.floats(-5, 5)), seed=st.integers(0, 99))
def test_the_two_ways_to_the_logits_agree(z, seed):
    """softmax backward ∘ cross-entropy gradient from probabilities = the fused gradient."""
    t = np.random.default_rng(seed).dirichlet(np.ones(3), 4)
    alone, fused = CategoricalCrossentropy(), CategoricalCrossentropy().fused_with(softmax)
    y = softmax(z)
    assert fused(t, z) == pytest.approx(alone(t, y), abs=1e-13)
    two_steps = softmax.backward(y, alone.gradient(t, y))
    np.testing.assert_allclose(two_steps, fused.gradient(t, z), atol=1e-14)


def test_a_confident_mistake_gets_its_gradient():
    """The softmax derivative applied to p - t, which contains it already, gives nothing here."""
    z, t = np.array([[12.0, 0.0]]), np.array([[0.0, 1.0]])
    fused = CategoricalCrossentropy(from_logits=True)
    np.testing.assert_allclose(fused.gradient(t, z), [[1, -1]], atol=1e-5)
    y = softmax(z)
    right = softmax.backward(y, CategoricalCrossentropy().gradient(t, y))
    np.testing.assert_allclose(right, [[1, -1]], atol=1e-5)
    twice = softmax.backward(y, y - t)
    assert abs(twice).max() < 1e-4  # what the mistake looks like


def test_no_derivative_by_element():
    with pytest.raises(ConfigError, match="jacobian"):
        softmax.derivative([1.0, 2.0])
