"""Every optimizer: the weights after each of 20 steps."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from glassnet import optimizers
from glassnet._core.types import Array
from glassnet.verify.bench import Bench
from glassnet.verify.measure import DTYPES, FORMULA, KERAS, PYTORCH
from glassnet.verify.optimizer_formulas import OPINIONS, clip

STEPS = 20
SHAPES = [(3, 4), (4,), (4, 2)]  # of the parameter tensors in the flat vector
EDGES = np.cumsum([0, 12, 4, 8])
SEGMENTS = [slice(int(a), int(b)) for a, b in itertools.pairwise(EDGES)]
KIND = f"{STEPS} steps"


def check(bench: Bench) -> None:
    """One subject for each optimizer of the table, and for some settings."""
    for name in optimizers.OPTIMIZERS:
        if name not in OPINIONS:
            bench.unknown(name)
            continue
        with bench.on(name):
            _check(bench, name, {})
            _with_pytorch(bench, name)
    for name, opinion in OPINIONS.items():
        for title, settings in opinion.variants.items():
            with bench.on(f"{name} {title}"):
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
        expected = np.array(OPINIONS[name].path(wide, w.astype(np.float64), settings))
        bench.compare(KIND, FORMULA, ours, expected, "step and weight", dtype)
        known = OPINIONS[name].keras
        if KERAS not in bench.peers or known is None:
            continue
        with bench.peer(KERAS) as keras:
            cls, fixed = known
            their = getattr(keras.optimizers, cls)(**{**fixed, **settings})
            theirs = _keras_path(keras, their, w, gradients)
            bench.compare(KIND, KERAS, ours, theirs, "step and weight", dtype)


def _keras_path(keras: Any, optimizer: Any, w: Array, gradients: Array) -> Array:
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
    known = OPINIONS[name].torch
    if PYTORCH not in bench.peers or known is None:
        return
    cls, their_settings, our_settings = known
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
