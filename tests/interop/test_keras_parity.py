"""Keras opens what glassnet writes, glassnet opens what Keras writes, and both answer alike."""

import os

import numpy as np
import pytest

from glassnet import Sequential, data, interop, layers
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU
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

HERE = [f for f in ACTIVATIONS if f not in ("step", "gelu_tanh")]


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("f", [*HERE, ELU(0.5), LeakyReLU(0.4)], ids=str)
def test_keras_opens_what_is_written_and_writes_what_is_opened(nets, tmp_path, f, suffix):
    model, x = nets.network(f), nets.images()
    interop.to_keras(model, tmp_path / f"model{suffix}")
    theirs = keras.models.load_model(tmp_path / f"model{suffix}")
    np.testing.assert_allclose(theirs(x), model.predict(x), rtol=1e-5, atol=1e-6)
    theirs.save(tmp_path / f"again{suffix}")
    back = interop.from_keras(tmp_path / f"again{suffix}")
    np.testing.assert_array_equal(back.predict(x), model.predict(x))


def test_names_that_tensorflow_does_not_take(tmp_path):
    names = ["은닉 층 (1) *", "은닉 층 (2) *"]
    stack = [layers.Dense(3, LeakyReLU(0.1), name=names[0]), layers.Dense(2, name=names[1])]
    model = Sequential(stack, seed=0, name="한글 망/2.csv")
    model.build((3,))
    interop.to_keras(model, tmp_path / "model.keras")
    x = np.ones((2, 3), np.float32)
    theirs = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(theirs.predict(x, verbose=0), model.predict(x), rtol=1e-5)
    back = interop.from_keras(tmp_path / "model.keras")
    assert [back.name, *(layer.name for layer in back.layers)] == [model.name, *names]


def test_batch_normalization_of_images(nets, tmp_path):
    stack = [layers.BatchNormalization(), layers.Flatten(), layers.Dense(2)]
    model = Sequential(stack, seed=0)
    model.build((4, 5, 3))
    nets.unsettle(model)
    interop.to_keras(model, tmp_path / "model.keras")
    x = nets.rows_for(model)
    theirs = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(theirs(x), model.predict(x), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(
        interop.from_keras(tmp_path / "model.keras").predict(x), model.predict(x)
    )


def test_keras_goes_on_training_with_the_same_losses(tmp_path):
    spiral = data.spiral(20, seed=0)
    hidden = layers.Dense(8, "relu", kernel_regularizer=layers.L2(0.01))
    model = Sequential([hidden, layers.BatchNormalization(), layers.Dense(3, "softmax")], seed=0)
    model.compile({"name": "sgd", "learning_rate": 0.1}, "sparse_categorical_crossentropy")
    model.build((2,))
    interop.to_keras(model, tmp_path / "model.keras")
    theirs = keras.models.load_model(tmp_path / "model.keras")
    theirs.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    how = {"epochs": 3, "shuffle": False, "verbose": 0}
    ours = model.fit(spiral.x, spiral.y, **how).history["loss"]
    np.testing.assert_allclose(ours, theirs.fit(spiral.x, spiral.y, **how).history["loss"],
                               rtol=1e-4)  # fmt: skip


def test_everything_that_is_read_from_keras(tmp_path):
    k = keras.layers
    stack = [
        k.Input((2, 3)), k.Rescaling(0.5, 1.0), k.Flatten(), k.Dense(4, "relu"), k.ReLU(),
        k.Dense(4, use_bias=False, kernel_regularizer="l2", kernel_constraint="max_norm"),
        k.BatchNormalization(scale=False), k.LeakyReLU(0.1), k.BatchNormalization(center=False),
        k.ELU(0.5), k.LayerNormalization(center=False), k.Activation("gelu"), k.Dropout(0.2),
        k.Identity(), k.ReLU(negative_slope=0.2), k.Reshape((2, -1)), k.Flatten(),
        k.Dense(3, k.LeakyReLU(0.3)), k.Softmax(),
    ]  # fmt: skip
    model = keras.Sequential(stack)
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(16, 2, 3)).astype(np.float32)
    model.fit(x, np.ones((16, 3)), epochs=2, verbose=0)  # so that nothing is 0 or 1
    model.save(tmp_path / "model.keras")
    back = interop.from_keras(tmp_path / "model.keras")
    np.testing.assert_allclose(back.predict(x), model(x), rtol=1e-5, atol=1e-6)
    assert {type(layer).__name__ for layer in stack} - {"InputLayer", "KerasTensor"} <= set(
        readers()
    )


def test_functional_models_that_are_a_chain(tmp_path):
    k = keras.layers
    first = keras.Input((4,))
    h = k.BatchNormalization()(k.Dense(3, "tanh")(first))
    model = keras.Model(first, k.Dense(2)(h))
    model.save(tmp_path / "chain.keras")
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    np.testing.assert_allclose(
        interop.from_keras(tmp_path / "chain.keras").predict(x), model(x), rtol=1e-5, atol=1e-6
    )
    model.save(tmp_path / "chain.h5")
    np.testing.assert_array_equal(
        interop.from_keras(tmp_path / "chain.h5").predict(x),
        interop.from_keras(tmp_path / "chain.keras").predict(x),
    )
    branched = keras.Model(first, k.Add()([k.Dense(3)(first), h]))
    branched.save(tmp_path / "branched.keras")
    with pytest.raises(FileFormatError, match="one chain"):
        interop.from_keras(tmp_path / "branched.keras")
    two = keras.Model(first, [h, k.Dense(2)(h)])
    two.save(tmp_path / "two.keras")
    with pytest.raises(FileFormatError, match="other outputs"):
        interop.from_keras(tmp_path / "two.keras")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda k: k.Cropping2D(1), "unknown layer of Keras 'Cropping2D'"),
        (lambda k: k.Lambda(lambda x: x), "unknown layer of Keras 'Lambda'"),
        (lambda k: k.Activation("sparsemax"), "unknown activation of Keras 'sparsemax'"),
        (lambda k: k.BatchNormalization(axis=1), "along axis 1"),
        (lambda k: k.ReLU(max_value=5.0), "max_value"),
        (lambda k: k.ReLU(threshold=1.0), "threshold"),
        (lambda k: k.Flatten("channels_first"), "channels_last"),
        (lambda k: k.Dense(2), "takes a row of features"),
        (lambda k: k.Flatten(dtype="mixed_float16"), "computes in"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_named(tmp_path, make, words):
    k = keras.layers
    model = keras.Sequential([k.Input((4, 4, 1)), make(k)])
    model.save(tmp_path / "model.keras")
    with pytest.raises(FileFormatError, match=words):
        interop.from_keras(tmp_path / "model.keras")
