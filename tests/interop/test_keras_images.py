"""Convolutions, pooling and their kin, to Keras and from it: the same answers."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, interop, layers
from glassnet.errors import FileFormatError
from glassnet.interop.keras.words import readers

pytest.importorskip("h5py")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
keras = pytest.importorskip("keras")

pytestmark = [
    pytest.mark.parity,
    # Keras on TensorFlow copies its variables in a way that NumPy 2 calls old
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

CLOSE = {"rtol": 1e-5, "atol": 1e-5}


def samples(shape, n=4):
    return np.random.default_rng(3).normal(size=(n, *shape)).astype(np.float32)


STACKS = {
    "lenet": ((9, 8, 2), lambda: [
        layers.Rescaling(0.5, -0.1),
        layers.Conv2D(4, 3, padding="same", activation="relu", kernel_regularizer=layers.L2(0.1)),
        layers.MaxPooling2D(2), layers.Dropout(0.3), layers.Conv2D(3, (2, 3), activation="tanh"),
        layers.Flatten(), layers.Dense(5, "relu"), layers.Dense(3, "softmax"),
    ]),
    "every setting": ((11, 12, 4), lambda: [
        layers.ZeroPadding2D(((1, 0), (2, 3))),
        layers.Conv2D(6, (3, 2), strides=(2, 1), groups=2, use_bias=False),
        layers.BatchNormalization(), layers.Activation("relu"), layers.SpatialDropout2D(0.2),
        layers.UpSampling2D((2, 1)), layers.Conv2D(4, 3, dilation_rate=(2, 1), padding="same"),
        layers.AveragePooling2D((3, 2), strides=2, padding="same"),
        layers.MaxPooling2D(3, strides=1, padding="same"), layers.GlobalAveragePooling2D(),
        layers.Dense(3),
    ]),
    "depthwise": ((8, 8, 3), lambda: [
        layers.Conv2D(6, 3, groups=3, strides=2, padding="same"),
        layers.Conv2D(6, 3, groups=6, padding="same", activation="silu"),
        layers.LayerNormalization(), layers.GlobalMaxPooling2D(),
    ]),
    "blocks": ((7, 6, 2), lambda: [
        layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization(),
        layers.Residual([layers.Conv2D(4, 3, padding="same", activation="relu"),
                         layers.BatchNormalization(),
                         layers.Residual([layers.Conv2D(4, (1, 4), padding="same"),
                                          layers.Conv2D(4, 3, padding="same")], name="inner")],
                        name="outer"),
        layers.Activation("relu"), layers.Residual([layers.Conv2D(4, 1)]),
        layers.GlobalMaxPooling2D(), layers.Residual([layers.Dense(4)]), layers.Dense(3),
    ]),
    "series": ((14, 3), lambda: [
        layers.Conv1D(4, 3, padding="same", activation="relu"), layers.SpatialDropout1D(0.1),
        layers.MaxPooling1D(2), layers.Conv1D(4, 2, strides=2, groups=4),
        layers.AveragePooling1D(2, padding="same"), layers.Flatten(), layers.Dense(2),
    ]),
    "global series": ((9, 2), lambda: [
        layers.Conv1D(4, 3, dilation_rate=2), layers.GlobalAveragePooling1D(),
    ]),
    "largest of a series": ((9, 2), lambda: [layers.GlobalMaxPooling1D()]),
}  # fmt: skip


def built(nets, name):
    shape, make = STACKS[name]
    model = Sequential(make(), seed=1)
    model.build(shape)
    return nets.unsettle(model), samples(shape)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", STACKS)
def test_there_and_back(nets, tmp_path, name, suffix):
    model, x = built(nets, name)
    interop.to_keras(model, tmp_path / f"model{suffix}")
    theirs = keras.models.load_model(tmp_path / f"model{suffix}")
    np.testing.assert_allclose(theirs.predict(x, verbose=0), model.predict(x), **CLOSE)
    theirs.save(tmp_path / f"again{suffix}")
    for path in (tmp_path / f"model{suffix}", tmp_path / f"again{suffix}"):
        back = interop.from_keras(path)
        np.testing.assert_array_equal(back.predict(x), model.predict(x))
        assert [said(layer) for layer in back.layers] == [said(layer) for layer in model.layers]


def said(layer):
    """The settings, but for what Keras's files do not keep: names of ours, initializers."""
    if layer.sublayers():
        return [layer.kind, *map(said, layer.sublayers())]
    left_out = ("name", "kernel_initializer", "bias_initializer")
    return {k: v for k, v in layer.get_config().items() if k not in left_out}


def of_keras(k):
    """Networks of Keras's own making: name → input shape, layers."""
    return {
        "separable": ((9, 9, 3), [
            k.SeparableConv2D(4, 3, strides=2, padding="same", depth_multiplier=2,
                              activation="relu"),
            k.SeparableConv2D(2, (2, 3), use_bias=False), k.GlobalMaxPool2D(),
        ]),
        "depthwise": ((8, 8, 3), [
            k.DepthwiseConv2D(3, depth_multiplier=3), k.BatchNormalization(scale=False),
            k.LeakyReLU(0.1), k.DepthwiseConv2D((1, 2), use_bias=False, padding="same"),
            k.Flatten(), k.Dense(2),
        ]),
        "keepdims": ((6, 5, 2), [
            k.ReLU(), k.GlobalAveragePooling2D(keepdims=True), k.Conv2D(3, 1), k.Flatten(),
        ]),
        "as people have it": ((28, 28, 1), [
            k.Rescaling(1 / 255), k.Conv2D(4, (3, 3), activation="relu"), k.MaxPool2D((2, 2)),
            k.Conv2D(4, (3, 3), activation="relu", kernel_initializer="he_uniform"),
            k.MaxPool2D(), k.Flatten(), k.Dropout(0.5), k.Dense(10, activation="softmax"),
        ]),
        "series": ((12, 3), [
            k.SeparableConv1D(4, 3, padding="same"), k.DepthwiseConv1D(3), k.AvgPool1D(3, 2),
            k.GlobalAvgPool1D(keepdims=True), k.Flatten(),
        ]),
        "padding": ((4, 4, 1), [
            k.ZeroPadding2D((1, 2)), k.UpSampling2D(3), k.AveragePooling2D(5, 3, "same"),
            k.SpatialDropout2D(0.3), k.Flatten(),
        ]),
    }  # fmt: skip


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", of_keras(keras.layers))
def test_networks_that_keras_wrote(tmp_path, name, suffix):
    shape, stack = of_keras(keras.layers)[name]
    theirs = keras.Sequential([keras.layers.Input(shape), *stack])
    rng = np.random.default_rng(0)
    theirs.set_weights([rng.uniform(0.1, 1.0, w.shape) for w in theirs.get_weights()])
    theirs.save(tmp_path / f"model{suffix}")
    model, x = interop.from_keras(tmp_path / f"model{suffix}"), samples(shape)
    np.testing.assert_allclose(model.predict(x), theirs.predict(x, verbose=0), **CLOSE)


def test_every_class_that_is_read_has_a_test():
    k = keras.layers
    tested = {type(layer).__name__ for _, stack in of_keras(k).values() for layer in stack}
    tested |= {type(layer).__name__ for _, make in STACKS.values() for layer in make()}
    new = {name for name in readers() if any(w in name for w in ("1D", "2D"))}
    assert new <= tested


@settings(max_examples=8, deadline=None)
@given(drawn=st.data())
def test_any_chain_of_layers(nets, folder, drawn):
    model = drawn.draw(nets.image_networks())
    x = nets.rows_for(model, 3)
    suffix = drawn.draw(st.sampled_from([".keras", ".h5"]))
    interop.to_keras(model, folder / f"any{suffix}")
    np.testing.assert_array_equal(
        interop.from_keras(folder / f"any{suffix}").predict(x), model.predict(x)
    )
    theirs = keras.models.load_model(folder / f"any{suffix}")
    np.testing.assert_allclose(theirs(x), model.predict(x), rtol=1e-4, atol=1e-4)


def functional(make):
    """A functional model: what ``make`` does with keras.layers and the input."""
    first = keras.Input((6, 5, 2))
    return keras.Model(first, make(keras.layers, first))


def resnet(k, x):
    h = k.Conv2D(4, 3, padding="same", activation="relu")(x)
    for _ in range(2):
        inside = k.Conv2D(4, 3, padding="same", use_bias=False)(h)
        inside = k.ReLU()(k.BatchNormalization()(inside))
        inside = k.Conv2D(4, 3, padding="same")(inside)
        h = k.ReLU()(k.Add()([inside, h]))
    return k.Dense(3)(k.GlobalAveragePooling2D()(h))


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_residual_network_that_keras_wrote(tmp_path, suffix):
    theirs = functional(resnet)
    rng = np.random.default_rng(0)
    theirs.set_weights([rng.uniform(0.1, 1.0, w.shape) for w in theirs.get_weights()])
    theirs.save(tmp_path / f"model{suffix}")
    model, x = interop.from_keras(tmp_path / f"model{suffix}"), samples((6, 5, 2))
    np.testing.assert_allclose(model.predict(x), theirs.predict(x, verbose=0), **CLOSE)
    assert [layer.kind for layer in model.layers].count("residual") == 2


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda k, x: k.Add()([x, x]), "does not read the layer before it alone"),
        (lambda k, x: k.Add()([k.Conv2D(2, 1)(x), k.Conv2D(2, 1)(x)]), "one chain"),
        (lambda k, x: k.Add()([x, k.Conv2D(2, 1)(x), k.ReLU()(x)]), "one chain"),
        (lambda k, x: k.Concatenate()([x, k.Conv2D(2, 1)(x)]), "one chain"),
        (lambda k, x: k.Multiply()([x, k.Conv2D(2, 1)(x)]), "one chain"),
        (lambda k, x: k.Add()([x, k.Conv2D(1, 1)(x)]), "same shape"),
        (lambda k, x: [k.Add()([x, k.Conv2D(2, 1)(x)]), k.ReLU()(x)], "other outputs"),
    ],
)
def test_other_branches_are_named(tmp_path, make, words):
    for suffix in (".keras", ".h5"):
        functional(make).save(tmp_path / f"model{suffix}")
        with pytest.raises(FileFormatError, match=words):
            interop.from_keras(tmp_path / f"model{suffix}")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda k: k.Conv2D(2, 2, data_format="channels_first"), "channels_first.*channels_last"),
        (lambda k: k.MaxPooling2D(2, data_format="channels_first"), "channels_first"),
        (lambda k: k.GlobalMaxPooling2D(data_format="channels_first"), "channels_first"),
        (lambda k: k.ZeroPadding2D(data_format="channels_first"), "channels_first"),
        (lambda k: k.UpSampling2D(data_format="channels_first"), "channels_first"),
        (lambda k: k.SpatialDropout2D(0.1, data_format="channels_first"), "channels_first"),
        (lambda k: k.DepthwiseConv2D(2, data_format="channels_first"), "channels_first"),
        (lambda k: k.Conv2D(2, 2, kernel_constraint="max_norm"), "kernel_constraint"),
        (lambda k: k.DepthwiseConv2D(2, depthwise_constraint="max_norm"), "depthwise_constraint"),
        (lambda k: k.UpSampling2D(interpolation="bilinear"), "bilinear.*nearest"),
        (lambda k: k.Conv2DTranspose(2, 2), "unknown layer of Keras 'Conv2DTranspose'"),
        (lambda k: k.Conv2D(2, 2, activation="sparsemax"), "sparsemax"),
    ],
)
def test_what_is_not_read_is_named(tmp_path, make, words):
    k = keras.layers
    model = keras.Sequential([k.Input((4, 4, 2)), make(k)])
    for suffix in (".keras", ".h5"):
        model.save(tmp_path / f"model{suffix}")
        with pytest.raises(FileFormatError, match=words):
            interop.from_keras(tmp_path / f"model{suffix}")


def test_causal_padding_is_named(tmp_path):
    k = keras.layers
    keras.Sequential([k.Input((4, 1)), k.Conv1D(2, 2, padding="causal")]).save(tmp_path / "c.keras")
    with pytest.raises(FileFormatError, match=r"causal.*valid and same"):
        interop.from_keras(tmp_path / "c.keras")
