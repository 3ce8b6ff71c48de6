"""A network out of ONNX, if it is a chain of what glassnet's layers compute."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from glassnet._core.optional import require
from glassnet._core.storage import PathLike
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.onnx.flow import first
from glassnet.interop.onnx.nodes import Nodes
from glassnet.interop.onnx.operators import readers
from glassnet.interop.onnx.tensors import Beside
from glassnet.interop.reading import MAX_BYTES, assemble, of_file, plain, read_bytes
from glassnet.layers import Residual
from glassnet.layers.formats import Part
from glassnet.model import Sequential

Node = Any

MAX_NODES = 2000
MAX_DEPTH = 20  # of blocks inside blocks
DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
OPSETS = range(7, 27)  # in which the operators below mean the same


def from_onnx(path: PathLike, *, max_bytes: int = MAX_BYTES) -> Sequential:
    """The network in an ONNX file, with its weights.

    Read are chains of dense layers, convolutions, pooling, activations (also those written as
    several operators), batch and layer normalization, flattening, scaling, zeros around images,
    repeated pixels, and residual blocks. What glassnet wrote comes back with its labels,
    preprocessing and loss; of another program's file, call ``compile`` before you train or
    evaluate. Dropout has no trace in a file for prediction.

    Images have their channels last, as everywhere in glassnet, also where the file has them
    first: a file that takes (n, 1, 28, 28) becomes a network that takes (n, 28, 28, 1), and its
    weights are turned. Weights may lie in files beside this one.

    Args:
        max_bytes: that the file, and the files beside it together, may have.

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
        opset = _refuse_foreign(made)
        reader = Reader(made.graph, said, readers(), opset, Beside(path, max_bytes))
        parts = reader.parts()
        model = assemble(parts, reader.input_shape, plain(made.graph.name, 200) or None)
        about.tell(model, said)
        reader.name_classes(model)
    found: about.Notes = {}
    if reader.turned:
        *places, channels = reader.input_shape
        found[about.STORED] = [channels, *places]
    if reader.ends.behind:
        found[about.BEHIND] = list(reader.ends.behind)
    return model, {**said, "notes": {**said.get("notes", {}), **found}} if found else said


def _refuse_foreign(made: Any) -> int:
    """The opset of a file that may be a network."""
    graph, found = made.graph, OPSETS.stop - 1
    if not graph.node or not graph.input or not graph.output:
        raise FileFormatError("is no ONNX file, or one without a network in it")
    if len(graph.node) > MAX_NODES:
        raise FileFormatError(f"it has {len(graph.node):,} nodes; at most {MAX_NODES:,} are read")
    if made.functions or graph.sparse_initializer:
        raise FileFormatError("it has functions or sparse tensors, which are not read")
    for opset in made.opset_import:
        if opset.domain not in ("", "ai.onnx"):
            continue
        found = opset.version
        if found not in OPSETS:
            raise FileFormatError(
                f"it has opset {opset.version}; read are {OPSETS.start} to {OPSETS.stop - 1}"
            )
    return found


class Reader(Nodes):
    """From the nodes of a graph to layers."""

    @property
    def turned(self) -> bool:
        """Whether the file's input has its channels first."""
        order = self.entrance.order or ()
        return len(order) > 1 and order == first(len(order))

    # ---- along the chain ---------------------------------------------------------------

    def parts(self) -> list[Part]:
        """The layers from the input to the output.

        Raises:
            FileFormatError: something that no layer computes: an operator that none ever does,
                before what stands at a wrong place.
        """
        try:
            parts = self._walk(self.start, self.end, 0)
        except FileFormatError:
            strange = self.strange()
            if strange is None:
                raise
            raise self.unsupported(strange) from None
        value = self.value
        if value.flattened is not None or self.order not in (
            tuple(range(len(value.shape))), first(len(value.shape))
        ):  # fmt: skip
            raise FileFormatError(
                f"its output {self.end[:60]!r} has the numbers of an image in another order than "
                "glassnet"
            )
        return parts

    def name_classes(self, model: Sequential) -> None:
        """Give ``model`` the labels that the file has.

        Raises:
            FileFormatError: not as many as the network tells apart.
        """
        labels = self.ends.labels
        if model.classes is not None or not labels or self.several_at_once:
            return
        classes = max(2, model.outputs)
        if len(set(labels)) != classes or len(labels) != classes:
            raise FileFormatError(
                f"it names {len(labels):,} classes, but its network tells {classes} apart"
            )
        model.classes = np.asarray(labels)

    @property
    def several_at_once(self) -> bool:
        """Whether each of several outputs says yes or no for itself."""
        return self.ends.of_two and prod(self.shape) > 1

    def _walk(self, value: str, end: str, depth: int, leave_out: int | None = None) -> list[Part]:
        if depth > MAX_DEPTH:
            raise FileFormatError(f"it has blocks more than {MAX_DEPTH} deep in each other")
        parts: list[Part] = []
        last = -1  # every step goes on in the order of the nodes: a circle cannot be walked
        while value != end:
            self.fold_shapes(value)
            consumers = [i for i in self.consumers[value] if i > last and i != leave_out]
            leave_out = None
            if not consumers:
                raise FileFormatError(f"its output does not come from {value!r} alone")
            node = self.nodes[consumers[0]]
            self._check(node)
            if len(consumers) == 1 and node.op_type in self.read:
                self.read[node.op_type](self, node, value, parts)
                last, value = consumers[0], self._onward(node)
                continue
            found = self.formula(value, last, parts)
            if found is None:
                found = self._block(value, consumers, depth, parts)
            if found is None:
                raise self.unsupported(node)
            last = found
            value = self.nodes[found].output[0]
        return parts

    def _onward(self, node: Node) -> str:
        """The output of the node that somebody reads: its first, if nobody does."""
        read = [name for name in node.output if name == self.end or self.consumers.get(name)]
        return str((read or node.output)[0])

    def _check(self, node: Node) -> None:
        if node.domain not in DOMAINS or not node.output:
            raise self.unsupported(node)

    def _block(self, value: str, consumers: list[int], depth: int, parts: list[Part]) -> int | None:
        """Read a residual block: an Add of ``value`` and of what was made of it."""
        joins = [
            i
            for i in consumers
            if self.nodes[i].op_type == "Add" and self.nodes[i].input[0] != self.nodes[i].input[1]
        ]
        if len(consumers) != 2 or len(joins) != 1:
            return None
        (other,) = (name for name in self.nodes[joins[0]].input if name != value)
        before = self.value
        inner = self._walk(value, other, depth + 1, leave_out=joins[0])
        if not inner:
            return None
        if (self.shape, self.order, self.value.flattened) != (
            before.shape, before.order or self.order, before.flattened
        ):  # fmt: skip
            raise FileFormatError(
                f"{self.of(self.nodes[joins[0]])} adds samples of {self.as_stored} to others of "
                f"{before.shape}; a residual block adds what is shaped alike"
            )
        self.value = before
        block = Residual([part.layer for part in inner])
        weights = {f"{p.layer.name}/{name}": w for p in inner for name, w in p.weights.items()}
        parts.append(Part(block, weights))
        return joins[0]
