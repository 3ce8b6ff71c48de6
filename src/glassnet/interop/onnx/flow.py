"""What flows from node to node: the shape of a sample, and where a file has its channels.

ONNX has the channels of images first, glassnet last.  Programs that keep them last put
Transposes around ONNX's operators.  So the first operator that works along some of the axes
tells what is what, and what came before it, which is the same either way, follows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from glassnet._core.channels import rows_from_first
from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.interop.reading import pass_through, plain
from glassnet.layers import Flatten, Reshape
from glassnet.layers.formats import Part

Node = Any


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


class Flow:
    """Where the reading has come to.

    Attributes:
        entrance: what flows in; value: what flows here.
        keep_names: whether the nodes are called after layers: glassnet wrote the file.
    """

    def __init__(self, shape: tuple[int, ...], keep_names: bool) -> None:
        self.entrance = self.value = Value(shape, None if len(shape) > 1 else (0,))
        self.keep_names = keep_names

    def of(self, node: Node) -> str:
        """What messages call the node."""
        return f"{plain(node.op_type)} (node {node.name[:60]!r})"

    def name(self, node: Node) -> str | None:
        """The layer's name, in a file that glassnet wrote: node:hidden/gemm."""
        found = re.fullmatch(r"node:(?:.*/)?([^/]+)/[a-z]+_*", node.name)
        kept = self.keep_names and found is not None and found.group(1).isprintable()
        return found.group(1) if kept and found else None

    # ---- its axes --------------------------------------------------------------------------

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

    def decide_by(self, array: Array) -> None:
        """Numbers that differ along one axis of an image tell that its channels are there."""
        rank = len(self.shape) + 1
        shape = (1,) * (rank - array.ndim) + array.shape
        along = [axis for axis, size in enumerate(shape) if size > 1]
        if self.value.order is None and along in ([1], [rank - 1]) and len(shape) == rank:
            self.value.decide(first=along == [1])

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
