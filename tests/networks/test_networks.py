"""The networks by name: their sizes are the published ones, and they fit images of every size."""

import subprocess
import sys

import numpy as np
import pytest

from glassnet import networks
from glassnet.errors import ConfigError, ShapeError, UnknownNameError

# Worked by hand from the sources: Σ (kernel·channels + 1)·filters, Σ (inputs + 1)·units.
PARAMETERS = {
    "mlp": 785 * 128 + 129 * 10,
    "lenet": 26 * 6 + 151 * 16 + 401 * 120 + 121 * 84 + 85 * 10,
    "cnn": 10 * 32 + 289 * 64 + 1601 * 10,
    "simple_convnet": 26 * 30 + 4321 * 100 + 101 * 10,
    "deep_convnet": (10 + 145) * 16 + (145 + 289) * 32 + (289 + 577) * 64 + 1025 * 50 + 51 * 10,
    "convnet": (10 + 2) * 32 + (289 + 2) * 64 + (3137 + 2) * 128 + 129 * 10,
    "vgg": (10 + 289) * 32 + 2 * 32 + (289 + 577) * 64 + 2 * 64 + 1025 * 128 + 2 * 128 + 129 * 10,
    "resnet": 160 + 2 * (2 * 16 + 145 * 16) + 145 * 32 + 2 * (2 * 32 + 289 * 32)
    + 289 * 64 + 2 * (2 * 64 + 577 * 64) + 2 * 64 + 65 * 10,
}  # fmt: skip
EACH = pytest.mark.parametrize("name", list(networks.NETWORKS))


@EACH
def test_each_has_the_published_number_of_parameters(name):
    model = networks.get(name, seed=0)
    assert model.parameters.size == PARAMETERS[name]
    assert f"{PARAMETERS[name]:,} parameters" in networks.NETWORKS[name].__doc__
    assert model.name == name and model.input_shape == (28, 28) and model.outputs == 10


@EACH
@pytest.mark.parametrize("shape", [(8, 8), (4, 4), (5, 9, 2), (16, 16, 1), (32, 32, 3)])
def test_each_fits_images_of_every_size_and_answers_with_probabilities(name, shape):
    model = networks.get(name, input_shape=shape, classes=3, image_max=255, seed=0)
    x = np.random.default_rng(0).integers(0, 256, (2, *shape), dtype=np.uint8)
    p = model.predict(x)
    assert p.shape == (2, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=1e-5)


@EACH
def test_each_learns(name):
    """Where the ink lies, of 8×8 pixels: after some steps the loss is less than a third."""
    rng = np.random.default_rng(0)
    y = np.arange(64) % 2
    x = rng.random((64, 8, 8)).astype(np.float32)
    x[y == 0, :4] *= 0.2
    x[y == 1, 4:] *= 0.2
    model = networks.get(name, input_shape=(8, 8), classes=2, dropout=0.0, seed=1)
    model.compile({"name": "adam", "learning_rate": 0.003}, "sparse_categorical_crossentropy")
    losses = [model.train_on_batch(x, y) for _ in range(30)]
    assert losses[-1] < losses[0] / 3


@EACH
def test_width_dropout_and_activation_reach_the_layers(name):
    plain = networks.get(name, seed=0)
    wide = networks.get(name, width=2, dropout=0.25, activation="tanh", seed=0)
    assert 1.9 * plain.parameters.size < wide.parameters.size < 4.1 * plain.parameters.size
    rates = [layer.rate for layer in wide.all_layers() if layer.kind == "dropout"]
    assert rates == [0.25]
    names = {layer.function.name for layer in wide.all_layers() if layer.function is not None}
    assert names <= {"tanh", "softmax", "linear"} and "tanh" in names


def test_for_a_regression_in_float64():
    model = networks.cnn((8, 8), 1, classifier_activation=None, dtype="float64", name="mine")
    assert model.output_activation().name == "linear" and model.dtype == np.float64
    assert model.name == "mine"


def test_the_same_seed_gives_the_same_weights():
    one, two = (networks.lenet((8, 8), seed=3).parameters.values for _ in range(2))
    assert (one == two).all()
    assert (networks.lenet((8, 8), seed=4).parameters.values != one).any()


def test_bytes_are_divided_by_image_max_and_scaled_images_are_not():
    x = np.random.default_rng(0).integers(0, 17, (3, 8, 8), dtype=np.uint8)
    of_bytes = networks.cnn((8, 8), image_max=16, seed=0)
    scaled = networks.cnn((8, 8), seed=0)
    np.testing.assert_allclose(of_bytes.predict(x), scaled.predict(x / 16), rtol=1e-5)


def test_by_name_or_by_a_dict_with_settings():
    assert networks.get({"name": "resnet", "blocks": 2}).parameters.size > PARAMETERS["resnet"]
    assert networks.get("mlp", hidden=(5, 4)).layers[1].units == 5
    assert networks.get("mlp", hidden=()).parameters.size == 7850


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: networks.get("lenett"), UnknownNameError, "did you mean 'lenet'"),
        (lambda: networks.get("cnnn"), UnknownNameError, "did you mean 'cnn'"),
        (lambda: networks.get({}), UnknownNameError, "unknown network ''"),
        (lambda: networks.get("cnn", widht=2), UnknownNameError, "did you mean 'width'"),
        (lambda: networks.get("cnn", blocks=2), UnknownNameError, "setting of cnn 'blocks'"),
        (lambda: networks.cnn(images_max=2), UnknownNameError, "did you mean 'image_max'"),
        (lambda: networks.cnn(width=0), ConfigError, "width is 0"),
        (lambda: networks.cnn(classes=0), ConfigError, "classes is 0"),
        (lambda: networks.cnn(image_max=0), ConfigError, "image_max is 0"),
        (lambda: networks.mlp(dropout=1), ConfigError, "dropout is 1"),
        (lambda: networks.mlp(hidden="64"), ConfigError, "list of units"),
        (lambda: networks.mlp(hidden=(0,)), ConfigError, "each of hidden is 0"),
        (lambda: networks.resnet(blocks=0), ConfigError, "blocks is 0"),
        (lambda: networks.lenet((784,)), ShapeError, r"reshape\(-1, 28, 28\)"),
        (lambda: networks.lenet(784), ShapeError, "input_shape is 784"),
        (lambda: networks.lenet((3, 3)), ShapeError, "3×3 pixels are too small"),
        (lambda: networks.lenet((3, 32, 32)), ShapeError, "channels first"),
        (lambda: networks.lenet((28, 28.5)), ConfigError, "each size of input_shape is 28.5"),
    ],
)
def test_what_cannot_be_is_said_with_the_way_out(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_names_are_read_without_loading_anything():
    code = (
        "import sys, glassnet.networks as n; list(n.NETWORKS); "
        "print([m for m in ('numpy', 'numba') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
