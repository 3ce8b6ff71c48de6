"""What layers over images and series refuse, before the first step, and the way out they name."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet
from glassnet import layers
from glassnet.errors import ConfigError, GlassnetError, ShapeError
from glassnet.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    Input,
    MaxPooling1D,
    MaxPooling2D,
    Rescaling,
    Reshape,
    Residual,
    SpatialDropout1D,
    SpatialDropout2D,
    UpSampling2D,
    ZeroPadding2D,
)

SETTINGS = {
    "filters of 0": (lambda: Conv2D(0, 3), "Conv2D: filters is 0"),
    "negative filters": (lambda: Conv2D(-4, 3), "filters is -4"),
    "filters and kernel turned round": (lambda: Conv2D((3, 3), 32), r"filters is \(3, 3\)"),
    "kernel of 0": (lambda: Conv2D(4, 0), "kernel_size is 0"),
    "kernel of 0 rows": (lambda: Conv2D(4, (0, 3)), "kernel_size is 0"),
    "half a kernel": (lambda: Conv2D(4, 2.5), "kernel_size is 2.5"),
    "kernel as text": (lambda: Conv2D(4, "33"), "kernel_size is '33'"),
    "kernel as truth": (lambda: Conv2D(4, True), "kernel_size is True"),
    "three sides of an image": (lambda: Conv2D(4, (3, 3, 3)), r"2 of them, \(rows, columns\)"),
    "one side of an image": (lambda: Conv2D(4, (3,)), r"2 of them, \(rows, columns\)"),
    "two sides of a series": (lambda: Conv1D(4, (3, 3)), "one whole number"),
    "strides of 0": (lambda: Conv2D(4, 3, strides=0), "strides is 0"),
    "strides of 0 columns": (lambda: MaxPooling2D(2, (1, 0)), "strides is 0"),
    "negative strides": (lambda: Conv1D(4, 3, strides=-1), "strides is -1"),
    "dilation of 0": (lambda: Conv2D(4, 3, dilation_rate=0), "dilation_rate is 0"),
    "groups of 0": (lambda: Conv2D(4, 3, groups=0), "groups is 0"),
    "filters in groups": (lambda: Conv2D(4, 3, groups=3), "multiple of groups"),
    "padding as PyTorch writes it": (lambda: Conv2D(4, 3, padding=1), r"put ZeroPadding2D\(1\)"),
    "padding of two numbers": (
        lambda: Conv2D(4, 3, padding=(1, 2)), r"put ZeroPadding2D\(\(1, 2\)\)"
    ),
    "another padding": (lambda: Conv2D(4, 3, padding="full"), "'valid'"),
    "padding of a series": (lambda: Conv1D(4, 3, padding="causal"), r"pass np\.pad\(x, "),
    "padding of pooling": (lambda: MaxPooling2D(2, 2, 1), "ZeroPadding2D"),
    "pooling of 0": (lambda: MaxPooling2D(0), "pool_size is 0"),
    "pooling of three sides": (lambda: AveragePooling2D((2, 2, 2)), "pool_size"),
    "negative zeros": (lambda: ZeroPadding2D(-1), "padding is -1"),
    "zeros of three sides": (lambda: ZeroPadding2D((1, 2, 3)), r"\(top, bottom\)"),
    "zeros of four sides, as PyTorch": (lambda: ZeroPadding2D((1, 1, 1, 1)), r"\(top, bottom\)"),
    "zeros as a word": (lambda: ZeroPadding2D("same"), "padding is 'same'"),
    "blocks of 0": (lambda: UpSampling2D(0), "size is 0"),
    "all channels dropped": (lambda: SpatialDropout2D(1.0), "rate"),
    "an unknown activation": (lambda: Conv2D(4, 3, activation="relo"), "relu"),
}  # fmt: skip


@pytest.mark.parametrize("case", SETTINGS)
def test_settings_out_of_range_name_themselves(case):
    make, says = SETTINGS[case]
    with pytest.raises(ConfigError, match=says):
        make()


NAMES = {
    "channels first": (
        lambda: Conv2D(4, 3, data_format="channels_first"), r"np\.moveaxis\(x, 1, -1\)"
    ),
    "channels first in pooling": (
        lambda: MaxPooling2D(2, data_format="channels_first"), r"np\.moveaxis\(x, 1, -1\)"
    ),
    "out_channels": (lambda: Conv2D(out_channels=4, kernel_size=3), "called filters"),
    "in_channels": (lambda: Conv2D(4, 3, in_channels=4), "Leave it out"),
    "stride": (lambda: Conv2D(4, 3, stride=2), "Did you mean 'strides'"),
    "dilation": (lambda: Conv2D(4, 3, dilation=2), "Did you mean 'dilation_rate'"),
    "interpolation": (lambda: UpSampling2D(2, interpolation="bilinear"), "nearest"),
    "axis": (lambda: BatchNormalization(axis=-1), "always the last"),
    "noise_shape": (lambda: Dropout(0.5, noise_shape=(None, 1, 1, 3)), "SpatialDropout2D"),
    "nothing like it": (lambda: Conv2D(4, 3, foo=1), "Its settings are filters, kernel_size"),
    "no kernel": (lambda: Conv2D(4), "Conv2D: missing a required argument: 'kernel_size'"),
    "too many": (lambda: MaxPooling2D(2, 2, "same", "a", 5), "too many .* In order: pool_size"),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMES)
def test_settings_of_other_libraries_name_the_way_out(case):
    make, says = NAMES[case]
    with pytest.raises(TypeError, match=says):
        make()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MaxPool2D", "MaxPooling2D"), ("AvgPool2D", "AveragePooling2D"),
        ("Convolution2D", "Conv2D"), ("Convolution1D", "Conv1D"), ("Conv2d", "Conv2D"),
        ("MaxPool2d", "MaxPooling2D"), ("AvgPool1d", "AveragePooling1D"),
        ("GlobalAvgPool2D", "GlobalAveragePooling2D"), ("GlobalMaxPool1D", "GlobalMaxPooling1D"),
        ("DepthwiseConv2D", "groups=channels"), ("BatchNorm2d", "BatchNormalization"),
        ("Dropout2d", "SpatialDropout2D"), ("Linear", "Dense"), ("LSTM", "Conv1D"),
    ],
)  # fmt: skip
def test_names_of_other_libraries_say_which_layer_is_meant(name, meant):
    with pytest.raises(AttributeError, match=meant):
        getattr(layers, name)
    assert not hasattr(layers, name)


SHAPES = {
    "rows of features": (Conv2D(4, 3), (784,), r"Put Reshape\(\(28, 28, 1\)\) before it"),
    "rows of three colors": (MaxPooling2D(2), (3072,), r"Reshape\(\(32, 32, 3\)\)"),
    "rows that are no square": (MaxPooling2D(2), (30,), r"Reshape\(\(rows, columns, channels\)\)"),
    "no channels": (Conv2D(4, 3), (28, 28), r"Put Reshape\(\(28, 28, 1\)\).*x\[\.\.\., None\]"),
    "an axis more": (Conv2D(4, 3), (5, 28, 28, 1), "It works on images"),
    "a series that is a row": (Conv1D(4, 3), (9,), r"Reshape\(\(9, 1\)\)"),
    "an image for a series": (Conv1D(4, 3), (9, 9, 1), "It works on series"),
    "kernel larger than the image": (Conv2D(4, 7), (5, 6, 1), "7×7 is larger than .* 5×6"),
    "dilated kernel larger": (Conv2D(4, 3, dilation_rate=3), (6, 9, 1), "7×7 is larger"),
    "kernel longer than the series": (Conv1D(4, 7), (5, 1), "7 is larger than its input of 5"),
    "pooling larger than the image": (MaxPooling2D(2), (1, 1, 8), "fewer poolings before it"),
    "the arguments of PyTorch": (Conv2D(1, 32, 3), (28, 28, 1), r"that is Conv2D\(32, 3\)"),
    "channels in groups": (Conv2D(4, 3, groups=2), (5, 5, 3), "3 channels .* multiple of groups"),
    "mean of a row": (GlobalAveragePooling2D(), (8,), "Reshape"),
    "maximum of images": (GlobalMaxPooling1D(), (4, 4, 1), "series"),
    "zeros around a series": (ZeroPadding2D(1), (9, 1), r"\(rows, columns, channels\)"),
    "a larger row": (UpSampling2D(2), (9,), r"\(rows, columns, channels\)"),
    "channels of a row": (SpatialDropout1D(0.5), (9,), r"\(steps, channels\)"),
    "a dense layer on an image": (Dense(3), (4, 4, 2), r"Put Flatten\(\) before it"),
    "a block that changes the channels": (
        Residual([Conv2D(4, 3, padding="same")]), (5, 5, 1), "same shape"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SHAPES)
def test_shapes_that_do_not_fit_name_the_way_out(case):
    layer, shape, says = SHAPES[case]
    with pytest.raises(ShapeError, match=says):
        layer.build(shape)


def network(*first):
    model = glassnet.Sequential([*first, Flatten(), Dense(3, "softmax")], seed=0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


FIRST = {
    "convolution": lambda: [Conv2D(4, 3)],
    "convolution, same": lambda: [Conv2D(4, 3, padding="same")],
    "one pixel": lambda: [Conv2D(4, 1)],
    "rescaling, noise, zeros": lambda: [Rescaling(1 / 255), Dropout(0.1), ZeroPadding2D(1)],
    "pooling": lambda: [MaxPooling2D(1)],
    "normalization": lambda: [BatchNormalization(), Conv2D(4, 1)],
    "mean": lambda: [GlobalAveragePooling2D()],
    "a block": lambda: [Residual([ZeroPadding2D(1), MaxPooling2D(3, 1)])],
}  # fmt: skip


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 28)])
@pytest.mark.parametrize("case", FIRST)
def test_channels_first_is_recognised_at_fit_and_at_build(case, shape):
    x, y = np.zeros((6, *shape), np.float32), np.arange(6) % 3
    says = rf"channels first.* last.* np\.moveaxis\(x, 1, -1\), of shape \(n, {shape[1]}, "
    model = network(*FIRST[case]())
    with pytest.raises(ShapeError, match=says):
        model.fit(x, y, verbose=0)
    with pytest.raises(ShapeError, match=says):
        model.build(shape)
    with pytest.raises(ShapeError, match=says):
        network(Input(shape), *FIRST[case]())
    turned = network(*FIRST[case]())
    turned.fit(np.moveaxis(x, 1, -1), y, verbose=0)  # the way out


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 28), (4, 4, 4)])
def test_such_shapes_within_a_network_are_nobodys_mistake(shape):
    network(Reshape(shape), Conv2D(2, 1)).build((int(np.prod(shape)),))


@pytest.mark.parametrize("shape", [(3, 4, 4), (1, 28, 1), (3, 32, 3), (5, 7, 7), (1, 30, 8)])
def test_images_of_few_rows_are_taken_as_they_are(shape):
    network(Conv2D(2, 1)).build(shape)


def test_what_does_not_fit_a_built_network_says_how_to_turn_it():
    x, y = np.zeros((6, 9, 9, 3), np.float32), np.arange(6) % 3
    model = network(Conv2D(4, 3))
    model.fit(x, y, verbose=0)
    first = np.moveaxis(x, -1, 1)
    for call in (
        lambda: model.predict(first),
        lambda: model.predict_classes(first),
        lambda: model.fit(first, y, verbose=0),
        lambda: model.evaluate(first, y),
        lambda: model.train_on_batch(first, y),
        lambda: model.loss_and_gradient(first, y),
        lambda: model.fit(x, y, validation_data=(first, y), verbose=0),
    ):
        with pytest.raises(ShapeError, match=r"channels come first.*np\.moveaxis\(x, 1, -1\)"):
            call()
    with pytest.raises(ShapeError, match=r"that is one sample.* Pass x\[None\]"):
        model.predict(x[0])
    with pytest.raises(ShapeError, match=r"Pass x\.reshape\(-1, 9, 9, 3\)"):
        model.predict(x.reshape(6, -1))
    gray = network(Conv2D(4, 3))  # one channel: its axis may be left out
    gray.fit(x[..., :1], y, verbose=0)
    np.testing.assert_array_equal(gray.predict(x[..., 0]), gray.predict(x[..., :1]))


def test_settings_of_a_built_layer():
    layer = Conv2D(2, 3, padding="same")
    layer.build((6, 6, 1), np.random.default_rng(0), np.float64)
    x = np.random.default_rng(1).normal(size=(2, 6, 6, 1))
    layer(x)
    with pytest.raises(ConfigError, match="filters cannot be set any more"):
        layer.filters = 3
    with pytest.raises(ConfigError, match="strides cannot be set any more"):
        layer.strides = 2
    with pytest.raises(AttributeError, match="windows cannot be set"):
        layer.windows = ()
    layer.dilation_rate = 2  # the shapes stay
    layer.activation = "tanh"
    twin = Conv2D(2, 3, padding="same", dilation_rate=2, activation="tanh")
    twin.build((6, 6, 1), dtype=np.float64)
    twin.W, twin.b = layer.W, layer.b
    np.testing.assert_array_equal(layer(x), twin(x))
    np.testing.assert_array_equal(layer.backward(x.repeat(2, 3)), twin.backward(x.repeat(2, 3)))


def test_settings_of_a_layer_not_yet_built():
    layer = Conv2D(2, 3)
    layer.kernel_size, layer.strides, layer.padding = 5, (1, 2), "same"
    assert layer.config()["kernel_size"] == [5, 5] and layer.strides == (1, 2)
    with pytest.raises(ConfigError):
        layer.padding = 1
    pool = MaxPooling1D(2)
    pool.pool_size = 3
    assert pool.pool_size == (3,)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_pictures_with_holes_say_where(bad):
    x, y = np.zeros((6, 5, 5, 1), np.float32), np.arange(6) % 3
    x[4, 2, 3, 0] = bad
    with pytest.raises(GlassnetError, match=r"row 4|x\[4"):
        network(Conv2D(4, 3)).fit(x, y, verbose=0)
