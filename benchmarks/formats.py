"""How exact is each format? Prints the table of docs/en/guides/formats.md, in about half a minute.

    pip install ".[onnx,keras-files,torch]" onnxruntime keras tensorflow-cpu
    python benchmarks/formats.py

Three networks in float32: one that reads the handwritten digits (64-256-10), one with every
kind of dense layer that all formats have, and one of convolutions and pooling. "there": the
largest difference between the outputs that the other system computes from the file, and
glassnet's own. "back": between those of the network that comes back from the file, and of the one
that was written. A system that is not installed is named as missing.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from glassnet import Sequential, data, interop, layers

Array = np.ndarray
DIGITS = data.load("digits")


def digits_network() -> Sequential:
    stack = [layers.Flatten(), layers.Rescaling(1 / 16), layers.Dense(256, "relu"),
             layers.Dropout(0.5), layers.Dense(10, "softmax")]  # fmt: skip
    return trained(stack)


def every_layer() -> Sequential:
    stack = [
        layers.Flatten(), layers.Rescaling(1 / 16, -0.5), layers.Dense(32, "gelu"),
        layers.BatchNormalization(), layers.Dense(32, "silu"), layers.LayerNormalization(),
        layers.Dense(32, "elu"), layers.Activation("softplus"), layers.Dense(16, "tanh"),
        layers.Dense(16, "selu"), layers.Dense(16, "sigmoid"), layers.Dense(10, "softmax"),
    ]  # fmt: skip
    return trained(stack)


def images() -> Sequential:
    """Convolutions and pooling; a Dense layer behind a flattening of several channels."""
    stack = [
        layers.Reshape((8, 8, 1)), layers.Rescaling(1 / 16),
        layers.Conv2D(8, 3, padding="same", activation="relu"), layers.MaxPooling2D(2),
        layers.Residual([layers.Conv2D(8, 3, padding="same", activation="tanh")]),
        layers.Conv2D(16, 2, strides=2, groups=2, activation="relu"), layers.Flatten(),
        layers.Dense(10, "softmax"),
    ]  # fmt: skip
    return trained(stack)


def trained(stack: list[layers.Layer]) -> Sequential:
    model = Sequential(stack, seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(DIGITS, epochs=10, verbose=0)
    return model


# ---- what others compute from the file -------------------------------------------------------


def by_onnx_runtime(path: Path, x: Array) -> Array:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["output"], {"x": x})[0]


def by_keras(path: Path, x: Array) -> Array:
    import keras

    return keras.models.load_model(path).predict(x, verbose=0)


def by_pytorch(path: Path, x: Array) -> Array:
    import safetensors.torch
    import torch

    model, _ = interop.import_model(path)
    model.parameters.values[...] = 0  # the weights must come from the file
    module = interop.to_torch(model)
    module.load_state_dict(safetensors.torch.load_file(path))
    with torch.no_grad():
        return module(torch.tensor(x)).numpy()


def by_python(path: Path, x: Array) -> Array:
    predict = runpy.run_path(str(path))["predict"]
    return np.array([predict(sample) for sample in x.tolist()])


def by_gcc(path: Path, x: Array) -> Array:
    if shutil.which("gcc") is None:
        raise ImportError("no gcc")
    program = path.with_suffix("")
    subprocess.run(["gcc", "-std=c99", "-O2", str(path), "-o", str(program), "-lm"],
                   check=True)  # fmt: skip
    text = " ".join(map(repr, x.reshape(-1).tolist()))
    done = subprocess.run([str(program)], input=text, capture_output=True, text=True, check=True)
    return np.array([line.split()[:10] for line in done.stdout.splitlines()], float)


def scikit_learn(model: Sequential, x: Array) -> tuple[float, float]:
    mlp = interop.to_sklearn(model)
    found = mlp.predict_proba(x.reshape(len(x), -1))
    back = interop.from_sklearn(mlp).predict(x.reshape(len(x), -1))
    return difference(found, model.predict(x)), difference(back, model.predict(x))


def torch_gradients(model: Sequential, x: Array) -> float:
    """The largest difference of dL/dparameters in float64 from PyTorch's, by the largest of all."""
    import torch

    twin, y = model.copy("float64"), DIGITS.y_test[: len(x)]
    module = interop.to_torch(twin).train()
    module.apply(lambda m: m.eval() if isinstance(m, torch.nn.Dropout) else None)
    inputs = torch.tensor(x, dtype=torch.float64)
    loss = torch.nn.functional.cross_entropy(module[:-1](inputs), torch.tensor(y))
    loss.backward()
    for layer in twin.all_layers():
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.0
    _, gradient = twin.loss_and_gradient(x, y, training=True)
    theirs = [p.grad.numpy() for p in module.parameters()]
    theirs = [g.T if g.ndim == 2 else g for g in theirs]
    found = difference(gradient, np.concatenate([g.reshape(-1) for g in theirs]))
    return found / float(abs(gradient).max())


def difference(a: Array, b: Array) -> float:
    return float(abs(np.asarray(a, float) - np.asarray(b, float)).max())


FORMATS: dict[str, tuple[str, Callable[[Path, Array], Array]]] = {
    "onnx": ("ONNX Runtime", by_onnx_runtime),
    "keras": ("Keras", by_keras),
    "torch": ("PyTorch", by_pytorch),
    "python": ("Python", by_python),
    "c": ("gcc", by_gcc),
}


def cells(name: str, model: Sequential, x: Array, folder: Path) -> list[str]:
    """there and back, as text."""
    _, judge = FORMATS[name]
    path = folder / f"net{interop.FORMATS[name].suffix}"
    interop.export_model(model, path)
    try:
        there = f"{difference(judge(path, x), model.predict(x)):.1e}"
    except ImportError as error:
        there = f"missing: {error}"
    if not interop.FORMATS[name].reader:
        return [there, "–"]
    back, _ = interop.import_model(path)
    return [there, number(difference(back.predict(x), model.predict(x)))]


def number(value: float) -> str:
    return f"{value:.1e}" if value else "0"


def main() -> None:
    x = DIGITS.x_test.astype(np.float32)
    models = [digits_network(), every_layer(), images()]
    networks = ("digits", "every layer", "images")
    print("| format | judge |", " | ".join(f"{name}: there | back" for name in networks), "|")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, (judge, _) in FORMATS.items():
            row: list[Any] = [name, judge]
            for model in models:
                row += cells(name, model, x, Path(folder))
            print(f"| {' | '.join(row)} |", flush=True)
    there, back = scikit_learn(models[0], x)
    print(f"| scikit-learn | MLPClassifier | {there:.1e} | {number(back)} | – | – | – | – |")
    try:
        found = [f"{torch_gradients(model, x):.1e}" for model in models[:2]]
        print(f"\nGradients in float64, PyTorch: {found[0]} (digits), {found[1]} (every layer)")
    except ImportError as error:
        print(f"\nGradients: missing: {error}")


if __name__ == "__main__":
    main()
