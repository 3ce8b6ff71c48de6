"""Descriptions in which something is another thing, or gone: read or refused, never a traceback."""

import copy
import json
import random
import runpy
import zipfile

import numpy as np
import pytest
import safetensors
import safetensors.numpy

from glassnet import Sequential, interop, layers
from glassnet.activations import ELU
from glassnet.data import Preprocessor, Target
from glassnet.data.features import CategoryColumn, NumberColumn
from glassnet.errors import ConfigError, FileFormatError
from glassnet.layers.formats import Formats

THINGS = [
    None, -1, 0, 3, 1e300, float("nan"), float("inf"), "x", "relu", [], [1], {}, {"name": "x"},
    True, 10**30, 10**7, "../x", "a" * 1000, [[1]], [None, 3], {"class_name": "ELU", "config": 1},
    {"class_name": "L2", "config": []}, {"class_name": "MaxNorm"},
]  # fmt: skip


@pytest.fixture(scope="module")
def network():
    stack = [
        layers.Rescaling(0.5), layers.Dense(4, ELU(0.5), kernel_regularizer="l2", max_norm=2),
        layers.BatchNormalization(), layers.Dropout(0.2), layers.LayerNormalization(),
        layers.Reshape((4, 1)), layers.Flatten(), layers.Dense(2, "softmax"),
    ]  # fmt: skip
    model = Sequential(stack)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((3,))
    model.classes = ["a", "b"]
    columns = (NumberColumn("a", 1.0, 2.0), CategoryColumn("b", ("x", "y")))
    model.preprocessing = Preprocessor(columns, Target("k", "classification", ("a", "b")))
    return model


def places(value, path=()):
    """Where something stands in nested JSON."""
    if path:
        yield path
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def changed(value, luck):
    """One place has another thing, or is gone."""
    value = copy.deepcopy(value)
    *way, last = luck.choice(list(places(value)))
    target = value
    for key in way:
        target = target[key]
    if luck.random() < 0.2:
        del target[last]
    else:
        target[last] = luck.choice(THINGS)
    return value


def survives(path):
    """Whether the file could be read."""
    try:
        interop.import_model(path)
    except FileFormatError as error:
        assert str(path) in str(error)
        return False
    return True


@pytest.mark.parametrize("name", ["config.json", "metadata.json"])
def test_keras(network, tmp_path, name):
    pytest.importorskip("h5py")
    path, luck = tmp_path / "net.keras", random.Random(0)
    interop.to_keras(network, path)
    with zipfile.ZipFile(path) as archive:
        parts = {member: archive.read(member) for member in archive.namelist()}
    found = []
    for _ in range(150):
        bad = {**parts, name: json.dumps(changed(json.loads(parts[name]), luck))}
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in bad.items():
                archive.writestr(member, content)
        found.append(survives(path))
    assert {True, False} == set(found)


def test_safetensors(network, tmp_path):
    path, luck = tmp_path / "net.safetensors", random.Random(0)
    interop.save_torch_weights(network, path)
    tensors = safetensors.numpy.load_file(path)
    with safetensors.safe_open(path, framework="numpy") as file:
        said = json.loads(file.metadata()["glassnet"])
    found = []
    for _ in range(150):
        text = json.dumps(changed(said, luck))
        safetensors.numpy.save_file(tensors, path, {"glassnet": text})
        found.append(survives(path))
    assert {True, False} == set(found)


def test_onnx(network, tmp_path):
    onnx = pytest.importorskip("onnx")
    path, luck = tmp_path / "net.onnx", random.Random(0)
    interop.to_onnx(network, path)
    made = onnx.load(path)
    (entry,) = (p for p in made.metadata_props if p.key == "glassnet")
    said = json.loads(entry.value)
    found = []
    for _ in range(150):
        entry.value = json.dumps(changed(said, luck))
        onnx.save(made, path)
        found.append(survives(path))
    assert {True, False} == set(found)


class Doubled(layers.Dense):
    """Computes something else than its parent."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)


@pytest.mark.parametrize("format", ["onnx", "keras", "torch", "python", "c"])
def test_a_layer_with_a_forward_of_its_own_is_not_written_as_its_parent(tmp_path, format):
    model = Sequential([Doubled(3)])
    model.build((2,))
    with pytest.raises(ConfigError, match=r"Doubled 'Doubled': cannot be .* no such layer"):
        interop.export_model(model, tmp_path / "model", format)


class Halved(layers.Layer):
    formats = Formats(
        onnx=lambda graph, layer, x: graph.add("Mul", x, graph.constant("half", 0.5)),
        python=lambda source, layer, x: source.step(f"[v / 2 for v in {x}]"),
    )

    def forward(self, x, training=False):
        return self.take_input(x) * 0.5

    def backward(self, dy, need_dx=True):
        return dy * 0.5


def test_a_layer_of_ones_own_says_how_it_is_written(tmp_path):
    model = Sequential([Halved(), layers.Dense(2)], seed=0)
    model.build((3,))
    x = np.ones((1, 3), np.float32)
    interop.export_model(model, tmp_path / "model.py")
    written = runpy.run_path(str(tmp_path / "model.py"))
    np.testing.assert_allclose(written["predict"]([1, 1, 1]), model.predict(x)[0], rtol=1e-6)
    with pytest.raises(ConfigError, match="no such layer"):
        interop.export_model(model, tmp_path / "model.c")
    pytest.importorskip("onnx")
    interop.export_model(model, tmp_path / "model.onnx")
    read = interop.from_onnx(tmp_path / "model.onnx")
    np.testing.assert_allclose(read.predict(x), model.predict(x), rtol=1e-6)
