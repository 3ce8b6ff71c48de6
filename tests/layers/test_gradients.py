"""Every layer against central differences in float64, one coordinate at a time."""

import numpy as np
import pytest

from glassnet import layers
from glassnet.layers import (
    L1L2,
    Activation,
    AveragePooling1D,
    AveragePooling2D,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Ensemble,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    Input,
    LayerNormalization,
    MaxPooling1D,
    MaxPooling2D,
    PeriodicEmbedding,
    PiecewiseLinearEncoding,
    Rescaling,
    Reshape,
    Residual,
    SpatialDropout1D,
    SpatialDropout2D,
    UpSampling2D,
    ZeroPadding2D,
)

H = 1e-6

# name → (the layer, the shape of one sample, as in training or not)
CASES = {
    "dense": (lambda: Dense(3, "tanh"), (4,), False),
    "dense without bias": (lambda: Dense(3, "sigmoid", use_bias=False), (4,), False),
    "dense that needs z": (lambda: Dense(3, "gelu"), (4,), False),
    "dense with softmax": (lambda: Dense(3, "softmax"), (4,), False),
    "dense linear": (lambda: Dense(2), (3,), False),
    "activation": (lambda: Activation("tanh"), (3, 2), False),
    "activation that needs z": (lambda: Activation("silu"), (5,), False),
    "batch norm of a batch": (lambda: BatchNormalization(), (3,), True),
    "batch norm by running values": (lambda: BatchNormalization(), (3,), False),
    "batch norm of images": (lambda: BatchNormalization(), (2, 3, 2), True),
    "layer norm": (lambda: LayerNormalization(), (5,), True),
    "layer norm of a matrix": (lambda: LayerNormalization(), (2, 4), False),
    "flatten": (lambda: Flatten(), (2, 3), False),
    "reshape": (lambda: Reshape((3, -1)), (2, 3), False),
    "rescaling": (lambda: Rescaling(0.3, -0.2), (4,), False),
    "input": (lambda: Input((4,)), (4,), False),
    "dropout afterwards": (lambda: Dropout(0.5), (4,), False),
    "residual": (lambda: Residual([Dense(4, "tanh"), Dense(4)]), (4,), False),
    "residual in training": (
        lambda: Residual([BatchNormalization(), Dense(3, "tanh")]), (3,), True
    ),
    "residual in residual": (
        lambda: Residual([Residual([Dense(3, "tanh")]), Dense(3)]), (3,), False
    ),
    "encoding": (
        lambda: PiecewiseLinearEncoding([[-1, -0.2, 0, 0.7], None, [0.1, 0.11], [-9, 9]], 0.8,
                                        list(range(9)), [0.5] * 9), (4,), False
    ),
    "encoding without a clip": (
        lambda: PiecewiseLinearEncoding([[-1, 1], [0, 0.5, 3]], None), (2,), True
    ),
    "waves": (lambda: PeriodicEmbedding(2, 3, columns=[2, 0]), (3,), True),
    "waves of all columns": (lambda: PeriodicEmbedding(1, 4, sigma=2.0), (2,), False),
    "ensemble": (
        lambda: Ensemble([[Dense(4, "tanh"), Dense(3, "softmax")],
                          [LayerNormalization(), Dense(3, "sigmoid")], [Dense(3)]],
                         [0.5, -0.2, 2.0]), (4,), False
    ),
    "ensemble in training": (
        lambda: Ensemble([[BatchNormalization(), Dense(2, "gelu")], [Dense(2)]]), (3,), True
    ),
    "ensemble in ensemble, over images": (
        lambda: Ensemble([[Ensemble([[Conv2D(2, 2)], [Conv2D(2, 2, activation="tanh")]])],
                          [Conv2D(2, 2), Residual([Activation("tanh")])]]), (3, 3, 1), False
    ),
    # windows over images: (rows, columns, channels)
    "conv2d": (lambda: Conv2D(3, 2), (3, 4, 2), False),
    "conv2d same": (lambda: Conv2D(2, 3, padding="same"), (3, 2, 2), False),
    "conv2d relu": (lambda: Conv2D(3, 3, activation="relu"), (4, 5, 1), False),
    "conv2d that needs z": (lambda: Conv2D(2, 2, activation="gelu"), (3, 3, 1), False),
    "conv2d softmax over the filters": (
        lambda: Conv2D(3, 1, activation="softmax"), (2, 2, 2), False
    ),
    "conv2d without bias": (
        lambda: Conv2D(2, 2, use_bias=False, activation="tanh"), (3, 3, 1), False
    ),
    "conv2d even and same": (lambda: Conv2D(2, (2, 4), padding="same"), (3, 5, 1), False),
    "conv2d larger than its image, same": (lambda: Conv2D(2, 5, padding="same"), (2, 3, 1), False),
    "conv2d strides": (lambda: Conv2D(2, 3, strides=2), (5, 6, 2), False),
    "conv2d strides and same": (
        lambda: Conv2D(2, 3, strides=(2, 3), padding="same"), (4, 5, 1), False
    ),
    "conv2d strides with gaps": (lambda: Conv2D(2, 1, strides=3), (5, 6, 2), False),
    "conv2d with a rest at the edge": (lambda: Conv2D(1, 2, strides=2), (5, 5, 1), False),
    "conv2d dilation": (lambda: Conv2D(2, 2, dilation_rate=(2, 1)), (4, 3, 2), False),
    "conv2d dilation and same": (
        lambda: Conv2D(2, 3, dilation_rate=2, padding="same"), (4, 3, 1), False
    ),
    "conv2d dilation and strides": (
        lambda: Conv2D(1, 2, strides=2, dilation_rate=3), (6, 7, 1), False
    ),
    "conv2d groups": (lambda: Conv2D(4, 2, groups=2), (3, 3, 4), False),
    "conv2d depthwise": (lambda: Conv2D(3, 3, groups=3, padding="same"), (3, 3, 3), False),
    "conv2d depthwise, two filters each": (
        lambda: Conv2D(6, 2, groups=3, activation="relu"), (3, 3, 3), False
    ),
    "conv2d of one pixel": (lambda: Conv2D(4, 1, activation="relu"), (2, 2, 3), False),
    "conv2d of the whole image": (lambda: Conv2D(2, (3, 4)), (3, 4, 2), False),
    "conv1d": (lambda: Conv1D(3, 2), (4, 2), False),
    "conv1d same, relu": (lambda: Conv1D(3, 4, padding="same", activation="relu"), (5, 2), False),
    "conv1d strides, groups": (lambda: Conv1D(4, 3, strides=2, groups=2), (8, 2), False),
    "conv1d dilation": (lambda: Conv1D(2, 3, dilation_rate=2, padding="same"), (6, 2), False),
    "max pooling": (lambda: MaxPooling2D(2), (4, 4, 2), False),
    "max pooling with a rest at the edge": (lambda: MaxPooling2D(2), (5, 3, 2), False),
    "max pooling, overlapping": (lambda: MaxPooling2D(3, strides=2), (5, 6, 2), False),
    "max pooling, overlapping by all but one": (lambda: MaxPooling2D(2, 1), (4, 4, 1), False),
    "max pooling, same": (lambda: MaxPooling2D(2, padding="same"), (3, 5, 2), False),
    "max pooling, same and overlapping": (
        lambda: MaxPooling2D((3, 2), (2, 1), padding="same"), (4, 3, 1), False
    ),
    "max pooling, with gaps": (lambda: MaxPooling2D(2, 3), (6, 5, 1), False),
    "max pooling of a series": (lambda: MaxPooling1D(3, 2, padding="same"), (6, 2), False),
    "average pooling": (lambda: AveragePooling2D((2, 3)), (4, 6, 2), False),
    "average pooling with a rest at the edge": (lambda: AveragePooling2D(2), (3, 5, 1), False),
    "average pooling, same": (lambda: AveragePooling2D(3, padding="same"), (4, 5, 2), False),
    "average pooling, same and overlapping": (
        lambda: AveragePooling2D(3, 1, padding="same"), (3, 3, 2), False
    ),
    "average pooling, with gaps": (lambda: AveragePooling2D(1, 2), (3, 4, 1), False),
    "average pooling of a series": (lambda: AveragePooling1D(2, padding="same"), (5, 2), False),
    "mean of an image": (lambda: GlobalAveragePooling2D(), (3, 2, 4), False),
    "mean of a series": (lambda: GlobalAveragePooling1D(), (5, 2), False),
    "maximum of an image": (lambda: GlobalMaxPooling2D(), (3, 2, 4), False),
    "maximum of a series": (lambda: GlobalMaxPooling1D(), (5, 2), False),
    "zero padding": (lambda: ZeroPadding2D(((1, 0), (2, 3))), (2, 2, 2), False),
    "upsampling": (lambda: UpSampling2D((2, 3)), (2, 2, 2), False),
    "spatial dropout afterwards": (lambda: SpatialDropout2D(0.5), (2, 2, 3), False),
    "spatial dropout of a series afterwards": (lambda: SpatialDropout1D(0.5), (4, 3), False),
    "layer norm of images": (lambda: LayerNormalization(), (2, 3, 4), True),
    "residual over convolutions": (
        lambda: Residual([Conv2D(2, 3, padding="same", use_bias=False), BatchNormalization(),
                          Activation("relu"), Conv2D(2, 3, padding="same")]), (3, 3, 2), True
    ),
    "residual over padding, convolution, pooling and upsampling": (
        lambda: Residual([ZeroPadding2D(1), Conv2D(3, 3, activation="tanh"), MaxPooling2D(2),
                          Conv2D(2, 1), UpSampling2D(2)]), (4, 4, 2), False
    ),
    "residual over a series": (
        lambda: Residual([Conv1D(2, 3, padding="same", activation="relu"),
                          AveragePooling1D(3, 1, padding="same")]), (5, 2), False
    ),
}  # fmt: skip


def built(case: str):
    make, shape, training = CASES[case]
    rng = np.random.default_rng(0)
    layer = make()
    layer.build(shape, rng, np.float64)
    layer.parameters.values[...] += rng.normal(0, 0.3, layer.parameters.size)
    if layer.parameters.state.size:
        layer.parameters.state[...] = rng.uniform(0.5, 1.5, layer.parameters.state.size)
    x = rng.normal(0, 1, (6, *shape))
    dy = rng.normal(0, 1, layer.forward(x, training).shape)
    return layer, x, dy, training


def value(layer, x, dy, training) -> float:
    """Σ dy·forward(x): its derivative is what backward(dy) must give."""
    state = layer.parameters.state.copy()
    total = float(np.sum(layer.forward(x, training) * dy))
    layer.parameters.state[...] = state
    return total


def differences(f, array):
    """Central differences of f() by every number of ``array``."""
    flat = array.reshape(-1)
    slope = np.empty_like(flat)
    for i in range(flat.size):
        before = flat[i]
        flat[i] = before + H
        up = f()
        flat[i] = before - H
        slope[i] = (up - f()) / (2 * H)
        flat[i] = before
    return slope.reshape(array.shape)


@pytest.mark.parametrize("case", CASES)
def test_the_gradients_are_the_central_differences(case):
    layer, x, dy, training = built(case)
    layer.forward(x, training)
    dx = layer.backward(dy)
    gradients = layer.parameters.gradients.copy()
    expected = differences(lambda: value(layer, x, dy, training), x)
    np.testing.assert_allclose(dx, expected, rtol=1e-6, atol=1e-8)
    expected = differences(lambda: value(layer, x, dy, training), layer.parameters.values)
    np.testing.assert_allclose(gradients, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("case", CASES)
def test_backward_twice_gives_the_same_and_touches_nothing_of_the_caller(case):
    layer, x, dy, training = built(case)
    x_before, dy_before = x.copy(), dy.copy()
    y = layer.forward(x, training)
    y_before = y.copy()
    first = layer.backward(dy)
    gradients = layer.parameters.gradients.copy()
    second = layer.backward(dy)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(gradients, layer.parameters.gradients)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(dy, dy_before)
    np.testing.assert_array_equal(y, y_before)


@pytest.mark.parametrize("case", CASES)
def test_reused_memory_gives_the_same_bits_as_new_memory(case):
    layer, x, dy, training = built(case)
    state = layer.parameters.state.copy()
    y = layer.forward(x, training)
    dx = layer.backward(dy)
    gradients = layer.parameters.gradients.copy()
    waiting = [layer]
    while waiting:
        one = waiting.pop()
        one.work.reuse = True
        waiting += one.sublayers()
    for rows in (6, 3, 6):  # a short batch in between
        layer.parameters.state[...] = state
        again = layer.forward(x[:rows].copy(), training)
        back = layer.backward(dy[:rows].copy())
        if rows == 6:
            np.testing.assert_array_equal(again, y)
            np.testing.assert_array_equal(back, dx)
            np.testing.assert_array_equal(layer.parameters.gradients, gradients)


@pytest.mark.parametrize("case", [c for c in CASES if not CASES[c][2]])
def test_a_batch_is_its_samples_one_by_one(case):
    layer, x, _, _ = built(case)
    whole = layer.forward(x)
    for i in range(len(x)):
        np.testing.assert_allclose(layer.forward(x[i : i + 1])[0], whole[i], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("case", CASES)
def test_the_first_layer_skips_the_gradient_that_nobody_reads(case):
    layer, x, dy, training = built(case)
    layer.forward(x, training)
    layer.backward(dy)
    gradients = layer.parameters.gradients.copy()
    layer.parameters.gradients[...] = np.nan
    layer.backward(dy, need_dx=False)
    np.testing.assert_array_equal(layer.parameters.gradients, gradients)


@pytest.mark.parametrize("case", CASES)
def test_a_config_makes_the_same_layer_again(case):
    layer, x, _, _ = built(case)
    twin = layers.from_config(layer.get_config())
    twin.build(layer.input_shape, dtype=np.float64)
    twin.parameters.values[...] = layer.parameters.values
    twin.parameters.state[...] = layer.parameters.state
    np.testing.assert_array_equal(twin.forward(x, False), layer.forward(x, False))
    assert twin.get_config() == layer.get_config()


def test_penalties_are_the_derivative_of_what_they_add():
    layer = Dense(3, kernel_regularizer=L1L2(0.03, 0.07))
    layer.build((2,), np.random.default_rng(1), np.float64)
    layer.dW[...] = 0
    layer.add_penalty_gradient()
    np.testing.assert_allclose(layer.dW, differences(layer.penalty, layer.W), rtol=1e-7)
    W = layer.W
    assert layer.penalty() == pytest.approx(0.03 * abs(W).sum() + 0.07 * (W**2).sum())


def test_softmax_alone_has_its_full_jacobian():
    layer = Dense(3, "softmax")
    layer.build((2,), np.random.default_rng(0), np.float64)
    x = np.array([[0.5, -1.0]])
    y = layer.forward(x)[0]
    z = x[0] @ layer.W + layer.b
    np.testing.assert_allclose(y, np.exp(z) / np.exp(z).sum())
    jacobian = np.diag(y) - np.outer(y, y)
    for k in range(3):
        layer.backward(np.eye(3)[[k]])
        np.testing.assert_allclose(layer.db, jacobian[k], atol=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_a_layer_says_which_places_it_reads(case):
    """All that a place of the output answers to is among them, and along each axis nothing more."""
    layer, x, _, _ = built(case)
    shape = x.shape[1:]
    says_all = type(layer).reads is layers.Layer.reads and not layer.same_places
    moves = np.zeros((*layer.forward(x[:1]).shape[1:], *shape), bool)
    for start in x:
        before = layer.forward(start[None]).copy()[0]
        for place in np.ndindex(shape):
            for change in (-20.0, 0.1, 20.0):
                changed = start[None].copy()
                changed[(0, *place)] += change
                moved = layer.forward(changed)[0] != before
                moves[(..., *place)] |= moved.reshape(before.shape)
    for unit in np.ndindex(moves.shape[: -len(shape)]):
        read = layer.reads(tuple(np.array([i]) for i in unit))
        for axis, places in enumerate(read):
            others = tuple(k for k in range(len(shape)) if k != axis)
            seen = np.flatnonzero(moves[unit].any(axis=others))
            if says_all:
                assert set(seen) <= set(places)
            else:
                assert moves[unit].any() <= (len(places) > 0)
                assert not len(seen) or np.array_equal(seen, places), (unit, axis)
