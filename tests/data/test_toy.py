"""The made-up sets against their formulas."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from glassnet.data import blobs, circles, moons, sine, spiral, vertical, xor
from glassnet.errors import ConfigError

PLANAR = [spiral, vertical, moons, circles, blobs, xor]


def test_spiral_without_noise_is_the_formula_point_by_point():
    data = spiral(5, noise=0.0, dtype="float64")
    for k in range(3):
        for i in range(5):
            r = i / 4
            t = 4 * k + 4 * i / 4
            expected = (r * math.sin(2.5 * t), r * math.cos(2.5 * t))
            np.testing.assert_allclose(data.x[5 * k + i], expected, atol=1e-15)
    # By hand, class 1, i = 2: r = 0.5, t = 6, 2.5 t = 15, sin 15 = 0.6503, cos 15 = -0.7597.
    np.testing.assert_allclose(data.x[7], [0.3251, -0.3798], atol=1e-4)


def test_spiral_noise_turns_the_angle_and_leaves_the_radius():
    data = spiral(200, dtype="float64")
    radius = np.hypot(*data.x.T).reshape(3, 200)
    np.testing.assert_allclose(radius, np.tile(np.arange(200) / 199, (3, 1)), atol=1e-12)
    # The angle between each point and its place without noise is 2.5·0.2·ε.
    clean = spiral(200, noise=0.0, dtype="float64").x
    a = np.arctan2(*data.x.T) - np.arctan2(*clean.T)
    turned = (a + np.pi) % (2 * np.pi) - np.pi
    spread = turned.reshape(3, 200)[:, 1:].std()
    assert 0.45 < spread < 0.55


def test_vertical_is_three_clouds_a_third_apart():
    data = vertical(4000, dtype="float64", seed=3)
    for k in range(3):
        cloud = data.x[data.y == k]
        np.testing.assert_allclose(cloud.mean(axis=0), [k / 3, 0.5], atol=0.01)
        np.testing.assert_allclose(cloud.std(axis=0), [0.1, 0.1], atol=0.005)
    np.testing.assert_array_equal(vertical(2, noise=0.0, dtype="float64").x[4], [2 / 3, 0.5])


def test_vertical_has_the_bayes_accuracy_and_cross_entropy_of_the_reference():
    data = vertical(40_000, dtype="float64", seed=1)
    density = norm.pdf(data.x[:, :1], loc=np.arange(3) / 3, scale=0.1)  # x2 says nothing
    posterior = density / density.sum(axis=1, keepdims=True)
    accuracy = np.mean(posterior.argmax(axis=1) == data.y)
    cross_entropy = -np.mean(np.log(posterior[np.arange(len(data.y)), data.y]))
    assert accuracy == pytest.approx(0.936, abs=0.003)
    assert cross_entropy == pytest.approx(0.162, abs=0.003)
    assert (4 * norm.cdf(5 / 3) - 1) / 3 == pytest.approx(0.936, abs=5e-4)


def test_sine_by_hand():
    data = sine(4, dtype="float64")
    np.testing.assert_array_equal(data.x, [[0.0], [0.25], [0.5], [0.75]])
    np.testing.assert_allclose(data.y, [0, 1, 0, -1], atol=1e-15)
    assert data.task == "regression" and data.class_names is None


def test_moons_circles_blobs_and_xor_without_noise():
    np.testing.assert_allclose(
        moons(3, noise=0, dtype="float64").x,
        [[1, 0], [0, 1], [-1, 0], [0, 0.5], [1, -0.5], [2, 0.5]],
        atol=1e-15,
    )
    ring = circles(8, noise=0, factor=0.3, dtype="float64")
    np.testing.assert_allclose(np.hypot(*ring.x.T), [1.0] * 8 + [0.3] * 8)
    np.testing.assert_allclose(
        blobs(1, n_classes=4, noise=0, dtype="float64").x,
        [[1, 0], [0, 1], [-1, 0], [0, -1]],
        atol=1e-15,
    )
    table = xor(2, noise=0)
    assert table.x.tolist() == [[0, 0], [1, 1], [0, 1], [1, 0]]
    assert table.y.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("make", PLANAR)
def test_same_seed_same_points_other_seed_other_points(make):
    a, b, c = make(20, seed=5), make(20, seed=5), make(20, seed=6)
    assert a.x.tobytes() == b.x.tobytes()
    assert not np.array_equal(a.x, c.x)
    assert a.x.dtype == np.float32 and a.y.dtype == np.int64
    assert np.bincount(a.y).tolist() == [20] * a.n_classes
    assert make(20, dtype="float64").x.dtype == np.float64


def test_global_random_state_is_neither_read_nor_changed():
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    spiral(10)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.parametrize("make", [*PLANAR, sine])
@pytest.mark.parametrize(
    "bad", [{"noise": -1.0}, {"noise": math.nan}, {"dtype": "int64"}, {"dtype": "float16"}]
)
def test_bad_options_are_refused(make, bad):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        make(10, **bad)


@pytest.mark.parametrize("make", [*PLANAR, sine])
@pytest.mark.parametrize("n", [0, -3, 2.5, "10"])
def test_bad_sizes_are_refused(make, n):
    with pytest.raises(ConfigError, match="number of samples"):
        make(n)


def test_one_class_and_a_bad_factor_are_refused():
    with pytest.raises(ConfigError, match="n_classes"):
        spiral(10, n_classes=1)
    with pytest.raises(ConfigError, match="factor"):
        circles(10, factor=1.0)


def test_one_sample_a_class_works():
    assert np.isfinite(spiral(1).x).all()
