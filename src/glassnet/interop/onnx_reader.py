"""A network out of ONNX, if it is a chain of what glassnet's layers compute."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import FileFormatError
from glassnet.functions import activations
from glassnet.functions.activations import SELU_ALPHA, SELU_SCALE
from glassnet.interop import about, onnx_formulas, onnx_tensors
from glassnet.interop.reading import MAX_BYTES, Part, assemble, of_file, plain, read_bytes
from glassnet.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Flatten,
    LayerNormalization,
    Rescaling,
    Reshape,
    Residual,
)
from glassnet.model import Sequential
from glassnet.optional import require
from glassnet.storage import PathLike

Array = NDArray[Any]
Node = Any

MAX_NODES = 2000
MAX_FORMULA = 24  # nodes of one activation
MAX_DEPTH = 20  # of blocks inside blocks
DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
OPSETS = range(9, 27)  # in which the operators below mean the same


def from_onnx(path: PathLike, *, max_bytes: int = MAX_BYTES) -> Sequential:
    """The network in an ONNX file, with its weights.

    Read are chains of dense layers, activations (also those written as several operators),
    batch and layer normalization, flattening, scaling, and residual blocks. What glassnet
    wrote comes back with its labels, preprocessing and loss; of another program's file, call
    ``compile`` before you train or evaluate. Dropout has no trace in a file for prediction.

    Raises:
        FileNotFoundError: there is no such file.
        FileFormatError: damaged, too large, or a network of other operators (named).
        MissingDependencyError: the package onnx is not installed.
    """
    return read(path, max_bytes)[0]


def read(path: PathLike, max_bytes: int = MAX_BYTES) -> tuple[Sequential, about.Notes]:
    """The network, and what the file says beside it."""
    onnx = require("onnx", extra="onnx")
    message = require("google.protobuf.message", extra="onnx")
    data = read_bytes(path, "ONNX", max_bytes)
    with of_file(path, message.DecodeError, ValueError, TypeError):  # names that are no text
        made = onnx.load_model_from_string(data)
        said = about.from_text({p.key: p.value for p in made.metadata_props}.get(about.KEY))
        _refuse_foreign(made)
        reader = Reader(made.graph, said)
        parts, input_shape = reader.parts(), reader.input_shape
        model = assemble(parts, input_shape, plain(made.graph.name, 200) or None)
        about.tell(model, said)
    return model, said


def _refuse_foreign(made: Any) -> None:
    graph = made.graph
    if not graph.node or not graph.input or not graph.output:
        raise FileFormatError("is no ONNX file, or one without a network in it")
    if len(graph.node) > MAX_NODES:
        raise FileFormatError(f"it has {len(graph.node):,} nodes; at most {MAX_NODES:,} are read")
    if made.functions or graph.sparse_initializer:
        raise FileFormatError("it has functions or sparse tensors, which are not read")
    for opset in made.opset_import:
        if opset.domain in ("", "ai.onnx") and opset.version not in OPSETS:
            raise FileFormatError(
                f"it has opset {opset.version}; read are {OPSETS.start} to {OPSETS.stop - 1}"
            )


class Reader:
    """From the nodes of a graph to layers."""

    def __init__(self, graph: Any, said: about.Notes) -> None:
        self.constants = onnx_tensors.constants(graph)
        self.end = self._end(graph, said)
        self.nodes = self._needed(graph)
        self.consumers: dict[str, list[int]] = defaultdict(list)
        for i, node in enumerate(self.nodes):
            for name in dict.fromkeys(node.input):
                self.consumers[name].append(i)
        self.start, self.input_shape = self._start(graph, said)
        self.keep_names = bool(said)

    # ---- where it begins and ends ------------------------------------------------------

    def _end(self, graph: Any, said: about.Notes) -> str:
        names = [output.name for output in graph.output]
        if said.get("output") in names:
            return str(said["output"])
        if len(names) > 1:
            raise FileFormatError(
                f"it has {len(names)} outputs ({plain(', '.join(names[:5]))}); a Sequential has one"
            )
        return str(names[0])

    def _needed(self, graph: Any) -> list[Node]:
        """The nodes that the output depends on, in their order."""
        needed, chosen = {self.end}, []
        for node in reversed(graph.node):
            if node.op_type != "Constant" and needed.intersection(node.output):
                chosen.append(node)
                needed.update(node.input)
        return chosen[::-1]

    def _start(self, graph: Any, said: about.Notes) -> tuple[str, tuple[int, ...]]:
        rows = about.preprocessing_of(said)
        if rows is not None and isinstance(said.get("features"), str):
            return said["features"], (len(rows.feature_names),)
        inputs = [i for i in graph.input if i.name not in self.constants]
        if len(inputs) != 1:
            names = plain(", ".join(i.name for i in inputs[:5]))
            raise FileFormatError(f"it has {len(inputs)} inputs ({names}); a Sequential has one")
        kind = inputs[0].type.tensor_type
        sizes = [d.dim_value for d in kind.shape.dim]
        if len(sizes) < 2 or any(size < 1 for size in sizes[1:]):
            shown = [d.dim_value or d.dim_param or "?" for d in kind.shape.dim]
            raise FileFormatError(
                f"its input {inputs[0].name!r} has the shape {shown}; the sizes after the first "
                "must be fixed numbers"
            )
        return inputs[0].name, tuple(sizes[1:])

    # ---- along the chain ---------------------------------------------------------------

    def parts(self) -> list[Part]:
        """The layers from the input to the output."""
        return self._walk(self.start, self.end, 0)

    def _walk(self, value: str, end: str, depth: int, leave_out: int | None = None) -> list[Part]:
        if depth > MAX_DEPTH:
            raise FileFormatError(f"it has blocks more than {MAX_DEPTH} deep in each other")
        parts: list[Part] = []
        last = -1  # every step goes on in the order of the nodes: a circle cannot be walked
        while value != end:
            readers = [i for i in self.consumers[value] if i > last and i != leave_out]
            leave_out = None
            if not readers:
                raise FileFormatError(f"its output does not come from {value!r} alone")
            node = self.nodes[readers[0]]
            self._check(node)
            if len(readers) == 1 and node.op_type in READERS:
                READERS[node.op_type](self, node, value, parts)
                last, value = readers[0], node.output[0]
                continue
            found = self._formula(value, last, parts)
            if found is None:
                found = self._block(value, readers, depth, parts)
            if found is None:
                raise self._unsupported(node)
            last = found
            value = self.nodes[found].output[0]
        return parts

    def _check(self, node: Node) -> None:
        if node.domain not in DOMAINS or not node.output:
            raise self._unsupported(node)

    def _unsupported(self, node: Node) -> FileFormatError:
        words = f"the operator {plain(node.op_type)}"
        words += f" of {plain(node.domain)}" if node.domain else ""
        where = f" (node {node.name[:60]!r})" if node.name else ""
        known = sorted({*READERS, *onnx_formulas.OPERATORS})
        return FileFormatError(
            f"{words}{where} stands where none of glassnet's layers computes the same. "
            f"Supported are {', '.join(known)}, one after the other, as dense layers, "
            "normalizations, activations, scalings and residual blocks are made of them"
        )

    def _formula(self, value: str, last: int, parts: list[Part]) -> int | None:
        """Read the nodes after ``value`` that together are one activation or scaling."""
        inside, members = {value}, list[int]()
        for i in range(last + 1, len(self.nodes)):
            node = self.nodes[i]
            if not inside.intersection(node.input):
                continue
            if node.op_type not in onnx_formulas.OPERATORS or len(members) == MAX_FORMULA:
                return None
            members.append(i)
            inside.add(node.output[0])
            # closed when nothing but the last value is read elsewhere
            read_on = {v for v in inside if not set(self.consumers[v]) <= set(members)}
            if read_on <= {node.output[0]}:
                chosen = [self.nodes[m] for m in members]
                y = onnx_formulas.values_of(chosen, value, self.constants)
                found = None if y is None else onnx_formulas.recognise(y)
                if isinstance(found, tuple):
                    _rescale(parts, *found)
                    return i
                if found is not None:
                    _activate(parts, found)
                    return i
        return None

    def _block(self, value: str, readers: list[int], depth: int, parts: list[Part]) -> int | None:
        """Read a residual block: an Add of ``value`` and of what was made of it."""
        joins = [
            i
            for i in readers
            if self.nodes[i].op_type == "Add" and self.nodes[i].input[0] != self.nodes[i].input[1]
        ]
        if len(readers) != 2 or len(joins) != 1:
            return None
        (other,) = (name for name in self.nodes[joins[0]].input if name != value)
        inner = self._walk(value, other, depth + 1, leave_out=joins[0])
        if not inner:
            return None
        block = Residual([part.layer for part in inner])
        weights = {f"{p.layer.name}/{name}": w for p in inner for name, w in p.weights.items()}
        parts.append(Part(block, weights))
        return joins[0]

    # ---- what the readers ask ----------------------------------------------------------

    def name(self, node: Node) -> str | None:
        """The layer's name, in a file that glassnet wrote: node:hidden/gemm."""
        found = re.fullmatch(r"node:(?:.*/)?([^/]+)/[a-z]+_*", node.name)
        kept = self.keep_names and found is not None and found.group(1).isprintable()
        return found.group(1) if kept and found else None

    def weight(self, node: Node, place: int) -> Array:
        """The constant that the node reads at this place."""
        name = node.input[place] if place < len(node.input) else ""
        array = self.constants.get(name)
        if array is None or array.dtype.kind != "f":
            raise FileFormatError(
                f"{node.op_type} (node {node.name[:60]!r}): its input {name[:60]!r} is not a "
                "constant tensor of floats"
            )
        return array.astype(np.float32) if array.dtype == np.float16 else array


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


def _gemm(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    given = settings(node)
    _expect(node, given, transA=(0,))
    if node.input[0] != x:
        raise reader._unsupported(node)
    W = reader.weight(node, 1)
    W = W.T if given.get("transB") else W
    _matrix(node, W)
    W = W * W.dtype.type(given.get("alpha", 1.0))
    b = None
    if len(node.input) > 2 and node.input[2]:
        b = reader.weight(node, 2) * W.dtype.type(given.get("beta", 1.0))
        b = np.broadcast_to(b, (1, W.shape[1])).reshape(-1) if b.size in (1, W.shape[1]) else b
    _add_dense(reader, node, W, b, parts)


def _matmul(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    if node.input[0] != x:
        raise reader._unsupported(node)
    W = reader.weight(node, 1)
    _matrix(node, W)
    _add_dense(reader, node, W, None, parts)


def _matrix(node: Node, W: Array) -> None:
    if W.ndim != 2 or not W.size:
        raise FileFormatError(
            f"{node.op_type} (node {node.name[:60]!r}) multiplies by a tensor of shape {W.shape}; "
            "expected a matrix"
        )


def _add_dense(reader: Reader, node: Node, W: Array, b: Array | None, parts: list[Part]) -> None:
    layer = Dense(W.shape[1], use_bias=b is not None, name=reader.name(node))
    parts.append(Part(layer, {"W": W} if b is None else {"W": W, "b": b}))


def _add(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    """The bias after a MatMul; anything else that is added is part of a formula."""
    other = node.input[1] if node.input[0] == x else node.input[0]
    b = reader.constants.get(other)
    last = parts[-1] if parts else None
    if (
        last is not None and isinstance(last.layer, Dense) and "b" not in last.weights
        and last.layer.activation == activations.linear
        and b is not None and b.dtype.kind == "f" and b.size == last.layer.units
    ):  # fmt: skip
        name = last.layer.given_name
        parts[-1] = Part(Dense(last.layer.units, name=name), {**last.weights, "b": b.reshape(-1)})
        return
    found = reader._formula(x, reader.consumers[x][0] - 1, parts)
    if found is None or reader.nodes[found] is not node:
        raise reader._unsupported(node)


def _activate(parts: list[Part], f: activations.Activation) -> None:
    """Into the dense layer before it, or as a layer of its own."""
    last = parts[-1].layer if parts else None
    if isinstance(last, Dense) and last.activation == activations.linear:
        last.activation = f
    else:
        parts.append(Part(Activation(f)))


def _last_axis(reader: Reader, node: Node, axis: int, parts: list[Part]) -> None:
    """Refuse an axis that is not the last one: -1, or 1 where the values are rows (n, k)."""
    rows = len(reader.input_shape) == 1
    for part in parts:
        if isinstance(part.layer, (Dense, Reshape)):
            rows = isinstance(part.layer, (Dense, Flatten))
    if axis != -1 and not (axis == 1 and rows):
        raise FileFormatError(
            f"{node.op_type} (node {node.name[:60]!r}) works along axis {axis}; glassnet's layer "
            "along the last one"
        )


def _rescale(parts: list[Part], scale: float, offset: float) -> None:
    """y = x·scale + offset, as one layer with the scaling before it."""
    last = parts[-1].layer if parts else None
    if isinstance(last, Rescaling):  # (x·s + o)·scale + offset
        parts.pop()
        scale, offset = last.scale * scale, last.offset * scale + offset
    if (scale, offset) != (1.0, 0.0):
        parts.append(Part(Rescaling(scale, offset)))


def _plain(name: str) -> Callable[[Reader, Node, str, list[Part]], None]:
    return lambda reader, node, x, parts: _activate(parts, activations.get(name))


def _softmax(name: str) -> Callable[[Reader, Node, str, list[Part]], None]:
    def read(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
        _last_axis(reader, node, settings(node).get("axis", 1), parts)
        _activate(parts, activations.get(name))

    return read


def _elu(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    _activate(parts, activations.ELU(float(settings(node).get("alpha", 1.0))))


def _leaky_relu(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    _activate(parts, activations.LeakyReLU(float(settings(node).get("alpha", 0.01))))


def _selu(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    given = settings(node)
    alpha, gamma = given.get("alpha", SELU_ALPHA), given.get("gamma", SELU_SCALE)
    if abs(alpha - SELU_ALPHA) > 1e-4 or abs(gamma - SELU_SCALE) > 1e-4:
        raise FileFormatError(f"Selu with alpha {alpha} and gamma {gamma} is not read")
    _activate(parts, activations.selu)


def _batch_normalization(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    given = settings(node)
    _expect(node, given, training_mode=(0,), spatial=(1,))
    _last_axis(reader, node, 1, parts)  # ONNX has the channels of images there, glassnet last
    layer = BatchNormalization(
        epsilon=float(given.get("epsilon", 1e-5)), momentum=float(given.get("momentum", 0.9)),
        name=reader.name(node),
    )  # fmt: skip
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    weights = {name: reader.weight(node, i + 1) for i, name in enumerate(names)}
    parts.append(Part(layer, weights))


def _layer_normalization(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    given = settings(node)
    _last_axis(reader, node, given.get("axis", -1), parts)
    layer = LayerNormalization(float(given.get("epsilon", 1e-5)), name=reader.name(node))
    gamma = reader.weight(node, 1)
    beta = reader.weight(node, 2) if len(node.input) > 2 else np.zeros_like(gamma)
    parts.append(Part(layer, {"gamma": gamma, "beta": beta}))


def _flatten(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    _expect(node, settings(node), axis=(1,))
    parts.append(Part(Flatten(name=reader.name(node))))


def _reshape(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    shape = reader.constants.get(node.input[1]) if len(node.input) > 1 else None
    if shape is None or shape.ndim != 1 or shape.dtype.kind != "i" or len(shape) < 2:
        raise FileFormatError(f"Reshape (node {node.name[:60]!r}): its shape is not a constant")
    rows, *sizes = shape.tolist()
    if rows not in (0, -1) or sizes.count(-1) > (rows == 0) or 0 in sizes or min(sizes) < -1:
        raise FileFormatError(
            f"Reshape (node {node.name[:60]!r}) to {[rows, *sizes][:8]}: the first size must be 0 "
            "or -1, as many rows as came"
        )
    whole = len(sizes) == 1
    parts.append(Part(Flatten() if whole else Reshape(tuple(sizes), name=reader.name(node))))


def _pass(reader: Reader, node: Node, x: str, parts: list[Part]) -> None:
    """Identity; and Dropout, which does nothing when a network answers."""


READERS: dict[str, Callable[[Reader, Node, str, list[Part]], None]] = {
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
