"""Networks of others as runs: the loss that fits, and names that cannot do harm."""

import numpy as np
import pytest

from glassnet import Sequential, interop, layers
from glassnet.errors import ConfigError
from glassnet.runs import exchange


def saved(workplace, last, outputs=3, name="net"):
    """A file that says nothing of its loss."""
    model = Sequential([layers.Dense(4, "relu"), layers.Dense(outputs, last)], seed=0, name=name)
    model.build((4,))
    interop.save_torch_weights(model, workplace / "net.safetensors")
    return model


@pytest.mark.parametrize(
    ("last", "outputs", "loss", "logits"),
    [
        ("softmax", 3, "sparse_categorical_crossentropy", False),
        ("log_softmax", 3, "sparse_categorical_crossentropy", False),
        ("sigmoid", 1, "binary_crossentropy", False),
        ("sigmoid", 3, "binary_crossentropy", False),
        ("linear", 1, "mean_squared_error", None),
        ("linear", 3, "mean_squared_error", None),
    ],
)
def test_the_loss_that_fits_the_last_activation(workplace, last, outputs, loss, logits):
    before = saved(workplace, last, outputs)
    folder, model, _ = exchange.take_in("net.safetensors")
    assert model.loss.name == loss
    assert getattr(model.loss, "from_logits", None) is logits
    x = np.ones((2, 4), np.float32)
    found = folder.model().predict(x)
    expected = before.predict(x)
    np.testing.assert_allclose(
        found, np.exp(expected) if last == "log_softmax" else expected, rtol=1e-6
    )


@pytest.mark.parametrize(("last", "logits"), [("softmax", False), ("linear", True)])
def test_data_decides_what_a_linear_output_means(workplace, last, logits):
    saved(workplace, last)
    folder, model, _ = exchange.take_in("net.safetensors", data_name="iris")
    assert model.loss.from_logits is logits
    assert folder.facts().class_names == ("setosa", "versicolor", "virginica")


def test_names_cannot_move_the_cursor(workplace):
    model = saved(workplace, "softmax", name="a\x1b[2J\x07b\n")
    assert model.name == "a\x1b[2J\x07b\n"
    assert interop.import_model(workplace / "net.safetensors")[0].name == "a[2Jb"


def test_divide(workplace):
    saved(workplace, "softmax")
    _, model, _ = exchange.take_in("net.safetensors", divide=4)
    assert [layer.kind for layer in model.layers] == ["rescaling", "dense", "dense"]
    assert model.layers[0].scale == 0.25
    for divide in (0, -1, float("nan")):
        with pytest.raises(ConfigError, match="divide"):
            exchange.take_in("net.safetensors", divide=divide)
    assert len(list((workplace / "runs").iterdir())) == 1
