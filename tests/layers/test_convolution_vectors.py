"""Filters moved by whole vectors against the plain loops beside them."""

import numba
import numpy as np
import pytest

from glassnet._core.jit import OPTIONS
from glassnet._core.tile import lanes
from glassnet.layers import Conv2D
from glassnet.layers.convolution import pairs, vectors
from glassnet.layers.convolution.layer import fast_loops
from glassnet.layers.pooling import lists
from glassnet.layers.pooling import vectors as pooling


@numba.njit(**OPTIONS)
def compiled(x, y, live, count, filters, stride, block, flat, passed, total):
    vectors.move(x, filters, count, stride, block, stride)
    vectors.move(block, stride, count, stride, flat, filters)
    vectors.spread_live(x, live, count, filters, stride, passed)
    vectors.add_up(y, count, stride, total)


def plain(x, y, live, count, filters, stride, block, flat, passed, total):
    vectors.plain_move(x, filters, count, stride, block, stride)
    vectors.plain_move(block, stride, count, stride, flat, filters)
    vectors.plain_spread_live(x, live, count, filters, stride, passed)
    vectors.plain_add_up(y, count, stride, total)


@pytest.mark.parametrize("filters", [1, 6, 16, 30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_compiled_loops_are_the_plain_ones(dtype, filters):
    rng, count = np.random.default_rng(filters), 7
    width = lanes(np.dtype(dtype).itemsize)
    stride = -(-filters // width) * width
    x, y, live = (rng.standard_normal(count * stride + stride).astype(dtype) for _ in range(3))
    results = []
    for loops in (compiled, plain):
        made = [np.full(size, 9, dtype) for size in (len(x), len(x), len(x), stride)]
        loops(x, y, live, count, filters, stride, *made)
        results.append(made)
    for got, want in zip(*results):
        np.testing.assert_allclose(got, want, rtol=1e-5)
    flat = results[0][1][: count * filters]
    np.testing.assert_array_equal(flat, x[: count * filters])  # there and back


@numba.njit(**OPTIONS)
def compiled_pooling(x, right, below, count, y, live, dz):
    pooling.mean_of_four(x, 1, right, below, count, y, 2, live, 3)
    pooling.to_mean_of_four(y, live, 3, count, dz, 1, right, below)


def plain_pooling(x, right, below, count, y, live, dz):
    pooling.plain_mean(x, 1, right, below, count, y, 2, live, 3)
    pooling.plain_to_mean(y, live, 3, count, dz, 1, right, below)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mean_of_four_and_back_are_the_plain_ones(dtype):
    rng, count = np.random.default_rng(0), 2 * lanes(np.dtype(dtype).itemsize)
    x = rng.standard_normal(6 * count).astype(dtype)
    x[5], x[7] = np.nan, 0
    results = []
    for loops in (compiled_pooling, plain_pooling):
        y, dz = np.full(count + 4, 9, dtype), np.full(6 * count, 9, dtype)
        live = np.zeros(count + 4, np.uint8)
        loops(x, count, 3 * count, count, y, live, dz)
        results.append((y, live, dz))
    for got, want in zip(*results):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    y, live, _ = results[0]
    four = x[1:].reshape(-1)[: 5 * count].reshape(5, count)[[0, 1, 3, 4]]
    np.testing.assert_allclose(y[2 : 2 + count], four.mean(axis=0), rtol=1e-4, atol=1e-6)
    assert np.isnan(y[2 + 4]) and live[3 + 4] == sum(1 << k for k in range(4) if four[k, 4] > 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("channels", "filters", "settings"),
    [(1, 3, {}), (6, 16, {"padding": "same"}), (2, 33, {"strides": (2, 3)}),
     (20, 2, {"dilation_rate": 2}), (3, 5, {"strides": 4})],
)  # fmt: skip
def test_both_ways_to_the_gradient_of_the_input_are_the_same_sums(
    channels, filters, settings, dtype
):
    rng = np.random.default_rng(0)
    layer = Conv2D(filters, (2, 3), **settings)
    layer.build((9, 8, channels), rng, dtype)
    fast = fast_loops(layer)
    dz = rng.standard_normal((3, *layer.output_shape)).astype(dtype)
    by_places, turned = (np.full((3, 9, 8, channels), 9, dtype) for _ in range(2))
    fast._by_places(dz, layer.W, by_places)
    fast._to_input(dz, layer.W, turned)
    np.testing.assert_allclose(by_places, turned, rtol=0, atol=1e-5)


def test_few_channels_go_place_by_place_and_many_do_not():
    """LeNet's second convolution, whose 6 channels fill no vector, and Keras's."""
    chosen = []
    for shape, filters, size in (((14, 14, 6), 16, 5), ((13, 13, 32), 64, 3)):
        layer = Conv2D(filters, size)
        layer.build(shape, np.random.default_rng(0), np.float32)
        chosen.append(fast_loops(layer)._by_places_is_less())
    assert not chosen[1] and chosen[0] == (lanes(4) >= 8)


@pytest.mark.parametrize("filters", [6, 16, 48])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_lists_of_each_place_hold_its_filters_in_their_order(dtype, filters):
    rng = np.random.default_rng(filters)
    dy, y = (rng.standard_normal(filters).astype(dtype) for _ in range(2))
    y[1], y[2] = 0, np.nan
    winner = rng.integers(0, 4, filters).astype(np.uint8)
    index, value = lists.room_for_lists(4 * filters, np.dtype(dtype))
    count = np.zeros(4, np.int64)
    lists.list_places(dy, y, winner, filters, 7, index, value, count)
    for k in range(4):
        listed = slice(k * filters, k * filters + count[k])
        (mine,) = np.nonzero((winner == k) & (y > 0))
        np.testing.assert_array_equal(index[listed], 7 * mine)
        np.testing.assert_array_equal(value[listed], dy[mine])


@numba.njit(**OPTIONS)
def list_filter(dy, y, winner, filters, rows, columns, index, value):
    return lists.list_filter(
        dy[1:], y[1:], winner[1:], filters, rows, columns, 5, 70, index, value, 2
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_list_of_a_filter_holds_its_places_in_their_order(dtype):
    rng, filters, rows, columns = np.random.default_rng(0), 6, 3, 4
    dy, y = (rng.standard_normal(rows * columns * filters).astype(dtype) for _ in range(2))
    y[1], y[7] = 0, np.nan
    winner = rng.integers(0, 4, dy.size).astype(np.uint8)
    index, value = np.full(20, 9, np.int32), np.full(20, 9, dtype)
    count = list_filter(dy, y, winner, filters, rows, columns, index, value)
    mine = np.arange(1, dy.size, filters)
    mine = mine[y[mine] > 0]
    p, q = np.divmod(mine // filters, columns)
    places = (2 * p + winner[mine] // 2) * 70 + (2 * q + winner[mine] % 2) * 5
    np.testing.assert_array_equal(index[2 : 2 + count], places)
    np.testing.assert_array_equal(value[2 : 2 + count], dy[mine])
    assert (index[14:] == 9).all() and (index[:2] == 9).all()


@numba.njit(**OPTIONS)
def compiled_pairs(x, places, starts, w, floor, out):
    pairs.pairs(3, x, 1, places, 2, starts, 4, w, floor, out, 5, 40)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_places_in_a_vector_are_computed_as_by_the_plain_loop(dtype):
    rng, width = np.random.default_rng(0), lanes(np.dtype(dtype).itemsize)
    x = rng.standard_normal(60).astype(dtype)
    x[5] = np.nan
    places = np.array([0, 1, 2, 3, 10, 11, 16, 17], np.int64)
    starts = np.array([0, 7, 14], np.int64)
    w = rng.standard_normal((13, width // 2)).astype(dtype).repeat(2, axis=1).ravel()
    results = []
    for loops in (compiled_pairs, lambda *a: pairs.plain_pairs(3, a[0], 1, a[1], 2, a[2], 4,
                                                               *a[3:], 5, 40)):  # fmt: skip
        out = np.full(300, 9, dtype)
        loops(x, places, starts, w, dtype(-0.5), out)
        results.append(out)
    np.testing.assert_allclose(*results, rtol=1e-4, atol=1e-5)
    assert np.isnan(results[0]).any() and np.nanmin(results[0]) == -0.5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_few_filters_over_one_channel_are_the_sums_over_the_windows(padding, dtype):
    rng, filters = np.random.default_rng(0), max(1, lanes(np.dtype(dtype).itemsize) // 2 - 1)
    layer = Conv2D(filters, 3, padding=padding)
    layer.build((11, 8, 1), rng, dtype)
    layer.b[...] = rng.standard_normal(filters)
    x = rng.standard_normal((5, 11, 8, 1)).astype(dtype)
    y = layer.forward(x)
    assert layer._loops.geometry.paired
    wide = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)]) if padding == "same" else x
    windows = np.lib.stride_tricks.sliding_window_view(wide[..., 0], (3, 3), axis=(1, 2))
    want = np.einsum("npqab,abf->npqf", windows, layer.W[:, :, 0]) + layer.b
    np.testing.assert_allclose(y, want, rtol=0, atol=1e-5)
