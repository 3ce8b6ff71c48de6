"""Activations: values worked by hand, derivatives by differences, and whose array is whose."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import ndtr

from glassnet import activations
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU, get
from glassnet.errors import ConfigError, DataError, ShapeError, UnknownNameError

EVERY = {a.name: a for a in ACTIVATIONS.values()} | {
    "leaky_relu(0.01)": LeakyReLU(0.01),
    "elu(0.5)": ELU(0.5),
}
SMOOTH = {n: a for n, a in EVERY.items() if n != "step"}
ELEMENTWISE = {n: a for n, a in EVERY.items() if a.elementwise}


def each(table):
    return pytest.mark.parametrize("f", table.values(), ids=table)


def points(shape, seed=0, dtype=np.float64):
    """Numbers between -4 and 4 that keep away from 0, where some functions have a corner."""
    rng = np.random.default_rng(seed)
    return (rng.uniform(0.05, 4, shape) * rng.choice([-1, 1], shape)).astype(dtype)


def matrices(dtype=np.float64, limit=1000):
    shapes = hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5)
    numbers = st.floats(-limit, limit, width=np.dtype(dtype).itemsize * 8)
    return hnp.arrays(dtype, shapes, elements=numbers)


# --- values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "z", "y"),
    [
        ("step", [-1, 0, 0.5], [0, 0, 1]),
        ("linear", [-2, 3], [-2, 3]),
        ("sigmoid", [0, 1, 5, -1], [0.5, 0.7310585786, 0.9933071491, 0.2689414214]),
        ("tanh", [0, 1, -1], [0, 0.7615941560, -0.7615941560]),
        ("relu", [-3, 0, 3], [0, 0, 3]),
        ("relu6", [-3, 0, 3, 6, 7], [0, 0, 3, 6, 6]),
        ("leaky_relu", [-3, 0, 3], [-0.6, 0, 3]),
        ("elu", [-1, 0, 2], [-0.6321205588, 0, 2]),
        ("selu", [-1, 0, 1], [-1.1113307378, 0, 1.0507009874]),
        ("gelu", [-1, 0, 1], [-0.1586552539, 0, 0.8413447461]),
        ("gelu_tanh", [-1, 0, 1], [-0.1588080094, 0, 0.8411919906]),
        ("silu", [-1, 0, 1], [-0.2689414214, 0, 0.7310585786]),
        ("softplus", [-1, 0, 1], [0.3132616875, 0.6931471806, 1.3132616875]),
        ("exponential", [-1, 0, 1], [0.3678794412, 1, 2.7182818285]),
        ("softmax", [1, 2, 3], [0.0900305732, 0.2447284711, 0.6652409558]),
        ("log_softmax", [1, 2, 3], [-2.4076059644, -1.4076059644, -0.4076059644]),
    ],
)
def test_values_worked_by_hand(name, z, y):
    np.testing.assert_allclose(get(name)(z), y, atol=1e-10)


def test_the_sigmoid_of_the_book():
    assert f"{activations.sigmoid(1):.4f}" == "0.7311"  # printed as 0.713 in one article
    assert f"{activations.sigmoid(5):.4f}" == "0.9933"


@each(ELEMENTWISE)
def test_a_number_gives_a_number(f):
    y, slope = f(2), f.derivative(2)
    assert type(y) is float
    assert type(slope) is float
    assert y == f(np.array([2.0]))[0]


@each(EVERY)
def test_types_of_input(f):
    assert f([[1, 2], [3, 4]]).dtype == np.float64
    assert f(np.array([1, 2], np.uint8)).dtype == np.float64
    assert f([True, False]).dtype == np.float64
    assert f(np.ones(3, np.float32)).dtype == np.float32
    assert f(np.ones(3, ">f4")).dtype == np.float64
    assert f.forward(np.ones((2, 3), np.float32), np.ones(3, np.float32)).dtype == np.float32
    assert f.backward(np.ones(3, np.float32), np.ones(3, np.float32)).dtype == np.float32


def test_gelu_is_exact_in_both_tails():
    z = np.linspace(-30, 30, 1201)
    np.testing.assert_allclose(activations.gelu(z), z * ndtr(z), rtol=5e-13, atol=0)
    near = z[abs(z) < 8].astype(np.float32)
    exact = near.astype(np.float64) * ndtr(near.astype(np.float64))
    np.testing.assert_allclose(activations.gelu(near), exact, rtol=5e-6, atol=0)


@each({n: EVERY[n] for n in ("sigmoid", "softplus")})
def test_small_values_keep_their_digits(f):
    z = np.linspace(-80, -10, 71)
    np.testing.assert_allclose(f(z), np.exp(z) * (1 - 0.5 * np.exp(z)), rtol=1e-4)
    np.testing.assert_allclose(f(z.astype(np.float32)), f(z), rtol=1e-5)


# --- derivatives -------------------------------------------------------------------------


def loss_of(f, z, direction):
    return float((f.forward(z) * direction).sum())


def saved_of(f, z):
    return z if f.needs_z else f.forward(z)


@each(EVERY)
def test_backward_is_the_central_difference_by_coordinate(f):
    z, dy, h = points((3, 4)), points((3, 4), seed=1), 1e-5
    dz = f.backward(saved_of(f, z), dy)
    for i in np.ndindex(z.shape):
        up, down = z.copy(), z.copy()
        up[i] += h
        down[i] -= h
        slope = (loss_of(f, up, dy) - loss_of(f, down, dy)) / (2 * h)
        assert dz[i] == pytest.approx(slope, abs=2e-9, rel=1e-7)


@each(EVERY)
def test_backward_along_random_directions(f):
    rng, h = np.random.default_rng(3), 1e-5
    for seed in range(5):
        z, dy, v = points((5, 7), seed), points((5, 7), seed + 9), rng.standard_normal((5, 7))
        v /= np.linalg.norm(v)
        dz = f.backward(saved_of(f, z), dy)
        slope = (loss_of(f, z + h * v, dy) - loss_of(f, z - h * v, dy)) / (2 * h)
        assert (dz * v).sum() == pytest.approx(slope, abs=1e-8)


@each(ELEMENTWISE)
def test_derivative_is_the_diagonal_of_the_jacobian(f):
    z = points(5)
    np.testing.assert_array_equal(f.jacobian(z), np.diag(f.derivative(z)))


@pytest.mark.parametrize(
    ("name", "slope"), [("relu", 0), ("step", 0), ("leaky_relu", 0.2), ("elu", 1), ("tanh", 1)]
)
def test_slope_at_zero(name, slope):
    assert get(name).derivative(0) == slope


def test_step_cannot_learn_and_says_so():
    assert not activations.step.trainable
    assert not activations.step.derivative(points(20)).any()
    assert all(f.trainable for f in SMOOTH.values())


# --- far out, and not numbers ------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@each({n: f for n, f in EVERY.items() if n != "exponential"})
def test_stable_at_a_thousand(f, dtype):
    z = np.array([[-1000, 1000, 0], [1000, 999, -1000], [-1000, -1000, -1000]], dtype)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        y = f(z)
        dz = f.backward(saved_of(f, z), np.ones_like(z))
    assert np.isfinite(y).all()
    assert np.isfinite(dz).all()
    if f.elementwise:
        high, low = y[0, 1], y[0, 0]
        top = {"step": 1, "sigmoid": 1, "tanh": 1, "relu6": 6, "selu": 1000 * activations.selu(1)}
        bottom = {
            "linear": -1000,
            "tanh": -1,
            "leaky_relu": -200,
            "leaky_relu(0.01)": -10,
            "elu": -1,
            "elu(0.5)": -0.5,
            "selu": activations.selu(-1000),
        }
        name = next(n for n, a in EVERY.items() if a is f)
        assert high == pytest.approx(top.get(name, 1000))
        assert low == pytest.approx(bottom.get(name, 0), abs=0 if name == "sigmoid" else 1e-30)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@each(EVERY)
def test_nan_stays_visible(f, dtype):
    z = np.zeros((4, 33), dtype)  # wide enough for the vector part of a loop and its rest
    z[1, 3], z[2, 32] = np.nan, np.nan
    for y in (f(z), f.forward(z, np.zeros(33, dtype))):
        assert np.isnan(y[1, 3])
        assert np.isnan(y[2, 32])
        assert np.isfinite(y[0]).all()
    dy = np.ones_like(z)
    dy[1, 3] = np.nan
    if f.trainable:
        dz = f.backward(saved_of(f, np.ones_like(z)), dy)
        assert np.isnan(dz[1, 3])


@each(ELEMENTWISE)
def test_infinity_gives_no_warning(f):
    y = f(np.array([np.inf, -np.inf, 1e38], np.float32))
    assert not np.isnan(y[0])
    f.derivative(np.array([np.inf, -np.inf, 1e38], np.float32))


# --- arrays: whose they are, how they lie ------------------------------------------------


@each(EVERY)
def test_out_equals_allocation_bit_for_bit(f):
    for dtype in (np.float32, np.float64):
        z, b, dy = points((6, 5), 1, dtype), points(5, 2, dtype), points((6, 5), 3, dtype)
        for bias in (None, b):
            fresh = f.forward(z, bias)
            into, inplace = np.full_like(z, 9), z.copy()
            assert f.forward(z, bias, out=into) is into
            assert f.forward(inplace, bias, out=inplace) is inplace
            np.testing.assert_array_equal(into, fresh)
            np.testing.assert_array_equal(inplace, fresh)
        saved = saved_of(f, z)
        fresh = f.backward(saved, dy)
        into, inplace = np.full_like(z, 9), dy.copy()
        assert f.backward(saved, dy, out=into) is into
        assert f.backward(saved, inplace, out=inplace) is inplace
        np.testing.assert_array_equal(into, fresh)
        np.testing.assert_array_equal(inplace, fresh)
        over = saved.copy()
        np.testing.assert_array_equal(f.backward(over, dy, out=over), fresh)


@each(EVERY)
def test_callers_arrays_stay_as_they_were(f):
    z, b, dy = points((4, 3)), points(3, 1), points((4, 3), 2)
    before = z.copy(), b.copy(), dy.copy()
    y = f.forward(z, b)
    assert not np.shares_memory(y, z)
    f(z), f.forward(z), f.jacobian(z)
    saved = saved_of(f, z)
    kept = saved.copy()
    first = f.backward(saved, dy)
    assert not np.shares_memory(first, dy)
    np.testing.assert_array_equal(f.backward(saved, dy), first)  # twice the same
    for now, then in zip((z, b, dy, saved), (*before, kept), strict=True):
        np.testing.assert_array_equal(now, then)


@each({n: EVERY[n] for n in ("relu", "gelu", "softmax")})
def test_read_only_input(f):
    z, dy = points((4, 3)), points((4, 3), 2)
    z.flags.writeable = dy.flags.writeable = False
    f.backward(saved_of(f, z), dy)
    f(z)


@each(EVERY)
def test_arrays_that_are_not_contiguous(f):
    wide = points((6, 8))
    for z in (wide[::2, ::2], wide.T, wide[:, ::-1], np.asfortranarray(wide)):
        packed = np.ascontiguousarray(z)
        np.testing.assert_array_equal(f(z), f(packed))
        dy = points(z.shape[::-1], 5).T
        expected = f.backward(saved_of(f, packed), np.ascontiguousarray(dy))
        saved = z if f.needs_z else np.asfortranarray(f(z))
        np.testing.assert_array_equal(f.backward(saved, dy), expected)
        out = np.zeros(z.shape[::-1]).T
        assert f.forward(z, out=out) is out
        np.testing.assert_array_equal(out, f(packed))
        np.testing.assert_array_equal(f.backward(saved, dy, out=out), expected)


@settings(max_examples=25, deadline=None)
@given(z=matrices())
def test_any_shape_equals_its_rows_one_by_one(z):
    flat = z.reshape(-1, z.shape[-1])
    for f in EVERY.values():
        whole = f(z)
        assert whole.shape == z.shape
        rows = np.stack([f(row) for row in flat]).reshape(z.shape)
        np.testing.assert_allclose(whole, rows, rtol=1e-14, atol=0)


@settings(max_examples=25, deadline=None)
@given(z=matrices(np.float32), seed=st.integers(0, 9))
def test_bias_is_added_along_the_last_axis(z, seed):
    b = points(z.shape[-1], seed, np.float32)
    for f in EVERY.values():
        np.testing.assert_allclose(f.forward(z, b), f(z + b), rtol=1e-6, atol=1e-37)


@each(EVERY)
def test_empty_arrays(f):
    for shape in ((0,), (0, 3), (3, 0), (2, 0, 4)):
        z = np.zeros(shape)
        assert f(z).shape == shape
        assert f.backward(z, z).shape == shape


# --- errors ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", [["a", "b"], [None], np.array([object()]), [1 + 2j], [[1, 2], [3]], np.array(["1", "2"])]
)
def test_not_numbers(bad):
    with pytest.raises(DataError, match="relu: "):
        activations.relu(bad)


def test_shapes_that_do_not_fit():
    z = np.ones((2, 3))
    with pytest.raises(ShapeError, match=r"bias has shape \(2,\).*wants \(3,\)"):
        activations.relu.forward(z, np.ones(2))
    with pytest.raises(ShapeError, match="bias"):
        activations.relu.forward(z, np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"dy has shape \(3, 2\)"):
        activations.relu.backward(z, np.ones((3, 2)))
    with pytest.raises(ShapeError, match="out"):
        activations.relu.forward(z, out=np.ones((2, 2)))
    with pytest.raises(ShapeError, match="float32"):
        activations.relu.forward(z, out=np.ones((2, 3), np.float32))


def test_names():
    assert get("swish") is activations.silu
    assert get(None) is activations.linear
    assert get(activations.elu) is activations.elu
    with pytest.raises(UnknownNameError, match="unknown activation 'relo': did you mean 'relu'"):
        get("relo")
    with pytest.raises(UnknownNameError):
        get({"alpha": 1})
    with pytest.raises(ConfigError, match=r"'alfa'.*did you mean 'alpha'"):
        get({"name": "elu", "alfa": 1})
    for bad in (-0.1, math.nan, math.inf, "1"):
        with pytest.raises(ConfigError, match="negative_slope"):
            LeakyReLU(bad)
        with pytest.raises(ConfigError, match="alpha"):
            ELU(bad)


@each(EVERY)
def test_config_and_pickle_bring_it_back(f):
    assert get(f.get_config()) == f
    assert pickle.loads(pickle.dumps(f)) == f
    assert f.get_config()["name"] == f.name


@each(EVERY)
def test_formulas_are_there(f):
    for text in (f.formula, f.derivative_formula, f.latex, f.derivative_latex):
        assert "=" in text
    for latex in (f.latex, f.derivative_latex):
        assert latex.count("{") == latex.count("}")
        assert latex.count(r"\left") == latex.count(r"\right")
        assert latex.isascii()
