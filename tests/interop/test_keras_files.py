"""``.keras`` files, written and read without Keras."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, data, interop, layers
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU
from glassnet.errors import ConfigError

pytest.importorskip("h5py")

HERE = [f for f in ACTIVATIONS if f not in ("step", "gelu_tanh")]


@pytest.mark.parametrize("f", [*HERE, ELU(0.5), LeakyReLU(0.4)], ids=str)
def test_a_round_trip_changes_nothing(nets, tmp_path, f):
    for dtype in ("float32", "float64"):
        model, x = nets.network(f, dtype), nets.images(dtype=dtype)
        interop.to_keras(model, tmp_path / "model.keras")
        back = interop.from_keras(tmp_path / "model.keras")
        np.testing.assert_array_equal(back.predict(x), model.predict(x))
        assert back.dtype == model.dtype and back.classes.tolist() == ["a", "b", "c"]
        kinds = [layer.kind for layer in back.layers]
        assert kinds == [layer.kind for layer in model.layers]


@settings(max_examples=25)
@given(drawn=st.data())
def test_any_chain_of_layers(nets, folder, drawn):
    model = drawn.draw(nets.networks())
    x = nets.rows_for(model)
    interop.to_keras(model, folder / "any.keras")
    np.testing.assert_array_equal(
        interop.from_keras(folder / "any.keras").predict(x), model.predict(x)
    )


def test_what_else_comes_back(tmp_path):
    spiral = data.spiral(20, seed=0)
    dense = layers.Dense(8, "relu", kernel_regularizer=layers.L1L2(0.01, 0.02), max_norm=3.0,
                         trainable=False, name="hidden")  # fmt: skip
    model = Sequential([layers.Input(2), dense, layers.Dense(3, "softmax")], seed=0)
    model.compile({"name": "momentum", "learning_rate": 0.02}, "sparse_categorical_crossentropy")
    model.fit(spiral, epochs=2, verbose=0)
    interop.to_keras(model, tmp_path / "model.keras")
    back = interop.from_keras(tmp_path / "model.keras")
    hidden = back.layers[0]
    assert hidden.name == "hidden" and not hidden.trainable
    assert (hidden.kernel_regularizer, hidden.max_norm) == (layers.L1L2(0.01, 0.02), 3.0)
    assert back.evaluate(spiral) == model.evaluate(spiral)


def test_what_keras_does_not_have_is_named_and_nothing_is_left(nothing_left, nets):
    for model, words in [
        (nets.network("gelu_tanh", block=False), "no activation 'gelu_tanh'.*gelu"),
        (nets.network("step", block=False), "no activation 'step'"),
    ]:
        with pytest.raises(ConfigError, match=words):
            interop.to_keras(model, nothing_left / "out.keras")
