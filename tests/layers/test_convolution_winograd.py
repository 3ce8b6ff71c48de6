"""Four places of a 3×3 convolution at a time, against the sums over its windows."""

import numba
import numpy as np
import pytest

from glassnet._core import team
from glassnet._core.jit import OPTIONS
from glassnet._core.tile import lanes
from glassnet.layers import Conv2D, MaxPooling2D
from glassnet.layers.convolution import winograd
from glassnet.layers.convolution.layer import fast_loops
from glassnet.layers.convolution.pooled import PooledConvolution


@numba.njit(**OPTIONS)
def compiled(x, count, numbers, floor, z):
    winograd.spread(x, 1, count, 4 * count, count, numbers, 2, 2 * count)
    winograd.collect(numbers, 2, 2 * count, count, floor, z, 1, count, 3 * count)


def plain(x, count, numbers, floor, z):
    winograd.plain_spread(x, 1, count, 4 * count, count, numbers, 2, 2 * count)
    winograd.plain_collect(numbers, 2, 2 * count, count, floor, z, 1, count, 3 * count)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_compiled_loops_are_the_plain_ones(dtype):
    count = 2 * lanes(np.dtype(dtype).itemsize)
    x = np.random.default_rng(0).standard_normal(16 * count + 1).astype(dtype)
    x[3] = np.nan
    results = []
    for loops in (compiled, plain):
        numbers, z = np.full(32 * count + 2, 9, dtype), np.full(6 * count + 1, 9, dtype)
        loops(x, count, numbers, dtype(-0.5), z)
        results.append((numbers, z))
    for got, want in zip(*results):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)
    assert np.isnan(results[0][1][3]) and np.nanmin(results[0][1]) == -0.5


def windows(layer, x):
    """max(x·W + b, 0) in float64, sum by sum."""
    x = x.astype(np.float64)
    if layer.padding == "same":
        x = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
    rows, columns = x.shape[1] - 2, x.shape[2] - 2
    z = sum(
        x[:, a : a + rows, b : b + columns] @ layer.W[a, b].astype(np.float64)
        for a in range(3)
        for b in range(3)
    )
    return np.maximum(z + layer.b, 0)


def built(shape, padding, dtype, filters=144):
    rng = np.random.default_rng(0)
    layer = Conv2D(filters, 3, padding=padding, activation="relu")
    layer.build(shape, rng, dtype)
    layer.b[...] = rng.standard_normal(filters)
    return layer, rng.standard_normal((7, *shape)).astype(dtype)


@pytest.mark.parametrize(("dtype", "most"), [("float32", 1e-5), ("float64", 1e-13)])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("shape", [(8, 6, 16), (9, 7, 32), (4, 4, 16)])
def test_four_places_at_a_time_are_the_sums_over_the_windows(shape, padding, dtype, most):
    layer, x = built(shape, padding, dtype)
    y = layer.forward(x)
    assert layer._loops.by_patches
    np.testing.assert_allclose(y, windows(layer, x), rtol=0, atol=most)


@pytest.mark.parametrize("how", ["max", "mean"])
def test_pooled_they_are_the_largest_or_the_mean_of_four(how):
    layer, x = built((9, 7, 16), "valid", "float32")
    want = windows(layer, x)[:, :6, :4].reshape(7, 3, 2, 2, 2, 144)
    fast = fast_loops(layer, pooled=how)
    y, winner = np.empty((7, 3, 2, 144), np.float32), np.empty((7, 3, 2, 144), np.uint8)
    fast.forward(x, layer.W, layer.b, 0.0, y, winner)
    assert fast.by_patches
    pooled = want.max(axis=(2, 4)) if how == "max" else want.mean(axis=(2, 4))
    np.testing.assert_allclose(y, pooled, rtol=0, atol=1e-5)
    if how == "max":
        four = want.transpose(0, 1, 3, 5, 2, 4).reshape(7, 3, 2, 144, 4)
        chosen = np.take_along_axis(four, winner[..., None].astype(int), -1)[..., 0]
        np.testing.assert_allclose(chosen, pooled, rtol=0, atol=1e-5)
    again = np.empty_like(y)
    fast.forward(x, layer.W, layer.b, 0.0, again)
    np.testing.assert_array_equal(again, y)


@pytest.mark.parametrize("place", [(0, 0), (2, 3), (5, 6)])
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30])
def test_numbers_that_are_not_finite_stay_where_their_windows_are(place, bad):
    layer, _ = built((6, 7, 16), "same", "float32")
    x = np.ones((3, 6, 7, 16), np.float32)
    good = layer.forward(x).copy()
    x[1][place] = bad
    with np.errstate(all="ignore"):  # with NUMBA_DISABLE_JIT=1 NumPy would tell
        y = layer.forward(x)
    np.testing.assert_array_equal(y[[0, 2]], good[[0, 2]])
    rows, columns = np.indices((6, 7))
    far = (abs(rows - place[0]) > 1) | (abs(columns - place[1]) > 1)
    np.testing.assert_allclose(y[1][far], good[1][far], rtol=0, atol=1e-5)
    assert (y[1][~far] != good[1][~far]).any(axis=-1).all()


def test_other_kernels_and_few_channels_go_window_by_window():
    for shape, settings in (
        ((8, 8, 1), {}), ((8, 8, 16), {"strides": 2}), ((8, 8, 16), {"dilation_rate": 2}),
        ((3, 8, 16), {}), ((8, 8, 16), {}), ((8, 8, 32), {}),
    ):  # fmt: skip
        layer = Conv2D(16, 3, **settings)
        layer.build(shape, np.random.default_rng(0))
        assert not fast_loops(layer).by_patches


@pytest.mark.parametrize(
    ("shape", "filters", "size", "way"),
    [
        ((14, 14, 16), 144, 3, "patches"),
        ((14, 14, 16), 32, 3, "blocks"),
        ((12, 12, 1), 6, 5, "pairs"),
    ],
)
@pytest.mark.parametrize("pooled", [False, True])
def test_the_same_bits_on_any_number_of_threads(monkeypatch, shape, filters, size, way, pooled):
    """Forward, dW, db and dx, of four places at a time, of all products, of pairs of places."""
    rng = np.random.default_rng(0)
    layer = Conv2D(filters, size, activation="relu")
    layer.build(shape, rng, np.float32)
    x = rng.standard_normal((37, *shape)).astype(np.float32)
    pool = MaxPooling2D()
    pool.build(layer.output_shape, rng, np.float32)
    both = PooledConvolution.of(layer, pool)
    fast = both._fast if pooled else layer._compiled()
    assert fast.by_patches == (way == "patches")
    assert bool(fast.geometry.paired) == (way == "pairs")
    one = both if pooled else layer
    found = []
    for size_of_team in (1, 2, 3, 5):
        monkeypatch.setattr(team, "TEAM", team.Team(size_of_team))
        y = one.forward(x, training=True).copy()
        dx = one.backward(np.sin(np.arange(y.size, dtype=np.float32)).reshape(y.shape)).copy()
        found.append((y, dx, layer.dW.copy(), layer.db.copy()))
    for other in found[1:]:
        for got, want in zip(other, found[0]):
            np.testing.assert_array_equal(got, want)
