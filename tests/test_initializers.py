"""First weights: spreads, shapes and seeds."""

import numpy as np
import pytest

from glassnet import initializers
from glassnet.errors import ConfigError, ShapeError, UnknownNameError
from glassnet.initializers import INITIALIZERS, fans
from glassnet.layers import Conv1D, Conv2D

FAN_IN, FAN_OUT = 300, 200
SPREADS = {  # standard deviation, largest absolute value
    "random_normal": (0.05, np.inf),
    "random_uniform": (0.05 / np.sqrt(3), 0.05),
    "glorot_uniform": (np.sqrt(2 / (FAN_IN + FAN_OUT)), np.sqrt(6 / (FAN_IN + FAN_OUT))),
    "glorot_normal": (np.sqrt(2 / (FAN_IN + FAN_OUT)), 2 / 0.87962566 * np.sqrt(2 / 500)),
    "he_normal": (np.sqrt(2 / FAN_IN), 2 / 0.87962566 * np.sqrt(2 / FAN_IN)),
    "he_uniform": (np.sqrt(2 / FAN_IN), np.sqrt(6 / FAN_IN)),
    "lecun_normal": (np.sqrt(1 / FAN_IN), 2 / 0.87962566 * np.sqrt(1 / FAN_IN)),
    "lecun_uniform": (np.sqrt(1 / FAN_IN), np.sqrt(3 / FAN_IN)),
}


def draw(name, shape=(FAN_IN, FAN_OUT), dtype=np.float64, seed=0, **settings):
    return initializers.get({"name": name, **settings})(shape, np.random.default_rng(seed), dtype)


@pytest.mark.parametrize("name", SPREADS)
def test_spread(name):
    spread, limit = SPREADS[name]
    w = draw(name)
    # Of 60,000 samples the standard deviation is known to 0.3 %, the mean to σ/245.
    assert w.std() == pytest.approx(spread, rel=0.012)
    assert abs(w.mean()) < 4 * spread / np.sqrt(w.size)
    assert np.abs(w).max() <= limit
    if np.isfinite(limit):
        assert np.abs(w).max() > 0.98 * limit


def test_truncated_normal_has_the_shape_of_a_normal_between_the_cuts():
    w = draw("he_normal", (1000, 200)) * np.sqrt(1000 / 2) * 0.87962566
    within_one = (np.abs(w) < 1).mean()
    assert within_one == pytest.approx(0.6826895 / 0.9544997, abs=0.005)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_seed_shape_and_type(name):
    a = draw(name, (7, 5), np.float32, seed=3)
    assert a.shape == (7, 5)
    assert a.dtype == np.float32
    np.testing.assert_array_equal(a, draw(name, (7, 5), np.float32, seed=3))
    np.testing.assert_array_equal(a, draw(name, (7, 5), np.float64, seed=3).astype(np.float32))
    if a.std() > 0:
        assert (a != draw(name, (7, 5), np.float32, seed=4)).any()


def test_fans_of_vectors_matrices_and_kernels():
    assert fans(()) == (1, 1)
    assert fans((7,)) == (7, 7)
    assert fans((7, 5)) == (7, 5)
    assert fans((3, 2, 7, 5)) == (42, 30)
    kernel = draw("he_normal", (3, 3, 32, 64))
    assert kernel.std() == pytest.approx(np.sqrt(2 / (9 * 32)), rel=0.02)


@pytest.mark.parametrize("shape", [(20, 20), (30, 10), (10, 30), (3, 3, 4, 8)])
def test_orthogonal(shape):
    w = draw("orthogonal", shape, gain=2.0).reshape(-1, shape[-1])
    product = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    np.testing.assert_allclose(product, 4 * np.eye(min(w.shape)), atol=1e-12)


def test_orthogonal_is_a_fair_rotation():
    first = [draw("orthogonal", (2, 2), seed=s)[0, 0] for s in range(300)]
    assert abs(np.mean(np.sign(first))) < 0.25


def test_constants():
    assert (draw("zeros", (3,)) == 0).all()
    assert (draw("ones", (3,)) == 1).all()
    assert (draw("constant", (3,), value=0.25) == 0.25).all()
    assert draw("zeros", ()).shape == ()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_config_makes_the_same_again(name):
    first = initializers.get(name)
    again = initializers.get(first.get_config())
    assert again == first
    assert type(again) is type(first)


def test_unknown_names_and_settings():
    with pytest.raises(UnknownNameError, match="did you mean 'he_normal'"):
        initializers.get("he_norml")
    with pytest.raises(UnknownNameError, match="unknown setting of random_normal 'std': did you"):
        initializers.get({"name": "random_normal", "std": 1.0})
    with pytest.raises(UnknownNameError):
        initializers.get({"name": "glorot_uniform", "scale": 3.0})
    with pytest.raises(UnknownNameError):
        initializers.get(None)


@pytest.mark.parametrize(
    "config",
    [
        {"name": "random_normal", "stddev": -1.0},
        {"name": "random_uniform", "minval": 1.0, "maxval": 0.0},
        {"name": "variance_scaling", "scale": 0.0},
        {"name": "variance_scaling", "mode": "fan"},
        {"name": "variance_scaling", "distribution": "cauchy"},
        {"name": "constant", "value": float("nan")},
        {"name": "orthogonal", "gain": "big"},
    ],
)
def test_settings_out_of_range(config):
    with pytest.raises(ConfigError):
        initializers.get(config)


def test_orthogonal_needs_two_axes():
    with pytest.raises(ShapeError, match="orthogonal"):
        draw("orthogonal", (5,))


@pytest.mark.parity
@pytest.mark.parametrize("name", ["he_normal", "glorot_normal", "lecun_uniform", "glorot_uniform"])
def test_quantiles_as_keras(name):
    keras = pytest.importorskip("keras")
    theirs = np.asarray(getattr(keras.initializers, name)(seed=1)((300, 200)))
    levels = np.linspace(0.01, 0.99, 25)
    np.testing.assert_allclose(
        np.quantile(draw(name), levels), np.quantile(theirs, levels), atol=0.025 * theirs.std()
    )


KERNELS = {
    "3×3": (Conv2D(32, 3), (8, 8, 16), (144, 288)),
    "2×5": (Conv2D(7, (2, 5)), (8, 8, 3), (30, 70)),
    "in groups": (Conv2D(8, 3, groups=4), (8, 8, 16), (36, 72)),
    "depthwise": (Conv2D(16, 3, groups=16), (8, 8, 16), (9, 144)),
    "of a series": (Conv1D(6, 5), (20, 4), (20, 30)),
}


@pytest.mark.parametrize("case", KERNELS)
def test_the_fans_of_a_kernel_are_its_window_times_the_channels(case):
    layer, shape, expected = KERNELS[case]
    layer.build(shape, np.random.default_rng(0))
    assert fans(layer.W.shape) == expected
    limit = np.sqrt(6 / sum(expected))  # glorot_uniform, unless another one is said
    assert 0.9 * limit < abs(layer.W).max() <= limit
    he = initializers.get("he_normal")((*layer.W.shape[:-1], 4000), np.random.default_rng(1))
    assert he.std() == pytest.approx(np.sqrt(2 / expected[0]), rel=0.02)


@pytest.mark.parity
@pytest.mark.parametrize("case", KERNELS)
def test_the_fans_of_a_kernel_are_kerass(case):
    keras = pytest.importorskip("keras")
    layer, shape, expected = KERNELS[case]
    kind = getattr(keras.layers, type(layer).__name__)
    theirs = kind(layer.filters, layer.kernel_size, groups=layer.groups)
    theirs.build((None, *shape))
    kernel = tuple(theirs.kernel.shape)
    layer.build(shape)
    assert kernel == layer.W.shape
    limit = np.sqrt(6 / sum(expected))
    assert 0.9 * limit < abs(np.asarray(theirs.kernel)).max() <= limit
    for name, spread in (("he_normal", 2 / expected[0]), ("lecun_normal", 1 / expected[0])):
        drawn = np.asarray(getattr(keras.initializers, name)(seed=1)((*kernel[:-1], 4000)))
        assert drawn.std() == pytest.approx(np.sqrt(spread), rel=0.02)
