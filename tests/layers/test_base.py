"""What engines ask of any layer: its function, what it saved, its output, its place."""

import numpy as np
import pytest

from glassnet import Sequential, activations, layers
from glassnet.layers import LAYERS, from_config, walk
from glassnet.layers.catalog import beside
from glassnet.layers.walk import of_class

X = np.array([[1.0, -2.0], [3.0, 4.0]], np.float32)


def test_walk_goes_into_blocks_after_naming_them():
    inner = layers.Residual([layers.Dense(2, name="deep")], name="inner")
    model = Sequential([layers.Dense(2), layers.Residual([inner, layers.Dropout(0.5)])])
    assert [path for path, _ in walk(model.layers)] == [
        "dense",
        "residual",
        "residual/inner",
        "residual/inner/deep",
        "residual/dropout",
    ]
    model.build((2,))
    paths = {path for path, layer in walk(model.layers) if not layer.sublayers()}
    assert {name.rpartition("/")[0] for name in model.parameters.names} <= paths
    assert [layer.name for layer in of_class(model.all_layers(), layers.Dense)] == ["dense", "deep"]
    assert next(walk(model.layers, "net/"))[0] == "net/dense"


def test_the_function_at_the_end_of_a_layer():
    assert layers.Dense(2, "relu").function == activations.relu
    assert layers.Dense(2).function == activations.linear
    assert layers.Activation("tanh").function == activations.tanh
    for layer in (layers.Dropout(0.5), layers.Flatten(), layers.BatchNormalization()):
        assert layer.function is None


@pytest.mark.parametrize("f", ["relu", "gelu"])
def test_what_forward_saved_has_names(f):
    dense = layers.Dense(3, f)
    assert dense.saved is None and dense.output is None
    y = dense(X)
    np.testing.assert_array_equal(dense.saved.x, X)
    np.testing.assert_array_equal(dense.saved.y, y)
    np.testing.assert_array_equal(dense.output, y)
    if f == "gelu":  # whose derivative reads z
        np.testing.assert_allclose(dense.saved.z, X @ dense.W + dense.b, rtol=1e-6)
    activation = layers.Activation(f)
    y = activation(X)
    np.testing.assert_array_equal(activation.saved.x, X)
    np.testing.assert_array_equal(activation.output, y)


def test_the_normalizations_and_dropout_save_by_name():
    batch, each, dropout = (
        layers.BatchNormalization(),
        layers.LayerNormalization(),
        layers.Dropout(0.5),
    )
    batch(X, training=True)
    assert batch.saved._fields == ("normalised", "inverse", "of_batch") and batch.saved.of_batch
    each(X)
    assert each.saved._fields == ("normalised", "inverse")
    dropout(X)
    assert dropout.saved is None  # nothing was dropped
    y = dropout(X, training=True)
    np.testing.assert_array_equal(y != 0, dropout.saved.u >= dropout.threshold)


def test_what_is_asked_instead_of_the_class():
    same = {k for k, cls in LAYERS.items() if cls.changes_scale_or_shape_only}
    assert same == {"input", "flatten", "reshape", "rescaling"}
    assert {k for k, cls in LAYERS.items() if cls.random_in_training} == {
        "dropout",
        "gaussian_noise",
        "random_brightness",
        "random_contrast",
        "random_flip",
        "random_rotation",
        "random_translation",
        "random_zoom",
        "spatial_dropout1d",
        "spatial_dropout2d",
    }
    ranks = {"1d": 1, "2d": 2}
    assert all(
        cls.rank == (2 if k.startswith("random_") else ranks.get(k[-2:], 0))
        for k, cls in LAYERS.items()
    )
    assert {k for k, cls in LAYERS.items() if cls.normalizes} == {
        "batch_normalization",
        "layer_normalization",
    }
    assert {k for k, cls in LAYERS.items() if cls.runs_compiled} == {"dense"}
    assert layers.Input(3).declared_input_shape == (3,)
    assert layers.Dense(3).declared_input_shape is None


def test_a_layer_without_a_function_gives_its_output_as_logits():
    layer = layers.LayerNormalization()
    y = layer(X)
    np.testing.assert_array_equal(layer.forward_logits(X), y)
    np.testing.assert_array_equal(layer.backward_logits(X), layer.backward(X))


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("part", ["formats", "equations"])
def test_what_is_said_of_a_kind_stands_beside_it(kind, part):
    module = beside(LAYERS[kind], part)
    assert module is not None
    if part == "formats":
        assert kind in module.FORMATS
    assert beside(type("Own", (LAYERS[kind],), {"kind": "own_kind"}), part) is None
    assert beside(LAYERS[kind], "songs") is None


def test_configs_of_the_version_before_are_still_those_of_today():
    config = {"layer": "residual", "layers": [{"layer": "dense", "units": 2}], "name": "block"}
    layer = from_config(config)
    assert layer.kind == "residual" and layer.layers[0].units == 2
