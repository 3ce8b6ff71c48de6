"""The nodes of an ONNX file, and what the readers of its operators ask of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.channels import rows_from_first
from glassnet._core.formats import OnnxNodes
from glassnet._core.optional import require
from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.onnx import folding, formulas, tensors
from glassnet.interop.onnx.tensors import Beside
from glassnet.interop.reading import pass_through, plain
from glassnet.layers import Flatten, Reshape
from glassnet.layers.formats import Part, add_activation
from glassnet.layers.rescaling.formats import add_scaling

Node = Any
Reads = Callable[[OnnxNodes, Node, str, list[Part]], None]

MAX_FORMULA = 24  # nodes of one activation
FREE = 1 << 20  # bytes of constants that are always computed


def first(axes: int) -> tuple[int, ...]:
    """The order of samples with this many axes whose channels, glassnet's last axis, are first."""
    return (axes - 1, *range(axes - 1))


@dataclass
class Value:
    """What flows from one node to the next.

    Attributes:
        shape: of one sample in glassnet.
        order: for each axis of a sample in the file, which of glassnet's axes it is; None for an
            image of which no node has told yet where its channels are.
        flattened: rows that are images of this shape in the order of the file, channel after
            channel; None for the order of glassnet.
        made_by: a Reshape that made such an image, the parts that it is one of, and of what; None
            for the input.
    """

    shape: tuple[int, ...]
    order: tuple[int, ...] | None
    flattened: tuple[int, ...] | None = None
    made_by: tuple[list[Part], Part, Value] | None = None

    @property
    def plain(self) -> bool:
        """Whether the numbers of a sample stand in the file as in glassnet."""
        kept = [axis for axis in self.order or () if self.shape[axis] > 1]
        return self.flattened is None and kept == sorted(kept)

    def decide(self, first: bool) -> None:
        """An operator tells where the channels are: all before it was the same either way.

        Raises:
            FileFormatError: they come first in an image that is made of numbers in that order.
        """
        if self.order is not None:
            return
        axes = len(self.shape)
        self.order = tuple(range(axes))
        if not first:
            return
        moved = (*self.shape[1:], self.shape[0])
        if self.made_by is not None:
            self._reshape_to(moved)
        self.shape, self.order = moved, (axes - 1, *range(axes - 1))

    def _reshape_to(self, moved: tuple[int, ...]) -> None:
        assert self.made_by is not None
        parts, part, before = self.made_by
        if before.order is None and before.shape[0] == self.shape[0]:  # both have them first
            before.decide(first=True)
        elif sum(size > 1 for size in (prod(self.shape[1:]), self.shape[0])) > 1:
            raise FileFormatError(
                f"it reshapes numbers to {self.shape} with the channels first; glassnet has them "
                "last, and has no layer that turns them"
            )
        if moved == before.shape:
            parts[:] = [each for each in parts if each is not part]
        else:
            part.layer = Reshape(moved, name=part.layer.given_name)


class Nodes:
    """The nodes between the input and the output, their constants and who reads what.

    Attributes:
        read: what is done for each operator.
        value: what flows where the reading has come to.
        entrance: what flows in.
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
        self.entrance = self.value = Value(shape, None if len(shape) > 1 else (0,))
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

    # ---- the axes of what flows --------------------------------------------------------

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self.entrance.shape

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def order(self) -> tuple[int, ...]:
        """For each axis of a sample in the file, which of glassnet's axes it is."""
        return self.value.order or tuple(range(len(self.value.shape)))

    @property
    def as_stored(self) -> tuple[int, ...]:
        """The shape of a sample in the file."""
        return tuple(self.shape[axis] for axis in self.order)

    def append(self, parts: list[Part], part: Part, order: tuple[int, ...] | None = None) -> None:
        """Append a layer that changes the shape or the order of the numbers.

        Args:
            order: that of its output in the file: by default as before, or that of rows.
        """
        shape = pass_through(part.layer, self.shape)
        if order is None:
            order = self.order if len(shape) == len(self.shape) else tuple(range(len(shape)))
        self.value = Value(shape, order)
        parts.append(part)

    def channels_first(self, node: Node, rank: int) -> None:
        """The file has images with ``rank`` axes here, behind their channels; or refuse it."""
        self.value.decide(first=True)
        if len(self.shape) != rank + 1 or self.order != first(rank + 1):
            raise FileFormatError(
                f"{self.of(node)} works on (n, channels, {rank} more axes), but gets samples of "
                f"shape {self.as_stored}"
                + (" that have their channels last" if len(self.shape) == rank + 1 else "")
            )

    def by_axis(self, values: Sequence[Any], neutral: Any) -> list[Any]:
        """What a node says for each axis (n, …), in the order (n, …places, channels).

        Args:
            neutral: what it says where it does nothing, such as to the channels.
        """
        self.value.decide(first=values[1] == neutral)
        places: list[Any] = [neutral] * len(self.shape)
        for axis, value in zip(self.order, values[1:]):
            places[axis] = value
        return [values[0], *places]

    def last_axis(self, node: Node, axis: int, to_the_end: bool = False) -> None:
        """Refuse an axis that is not glassnet's last one.

        Args:
            to_the_end: the node works along all axes from there on.
        """
        rank = len(self.shape) + 1
        place = axis + rank if axis < 0 else axis
        if 0 < place < rank:
            self.value.decide(first=place == 1 < rank - 1)
            last = self.order[place - 1] == rank - 2
            if last and (place == rank - 1 or not to_the_end):
                return
        raise FileFormatError(
            f"{self.of(node)} works along axis {axis} of (n, {', '.join(map(str, self.as_stored))})"
            "; glassnet's layer along the channels, or the last one"
        )

    def reordered(self, array: Array) -> Array:
        """Weights with a row for each number of a sample, in glassnet's order of the numbers."""
        image = self.value.flattened
        if image is None or len(array) != prod(image):
            return array
        return rows_from_first(array, image)

    def per_channel(self, array: Array) -> Array | None:
        """The numbers that are added to the channels; None if some go elsewhere."""
        rank, order = len(self.shape) + 1, self.order
        shape = (1,) * (rank - array.ndim) + array.shape
        place = order.index(rank - 2) + 1
        expected = [1] * rank
        expected[place] = self.shape[-1]
        whole = list(shape) == expected and self.value.order is not None
        return self.reordered(array.reshape(-1)) if whole else None

    def reshape(self, node: Node, sizes: Sequence[int], parts: list[Part]) -> None:
        """Read that each sample gets this shape, in the order that the file has it."""
        layer = Reshape(tuple(sizes))
        stored, turned = self.as_stored, not self.value.plain
        shape = pass_through(layer, stored)
        if shape == stored:
            return
        name = self.name(node)
        last = parts[-1].layer if parts else None
        if len(shape) == 1:
            image = self.shape if turned else None
            if turned and self.order != first(len(self.shape)):
                raise self._cannot_turn(node, shape)
            if last is not None and last.kind == "reshape" and last.input_shape == shape:
                parts.pop()  # rows that had become images of one pixel are rows again
                self.value = Value(shape, (0,))
            else:
                self.append(parts, Part(Flatten(name=name)))
            self.value.flattened = image
        elif self.value.flattened is not None:
            image = self.value.flattened
            if shape != (image[-1], *image[:-1]):
                raise self._cannot_turn(node, shape)
            self.append(parts, Part(Reshape(image, name=name)), first(len(image)))
        elif turned and self.order == first(len(self.shape)) and shape[0] == stored[0]:
            moved = (*shape[1:], shape[0])  # the channels stay in front
            self.append(parts, Part(Reshape(moved, name=name)), first(len(moved)))
        elif turned:
            raise self._cannot_turn(node, shape)
        elif shape == self.shape:
            self.value = Value(shape, tuple(range(len(shape))))
        else:
            part, before = Part(Reshape(shape, name=name)), self.value
            self.append(parts, part)
            self.value = Value(self.shape, None, made_by=(parts, part, before))

    def _cannot_turn(self, node: Node, shape: tuple[int, ...]) -> FileFormatError:
        return FileFormatError(
            f"{self.of(node)} makes {shape} of {self.as_stored}, whose numbers do not stand in "
            "the order in which glassnet has them: the channels come first in the file and last in "
            "glassnet, which has no layer that turns them"
        )

    def transpose(self, node: Node, order: Sequence[int]) -> None:
        """Read that the axes (n, …) take this order."""
        rank = len(self.shape)
        self.value.decide(first=list(order) == [0, *range(2, rank + 1), 1] and rank > 2)
        self.value = Value(self.shape, tuple(self.order[axis - 1] for axis in order[1:]))

    # ---- what the readers ask ----------------------------------------------------------

    def of(self, node: Node) -> str:
        """What messages call the node."""
        return f"{plain(node.op_type)} (node {node.name[:60]!r})"

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
