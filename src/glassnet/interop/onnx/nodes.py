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
from glassnet.interop.onnx import ends, folding, formulas, tensors
from glassnet.interop.onnx.flow import Flow
from glassnet.interop.onnx.tensors import Beside
from glassnet.interop.reading import plain
from glassnet.layers.formats import Part, add_activation
from glassnet.layers.normalization.formats import add_affine
from glassnet.layers.rescaling.formats import add_scaling

Node = Any
Reads = Callable[[OnnxNodes, Node, str, list[Part]], None]

NO_NETWORKS = {  # operators of ai.onnx.ml by how their names begin
    "OneHotEncoder": "the preparation of a table's columns",
    "SVM": "a support vector machine",
    "TreeEnsemble": "a set of decision trees",
}
MAX_FORMULA = 24  # nodes of one activation
BY_CHANNEL = ("Add", "Div", "Mul", "Sub")
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
        self.ends = ends.find(graph, said, self.constants)
        self.end = self.ends.value
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
            return said["features"], rows.shape
        read = {name for node in self.nodes for name in node.input} | {self.end}
        inputs = [i for i in graph.input if i.name not in self.constants and i.name in read]
        if len(inputs) != 1:
            raise self._not_one(inputs)
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

    def _not_one(self, inputs: list[Any]) -> FileFormatError:
        """The error for a network that reads none of its inputs, or several."""
        names = plain(", ".join(i.name for i in inputs[:5]), 300)
        if not inputs:
            return FileFormatError(f"its output {self.end[:60]!r} is made of none of its inputs")
        columns = [[d.dim_value for d in i.type.tensor_type.shape.dim[1:]] == [1] for i in inputs]
        if all(columns):
            return FileFormatError(
                f"it has an input for each column of a table ({names}), which it turns into "
                "numbers itself; a Sequential has one input, of numbers. Export the network "
                "without what is before it, in scikit-learn the last step: to_onnx(pipeline[-1], …)"
            )
        return FileFormatError(f"it has {len(inputs)} inputs ({names}); a Sequential has one")

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
                    f"{node.op_type} (node {node.name[:60]!r}) has {name} = {_shown(found[name])}, "
                    f"which is not read (expected {' or '.join(map(_shown, values))})"
                )
        return found

    def add_activation(self, parts: list[Part], f: activations.Activation) -> None:
        """Into the layer before it if that has none, or as a layer of its own."""
        add_activation(parts, f)

    def scale(self, scale: Array, offset: Array, parts: list[Part]) -> None:
        """Read y = scale·x + offset, with a number for each channel."""
        if np.ptp(scale) == np.ptp(offset) == 0:
            add_scaling(parts, float(scale[0]), float(offset[0]))
        else:
            add_affine(parts, scale, offset)

    def _by_channel(self, node: Node, value: str, parts: list[Part]) -> bool:
        """Read x + b, x - b, b - x, x·a or x/a with a number for each channel."""
        if node.op_type not in BY_CHANNEL or len(node.input) != 2 or node.input[0] == node.input[1]:
            return False
        turned = node.input[1] == value
        array = self.constants.get(node.input[0 if turned else 1])
        if array is None or array.dtype.kind != "f" or array.size < 2:
            return False
        self.decide_by(array)
        c = self.per_channel(array)
        if c is None or (turned and node.op_type == "Div"):
            return False
        c, one = c.astype(np.float64), np.ones(len(c))
        with np.errstate(all="ignore"):
            match node.op_type:
                case "Add":
                    self.scale(one, c, parts)
                case "Sub":
                    self.scale(-one if turned else one, c if turned else -c, parts)
                case "Mul":
                    self.scale(c, 0 * c, parts)
                case "Div":
                    self.scale(1 / c, 0 * c, parts)
        return True

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
        for start, what in NO_NETWORKS.items():
            if node.op_type.startswith(start):
                return FileFormatError(f"{words}{where} is {what}, and no network")
        known = sorted({*self.read, *formulas.OPERATORS})
        return FileFormatError(
            f"{words}{where} stands where none of glassnet's layers computes the same. "
            f"Supported are {', '.join(known)}, one after the other, as dense layers, "
            "convolutions, pooling, normalizations, activations, scalings and residual blocks are "
            "made of them"
        )

    def strange(self) -> Node | None:
        """A node of an operator that nothing here computes, one with many inputs, if any."""
        known = {*self.read, *formulas.OPERATORS, *folding.OPERATORS, "Shape"}
        others = [node for node in self.nodes if node.op_type not in known]
        return max(others, key=lambda node: len(node.input), default=None)

    def formula(self, value: str, last: int, parts: list[Part]) -> int | None:
        """Read the nodes after ``value`` that together are one activation or scaling."""
        readers = [i for i in self.consumers[value] if i > last]
        if len(readers) == 1 and self._by_channel(self.nodes[readers[0]], value, parts):
            return readers[0]
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


def _shown(value: Any) -> str:
    """The value of an attribute; ONNX keeps texts as bytes."""
    return plain(value.decode(errors="replace")) if isinstance(value, bytes) else str(value)
