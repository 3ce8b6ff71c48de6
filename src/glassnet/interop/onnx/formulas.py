"""Which activation do these nodes compute?

Programs write GELU, SiLU and others as many small operators, each in its own way. Instead of
comparing such graphs with every known way, the nodes are computed at some points, and the
numbers compared with those of glassnet's activations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import erf, erfc

from glassnet import activations
from glassnet._core.types import Array

POINTS = np.concatenate([np.linspace(-8.0, 8.0, 65), [-30.0, -0.01, 0.01, 30.0]])  # 0 is in it
TOLERANCE = 2e-6  # of float32 constants; GELU and its approximation differ by 5e-4

FLOATS = (1, 10, 11)  # float32, float16, float64 in TensorProto.DataType

OPERATORS: dict[str, Callable[..., Any]] = {
    "Abs": np.abs,
    "Add": np.add,
    "Cast": lambda z: np.asarray(z, np.float64),
    "Div": np.divide,
    "Erf": erf,
    "Erfc": erfc,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Identity": lambda z: z,
    "Less": np.less,
    "Log": np.log,
    "Max": np.maximum,
    "Min": np.minimum,
    "Mul": np.multiply,
    "Neg": np.negative,
    "Pow": np.power,
    "Reciprocal": np.reciprocal,
    "Sqrt": np.sqrt,
    "Sub": np.subtract,
    "Where": lambda chosen, a, b: np.where(chosen, a, b),
}


def _gelu(z: Array, approximate: bytes = b"none") -> Any:
    """z·Φ(z), or its approximation by tanh."""
    if approximate == b"tanh":
        return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))
    return 0.5 * z * (1 + erf(z / np.sqrt(2)))


def _clip(z: Array, *limits: Any, **settings: Any) -> Any:
    """From opset 11 on the limits are inputs, and may be left out."""
    low, high = (*limits, None, None)[:2]
    low = settings.get("min", -np.inf) if low is None else low
    high = settings.get("max", np.inf) if high is None else high
    return np.minimum(np.maximum(z, low), high)


def _swish(z: Array, alpha: float = 1.0) -> Any:
    return z / (1 + np.exp(-alpha * z))


OPERATORS |= {"Clip": _clip, "Gelu": _gelu, "Swish": _swish}
WITH_SETTINGS = {"Clip": {"min", "max"}, "Gelu": {"approximate"}, "Swish": {"alpha"}}

# Sigmoid, Tanh …: the activations that are one operator without settings.
OPERATORS |= {
    f.onnx.name: f
    for f in activations.each()
    if f.onnx is not None and not (f.onnx.settings or f.onnx.fixed)
}


def values_of(nodes: Sequence[Any], start: str, known: Mapping[str, Array | None]) -> Array | None:
    """What the nodes make of :data:`POINTS` put in at ``start``; None if it cannot be computed."""
    values: dict[str, Any] = {start: POINTS}
    with np.errstate(all="ignore"):
        for node in nodes:
            op, settings = node.op_type, {a.name: _value(a) for a in node.attribute}
            if op == "Cast" and settings.pop("to", 0) not in FLOATS:
                return None  # a way over whole numbers
            if not set(settings) <= WITH_SETTINGS.get(op, set()):
                return None
            inputs: list[Any] = []
            for name in node.input:
                if not name:  # left out
                    inputs.append(None)
                    continue
                value = values.get(name, known.get(name))
                if value is None or (name not in values and np.size(value) != 1):
                    return None
                value = np.reshape(value, -1)
                inputs.append(value.astype(np.float64) if value.dtype.kind in "fiu" else value)
            try:
                values[node.output[0]] = OPERATORS[op](*inputs, **settings)
            except (TypeError, ValueError):  # another number of inputs than the operator takes
                return None
    return np.asarray(values[nodes[-1].output[0]])


def _value(attribute: Any) -> Any:
    """A setting: in AttributeProto 1 is a float, 2 a whole number, 3 a text."""
    return {1: attribute.f, 2: attribute.i, 3: attribute.s}.get(attribute.type)


def recognise(y: Array) -> activations.Activation | tuple[float, float] | None:
    """The activation with these values, or (a, b) of y = a·z + b, or None."""
    if y.shape != POINTS.shape or y.dtype.kind != "f" or not np.isfinite(y).all():
        return None
    b = float(y[np.flatnonzero(POINTS == 0)[0]])
    a = float(y[-1] - b) / float(POINTS[-1])
    if np.allclose(y, a * POINTS + b, rtol=1e-9, atol=1e-12 * (abs(a) + abs(b))):
        return a, b
    for f in activations.each():
        if f.elementwise and np.allclose(y, f(POINTS), rtol=TOLERANCE, atol=TOLERANCE):
            return f
    return None
