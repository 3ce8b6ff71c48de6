"""Every optimizer: the weights after each of 20 steps."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import optimizers
from glassnet.verify.bench import Bench
from glassnet.verify.measure import DTYPES, FORMULA, KERAS, PYTORCH
from glassnet.verify.optimizer_formulas import FORMULAS, clip

Array = NDArray[Any]
STEPS = 20
SHAPES = [(3, 4), (4,), (4, 2)]  # of the parameter tensors in the flat vector
EDGES = np.cumsum([0, 12, 4, 8])
SEGMENTS = [slice(int(a), int(b)) for a, b in itertools.pairwise(EDGES)]
KIND = f"{STEPS} steps"

# Title, name, settings.
VARIANTS: list[tuple[str, str, dict[str, Any]]] = [
    ("sgd nesterov, decay", "sgd", {"momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    ("sgd clipvalue", "sgd", {"clipvalue": 0.3}),
    ("sgd global_clipnorm", "sgd", {"global_clipnorm": 1.5}),
    ("adagrad settings", "adagrad",
     {"learning_rate": 0.5, "initial_accumulator_value": 0.01, "epsilon": 1e-4}),
    ("rmsprop centered", "rmsprop",
     {"learning_rate": 0.01, "momentum": 0.5, "rho": 0.8, "epsilon": 1e-3, "centered": True}),
    ("adam settings", "adam",
     {"learning_rate": 0.3, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}),
    ("adam clipnorm", "adam", {"clipnorm": 0.8}),
    ("nadam decay", "nadam", {"learning_rate": 0.1, "beta_1": 0.8, "weight_decay": 0.1}),
]  # fmt: skip

KERAS_CLASSES = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {}),
    "nadam": ("Nadam", {}),
}

# Where PyTorch's definition is the same, or is so with ε near 0 (it adds ε elsewhere):
# its class, its settings, ours.
TORCH: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "sgd": ("SGD", {"lr": 0.01}, {}),
    "momentum": ("SGD", {"lr": 0.01, "momentum": 0.9}, {}),
    "nesterov": ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}, {}),
    "adagrad": ("Adagrad", {"lr": 0.001, "initial_accumulator_value": 0.1, "eps": 1e-25},
                {"epsilon": 1e-25}),
    "rmsprop": ("RMSprop", {"lr": 0.001, "alpha": 0.9, "eps": 1e-17}, {"epsilon": 1e-25}),
    "adam": ("Adam", {"lr": 0.001, "eps": 1e-14}, {"epsilon": 1e-14}),
    "adamw": ("AdamW", {"lr": 0.001, "eps": 1e-14, "weight_decay": 0.004}, {"epsilon": 1e-14}),
    "nadam": ("NAdam", {"lr": 0.001, "eps": 1e-7, "momentum_decay": 1.0}, {}),
}  # fmt: skip


def check(bench: Bench) -> None:
    """One subject for each optimizer of the table, and for some settings."""
    for name in optimizers.OPTIMIZERS:
        if name not in FORMULAS:
            bench.unknown(name)
            continue
        with bench.on(name):
            _check(bench, name, {})
            _with_pytorch(bench, name)
    for title, name, settings in VARIANTS:
        with bench.on(title):
            _check(bench, name, settings)


def problem(bench: Bench, dtype: str) -> tuple[Array, Array]:
    """First weights, and gradients of all sizes: ordinary, large, as small as ε, zero."""
    size = int(EDGES[-1])
    sizes = np.resize([1.0, 3.0, 1e-4, 0.0, 1e-7, 1.0, 30.0], size)
    g = bench.rng.standard_normal((STEPS, size)) * sizes
    return bench.rng.standard_normal(size).astype(dtype), g.astype(dtype)


def path(name: str, settings: dict[str, Any], w: Array, gradients: Array) -> Array:
    """The weights after each step."""
    w = w.copy()
    optimizer = optimizers.get({"name": name, **settings})
    optimizer.initialize(w.size, w.dtype, SEGMENTS)
    out = []
    for g in gradients:
        optimizer.step(w, g)
        out.append(w.copy())
    return np.array(out)


def _check(bench: Bench, name: str, settings: dict[str, Any]) -> None:
    for dtype in DTYPES:
        w, gradients = problem(bench, dtype)
        ours = path(name, settings, w, gradients)
        wide = clip(gradients.astype(np.float64), SEGMENTS, settings)
        expected = np.array(FORMULAS[name](wide, w.astype(np.float64), settings))
        bench.compare(KIND, FORMULA, ours, expected, "step and weight", dtype)
        if KERAS not in bench.peers:
            continue
        with bench.peer(KERAS) as keras:
            theirs = _keras_path(keras, name, settings, w, gradients)
            bench.compare(KIND, KERAS, ours, theirs, "step and weight", dtype)


def _keras_path(
    keras: Any, name: str, settings: dict[str, Any], w: Array, gradients: Array
) -> Array:
    cls, fixed = KERAS_CLASSES[name]
    optimizer = getattr(keras.optimizers, cls)(**{**fixed, **settings})
    variables = [
        keras.Variable(w[segment].reshape(shape), dtype=w.dtype.name)
        for segment, shape in zip(SEGMENTS, SHAPES)
    ]
    out = []
    for g in gradients:
        parts = [g[segment].reshape(shape) for segment, shape in zip(SEGMENTS, SHAPES)]
        optimizer.apply([keras.ops.convert_to_tensor(part) for part in parts], variables)
        now = [keras.ops.convert_to_numpy(variable.value).ravel() for variable in variables]
        out.append(np.concatenate(now))
    return np.array(out)


def _with_pytorch(bench: Bench, name: str) -> None:
    if PYTORCH not in bench.peers or name not in TORCH:
        return
    cls, their_settings, our_settings = TORCH[name]
    for dtype in DTYPES:
        w, gradients = problem(bench, dtype)
        moving = np.abs(gradients).max(axis=0) > 1e-6  # with ε near 0, 0 / 0 otherwise
        w, gradients = w[moving], gradients[:, moving]
        optimizer = optimizers.get({"name": name, **our_settings})
        values, ours = w.copy(), []
        for g in gradients:
            optimizer.step(values, g)
            ours.append(values.copy())
        with bench.peer(PYTORCH) as torch:
            parameter = torch.nn.Parameter(torch.tensor(w))
            their = getattr(torch.optim, cls)([parameter], **their_settings)
            theirs = []
            for g in gradients:
                parameter.grad = torch.tensor(g)
                their.step()
                theirs.append(parameter.detach().numpy().copy())
            bench.compare(KIND, PYTORCH, ours, theirs, "step and weight", dtype)
