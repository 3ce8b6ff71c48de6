"""Convolutions: by hand, and against sums over NumPy's windows, over many shapes and settings."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.errors import NotBuiltError, ShapeError
from glassnet.layers import L2, Conv1D, Conv2D
from glassnet.layers.windows import Windows
from glassnet.verify.window_formulas import convolution, windows, zeros_around

TOLERANCE = {"float64": 1e-12, "float32": 2e-5}
ACTIVATIONS = {
    None: (lambda z: z, lambda z: np.ones_like(z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "silu": (
        lambda z: z / (1 + np.exp(-z)),
        lambda z: (1 + z * (1 - 1 / (1 + np.exp(-z)))) / (1 + np.exp(-z)),
    ),  # reads z
}


def gradients_of(x, W, dz, strides, padding, dilation, groups):
    """dW by the windows, db by a sum, and dx by its definition, place by place of the kernel."""
    W, dz = W.astype(np.float64), dz.astype(np.float64)
    dW = [
        np.einsum("npqcab,npqf->abcf", windows(one, W.shape[:2], strides, padding, dilation), mine)
        for one, mine in zip(np.split(x, groups, axis=3), np.split(dz, groups, axis=3))
    ]
    (top, bottom), (left, right) = (
        zeros_around(length, (k - 1) * d + 1, stride, padding)
        for length, k, stride, d in zip(x.shape[1:3], W.shape, strides, dilation)
    )
    n, rows, columns, channels = x.shape
    dx = np.zeros((n, top + rows + bottom, left + columns + right, channels))
    for a in range(W.shape[0]):
        for b in range(W.shape[1]):
            slopes = [
                np.einsum("npqf,cf->npqc", mine, some)
                for mine, some in zip(
                    np.split(dz, groups, axis=3), np.split(W[a, b], groups, axis=1)
                )
            ]
            r, s = a * dilation[0], b * dilation[1]
            r_end = r + (dz.shape[1] - 1) * strides[0] + 1
            s_end = s + (dz.shape[2] - 1) * strides[1] + 1
            dx[:, r : r_end : strides[0], s : s_end : strides[1]] += np.concatenate(slopes, axis=3)
    inside = dx[:, top : top + rows, left : left + columns]
    return np.concatenate(dW, axis=3), dz.sum(axis=(0, 1, 2)), inside


def compare(ours, theirs, dtype, terms):
    """By the size of the array: a sum of many terms that cancel is not exact by its own size."""
    assert ours.shape == theirs.shape
    assert ours.dtype == dtype
    allowed = TOLERANCE[dtype] * max(1.0, float(abs(theirs).max(initial=0)), np.sqrt(terms))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=allowed)


def hold_against_the_formula(layer, x, dtype):
    """forward, backward, forward_logits and backward_logits, with and without dx."""
    rng = np.random.default_rng(1)
    layer.build(x.shape[1:], rng, dtype)
    layer.parameters.values[...] = rng.normal(0.05, 0.5, layer.parameters.size)
    b = layer.b if layer.use_bias else None
    wide = layer.rank == 1  # a series is an image of one row
    image = x[:, None] if wide else x
    W = layer.W[None] if wide else layer.W
    row = (1,) if wide else ()
    how = ((*row, *layer.strides), layer.padding, (*row, *layer.dilation_rate), layer.groups)
    f, slope = ACTIVATIONS[None if layer.activation.name == "linear" else layer.activation.name]

    z = convolution(image, W, b, *how)
    flat = z[:, 0] if wide else z
    terms = W[..., 0].size
    y = layer.forward(x).copy()
    compare(y, f(flat), dtype, terms)
    np.testing.assert_array_equal(layer.output, y)
    dy = rng.normal(0, 1, y.shape)
    dy[rng.random(dy.shape) < 0.5] = 0  # behind a ReLU and pooling most of a gradient is zero
    dy[abs(flat) < 1e-4] = 0  # where z is 0 but for rounding, ReLU may go either way
    dy = dy.astype(dtype)
    kept = dy.copy()
    dz = dy * slope(flat)
    dW, db, dx = gradients_of(image, W, dz[:, None] if wide else dz, *how)
    if wide:
        dW, dx = dW[0], dx[:, 0]
    many = max(terms, z[..., 0].size)
    ours = layer.backward(dy)
    compare(ours, dx, dtype, W.size)
    ours = ours.copy()
    compare(layer.dW.copy(), dW, dtype, many)
    if layer.use_bias:
        compare(layer.db.copy(), db, dtype, many)
    np.testing.assert_array_equal(dy, kept)  # the caller's own is not written over
    gradients = layer.parameters.gradients.copy()
    layer.parameters.gradients[...] = np.nan
    layer.forward(x)
    assert layer.backward(dy, need_dx=False) is None
    np.testing.assert_array_equal(layer.parameters.gradients, gradients)

    logits = layer.forward_logits(x).copy()
    compare(logits, flat, dtype, terms)
    again = layer.backward_logits(dz.astype(dtype).copy())
    compare(again, dx, dtype, W.size)
    compare(layer.dW.copy(), dW, dtype, many)


# ---- by hand -------------------------------------------------------------------------------


def test_a_convolution_by_hand():
    """The image of the book: 4×4, a kernel of 3×3, a bias of 3."""
    layer = Conv2D(1, 3)
    layer.build((4, 4, 1), dtype=np.float64)
    x = np.array([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1.0]])
    layer.W[:, :, 0, 0] = [[2, 0, 1], [0, 1, 2], [1, 0, 2]]
    layer.b[0] = 3
    y = layer.forward(x[None, :, :, None])
    np.testing.assert_array_equal(y[0, :, :, 0], [[18, 19], [9, 18]])
    dx = layer.backward(np.array([[1.0, 0], [0, 10]])[None, :, :, None])
    np.testing.assert_array_equal(layer.db, [11])
    # dW = the window at (0, 0) + 10 × that at (1, 1)
    np.testing.assert_array_equal(layer.dW[:, :, 0, 0], x[:3, :3] + 10 * x[1:, 1:])
    # the windows overlap: their gradients add
    np.testing.assert_array_equal(
        dx[0, :, :, 0],
        [[2, 0, 1, 0], [0, 1 + 20, 2, 10], [1, 0, 2 + 10, 20], [0, 10, 0, 20]],
    )  # fmt: skip


def test_the_kernel_is_not_flipped():
    layer = Conv1D(1, 2)
    layer.build((3, 1), dtype=np.float64)
    layer.W[:, 0, 0] = [1, 10]
    np.testing.assert_array_equal(layer(np.array([[[1.0], [2], [3]]])).ravel(), [21, 32])


def test_an_uneven_number_of_zeros_goes_to_the_end():
    """Keras's way; a kernel of 2 with "same" has its zero behind the last."""
    layer = Conv1D(1, 2, padding="same")
    layer.build((3, 1), dtype=np.float64)
    layer.W[:, 0, 0] = [1, 10]
    np.testing.assert_array_equal(layer(np.array([[[1.0], [2], [3]]])).ravel(), [21, 32, 3])


def test_strides_with_same_begin_where_tensorflow_begins():
    """5 places by threes with strides of 2: one zero at each end; 6 places: one at the end only."""
    for length, expected in ((5, [2, 3, 2]), (6, [3, 3, 2])):
        layer = Conv1D(1, 3, strides=2, padding="same", kernel_initializer="ones")
        np.testing.assert_array_equal(layer(np.ones((1, length, 1))).ravel(), expected)


def test_what_is_left_at_the_edge_is_not_read_and_gets_no_gradient():
    layer = Conv2D(1, 2, strides=2, kernel_initializer="ones")
    x = np.arange(25.0).reshape(1, 5, 5, 1)
    np.testing.assert_array_equal(layer(x)[0, :, :, 0], [[12, 20], [52, 60]])
    dx = layer.backward(np.ones((1, 2, 2, 1)))
    assert not dx[0, 4].any() and not dx[0, :, 4].any()
    assert (dx[0, :4, :4] == 1).all()


def test_groups_see_their_own_channels_only():
    layer = Conv2D(4, 1, groups=2)
    layer.build((1, 1, 4), dtype=np.float64)
    assert layer.W.shape == (1, 1, 2, 4)
    layer.W[0, 0] = [[1, 2, 3, 4], [10, 20, 30, 40]]
    y = layer(np.array([1.0, 2, 5, 7]).reshape(1, 1, 1, 4))
    np.testing.assert_array_equal(y.ravel(), [21, 42, 15 + 210, 20 + 280])


def test_dilation_leaves_places_out():
    layer = Conv1D(1, 3, dilation_rate=2)
    layer.build((5, 1), dtype=np.float64)
    layer.W[:, 0, 0] = [1, 10, 100]
    np.testing.assert_array_equal(layer(np.arange(1.0, 6).reshape(1, 5, 1)).ravel(), [531])


@pytest.mark.parametrize("length", range(1, 12))
@pytest.mark.parametrize("size", range(1, 6))
@pytest.mark.parametrize("stride", [1, 2, 3, 7])
@pytest.mark.parametrize("dilation", [1, 2])
def test_windows_of_same_cover_every_stride_and_no_more(length, size, stride, dilation):
    axis = Windows(length, size, stride, dilation, same=True)
    before, after = axis.padding
    assert axis.count == -(-length // stride)
    assert 0 <= after - before <= 1
    last = (axis.count - 1) * stride - before + axis.span
    if before + after:
        assert last == length + after  # the last window ends with the last zero
    else:
        assert last <= length


# ---- against the windows ---------------------------------------------------------------------

FIXED = {
    "one pixel": (lambda: Conv2D(5, 1), (4, 5, 7)),
    "one channel, as MNIST": (lambda: Conv2D(32, 3, activation="relu"), (9, 9, 1)),
    "three channels, as CIFAR": (lambda: Conv2D(32, 3, padding="same"), (7, 7, 3)),
    "16 filters of one tile": (lambda: Conv2D(16, 3), (8, 8, 16)),
    "17 filters": (lambda: Conv2D(17, 3, activation="relu"), (5, 7, 15)),
    "33 channels and 31 filters": (lambda: Conv2D(31, (2, 3)), (5, 4, 33)),
    "70 channels": (lambda: Conv2D(40, 3, padding="same", activation="relu"), (3, 4, 70)),
    "a kernel of 7": (lambda: Conv2D(3, 7, padding="same"), (6, 8, 2)),
    "5 with strides 2": (lambda: Conv2D(6, 5, strides=2, padding="same"), (11, 13, 3)),
    "strides 3": (lambda: Conv2D(9, 3, strides=3, activation="relu"), (10, 11, 4)),
    "strides larger than the kernel": (lambda: Conv2D(4, 2, strides=3), (8, 9, 2)),
    "strides of one axis": (lambda: Conv2D(4, 3, strides=(1, 2)), (6, 9, 5)),
    "dilated": (lambda: Conv2D(8, 3, dilation_rate=(2, 3), padding="same"), (9, 9, 3)),
    "dilated with strides": (lambda: Conv2D(2, 2, dilation_rate=3, strides=2), (7, 9, 2)),
    "depthwise": (lambda: Conv2D(12, 3, groups=12, padding="same"), (6, 5, 12)),
    "depthwise, twice": (lambda: Conv2D(34, 3, groups=17, activation="relu"), (4, 5, 17)),
    "groups": (lambda: Conv2D(24, 3, groups=4, strides=2), (7, 7, 8)),
    "the whole image": (lambda: Conv2D(10, (5, 6)), (5, 6, 3)),
    "same, larger than the image": (lambda: Conv2D(3, (7, 5), padding="same"), (2, 3, 4)),
    "one row": (lambda: Conv2D(3, (1, 4), activation="tanh"), (1, 9, 2)),
    "one column": (lambda: Conv2D(3, (4, 1), activation="silu"), (9, 1, 2)),
    "no bias": (lambda: Conv2D(20, 3, use_bias=False, activation="relu"), (5, 5, 3)),
    "no bias, reads z": (lambda: Conv2D(5, 2, use_bias=False, activation="silu"), (3, 4, 2)),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", FIXED)
def test_convolutions_are_the_sums_over_the_windows(case, dtype):
    make, shape = FIXED[case]
    x = np.random.default_rng(0).normal(0, 1, (3, *shape)).astype(dtype)
    hold_against_the_formula(make(), x, dtype)


@st.composite
def images(draw):
    """A Conv2D, and a shape that it fits on."""
    kernel = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    dilation = draw(st.sampled_from([(1, 1), (1, 1), (2, 1), (2, 2), (1, 3)]))
    padding = draw(st.sampled_from(["valid", "same"]))
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
    smallest = spans if padding == "valid" else (1, 1)
    sides = [low + draw(st.integers(0, 7)) for low in smallest]
    groups = draw(st.sampled_from([1, 1, 1, 2, 3]))
    depth = draw(st.integers(1, 70 // groups if groups > 1 else 70))
    depthwise = draw(st.booleans()) and groups > 1
    if depthwise:
        groups, depth = groups * depth, 1
    share = draw(st.integers(1, max(1, 40 // groups)))
    layer = Conv2D(
        groups * share, kernel, draw(st.tuples(st.integers(1, 3), st.integers(1, 3))), padding,
        dilation, groups, draw(st.sampled_from(list(ACTIVATIONS))), draw(st.booleans()),
    )  # fmt: skip
    return layer, (*sides, groups * depth)


@settings(max_examples=80, deadline=None)
@given(images(), st.integers(1, 9), st.sampled_from(["float32", "float64"]), st.integers(0, 99))
def test_any_convolution_is_the_sum_over_its_windows(chosen, n, dtype, seed):
    layer, shape = chosen
    x = np.random.default_rng(seed).normal(0, 1, (n, *shape)).astype(dtype)
    hold_against_the_formula(layer, x, dtype)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_convolution_of_series_is_the_sum_over_its_windows(data):
    draw = data.draw
    size, dilation = draw(st.integers(1, 9)), draw(st.integers(1, 3))
    padding = draw(st.sampled_from(["valid", "same"]))
    span = (size - 1) * dilation + 1
    steps = draw(st.integers(span if padding == "valid" else 1, span + 20))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    channels, filters = (groups * draw(st.integers(1, 20)) for _ in range(2))
    dtype = draw(st.sampled_from(["float32", "float64"]))
    layer = Conv1D(
        filters, size, strides=draw(st.integers(1, 3)), padding=padding, dilation_rate=dilation,
        groups=groups, activation=draw(st.sampled_from(list(ACTIVATIONS))),
    )  # fmt: skip
    n = draw(st.integers(1, 9))
    x = np.random.default_rng(0).normal(0, 1, (n, steps, channels)).astype(dtype)
    hold_against_the_formula(layer, x, dtype)


# ---- memory ------------------------------------------------------------------------------------

MEMORY = {
    "relu, same": (lambda: Conv2D(18, 3, padding="same", activation="relu"), (6, 7, 5)),
    "valid": (lambda: Conv2D(7, 2), (5, 5, 3)),
    "strides": (lambda: Conv2D(4, 3, strides=2, padding="same"), (7, 6, 2)),
    "reads z": (lambda: Conv2D(4, 3, activation="silu"), (5, 6, 1)),
    "depthwise": (lambda: Conv2D(6, 3, groups=6, activation="relu"), (5, 6, 6)),
}  # fmt: skip


def not_contiguous(x):
    """The same numbers, in four ways that are not one row after the other."""
    yield "turned", np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 1)), 1, -1)
    yield "every second", np.repeat(x, 2, axis=2)[:, :, ::2]
    yield "backwards", x[::-1].copy()[::-1]
    larger = np.full((x.shape[0], x.shape[1] + 2, x.shape[2] + 3, x.shape[3]), np.nan, x.dtype)
    larger[:, 1:-1, 1:-2] = x
    yield "cut out", larger[:, 1:-1, 1:-2]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", MEMORY)
def test_inputs_and_gradients_that_are_not_contiguous(case, dtype):
    make, shape = MEMORY[case]
    rng = np.random.default_rng(0)
    layer = make()
    layer.build(shape, rng, dtype)
    x = rng.normal(0, 1, (4, *shape)).astype(dtype)
    y = layer.forward(x).copy()
    dy = rng.normal(0, 1, y.shape).astype(dtype)
    dx, gradients = layer.backward(dy).copy(), layer.parameters.gradients.copy()
    tolerance = {"rtol": 0, "atol": 1e-5 if dtype == "float32" else 1e-13}
    for how, same in not_contiguous(x):
        np.testing.assert_allclose(layer.forward(same), y, err_msg=how, **tolerance)
        np.testing.assert_allclose(layer.backward(dy), dx, err_msg=how, **tolerance)
        np.testing.assert_allclose(layer.parameters.gradients, gradients, err_msg=how, **tolerance)
    layer.forward(x)
    for how, same in not_contiguous(dy):
        np.testing.assert_allclose(layer.backward(same), dx, err_msg=how, **tolerance)
        np.testing.assert_allclose(layer.parameters.gradients, gradients, err_msg=how, **tolerance)


@pytest.mark.parametrize("case", MEMORY)
def test_batches_of_two_sizes_in_turn_while_memory_is_reused(case):
    """A smaller last batch, and one for each of the sizes, must read nothing of the other's."""
    make, shape = MEMORY[case]
    rng = np.random.default_rng(0)
    layer, fresh = make(), make()
    for one in (layer, fresh):
        one.build(shape, np.random.default_rng(1))
    layer.work.reuse = True
    for n in (5, 2, 5, 1, 8, 5, 2):
        x = rng.normal(0, 1, (n, *shape)).astype(np.float32)
        y = layer.forward(x.copy(), training=True)
        expected = fresh.forward(x.copy())
        np.testing.assert_array_equal(y, expected)
        dy = rng.normal(0, 1, y.shape).astype(np.float32)
        dx, other = layer.backward(dy.copy()), fresh.backward(dy.copy())
        np.testing.assert_array_equal(dx, other)
        np.testing.assert_array_equal(layer.parameters.gradients, fresh.parameters.gradients)


@pytest.mark.parametrize("case", MEMORY)
def test_the_rows_of_a_batch_do_not_depend_on_each_other(case):
    make, shape = MEMORY[case]
    layer = make()
    layer.build(shape, np.random.default_rng(1))
    x = np.random.default_rng(0).normal(0, 1, (9, *shape)).astype(np.float32)
    whole = layer.forward(x).copy()
    for part in (slice(0, 1), slice(3, 5), slice(2, 9)):
        np.testing.assert_allclose(layer.forward(x[part]), whole[part], rtol=0, atol=1e-5)


@pytest.mark.parametrize("place", [(0, 0), (2, 3), (5, 6)])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_stay_where_their_windows_are(place, bad):
    layer = Conv2D(5, 3, padding="same")
    layer.build((6, 7, 2), np.random.default_rng(0))
    x = np.ones((2, 6, 7, 2), np.float32)
    x[1][place] = bad
    y = layer.forward(x)
    assert np.isfinite(y[0]).all()
    seen = ~np.isfinite(y[1]).all(axis=-1)
    rows, columns = np.indices(seen.shape)
    near = (abs(rows - place[0]) <= 1) & (abs(columns - place[1]) <= 1)
    np.testing.assert_array_equal(seen, near)


def test_nan_in_the_weights_is_seen_behind_a_relu():
    layer = Conv2D(3, 3, activation="relu")
    layer.build((5, 5, 1), np.random.default_rng(0))
    layer.W[1, 1, 0, 2] = np.nan
    y = layer.forward(np.ones((1, 5, 5, 1), np.float32))
    assert np.isnan(y[..., 2]).all()
    assert np.isfinite(y[..., :2]).all()


def test_no_samples_give_no_outputs():
    layer = Conv2D(3, 3, activation="relu")
    layer.build((5, 5, 1), np.random.default_rng(0))
    y = layer.forward(np.empty((0, 5, 5, 1), np.float32))
    assert y.shape == (0, 3, 3, 3)
    assert layer.backward(y).shape == (0, 5, 5, 1)
    assert not layer.parameters.gradients.any()


# ---- as every layer --------------------------------------------------------------------------


def test_penalties_of_a_kernel_of_four_axes():
    layer = Conv2D(2, 3, kernel_regularizer=L2(0.1))
    layer.build((4, 4, 3), np.random.default_rng(0), np.float64)
    assert layer.penalty() == pytest.approx(0.1 * (layer.W**2).sum())
    layer.dW[...] = 1
    layer.add_penalty_gradient()
    np.testing.assert_allclose(layer.dW, 1 + 0.2 * layer.W)


def test_the_multiplications_are_those_of_each_window():
    layer = Conv2D(8, (3, 5), groups=2)
    layer.build((10, 12, 4))
    assert layer.multiplications() == 8 * 8 * 8 * 3 * 5 * 2
    series = Conv1D(3, 4, padding="same", strides=2)
    series.build((9, 5))
    assert series.multiplications() == 5 * 3 * 4 * 5


def test_pickles_carry_the_kernel_but_not_the_work_arrays():
    layer = Conv2D(2, 3, activation="relu", padding="same")
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 1))
    y = layer(x)
    twin = pickle.loads(pickle.dumps(layer))
    assert twin.saved is None and twin.windows == layer.windows
    np.testing.assert_array_equal(twin(x), y)
    twin.W = np.zeros_like(twin.W)
    assert layer.W.any()


def test_backward_needs_a_forward_and_its_own_shape():
    layer = Conv2D(2, 3)
    layer.build((4, 4, 1))
    with pytest.raises(NotBuiltError, match="forward"):
        layer.backward(np.ones((1, 2, 2, 2)))
    layer(np.ones((1, 4, 4, 1)))
    with pytest.raises(ShapeError, match=r"dL/dy has shape \(1, 4, 4, 2\)"):
        layer.backward(np.ones((1, 4, 4, 2)))
