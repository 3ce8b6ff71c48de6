"""Pooling, zeros around and larger images: by hand, and against NumPy's windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import layers
from glassnet.errors import NotBuiltError
from glassnet.layers import (
    AveragePooling1D,
    AveragePooling2D,
    BatchNormalization,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    SpatialDropout1D,
    SpatialDropout2D,
    UpSampling2D,
    ZeroPadding2D,
)
from glassnet.verify.window_formulas import average_pool, max_pool, zeros_around


def image(rows):
    return np.array(rows, float)[None, :, :, None]


def gradients_of(x, dy, size, strides, padding, largest):
    """dx window by window, as the definition says: to the first largest, or to all alike."""
    dx = np.zeros(x.shape)
    rows, columns = x.shape[1:3]
    (top, _), (left, _) = (
        zeros_around(length, k, s, padding) for length, k, s in zip(x.shape[1:3], size, strides)
    )
    for i, p, q, c in np.ndindex(dy.shape):
        r, s = p * strides[0] - top, q * strides[1] - left
        here = (
            i,
            slice(max(r, 0), min(r + size[0], rows)),
            slice(max(s, 0), min(s + size[1], columns)),
            c,
        )
        window, part = x[here], dx[here]
        if largest:
            part[np.unravel_index(np.argmax(window), window.shape)] += dy[i, p, q, c]
        else:
            part += dy[i, p, q, c] / window.size
    return dx


# ---- by hand -------------------------------------------------------------------------------


def test_max_pooling_by_hand():
    layer = MaxPooling2D(2)
    x = image([[1, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]])
    np.testing.assert_array_equal(layer(x)[0, :, :, 0], [[2, 3], [4, 2]])
    np.testing.assert_array_equal(layer.saved.winner[0, :, :, 0], [[1, 3], [3, 1]])
    dx = layer.backward(image([[10, 20], [30, 40]]))
    np.testing.assert_array_equal(
        dx[0, :, :, 0], [[0, 10, 0, 0], [0, 0, 0, 20], [0, 0, 0, 40], [0, 30, 0, 0]]
    )


def test_the_windows_of_overlapping_pooling_add_their_gradients():
    layer = MaxPooling2D(2, 1)
    x = image([[0, 0, 0], [0, 9, 0], [0, 0, 0]])
    layer(x)
    dx = layer.backward(image([[1, 2], [3, 4]]))
    np.testing.assert_array_equal(dx[0, :, :, 0], [[0, 0, 0], [0, 10, 0], [0, 0, 0]])


def test_of_equal_numbers_the_first_wins_row_by_row():
    layer = MaxPooling2D(2)
    layer(np.zeros((1, 4, 4, 1)))
    dx = layer.backward(np.ones((1, 2, 2, 1)))
    np.testing.assert_array_equal(dx[0, :, :, 0], np.tile([[1, 0], [0, 0]], (2, 2)))
    layer = MaxPooling2D(2)
    layer(image([[1, 5], [5, 5]]))
    np.testing.assert_array_equal(layer.backward(image([[1]]))[0, :, :, 0], [[0, 1], [0, 0]])


@pytest.mark.parametrize("make", [lambda: MaxPooling2D(2), GlobalMaxPooling2D])
@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_nan_wins_over_all_and_takes_the_gradient(make, place):
    x = np.full((1, 2, 2, 2), 5.0, np.float32)
    x[0, place[0], place[1], 0] = np.nan
    layer = make()
    y = layer(x)
    assert np.isnan(y[..., 0]).all()
    assert (y[..., 1] == 5).all()
    dx = layer.backward(np.ones_like(y))
    assert dx[0, place[0], place[1], 0] == 1 and dx[..., 0].sum() == 1


@pytest.mark.parametrize("make", [lambda: AveragePooling2D(2), GlobalAveragePooling2D])
def test_nan_makes_the_mean_nan(make):
    x = np.ones((1, 2, 2, 1), np.float32)
    x[0, 1, 0, 0] = np.nan
    assert np.isnan(make()(x)).all()


def test_minus_infinity_is_a_number_like_others():
    x = image([[-np.inf, -np.inf], [-np.inf, -np.inf]])
    layer = MaxPooling2D(2)
    assert layer(x).item() == -np.inf
    np.testing.assert_array_equal(layer.backward(image([[1]]))[0, :, :, 0], [[1, 0], [0, 0]])


def test_padding_cannot_win_and_does_not_count():
    x = image([[-1, -2, -3], [-4, -5, -6], [-7, -8, -9]])
    pooled = MaxPooling2D(2, padding="same")(x)
    np.testing.assert_array_equal(pooled[0, :, :, 0], [[-1, -3], [-7, -9]])
    mean = AveragePooling2D(2, padding="same")(x)
    np.testing.assert_array_equal(mean[0, :, :, 0], [[-3, -4.5], [-7.5, -9]])


def test_what_is_left_at_the_edge_is_not_read_and_gets_no_gradient():
    x = np.arange(25.0).reshape(1, 5, 5, 1)
    for layer in (MaxPooling2D(2), AveragePooling2D(2)):
        assert layer(x).shape == (1, 2, 2, 1)
        dx = layer.backward(np.ones((1, 2, 2, 1)))
        assert not dx[0, 4].any() and not dx[0, :, 4].any()


def test_average_pooling_by_hand():
    layer = AveragePooling2D((1, 2))
    np.testing.assert_array_equal(layer(image([[1, 3, 5, 9]])).ravel(), [2, 7])
    dx = layer.backward(image([[10, 20]]))
    np.testing.assert_array_equal(dx.ravel(), [5, 5, 10, 10])


def test_the_whole_image_by_hand():
    x = np.array([[[[1.0, 8], [3, 2]], [[5, 6], [7, 4]]]])
    mean, largest = GlobalAveragePooling2D(), GlobalMaxPooling2D()
    np.testing.assert_array_equal(mean(x), [[4, 5]])
    np.testing.assert_array_equal(largest(x), [[7, 8]])
    np.testing.assert_array_equal(mean.backward(np.array([[4.0, 8]]))[0, 0, 0], [1, 2])
    dx = largest.backward(np.array([[4.0, 8]]))
    np.testing.assert_array_equal(dx[0], [[[0, 8], [0, 0]], [[0, 0], [4, 0]]])


def test_series_are_pooled_along_their_steps():
    x = np.array([[[1.0, 9], [2, 8], [5, 1], [0, 0], [7, 7]]])
    np.testing.assert_array_equal(MaxPooling1D(2)(x)[0], [[2, 9], [5, 1]])
    np.testing.assert_array_equal(MaxPooling1D(2, padding="same")(x)[0], [[2, 9], [5, 1], [7, 7]])
    np.testing.assert_array_equal(AveragePooling1D(2, 3)(x)[0], [[1.5, 8.5], [3.5, 3.5]])
    np.testing.assert_array_equal(GlobalAveragePooling1D()(x), [[3, 5]])
    np.testing.assert_array_equal(GlobalMaxPooling1D()(x), [[7, 9]])


# ---- against the windows ---------------------------------------------------------------------


@st.composite
def pools(draw):
    size = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    strides = draw(st.one_of(st.just(size), st.tuples(st.integers(1, 4), st.integers(1, 4))))
    padding = draw(st.sampled_from(["valid", "same"]))
    smallest = size if padding == "valid" else (1, 1)
    sides = [low + draw(st.integers(0, 6)) for low in smallest]
    return size, strides, padding, (*sides, draw(st.integers(1, 40)))


@settings(max_examples=60, deadline=None)
@given(
    pools(), st.integers(1, 5), st.sampled_from(["float32", "float64"]), st.integers(0, 99),
    st.booleans(),
)  # fmt: skip
def test_any_pooling_is_that_of_its_windows(chosen, n, dtype, seed, ties):
    size, strides, padding, shape = chosen
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, (n, *shape)) if ties else rng.normal(0, 1, (n, *shape))
    x = x.astype(dtype)
    close = {"rtol": 0, "atol": 1e-12 if dtype == "float64" else 1e-5}
    largest, mean = (cls(size, strides, padding) for cls in (MaxPooling2D, AveragePooling2D))
    for layer in (largest, mean):
        layer.build(shape, rng, dtype)
    y = largest.forward(x)
    np.testing.assert_array_equal(y, max_pool(x, size, strides, padding))
    np.testing.assert_allclose(mean.forward(x), average_pool(x, size, strides, padding), **close)
    assert y.shape[1:] == largest.output_shape == mean.output_shape
    few = (slice(None), slice(None), slice(None), slice(0, 2))  # a window after the other is slow
    dy = np.zeros_like(y)
    dy[few] = rng.normal(0, 1, dy[few].shape)
    kept = dy.copy()
    for layer, wins in ((largest, True), (mean, False)):
        dx = layer.backward(dy)
        assert dx.dtype == dtype
        expected = gradients_of(x[few], dy[few], size, strides, padding, wins)
        np.testing.assert_allclose(dx[few], expected, **close)
        assert not dx[..., 2:].any()
        assert layer.backward(dy, need_dx=False) is None
    np.testing.assert_array_equal(dy, kept)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(1, 4), st.sampled_from(["valid", "same"]), st.data())
def test_a_series_is_pooled_as_an_image_of_one_row(size, stride, padding, data):
    steps = data.draw(st.integers(size, size + 15))
    x = np.random.default_rng(size).normal(0, 1, (2, steps, 3))
    for one, two in ((MaxPooling1D, MaxPooling2D), (AveragePooling1D, AveragePooling2D)):
        series, flat = one(size, stride, padding), two((1, size), (1, stride), padding)
        y = series(x)
        np.testing.assert_array_equal(y, flat(x[:, None])[:, 0])
        dy = np.random.default_rng(0).normal(0, 1, y.shape)
        np.testing.assert_array_equal(series.backward(dy), flat.backward(dy[:, None])[:, 0])


def test_a_window_of_more_than_256_numbers():
    x = np.random.default_rng(0).permutation(20.0 * np.arange(20 * 20 * 2)).reshape(1, 20, 20, 2)
    layer = MaxPooling2D(20)
    np.testing.assert_array_equal(layer(x).ravel(), x.max(axis=(1, 2)).ravel())
    dx = layer.backward(np.ones((1, 1, 1, 2)))
    np.testing.assert_array_equal(dx == 1, x == x.max(axis=(1, 2), keepdims=True))


KINDS = {
    "max": (lambda: MaxPooling2D(2), (4, 6, 3)),
    "max, overlapping": (lambda: MaxPooling2D(3, 2, "same"), (5, 6, 5)),
    "average": (lambda: AveragePooling2D(2), (4, 6, 3)),
    "average, overlapping": (lambda: AveragePooling2D(3, 2, "same"), (5, 6, 5)),
    "global max": (GlobalMaxPooling2D, (3, 4, 5)),
    "global average": (GlobalAveragePooling2D, (3, 4, 5)),
    "zeros": (lambda: ZeroPadding2D(((1, 2), (0, 3))), (3, 4, 2)),
    "upsampling": (lambda: UpSampling2D((2, 3)), (3, 2, 2)),
    "batch normalization": (BatchNormalization, (3, 4, 5)),
}


@pytest.mark.parametrize("case", KINDS)
def test_batches_of_two_sizes_in_turn_while_memory_is_reused(case):
    make, shape = KINDS[case]
    layer, fresh = make(), make()
    for one in (layer, fresh):
        one.build(shape, np.random.default_rng(1))
    layer.work.reuse = True
    rng = np.random.default_rng(0)
    for n in (5, 2, 5, 1, 8, 2):
        x = rng.normal(0, 1, (n, *shape)).astype(np.float32)
        y = layer.forward(x.copy(), True)
        np.testing.assert_array_equal(y, fresh.forward(x.copy(), True))
        dy = rng.normal(0, 1, y.shape).astype(np.float32)
        np.testing.assert_array_equal(layer.backward(dy.copy()), fresh.backward(dy.copy()))


@pytest.mark.parametrize("case", KINDS)
def test_numbers_in_any_order_in_memory(case):
    make, shape = KINDS[case]
    layer = make()
    layer.build(shape, np.random.default_rng(1))
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (3, *shape)).astype(np.float32)
    y = layer.forward(x).copy()
    dy = rng.normal(0, 1, y.shape).astype(np.float32)
    dx = layer.backward(dy).copy()
    for turned in (lambda a: np.asfortranarray(a), lambda a: a[::-1].copy()[::-1]):
        np.testing.assert_allclose(layer.forward(turned(x)), y, rtol=1e-6)
        np.testing.assert_allclose(layer.backward(turned(dy)), dx, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("case", KINDS)
def test_backward_before_forward_says_so(case):
    make, _ = KINDS[case]
    with pytest.raises(NotBuiltError, match="forward"):
        make().backward(np.ones((1, 1, 1, 1)))


# ---- zeros around, larger images, dropped channels -------------------------------------------


@pytest.mark.parametrize(
    ("padding", "sides"),
    [
        (1, ((1, 1), (1, 1))),
        ((2, 3), ((2, 2), (3, 3))),
        (((1, 2), (0, 3)), ((1, 2), (0, 3))),
        ([[1, 2], [0, 3]], ((1, 2), (0, 3))),
        (0, ((0, 0), (0, 0))),
    ],
)
def test_zeros_around(padding, sides):
    layer = ZeroPadding2D(padding)
    assert layer.padding == sides
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    y = layer(x)
    np.testing.assert_array_equal(y, np.pad(x, ((0, 0), *sides, (0, 0))))
    np.testing.assert_array_equal(layer.backward(y), x)


@pytest.mark.parametrize("size", [1, 2, (2, 3), (3, 1)])
def test_upsampling_repeats_and_its_gradient_sums(size):
    layer = UpSampling2D(size)
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    rows, columns = layer.size
    y = layer(x)
    np.testing.assert_array_equal(y, x.repeat(rows, axis=1).repeat(columns, axis=2))
    np.testing.assert_allclose(layer.backward(y), x * rows * columns)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("cls", "shape"), [(SpatialDropout2D, (4, 5, 30)), (SpatialDropout1D, (20, 30))]
)
def test_whole_channels_are_dropped_and_the_others_scaled(cls, shape, dtype):
    layer = cls(0.25)
    layer.build(shape, np.random.default_rng(0), dtype)
    x = np.random.default_rng(1).uniform(0.5, 1.5, (200, *shape)).astype(dtype)
    y = layer.forward(x, training=True)
    kept = (y != 0).reshape(200, -1, 30)
    assert (kept.all(axis=1) | ~kept.any(axis=1)).all()
    alive = kept.any(axis=1)
    assert alive.mean() == pytest.approx(0.75, abs=0.03)
    assert (alive != alive[0]).any()  # each sample has its own
    np.testing.assert_allclose(y, x * (y != 0) / 0.75, rtol=1e-6)
    np.testing.assert_array_equal(layer.backward(x), y)  # the same were dropped
    assert layer.forward(x) is x  # afterwards it does nothing


@pytest.mark.parametrize("axes", [(2, 2, 3), (5, 3)])
def test_batch_normalization_takes_the_moments_over_all_places(axes):
    layer = BatchNormalization(momentum=0.5)
    x = np.random.default_rng(0).normal(3, 2, (7, *axes))
    layer.build(axes, dtype=np.float64)
    y = layer.forward(x, training=True)
    over = tuple(range(len(axes)))
    np.testing.assert_allclose(y.mean(over), 0, atol=1e-12)
    np.testing.assert_allclose(layer.moving_mean, 0.5 * x.mean(over))
    np.testing.assert_allclose(layer.moving_variance, 0.5 + 0.5 * x.var(over))
    layer.moving_mean[...], layer.moving_variance[...] = [1, 2, 3], [4, 5, 6]
    expected = (x - [1, 2, 3]) / np.sqrt(np.array([4, 5, 6]) + layer.epsilon)
    np.testing.assert_allclose(layer.forward(x), expected)


def test_every_kind_says_its_settings_again():
    for layer in (
        MaxPooling2D(2), MaxPooling2D((2, 3), 1, "SAME"), AveragePooling1D(3, 2),
        GlobalMaxPooling1D(), ZeroPadding2D(((1, 2), (0, 3))), UpSampling2D((2, 1)),
        SpatialDropout2D(0.3), SpatialDropout1D(0.5, name="hidden"),
    ):  # fmt: skip
        twin = layers.from_config(layer.get_config())
        assert twin.get_config() == layer.get_config()
        assert repr(twin) == repr(layer)
