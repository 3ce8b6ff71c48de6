"""What each operator of ONNX is read as: a layer, or the activation after one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from glassnet import activations
from glassnet._core.formats import OnnxNodes
from glassnet.activations.selu import SELU_ALPHA, SELU_SCALE
from glassnet.errors import FileFormatError
from glassnet.interop import writing
from glassnet.layers.formats import Part

Node = Any


@cache
def readers() -> dict[str, Callable[[OnnxNodes, Node, str, list[Part]], None]]:
    """operator → (nodes, node, x, parts), which appends to the parts."""
    return {**writing.readers("onnx"), **{op: _activation(f) for op, f in ACTIVATIONS.items()}}


def _activation(
    read: Callable[[OnnxNodes, Node], activations.Activation],
) -> Callable[[OnnxNodes, Node, str, list[Part]], None]:
    return lambda nodes, node, x, parts: nodes.add_activation(parts, read(nodes, node))


def _named(name: str) -> Callable[[OnnxNodes, Node], activations.Activation]:
    return lambda nodes, node: activations.get(name)


def _softmax(name: str) -> Callable[[OnnxNodes, Node], activations.Activation]:
    def read(nodes: OnnxNodes, node: Node) -> activations.Activation:
        nodes.last_axis(node, nodes.settings(node).get("axis", 1))
        return activations.get(name)

    return read


def _selu(nodes: OnnxNodes, node: Node) -> activations.Activation:
    settings = nodes.settings(node)
    alpha, gamma = settings.get("alpha", SELU_ALPHA), settings.get("gamma", SELU_SCALE)
    if abs(alpha - SELU_ALPHA) > 1e-4 or abs(gamma - SELU_SCALE) > 1e-4:
        raise FileFormatError(f"Selu with alpha {alpha} and gamma {gamma} is not read")
    return activations.selu


ACTIVATIONS: dict[str, Callable[[OnnxNodes, Node], activations.Activation]] = {
    "Elu": lambda nodes, node: activations.ELU(float(nodes.settings(node).get("alpha", 1.0))),
    "Exp": _named("exponential"),
    "LeakyRelu": lambda nodes, node: activations.LeakyReLU(
        float(nodes.settings(node).get("alpha", 0.01))
    ),
    "LogSoftmax": _softmax("log_softmax"),
    "Relu": _named("relu"),
    "Selu": _selu,
    "Sigmoid": _named("sigmoid"),
    "Softmax": _softmax("softmax"),
    "Softplus": _named("softplus"),
    "Tanh": _named("tanh"),
}
