"""Clipped gradients."""

import numpy as np
import pytest

from glassnet import optimizers
from glassnet.errors import ConfigError
from glassnet.optimizers.clipping import Clipping, norm

SEGMENTS = [slice(0, 2), slice(2, 5)]
G = np.array([3.0, 4.0, 0.0, 0.6, -0.8])  # tensors of length 5 and 1


def clipped(g=G, runs=None, **ways):
    clipping = Clipping("sgd", **ways)
    clipping.prepare(g.size, g.dtype, SEGMENTS)
    return clipping(g, runs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_by_hand(dtype):
    g = G.astype(dtype)
    np.testing.assert_allclose(clipped(g, clipvalue=0.7), [0.7, 0.7, 0, 0.6, -0.7], rtol=1e-6)
    np.testing.assert_allclose(clipped(g, clipnorm=2.0), [1.2, 1.6, 0, 0.6, -0.8], rtol=1e-6)
    shorter = 2 / np.sqrt(26)
    np.testing.assert_allclose(clipped(g, global_clipnorm=2.0), G * shorter, rtol=1e-6)
    np.testing.assert_array_equal(g, G.astype(dtype))
    for way in ("clipvalue", "clipnorm", "global_clipnorm"):
        np.testing.assert_array_equal(clipped(g, **{way: 10.0}), g)
        assert clipped(g, **{way: 1.0}).dtype == dtype


def test_a_gradient_of_zero_stays_zero():
    for way in ("clipvalue", "clipnorm", "global_clipnorm"):
        assert (clipped(np.zeros(5), **{way: 1.0}) == 0).all()


def test_frozen_gradients_do_not_count_in_the_length():
    g = np.array([np.nan, np.inf, 0.0, 3.0, 4.0])
    out = clipped(g, [slice(2, 5)], global_clipnorm=1.0)
    np.testing.assert_allclose(out[2:], [0, 0.6, 0.8])
    out = clipped(g, [slice(3, 5)], clipnorm=1.0)  # a run that cuts a tensor
    np.testing.assert_allclose(out[3:], [0.6, 0.8])


def test_large_gradients_in_float32_do_not_overflow():
    g = np.array([3e30, 4e30, 0, 0, 0], np.float32)
    assert norm(g, [slice(0, 5)]) == pytest.approx(5e30)
    np.testing.assert_allclose(clipped(g, clipnorm=1.0)[:2], [0.6, 0.8], rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradients_that_are_not_finite_become_nan(bad):
    g = G.copy()
    g[0] = bad
    assert np.isnan(clipped(g, global_clipnorm=1.0)).all()
    assert np.isnan(clipped(g, clipnorm=1.0)[:2]).all()
    assert np.isfinite(clipped(g, clipnorm=1.0)[2:]).all()


def test_a_clipped_step():
    w = np.zeros(5)
    optimizer = optimizers.SGD(1.0, clipnorm=1.0)
    optimizer.initialize(5, np.float64, SEGMENTS)
    optimizer.step(w, G)
    np.testing.assert_allclose(w, [-0.6, -0.8, 0, -0.6, 0.8])


def test_two_ways_at_once():
    with pytest.raises(ConfigError, match="clipnorm and clipvalue are given; give only one"):
        optimizers.Adam(clipnorm=1.0, clipvalue=1.0)


@pytest.mark.parametrize(
    "segments",
    [[], [slice(0, 4)], [slice(1, 5)], [slice(0, 3), slice(2, 5)], [slice(0, 2), slice(3, 5)]],
)
def test_segments_must_cover_the_vector(segments):
    with pytest.raises(ConfigError, match="do not cover 0 to 5"):
        optimizers.Adam(clipnorm=1.0).initialize(5, np.float32, segments)
