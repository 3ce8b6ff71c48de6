"""The activations in ONNX's operators."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from glassnet import activations
from glassnet._core.formats import OnnxGraph
from glassnet.activations.selu import SELU_ALPHA, SELU_SCALE
from glassnet.interop.writing import activation_entry
from glassnet.layers import Layer

FORMAT = "ONNX"


def activate(graph: OnnxGraph, layer: Layer, f: activations.Activation, z: str) -> str:
    """The nodes of the activation ``f`` after ``z``; the name of its output."""
    return activation_entry(ACTIVATIONS, layer, f, FORMAT)(graph, f, z)


def _op(name: str, **settings: Any) -> Callable[[OnnxGraph, Any, str], str]:
    """An activation that ONNX has as an operator."""
    return lambda graph, f, z: graph.add(name, z, **settings)


def _step(graph: OnnxGraph, f: Any, z: str) -> str:
    above = graph.add("Greater", z, graph.constant("zero", 0.0))
    return graph.add("Cast", above, to=graph.onnx.TensorProto.FLOAT)


def _silu(graph: OnnxGraph, f: Any, z: str) -> str:
    return graph.add("Mul", z, graph.add("Sigmoid", z))


def _gelu(graph: OnnxGraph, f: Any, z: str) -> str:
    """z/2·(1 + erf(z/√2)); opset 20 has it as one operator, which today's runtimes lack."""
    inner = graph.add("Erf", graph.add("Mul", z, graph.constant("root", math.sqrt(0.5))))
    return _half_of(graph, z, inner)


def _gelu_tanh(graph: OnnxGraph, f: Any, z: str) -> str:
    """z/2·(1 + tanh(√(2/π)·(z + 0.044715·z³)))"""
    square = graph.add("Mul", z, z)
    small = graph.add("Mul", square, graph.constant("cubic", 0.044715))
    grown = graph.add("Add", small, graph.constant("unit", 1.0))
    scaled = graph.add("Mul", z, graph.constant("root", math.sqrt(2 / math.pi)))
    return _half_of(graph, z, graph.add("Tanh", graph.add("Mul", scaled, grown)))


def _half_of(graph: OnnxGraph, z: str, t: str) -> str:
    """z/2·(1 + t)"""
    half = graph.add("Mul", z, graph.constant("half", 0.5))
    return graph.add("Mul", half, graph.add("Add", t, graph.constant("one", 1.0)))


ACTIVATIONS: dict[str, Callable[[OnnxGraph, Any, str], str]] = {
    "elu": lambda graph, f, z: graph.add("Elu", z, alpha=float(f.alpha)),
    "exponential": _op("Exp"),
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "leaky_relu": lambda graph, f, z: graph.add("LeakyRelu", z, alpha=float(f.negative_slope)),
    "linear": lambda graph, f, z: z,
    "log_softmax": _op("LogSoftmax", axis=-1),
    "relu": _op("Relu"),
    "selu": _op("Selu", alpha=SELU_ALPHA, gamma=SELU_SCALE),
    "sigmoid": _op("Sigmoid"),
    "silu": _silu,
    "softmax": _op("Softmax", axis=-1),
    "softplus": _op("Softplus"),
    "step": _step,
    "tanh": _op("Tanh"),
}
