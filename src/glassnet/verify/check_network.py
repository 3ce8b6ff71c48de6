"""Whole networks: their gradient, a step worked by hand, 20 steps of training, and the file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import layers
from glassnet._core.types import Array
from glassnet.calculus import check_gradient
from glassnet.model import Sequential
from glassnet.verify.bench import Bench
from glassnet.verify.derivatives import keras_pull
from glassnet.verify.measure import DIFFERENCES, DTYPES, EXACT, FORMULA, KERAS, PYTORCH

STEPS = 20
KIND = f"{STEPS} steps"
RATE, MOMENTUM = 0.0625, 0.5  # exact in float32 too


def check(bench: Bench) -> None:
    """Gradients, a hand-worked step, training, saving."""
    for dtype in DTYPES:
        with bench.on("classifier"):
            stack = [
                layers.Dense(6, "tanh", kernel_regularizer=layers.L2(0.01)),
                layers.BatchNormalization(),
                layers.Residual([layers.Dense(6, "relu"), layers.Dense(6, "gelu")]),
                layers.LayerNormalization(),
                layers.Dropout(0.3),
                layers.Dense(3, "softmax"),
            ]
            x, y = _points(bench)
            for training in (False, True):
                _gradient(bench, stack, "sparse_categorical_crossentropy", x, y, dtype, training)
        with bench.on("yes or no"):
            x, y = _points(bench)
            stack = [layers.Dense(5, "silu"), layers.Dense(1, "sigmoid")]
            _gradient(bench, stack, "binary_crossentropy", x, (y > 0).astype(int), dtype)
        with bench.on("regression"):
            x, _ = _points(bench)
            stack = [layers.Dense(5, "softplus"), layers.Dense(2)]
            _gradient(bench, stack, "mse", x, bench.rng.standard_normal((len(x), 2)), dtype)
        with bench.on("step worked by hand"):
            _by_hand(bench, dtype)
        with bench.on("saved and loaded"):
            _saved(bench, dtype)
    with bench.on("training"):
        _training(bench)


def _points(bench: Bench) -> tuple[Array, Array]:
    return bench.rng.standard_normal((12, 4)), np.resize([0, 1, 2], 12)


def _gradient(
    bench: Bench, stack: list[layers.Layer], loss: str, x: Array, y: Array, dtype: str,
    training: bool = False,
) -> None:  # fmt: skip
    """The backward pass of the model against differences of its own loss."""
    fresh = [layers.from_config(layer.get_config()) for layer in stack]
    model = Sequential(fresh, seed=bench.seed, dtype=dtype)
    model.compile("sgd", loss)
    report = check_gradient(model, x, y, training=training)
    kind = "gradient in training" if training else "gradient"
    tally = bench.tally(kind, DIFFERENCES, dtype, report.tolerance)
    for row in report.rows:
        error = 0.0 if row.worst is None else row.worst.relative_error
        tally.note(error, str(row.worst or row.name), row.checked)
        if row.rounding is not None:  # how far float32 is from its float64 copy
            rounding = bench.tally("float32 as float64", FORMULA, dtype, 1e-4)
            rounding.note(row.rounding, row.name, row.size)
    if not report.ok:
        tally.note(np.inf, str(report))


def _by_hand(bench: Bench, dtype: str) -> None:
    """Two inputs, two ReLUs, one output, squared error, one step of SGD with η = 1/8.

    x = (1, 2):  z = (1/2 + 2/4 + 0, -1 + 2/2 + 1/4) = (1, 1/4),  y = 1/2 + 2/4 - 1/4 = 3/4.
    With t = 1/4: L = 1/4 and dL/dy = 2·(3/4 - 1/4) = 1; from there backwards. All of it are
    fractions that floats hold exactly, so there is no rounding.
    """
    model = Sequential([layers.Dense(2, "relu"), layers.Dense(1)], seed=0, dtype=dtype)
    model.compile({"name": "sgd", "learning_rate": 1 / 8}, "mse")
    model.build((2,))
    p = model.parameters
    start = [[[1 / 2, -1], [1 / 4, 1 / 2]], [0, 1 / 4], [[1 / 2], [2]], [-1 / 4]]
    gradients = [[[1 / 2, 2], [1, 4]], [1 / 2, 2], [[1], [1 / 4]], [1]]
    after = [[[7 / 16, -5 / 4], [1 / 8, 0]], [-1 / 16, 0], [[3 / 8], [63 / 32]], [-3 / 8]]
    names = ("dense/W", "dense/b", "dense_1/W", "dense_1/b")
    for name, values in zip(names, start):
        p.view(name)[...] = values
    x, t = np.array([[1.0, 2.0]], dtype), np.array([[1 / 4]], dtype)
    bench.compare("output", EXACT, model.predict(x), [[3 / 4]], "y", dtype)
    loss, _ = model.loss_and_gradient(x, t)
    bench.compare("loss", EXACT, loss, 1 / 4, "L", dtype)
    for name, values in zip(names, gradients):
        bench.compare("gradient", EXACT, p.gradient(name), values, name, dtype)
    model.train_on_batch(x, t)
    for name, values in zip(names, after):
        bench.compare("after the step", EXACT, p.view(name), values, name, dtype)


def _network(bench: Bench, dtype: str) -> Sequential:
    model = Sequential(
        [layers.Dense(6, "tanh"), layers.LayerNormalization(), layers.Dense(5, "silu"),
         layers.Dense(3, "softmax")],
        seed=bench.seed,
        dtype=dtype,
    )  # fmt: skip
    model.compile(
        {"name": "momentum", "learning_rate": RATE, "momentum": MOMENTUM},
        "sparse_categorical_crossentropy",
    )
    model.build((4,))
    return model


def _saved(bench: Bench, dtype: str) -> None:
    """The same weights, answers and description, bit by bit, from the file."""
    model, (x, y) = _network(bench, dtype), _points(bench)
    for _ in range(3):
        model.train_on_batch(x, y)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        model.save(path)
        again = Sequential.load(path)
    ours, theirs = again.parameters.values, model.parameters.values
    bench.compare("weights", EXACT, ours, theirs, "", dtype)
    bench.compare("answers", EXACT, again.predict(x), model.predict(x), "", dtype)
    same = again.get_config() == model.get_config()
    bench.tally("description", EXACT, dtype).note(0.0 if same else np.inf, "get_config()")


def _training(bench: Bench) -> None:
    """The loss before each step, and the weights at the end."""
    x, y = _points(bench)
    model = _network(bench, "float64")
    start = {name: array.copy() for name, array in model.parameters.tensors().items()}
    losses = [model.train_on_batch(x, y) for _ in range(STEPS)]
    weights = model.parameters.values.copy()
    one_by_one = np.concatenate([model.predict(row[None]) for row in x])
    bench.compare("one by one as together", FORMULA, one_by_one, model.predict(x), "sample")
    expected = _long_hand(start, x, y)
    for what, ours, theirs in zip(("loss", "weights"), (losses, weights), expected):
        bench.compare(KIND, DIFFERENCES, ours, theirs, what)
    if PYTORCH in bench.peers:
        with bench.peer(PYTORCH) as torch:
            _compare(bench, PYTORCH, losses, weights, _pytorch(torch, start, x, y))
    if KERAS in bench.peers:
        with bench.peer(KERAS) as keras:
            _compare(bench, KERAS, losses, weights, _keras(keras, start, x, y))


def _compare(
    bench: Bench, judge: str, losses: list[float], weights: Array, theirs: tuple[Any, Array]
) -> None:
    bench.compare(KIND, judge, losses, theirs[0], "loss before step")
    bench.compare(KIND, judge, weights, theirs[1], "weight")


def _loss(w: list[Array], x: Array, y: Array) -> float:
    """The network of ``_network`` in one breath, with plain NumPy."""
    W1, b1, gamma, beta, W2, b2, W3, b3 = w
    h = np.tanh(x @ W1 + b1)
    h = h - h.mean(axis=1, keepdims=True)
    h = gamma * h / np.sqrt((h**2).mean(axis=1, keepdims=True) + 1e-3) + beta
    h = h @ W2 + b2
    z = h / (1 + np.exp(-h)) @ W3 + b3
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]))


def _long_hand(start: dict[str, Array], x: Array, y: Array) -> tuple[list[float], Array]:
    """Training without backpropagation: each gradient by central differences."""
    w = [array.copy() for array in start.values()]
    velocity = [np.zeros_like(array) for array in w]
    losses, h = [], 1e-5
    for _ in range(STEPS):
        losses.append(_loss(w, x, y))
        slopes = [np.empty(array.size) for array in w]
        for array, slope in zip(w, slopes):
            flat = array.reshape(-1)
            for i, value in enumerate(flat.copy()):
                flat[i] = value + h
                up = _loss(w, x, y)
                flat[i] = value - h
                slope[i] = (up - _loss(w, x, y)) / (2 * h)
                flat[i] = value
        for array, u, slope in zip(w, velocity, slopes):
            u *= MOMENTUM
            u -= RATE * slope.reshape(array.shape)
            array += u
    return losses, np.concatenate([array.ravel() for array in w])


def _pytorch(torch: Any, start: dict[str, Array], x: Array, y: Array) -> tuple[Any, Array]:
    F = torch.nn.functional
    w = [torch.tensor(array, requires_grad=True) for array in start.values()]
    W1, b1, gamma, beta, W2, b2, W3, b3 = w
    optimizer = torch.optim.SGD(w, lr=RATE, momentum=MOMENTUM)
    data, classes, losses = torch.tensor(x), torch.tensor(y), []
    for _ in range(STEPS):
        optimizer.zero_grad()
        h = F.layer_norm(torch.tanh(data @ W1 + b1), (6,), gamma, beta, eps=1e-3)
        loss = F.cross_entropy(F.silu(h @ W2 + b2) @ W3 + b3, classes)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, np.concatenate([array.detach().numpy().ravel() for array in w])


def _keras(keras: Any, start: dict[str, Array], x: Array, y: Array) -> tuple[Any, Array]:
    kinds = keras.layers
    stack = [
        kinds.Dense(6, "tanh", dtype="float64"), kinds.LayerNormalization(dtype="float64"),
        kinds.Dense(5, "silu", dtype="float64"), kinds.Dense(3, "softmax", dtype="float64"),
    ]  # fmt: skip
    model = keras.Sequential([keras.Input((4,), dtype="float64"), *stack])
    model.set_weights(list(start.values()))
    optimizer = keras.optimizers.SGD(RATE, momentum=MOMENTUM)
    crossentropy = keras.losses.SparseCategoricalCrossentropy(dtype="float64")

    def loss(*w: Any) -> Any:
        return crossentropy(y, model.stateless_call(list(w), [], x)[0])

    losses = []
    for _ in range(STEPS):
        now = [keras.ops.convert_to_numpy(v.value) for v in model.trainable_variables]
        value, slopes = keras_pull(keras, loss, now)
        losses.append(float(value))
        tensors = [keras.ops.convert_to_tensor(slope) for slope in slopes]
        optimizer.apply(tensors, model.trainable_variables)
    return losses, np.concatenate([array.ravel() for array in model.get_weights()])
