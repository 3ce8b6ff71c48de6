"""Every activation: values and derivatives, on ordinary, extreme and random numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.types import Array
from glassnet.calculus import numerical_diff, numerical_gradient
from glassnet.verify.activation_formulas import FORMULAS, VARIANTS, Pull, Value
from glassnet.verify.bench import Bench
from glassnet.verify.derivatives import keras_pull, torch_pull
from glassnet.verify.measure import DIFFERENCES, DTYPES, FORMULA, KERAS, PYTORCH

# Where PyTorch has another function than a module, or computes it less exactly.
TORCH: dict[str, Callable[[Any, Any], Any]] = {
    "linear": lambda torch, z: z * 1,
    "exponential": lambda torch, z: torch.exp(z),
    # its softplus becomes the identity above a threshold; logaddexp is the formula
    "softplus": lambda torch, z: torch.logaddexp(z, torch.zeros_like(z)),
}
KERAS_NAMES = {"gelu_tanh": "gelu"}


def check(bench: Bench) -> None:
    """One subject for each entry of the table, and for some settings besides."""
    for name, activation in activations.ACTIVATIONS.items():
        if name not in FORMULAS:
            bench.unknown(name)
            continue
        with bench.on(name):
            _check(bench, activation, *FORMULAS[name])
            _with_pytorch(bench, name, activation)
            _with_keras(bench, name, activation)
    for name, settings, formula in VARIANTS:
        with bench.on(f"{name} {' '.join(f'{k}={v:g}' for k, v in settings.items())}"):
            _check(bench, activations.get({"name": name, **settings}), *formula)


def inputs(bench: Bench, dtype: str) -> dict[str, Array]:
    """Rows of logits: what a network sees, the ends of the numbers, and at random."""
    tiny = 1e-30 if dtype == "float32" else 1e-300
    extreme = [
        [1000, -1000, 0, tiny],
        [0, 0, 0, 0],  # equal logits
        [1000, 1000, 1000, 1000],
        [-1000, -1000, -1000, -1000],
        [tiny, -tiny, 88, -88],
        [710, -710, 30, -30],
        [1e-4, -1e-4, 1e-8, -1e-8],
    ]
    return {
        "ordinary": np.linspace(-6, 6, 52).reshape(13, 4).astype(dtype),
        "extreme": np.array(extreme, dtype),
        "random": (3 * bench.rng.standard_normal((16, 4))).astype(dtype),
    }


def _backward(f: activations.Activation, z: Array, dy: Array) -> tuple[Array, Array]:
    y = f.forward(z)
    return y, f.backward(z if f.needs_z else y, dy)


def _check(bench: Bench, f: activations.Activation, value: Value, pull: Pull) -> None:
    for dtype in DTYPES:
        for where, z in inputs(bench, dtype).items():
            dy = bench.rng.uniform(0.5, 1.5, z.shape).astype(dtype)
            y, dz = _backward(f, z, dy)
            wide, pulled = z.astype(np.float64), dy.astype(np.float64)
            with np.errstate(all="ignore"):
                # rounded to the type: what is too large for float32 is infinite there
                expected = value(wide).astype(dtype)
                slope = pull(wide, pulled).astype(dtype)
            bench.compare("values", FORMULA, y, expected, where, dtype)
            bench.compare("derivatives", FORMULA, dz, slope, where, dtype)
            if dtype == "float64":
                _differences(bench, f, z, dy, dz, where)


def _differences(
    bench: Bench, f: activations.Activation, z: Array, dy: Array, dz: Array, where: str
) -> None:
    if f.elementwise:
        # nearer to 0, and to the 6 of relu6, a difference would reach over the kink; eᶻ is
        # infinite far out
        smooth = (np.abs(z) > 1e-3) & (np.abs(z - 6) > 1e-3) & (np.abs(f(z)) < 1e100)
        slope = dy[smooth] * numerical_diff(f, z[smooth])
        bench.compare("derivatives", DIFFERENCES, dz[smooth], slope, where, unit=1.0)
        return
    z = z[:4]  # the difference of a matrix costs two calls for each number
    along = numerical_gradient(lambda t: float(np.sum(dy[: len(t)] * f(t))), z)
    bench.compare("derivatives", DIFFERENCES, dz[:4], along, where, unit=1.0)


def _with_pytorch(bench: Bench, name: str, f: activations.Activation) -> None:
    if PYTORCH not in bench.peers or (name not in TORCH and f.torch is None):
        return
    for dtype in DTYPES:
        for where, z in inputs(bench, dtype).items():
            dy = bench.rng.uniform(0.5, 1.5, z.shape).astype(dtype)
            y, dz = _backward(f, z, dy)
            with bench.peer(PYTORCH) as torch:
                function = _of_pytorch(torch, name, f)
                theirs, (slope,) = torch_pull(torch, function, [z], dy)
                bench.compare("values", PYTORCH, y, theirs, where, dtype)
                bench.compare("derivatives", PYTORCH, dz, slope, where, dtype)


def _of_pytorch(torch: Any, name: str, f: activations.Activation) -> Callable[[Any], Any]:
    if name in TORCH or f.torch is None:
        return functools.partial(TORCH[name], torch)
    module: Callable[[Any], Any] = getattr(torch.nn, f.torch.name)(**f.torch.written(f))
    return module


def _with_keras(bench: Bench, name: str, f: activations.Activation) -> None:
    keras_name = KERAS_NAMES.get(name, f.keras)
    if KERAS not in bench.peers or not keras_name:
        return
    for dtype in DTYPES:
        for where, z in inputs(bench, dtype).items():
            if name == "selu":  # at its corner TensorFlow takes the slope from the other side
                z = np.where(np.abs(z) < 1e-6, z.dtype.type(0.5), z)
            dy = bench.rng.uniform(0.5, 1.5, z.shape).astype(dtype)
            y, dz = _backward(f, z, dy)
            with bench.peer(KERAS) as keras:
                function = getattr(keras.activations, keras_name)
                if name == "gelu_tanh":
                    function = functools.partial(function, approximate=True)
                theirs, (slope,) = keras_pull(keras, function, [z], dy)
                bench.compare("values", KERAS, y, theirs, where, dtype)
                bench.compare("derivatives", KERAS, dz, slope, where, dtype)
