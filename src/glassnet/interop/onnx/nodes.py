"""The nodes of an ONNX file, and what the readers of its operators ask of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.formats import OnnxNodes
from glassnet._core.optional import require
from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.onnx import folding, formulas, tensors
from glassnet.interop.onnx.flow import Flow
from glassnet.interop.onnx.tensors import Beside
from glassnet.interop.reading import plain
from glassnet.layers.formats import Part, add_activation
from glassnet.layers.rescaling.formats import add_scaling

Node = Any
Reads = Callable[[OnnxNodes, Node, str, list[Part]], None]

MAX_FORMULA = 24  # nodes of one activation
FREE = 1 << 20  # bytes of constants that are always computed


class Nodes(Flow):
    """The nodes between the input and the output, their constants and who reads what.

    Attributes:
        read: what is done for each operator.
        room: bytes that may still be computed as constants.
    """

    batch = folding.BATCH

    def __init__(
        self, graph: Any, said: about.Notes, read: Mapping[str, Reads], opset: int, beside: Beside
    ) -> None:
        self.read, self.opset = read, opset
        self.constants: dict[str, Array | None] = tensors.constants(graph, beside)
        self.end = self._end(graph, said)
        self.nodes = self._needed(graph)
        self.consumers: dict[str, list[int]] = defaultdict(list)
        for i, node in enumerate(self.nodes):
            for name in dict.fromkeys(node.input):
                self.consumers[name].append(i)
        self.room = 4 * sum(a.nbytes for a in self.constants.values() if a is not None) + FREE
        for name in tuple(self.constants):
            self._fold(name)
        self.fixed_batch: int | None = None
        self.start, shape = self._start(graph, said)
        super().__init__(shape, keep_names=bool(said))

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
        self.fixed_batch = sizes[0] or None
        return inputs[0].name, tuple(sizes[1:])

    # ---- constants out of constants ----------------------------------------------------

    def _fold(self, name: str) -> None:
        """Compute what is made of the constant ``name`` and of other constants alone."""
        waiting = [name]
        while waiting:
            for i in tuple(self.consumers.get(waiting.pop(), ())):
                node = self.nodes[i]
                inputs = [self.constants.get(each) for each in node.input]
                known = [each for each in inputs if each is not None]
                if node.op_type not in folding.OPERATORS or len(known) < len(inputs):
                    continue
                found = folding.fold(node.op_type, known, self.settings(node))
                if found is not None:
                    copied = not any(np.may_share_memory(found, each) for each in known)
                    self._keep(i, found, found.nbytes if copied else 0)
                    waiting.append(node.output[0])

    def _keep(self, i: int, found: Array, copied: int = 0) -> None:
        """The node's output is this constant; it is no step from the input any more."""
        node = self.nodes[i]
        self.room -= copied
        if self.room < 0:
            raise FileFormatError("it copies its weights again and again")
        self.constants[node.output[0]] = found
        for each in dict.fromkeys(node.input):
            self.consumers[each].remove(i)

    def fold_shapes(self, value: str) -> None:
        """Compute the shapes that the file takes of ``value``, and what it makes of them."""
        for i in tuple(self.consumers[value]):
            node = self.nodes[i]
            if node.op_type == "Shape" and node.output:
                self._keep(i, folding.shape_of(self.as_stored, self.settings(node)))
                self._fold(node.output[0])

    # ---- what the readers ask ----------------------------------------------------------

    def whole_numbers(self, node: Node, place: int) -> list[int]:
        """The constant whole numbers that the node reads at this place."""
        name = node.input[place] if place < len(node.input) else ""
        array = self.constants.get(name)
        if array is None or array.ndim > 1 or array.dtype.kind != "i" or array.size > folding.FEW:
            raise FileFormatError(
                f"{self.of(node)}: its input {name[:60]!r} is not a constant list of whole numbers"
            )
        found: list[int] = array.reshape(-1).tolist()
        return found

    def settings(self, node: Node, **expected: tuple[Any, ...]) -> dict[str, Any]:
        """The attributes of a node as plain values, if they are what a layer can do.

        Raises:
            FileFormatError: one is none of its ``expected`` values.
        """
        onnx = require("onnx", extra="onnx")
        found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        for name, values in expected.items():
            if name in found and found[name] not in values:
                raise FileFormatError(
                    f"{node.op_type} (node {node.name[:60]!r}) has {name} = {found[name]}, which "
                    f"is not read (expected {' or '.join(map(str, values))})"
                )
        return found

    def add_activation(self, parts: list[Part], f: activations.Activation) -> None:
        """Into the layer before it if that has none, or as a layer of its own."""
        add_activation(parts, f)

    def part_of_formula(self, node: Node, x: str, parts: list[Part]) -> None:
        """Read the node as part of an activation or a scaling, or refuse it."""
        found = self.formula(x, self.consumers[x][0] - 1, parts)
        if found is None or self.nodes[found] is not node:
            raise self.unsupported(node)

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

    def unsupported(self, node: Node) -> FileFormatError:
        """The error for an operator that is no layer, or not here."""
        words = f"the operator {plain(node.op_type)}"
        words += f" of {plain(node.domain)}" if node.domain else ""
        where = f" (node {node.name[:60]!r})" if node.name else ""
        known = sorted({*self.read, *formulas.OPERATORS})
        return FileFormatError(
            f"{words}{where} stands where none of glassnet's layers computes the same. "
            f"Supported are {', '.join(known)}, one after the other, as dense layers, "
            "convolutions, pooling, normalizations, activations, scalings and residual blocks are "
            "made of them"
        )

    def formula(self, value: str, last: int, parts: list[Part]) -> int | None:
        """Read the nodes after ``value`` that together are one activation or scaling."""
        inside, members = {value}, list[int]()
        for i in range(last + 1, len(self.nodes)):
            node = self.nodes[i]
            if not inside.intersection(node.input):
                continue
            if node.op_type not in formulas.OPERATORS or len(members) == MAX_FORMULA:
                return None
            members.append(i)
            inside.add(node.output[0])
            # closed when nothing but the last value is read elsewhere
            read_on = {v for v in inside if not set(self.consumers[v]) <= set(members)}
            if read_on <= {node.output[0]}:
                chosen = [self.nodes[m] for m in members]
                y = formulas.values_of(chosen, value, self.constants)
                found = None if y is None else formulas.recognise(y)
                if isinstance(found, tuple):
                    add_scaling(parts, *found)
                    return i
                if found is not None:
                    add_activation(parts, found)
                    return i
        return None
