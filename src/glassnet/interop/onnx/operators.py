"""What each operator of ONNX is in glassnet's layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import activations
from glassnet._core.optional import require
from glassnet.activations.selu import SELU_ALPHA, SELU_SCALE
from glassnet.errors import FileFormatError
from glassnet.interop.onnx.nodes import Nodes, activate
from glassnet.interop.reading import Part
from glassnet.layers import (
    BatchNormalization,
    Dense,
    Flatten,
    LayerNormalization,
    Reshape,
)

Array = NDArray[Any]
Node = Any


def settings(node: Node) -> dict[str, Any]:
    """The attributes of a node as plain values."""
    onnx = require("onnx", extra="onnx")
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def _expect(node: Node, given: dict[str, Any], **wanted: Any) -> None:
    """Refuse settings that glassnet's layer does not have."""
    for name, values in wanted.items():
        if name in given and given[name] not in values:
            raise FileFormatError(
                f"{node.op_type} (node {node.name[:60]!r}) has {name} = {given[name]}, which is "
                f"not read (expected {' or '.join(map(str, values))})"
            )


# ---- layers ------------------------------------------------------------------------------


def _gemm(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    given = settings(node)
    _expect(node, given, transA=(0,))
    if node.input[0] != x:
        raise reader.unsupported(node)
    W = reader.weight(node, 1)
    W = W.T if given.get("transB") else W
    _matrix(node, W)
    W = W * W.dtype.type(given.get("alpha", 1.0))
    b = None
    if len(node.input) > 2 and node.input[2]:
        b = reader.weight(node, 2) * W.dtype.type(given.get("beta", 1.0))
        b = np.broadcast_to(b, (1, W.shape[1])).reshape(-1) if b.size in (1, W.shape[1]) else b
    _add_dense(reader, node, W, b, parts)


def _matmul(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    if node.input[0] != x:
        raise reader.unsupported(node)
    W = reader.weight(node, 1)
    _matrix(node, W)
    _add_dense(reader, node, W, None, parts)


def _matrix(node: Node, W: Array) -> None:
    if W.ndim != 2 or not W.size:
        raise FileFormatError(
            f"{node.op_type} (node {node.name[:60]!r}) multiplies by a tensor of shape {W.shape}; "
            "expected a matrix"
        )


def _add_dense(reader: Nodes, node: Node, W: Array, b: Array | None, parts: list[Part]) -> None:
    layer = Dense(W.shape[1], use_bias=b is not None, name=reader.name(node))
    parts.append(Part(layer, {"W": W} if b is None else {"W": W, "b": b}))


def _add(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    """The bias after a MatMul; anything else that is added is part of a formula."""
    other = node.input[1] if node.input[0] == x else node.input[0]
    b = reader.constants.get(other)
    last = parts[-1] if parts else None
    if (
        last is not None and isinstance(last.layer, Dense) and "b" not in last.weights
        and last.layer.activation == activations.linear
        and b is not None and b.dtype.kind == "f"
        and b.shape in ((last.layer.units,), (1, last.layer.units))
    ):  # fmt: skip
        name = last.layer.given_name
        parts[-1] = Part(Dense(last.layer.units, name=name), {**last.weights, "b": b.reshape(-1)})
        return
    found = reader.formula(x, reader.consumers[x][0] - 1, parts)
    if found is None or reader.nodes[found] is not node:
        raise reader.unsupported(node)


def _last_axis(reader: Nodes, node: Node, axis: int) -> None:
    """Refuse an axis that is not the last one: -1, or 1 where the values are rows (n, k)."""
    if axis != -1 and not (axis == 1 and reader.rows):
        raise FileFormatError(
            f"{node.op_type} (node {node.name[:60]!r}) works along axis {axis}; glassnet's layer "
            "along the last one"
        )


def _plain(name: str) -> Callable[[Nodes, Node, str, list[Part]], None]:
    return lambda reader, node, x, parts: activate(parts, activations.get(name))


def _softmax(name: str) -> Callable[[Nodes, Node, str, list[Part]], None]:
    def read(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
        _last_axis(reader, node, settings(node).get("axis", 1))
        activate(parts, activations.get(name))

    return read


def _elu(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    activate(parts, activations.ELU(float(settings(node).get("alpha", 1.0))))


def _leaky_relu(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    activate(parts, activations.LeakyReLU(float(settings(node).get("alpha", 0.01))))


def _selu(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    given = settings(node)
    alpha, gamma = given.get("alpha", SELU_ALPHA), given.get("gamma", SELU_SCALE)
    if abs(alpha - SELU_ALPHA) > 1e-4 or abs(gamma - SELU_SCALE) > 1e-4:
        raise FileFormatError(f"Selu with alpha {alpha} and gamma {gamma} is not read")
    activate(parts, activations.selu)


def _batch_normalization(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    given = settings(node)
    _expect(node, given, training_mode=(0,), spatial=(1,))
    _last_axis(reader, node, 1)  # ONNX has the channels of images there, glassnet last
    layer = BatchNormalization(
        epsilon=float(given.get("epsilon", 1e-5)), momentum=float(given.get("momentum", 0.9)),
        name=reader.name(node),
    )  # fmt: skip
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    weights = {name: reader.weight(node, i + 1) for i, name in enumerate(names)}
    parts.append(Part(layer, weights))


def _layer_normalization(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    given = settings(node)
    _last_axis(reader, node, given.get("axis", -1))
    layer = LayerNormalization(float(given.get("epsilon", 1e-5)), name=reader.name(node))
    gamma = reader.weight(node, 1)
    beta = reader.weight(node, 2) if len(node.input) > 2 else np.zeros_like(gamma)
    parts.append(Part(layer, {"gamma": gamma, "beta": beta}))


def _flatten(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    _expect(node, settings(node), axis=(1,))
    parts.append(Part(Flatten(name=reader.name(node))))


def _reshape(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    shape = reader.constants.get(node.input[1]) if len(node.input) > 1 else None
    if shape is None or shape.ndim != 1 or shape.dtype.kind != "i" or len(shape) < 2:
        raise FileFormatError(f"Reshape (node {node.name[:60]!r}): its shape is not a constant")
    _expect(node, settings(node), allowzero=(0,))
    rows, *sizes = shape.tolist()
    if rows not in (0, -1) or sizes.count(-1) > (rows == 0) or 0 in sizes or min(sizes) < -1:
        raise FileFormatError(
            f"Reshape (node {node.name[:60]!r}) to {[rows, *sizes][:8]}: the first size must be 0 "
            "or -1, as many rows as came"
        )
    flat = sizes == [-1]
    parts.append(Part(Flatten() if flat else Reshape(tuple(sizes), name=reader.name(node))))


def _pass(reader: Nodes, node: Node, x: str, parts: list[Part]) -> None:
    """Identity; and Dropout, which does nothing when a network answers."""
    if len(node.input) > 2 and node.input[2]:  # unless this says otherwise
        raise reader.unsupported(node)


READERS: dict[str, Callable[[Nodes, Node, str, list[Part]], None]] = {
    "Add": _add,
    "BatchNormalization": _batch_normalization,
    "Dropout": _pass,
    "Elu": _elu,
    "Exp": _plain("exponential"),
    "Flatten": _flatten,
    "Gemm": _gemm,
    "Identity": _pass,
    "LayerNormalization": _layer_normalization,
    "LeakyRelu": _leaky_relu,
    "LogSoftmax": _softmax("log_softmax"),
    "MatMul": _matmul,
    "Relu": _plain("relu"),
    "Reshape": _reshape,
    "Selu": _selu,
    "Sigmoid": _plain("sigmoid"),
    "Softmax": _softmax("softmax"),
    "Softplus": _plain("softplus"),
    "Tanh": _plain("tanh"),
}
