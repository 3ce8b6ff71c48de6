"""Encodings and ensembles in other formats: their answers there."""

import runpy
import shutil
import subprocess

import numpy as np
import pytest

from glassnet import Sequential, interop
from glassnet.errors import ConfigError, FileFormatError
from glassnet.layers import (
    Conv2D,
    Dense,
    Dropout,
    Ensemble,
    PeriodicEmbedding,
    PiecewiseLinearEncoding,
    Residual,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)).astype(np.float32)
X[:, 2] = RNG.integers(0, 2, 60)
FAR = np.array([[1e20, -1e20, 0], [3e38, -3e38, 1], [0, -0.0, 1e-30]], np.float32)
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


def network(weights=None, encoded=True, clip=3.0) -> Sequential:
    before = [PiecewiseLinearEncoding(clip=clip).adapt(X, rows_per_bin=8)] if encoded else []
    width = before[0].features if before else 3
    members = [
        [Dense(4, "relu"), Dropout(0.5), Dense(3, "softmax")],
        [Residual([Dense(width, "tanh")]), Dense(3, "softmax")],
        [Dense(3, "softmax", use_bias=False)],
    ]
    model = Sequential([*before, Ensemble(members, weights)], seed=0)
    model.build((3,))
    return model


def with_waves() -> Sequential:
    encoding = PiecewiseLinearEncoding().adapt(X, rows_per_bin=8)
    numbers = encoding.first[:2]
    members = [
        [PeriodicEmbedding(2, 5, columns=numbers), Dense(4, "relu"), Dense(3, "softmax")],
        [PeriodicEmbedding(1, 2, 0.2), Dense(3, "softmax")],
    ]
    model = Sequential([encoding, Ensemble(members)], seed=0)
    model.build((3,))
    return model


MODELS = {
    "with waves": with_waves,
    "the mean": network,
    "weighted": lambda: network([0.5, 0.75, -0.25]),
    "without a clip": lambda: network(clip=None),
    "without an encoding": lambda: network(encoded=False),
}
models = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


def rows(model: Sequential):
    bounded = model.layers[0].kind == "piecewise_linear_encoding" and model.layers[0].clip
    return np.vstack([X, FAR]) if bounded else X


@models
def test_onnx(make, tmp_path):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    model = make()
    interop.to_onnx(model, tmp_path / "m.onnx")
    session = runtime.InferenceSession(str(tmp_path / "m.onnx"), providers=["CPUExecutionProvider"])
    x = rows(model)
    np.testing.assert_allclose(session.run(None, {"x": x})[0], model.predict(x), **CLOSE)
    with pytest.raises(FileFormatError, match=r"none of glassnet's layers|does not come from"):
        interop.from_onnx(tmp_path / "m.onnx")


@models
def test_python(make, tmp_path):
    model = make()
    interop.to_python(model, tmp_path / "m.py")
    predict, x = runpy.run_path(str(tmp_path / "m.py"))["predict"], rows(model)
    np.testing.assert_allclose([predict(row.tolist()) for row in x], model.predict(x), **CLOSE)


@models
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_c(make, dtype, tmp_path):
    if shutil.which("gcc") is None:
        pytest.skip("no gcc here")
    model = make().copy(dtype)
    interop.to_c(model, tmp_path / "m.c")
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1"]
    subprocess.run(["gcc", *flags, tmp_path / "m.c", "-o", tmp_path / "m", "-lm"], check=True)
    x = rows(model)
    text = " ".join(map(repr, x.astype(float).reshape(-1).tolist()))
    done = subprocess.run([tmp_path / "m"], input=text.encode(), capture_output=True, check=True)
    found = [[float(v) for v in line.split()] for line in done.stdout.decode().splitlines()]
    np.testing.assert_allclose(found, model.predict(x), **CLOSE)


@models
@pytest.mark.parity
def test_pytorch_and_back(make, tmp_path):
    torch = pytest.importorskip("torch")
    model = make()
    module, x = interop.to_torch(model), rows(model)
    with torch.no_grad():
        np.testing.assert_allclose(module(torch.from_numpy(x)).numpy(), model.predict(x), **CLOSE)
    back = interop.from_torch(module)
    np.testing.assert_allclose(back.predict(x), model.predict(x), **CLOSE)
    assert back.parameters.names == model.parameters.names
    assert set(module.state_dict()) == set(interop.to_torch(back).state_dict())


def test_weights_for_pytorch_without_pytorch(tmp_path):
    model = network([0.5, 0.75, -0.25])
    interop.save_torch_weights(model, tmp_path / "w.safetensors")
    other = model.copy()
    other.parameters.values[...] = 0
    interop.load_torch_weights(other, tmp_path / "w.safetensors")
    np.testing.assert_array_equal(other.parameters.values, model.parameters.values)


@pytest.mark.parity
@pytest.mark.parametrize("suffix", ["keras", "h5"])
@models
def test_keras(make, suffix, tmp_path):
    """Encodings of layers that Keras has, the mean of members, and their weighted sum."""
    keras = pytest.importorskip("keras")
    model, x = make(), rows(make())
    interop.to_keras(model, tmp_path / f"m.{suffix}")
    there = keras.models.load_model(tmp_path / f"m.{suffix}", compile=False)
    np.testing.assert_allclose(there.predict(x, verbose=0), model.predict(x), **CLOSE)


ENCODINGS = {
    "no edges": ([None, None], 3.0, None, None),
    "some": ([[0.0, 1.0, 3.0], None], 2.0, [0.5, 0.1, 0.2, -1.0], [2.0, -3.0, 1.0, 0.5]),
    "no clip": ([[0.0, 1.0], [-1.0, 2.0]], None, None, None),
    "a narrow bin": ([[0.0, 1e-4, 1.0], [5.0, 5.001]], 3.0, None, [1.0, 0.0, 3.0, 1.0, 20.0]),
    "one column": ([[-1.0, 0.0, 1.0]], 3.0, None, None),
    "one column, no edges": ([None], 3.0, [0.5], [2.0]),
}


@pytest.mark.parity
@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_encodings_of_all_forms_are_written_for_keras(name, dtype, tmp_path):
    keras = pytest.importorskip("keras")
    edges, clip, means, scales = ENCODINGS[name]
    model = Sequential([PiecewiseLinearEncoding(edges, clip, means, scales)], dtype=dtype)
    model.build((len(edges),))
    interop.to_keras(model, tmp_path / "m.keras")
    there = keras.models.load_model(tmp_path / "m.keras", compile=False)
    at = [e for own in edges if own for e in own]
    grid = np.array([*at, *np.linspace(-6, 6, 60), 1e5, -1e12], dtype)
    x = np.stack([np.roll(grid, j) for j in range(len(edges))], 1)
    theirs = np.asarray(there(x))  # predict makes float32 of all there is
    np.testing.assert_allclose(theirs, model.predict(x), rtol=2e-6, atol=2e-5)


def test_what_keras_cannot_say_is_refused_in_words(tmp_path):
    pytest.importorskip("h5py")
    pictures = Sequential([Ensemble([[Conv2D(2, 2)], [Conv2D(2, 2)]], [0.3, 0.7])])
    pictures.build((3, 3, 1))
    with pytest.raises(ConfigError, match="count differently, and of images"):
        interop.to_keras(pictures, tmp_path / "m.keras")
    interop.to_keras(network(encoded=False), tmp_path / "m.keras")
    with pytest.raises(FileFormatError, match="one chain"):
        interop.from_keras(tmp_path / "m.keras")
    pictures = Sequential([Ensemble([[Conv2D(2, 2)], [Conv2D(2, 2)]])])
    pictures.build((3, 3, 1))
    with pytest.raises(ConfigError, match="ensemble of rows"):
        interop.save_torch_weights(pictures, tmp_path / "w.safetensors")
    assert list(tmp_path.iterdir()) == [tmp_path / "m.keras"]
