"""A network out of ONNX, if it is a chain of what glassnet's layers compute."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._core.optional import require
from glassnet._core.storage import PathLike
from glassnet.errors import FileFormatError
from glassnet.interop import about, onnx_formulas, onnx_tensors
from glassnet.interop.onnx_operators import READERS, activate, rescale
from glassnet.interop.reading import MAX_BYTES, Part, assemble, of_file, plain, read_bytes
from glassnet.layers import Dense, Reshape, Residual
from glassnet.model import Sequential

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
    # TypeError: names that are no text
    with of_file(path, message.DecodeError, ValueError, TypeError, LookupError):
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
        self.rows = len(self.input_shape) == 1  # whether the values are rows (n, k) by now

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
                self._note_shape(parts)
                last, value = readers[0], node.output[0]
                continue
            found = self.formula(value, last, parts)
            if found is None:
                found = self._block(value, readers, depth, parts)
            if found is None:
                raise self.unsupported(node)
            last = found
            value = self.nodes[found].output[0]
        return parts

    def _note_shape(self, parts: list[Part]) -> None:
        layer = parts[-1].layer if parts else None
        if isinstance(layer, Dense | Reshape):
            self.rows = isinstance(layer, Dense) or len(layer.target_shape) == 1

    def _check(self, node: Node) -> None:
        if node.domain not in DOMAINS or not node.output:
            raise self.unsupported(node)

    def unsupported(self, node: Node) -> FileFormatError:
        """The error for an operator that is no layer, or not here."""
        words = f"the operator {plain(node.op_type)}"
        words += f" of {plain(node.domain)}" if node.domain else ""
        where = f" (node {node.name[:60]!r})" if node.name else ""
        known = sorted({*READERS, *onnx_formulas.OPERATORS})
        return FileFormatError(
            f"{words}{where} stands where none of glassnet's layers computes the same. "
            f"Supported are {', '.join(known)}, one after the other, as dense layers, "
            "normalizations, activations, scalings and residual blocks are made of them"
        )

    def formula(self, value: str, last: int, parts: list[Part]) -> int | None:
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
                    rescale(parts, *found)
                    return i
                if found is not None:
                    activate(parts, found)
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
