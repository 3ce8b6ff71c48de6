"""Layers over images and series against PyTorch and Keras, and where those two part."""

from __future__ import annotations

import os
from itertools import product

import numpy as np
import pytest

from glassnet.layers import (
    AveragePooling1D,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    UpSampling2D,
    ZeroPadding2D,
)

pytestmark = pytest.mark.parity


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("its other backends compute some of these otherwise")
    return keras


def built(layer, shape, dtype):
    rng = np.random.default_rng(0)
    layer.build(shape, rng, dtype)
    layer.parameters.values[...] = rng.normal(0, 0.5, layer.parameters.size)
    x = rng.normal(0, 1, (3, *shape)).astype(dtype)
    y = layer.forward(x).copy()
    dy = rng.normal(0, 1, y.shape).astype(dtype)
    return layer, x, y, dy, layer.backward(dy).copy()


def close(ours, theirs, dtype):
    size = max(1.0, float(abs(theirs).max(initial=0)))
    limit = (1e-12 if dtype == "float64" else 5e-6) * size
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=limit)


def first(torch, x):
    """Channels first, as a variable."""
    return torch.tensor(np.moveaxis(x, -1, 1).copy(), requires_grad=True)


def last(tensor):
    return np.moveaxis(tensor.detach().numpy(), 1, -1)


# ---- PyTorch ---------------------------------------------------------------------------------

GROUPS = ((1, "float32"), (2, "float64"), (6, "float32"))
TORCH_CONVOLUTIONS = list(product((1, 2, 3, (2, 5)), (1, 2, (1, 3)), (1, 2), GROUPS))


@pytest.mark.parametrize(("size", "strides", "dilation", "parts"), TORCH_CONVOLUTIONS)
def test_a_convolution_is_pytorchs(torch, size, strides, dilation, parts):
    groups, dtype = parts
    layer = Conv2D(12, size, strides, dilation_rate=dilation, groups=groups)
    layer, x, y, dy, dx = built(layer, (9, 11, 6), dtype)
    z, W, b = first(torch, x), *(torch.tensor(a, requires_grad=True) for a in (layer.W, layer.b))
    theirs = torch.nn.functional.conv2d(
        z, W.permute(3, 2, 0, 1), b, strides, 0, dilation, groups
    )  # fmt: skip
    close(y, last(theirs), dtype)
    theirs.backward(first(torch, dy).detach())
    close(dx, last(z.grad), dtype)
    close(layer.dW, W.grad.numpy(), dtype)
    close(layer.db, b.grad.numpy(), dtype)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, (3, 7), (2, 3)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_same_without_strides_is_pytorchs(torch, size, dilation):
    layer, x, y, dy, dx = built(
        Conv2D(4, size, padding="same", dilation_rate=dilation), (8, 9, 3), "float64"
    )
    z, W = first(torch, x), torch.tensor(layer.W, requires_grad=True)
    theirs = torch.nn.functional.conv2d(
        z, W.permute(3, 2, 0, 1), torch.tensor(layer.b), padding="same", dilation=dilation
    )
    close(y, last(theirs), "float64")
    theirs.backward(first(torch, dy).detach())
    close(dx, last(z.grad), "float64")
    close(layer.dW, W.grad.numpy(), "float64")


@pytest.mark.parametrize("size", [2, 3, 4, 5])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("around", [1, 2])
def test_padding_of_pytorch_is_a_layer_of_zeros(torch, size, strides, around):
    x = np.random.default_rng(0).normal(size=(2, 7, 8, 3))
    layer = Conv2D(4, size, strides)
    y = layer(ZeroPadding2D(around)(x))
    theirs = torch.nn.functional.conv2d(
        first(torch, x), torch.tensor(layer.W).permute(3, 2, 0, 1), torch.tensor(layer.b),
        strides, around,
    )  # fmt: skip
    close(y, last(theirs), "float64")


def test_padding_of_pytorch_with_strides_is_not_same(torch):
    """An even side with strides of 2: PyTorch begins one place before Keras."""
    x = np.random.default_rng(0).normal(size=(1, 8, 8, 1))
    layer = Conv2D(1, 3, 2, "same", use_bias=False)
    y = layer(x)
    W = torch.tensor(layer.W).permute(3, 2, 0, 1)
    theirs = last(torch.nn.functional.conv2d(first(torch, x), W, None, 2, 1))
    assert y.shape == theirs.shape and abs(y - theirs).max() > 0.01


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("size", "strides"), [(2, 2), (3, 2), (2, 3), ((3, 2), (1, 2)), (1, 1)])
@pytest.mark.parametrize("ties", [False, True])
def test_pooling_is_pytorchs(torch, size, strides, dtype, ties):
    for cls, function in ((MaxPooling2D, "max_pool2d"), (AveragePooling2D, "avg_pool2d")):
        layer, x, y, dy, dx = built(cls(size, strides), (7, 8, 5), dtype)
        if ties:
            x = np.round(x)
            y = layer.forward(x).copy()
            dx = layer.backward(dy).copy()
        z = first(torch, x)
        theirs = getattr(torch.nn.functional, function)(z, size, strides)
        close(y, last(theirs), dtype)
        theirs.backward(first(torch, dy).detach())
        close(dx, last(z.grad), dtype)


def test_average_pooling_counts_the_zeros_only_if_pytorch_is_told(torch):
    x = np.random.default_rng(0).normal(size=(2, 7, 7, 3))
    y = AveragePooling2D(3, 2, "same")(x)
    for counted, same in ((False, True), (True, False)):
        theirs = torch.nn.functional.avg_pool2d(first(torch, x), 3, 2, 1, count_include_pad=counted)
        assert np.allclose(y, last(theirs)) == same
    counting = AveragePooling2D(3, 2)(ZeroPadding2D(1)(x))
    theirs = torch.nn.functional.avg_pool2d(first(torch, x), 3, 2, 1)
    close(counting, last(theirs), "float64")


def test_nan_through_pooling_is_pytorchs(torch):
    x = np.random.default_rng(0).normal(size=(4, 6, 6, 3))
    x[np.random.default_rng(1).random(x.shape) < 0.1] = np.nan
    for ours, theirs in (
        (MaxPooling2D(2), torch.nn.MaxPool2d(2)),
        (MaxPooling2D(3, 2), torch.nn.MaxPool2d(3, 2)),
        (AveragePooling2D(2), torch.nn.AvgPool2d(2)),
        (GlobalMaxPooling2D(), torch.nn.AdaptiveMaxPool2d(1)),
    ):
        y = ours(x)
        np.testing.assert_allclose(y, last(theirs(first(torch, x))).reshape(y.shape), rtol=1e-12)


@pytest.mark.parametrize(("size", "strides", "dilation", "groups"), [
    (3, 1, 1, 1), (4, 2, 1, 1), (2, 1, 3, 1), (3, 3, 1, 4), (1, 2, 1, 2),
])  # fmt: skip
def test_a_convolution_of_series_is_pytorchs(torch, size, strides, dilation, groups):
    layer, x, y, dy, dx = built(
        Conv1D(8, size, strides, dilation_rate=dilation, groups=groups), (20, 4), "float64"
    )
    z, W = first(torch, x), torch.tensor(layer.W, requires_grad=True)
    theirs = torch.nn.functional.conv1d(
        z, W.permute(2, 1, 0), torch.tensor(layer.b), strides, 0, dilation, groups
    )
    close(y, last(theirs), "float64")
    theirs.backward(first(torch, dy).detach())
    close(dx, last(z.grad), "float64")
    close(layer.dW, W.grad.numpy(), "float64")


# ---- Keras -----------------------------------------------------------------------------------


def with_keras(keras, theirs, layer, shape, dtype="float64"):
    """Values and gradients of the same layer with the same weights."""
    import tensorflow as tf

    layer, x, y, dy, dx = built(layer, shape, dtype)
    theirs.build((None, *shape))
    ours = [getattr(layer, name) for name in ("W", "b") if layer.parameters.size]
    theirs.set_weights(ours)
    given = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(given)
        found = theirs(given)
    variables = [v.value for v in theirs.trainable_variables]
    slopes = tape.gradient(found, [given, *variables], output_gradients=tf.constant(dy))
    close(y, found.numpy(), dtype)
    close(dx, slopes[0].numpy(), dtype)
    for name, slope in zip(("dW", "db"), slopes[1:]):
        close(getattr(layer, name), slope.numpy(), dtype)


KERAS_CONVOLUTIONS = [
    *product((1, 2, 3, 4, (2, 5), 7), (1, 2, (2, 1), 3), ("valid", "same"), (1,)),
    *product((2, 3), (1,), ("valid", "same"), (2, 3)),
]


@pytest.mark.parametrize(("size", "strides", "padding", "dilation"), KERAS_CONVOLUTIONS)
def test_a_convolution_is_kerass(keras, size, strides, padding, dilation):
    """Even kernels and strides with "same" as well."""
    settings = {"strides": strides, "padding": padding, "dilation_rate": dilation}
    for shape in ((8, 9, 2), (7, 8, 2)):
        if padding == "valid" or size != 7:
            theirs = keras.layers.Conv2D(3, size, dtype="float64", **settings)
            with_keras(keras, theirs, Conv2D(3, size, **settings), shape)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_convolution_of_series_is_kerass(keras, size, strides, padding):
    theirs = keras.layers.Conv1D(3, size, strides, padding, dtype="float64")
    with_keras(keras, theirs, Conv1D(3, size, strides, padding), (8, 2))


@pytest.mark.parametrize("name", ["MaxPooling2D", "AveragePooling2D"])
@pytest.mark.parametrize("size", [1, 2, 3, (2, 3)])
@pytest.mark.parametrize("strides", [None, 1, 2, (3, 2)])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_pooling_is_kerass(keras, name, size, strides, padding):
    ours = {"MaxPooling2D": MaxPooling2D, "AveragePooling2D": AveragePooling2D}[name]
    for shape in ((6, 7, 3), (5, 8, 3)):
        theirs = getattr(keras.layers, name)(size, strides, padding, dtype="float64")
        with_keras(keras, theirs, ours(size, strides, padding), shape)


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("strides", [None, 1, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_pooling_of_series_is_kerass(keras, size, strides, padding):
    for ours in (MaxPooling1D, AveragePooling1D):
        theirs = getattr(keras.layers, ours.__name__)(size, strides, padding, dtype="float64")
        with_keras(keras, theirs, ours(size, strides, padding), (9, 3))


def test_of_equal_numbers_the_same_one_wins_as_in_keras(keras):
    import tensorflow as tf

    x = np.random.default_rng(0).integers(0, 2, (5, 6, 6, 2)).astype(np.float64)
    for size, strides in ((2, 2), (3, 1), (3, 2)):
        layer = MaxPooling2D(size, strides)
        y = layer(x)
        given = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(given)
            found = keras.layers.MaxPooling2D(size, strides, dtype="float64")(given)
        dy = np.random.default_rng(1).normal(size=y.shape)
        slope = tape.gradient(found, given, output_gradients=tf.constant(dy))
        close(layer.backward(dy), slope.numpy(), "float64")


def test_zeros_around_and_larger_images_are_kerass(keras):
    for ours, theirs in (
        (ZeroPadding2D(2), keras.layers.ZeroPadding2D(2, dtype="float64")),
        (ZeroPadding2D((1, 2)), keras.layers.ZeroPadding2D((1, 2), dtype="float64")),
        (
            ZeroPadding2D(((1, 0), (2, 3))),
            keras.layers.ZeroPadding2D(((1, 0), (2, 3)), dtype="float64"),
        ),
        (UpSampling2D((2, 3)), keras.layers.UpSampling2D((2, 3), dtype="float64")),
    ):
        with_keras(keras, theirs, ours, (4, 5, 3))


def test_the_settings_are_kerass(keras):
    """Names, order and defaults, as far as the layer has them."""
    import inspect

    for ours in (
        Conv1D, Conv2D, MaxPooling1D, MaxPooling2D, AveragePooling1D, AveragePooling2D,
        GlobalMaxPooling2D, UpSampling2D, ZeroPadding2D,
    ):  # fmt: skip
        theirs = inspect.signature(getattr(keras.layers, ours.__name__)).parameters
        taken = list(inspect.signature(ours.__init__).parameters.values())[1:]
        names = [p.name for p in taken if p.name not in ("trainable", "name")]
        assert names == [name for name in theirs if name in names]
        for p in taken:
            if p.name in theirs and p.default is not p.empty:
                one = theirs[p.name].default
                same = one == p.default or set(np.ravel(one)) == {p.default}
                assert same or one is p.empty, (ours, p.name)
