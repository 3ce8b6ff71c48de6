"""Which pixels a unit sees: its receptive field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from glassnet._core.types import Array
from glassnet.errors import ShapeError
from glassnet.layers import Layer
from glassnet.layers.sight import Places, folded
from glassnet.model.network import Network
from glassnet.vision.named import Shape, image_shape_of, layer_named, layers_of, shape_of


@dataclass(frozen=True, eq=False)
class ReceptiveField:
    """The pixels that can change what one unit gives.

    Attributes:
        layer: its name.
        unit: the place of the unit in the layer's output: (row, column, channel).
        rows, columns, channels: which of the image it sees, sorted. With strides or dilation
            there may be gaps.
        image_shape: (rows, columns, channels) of the whole image.
    """

    layer: str
    unit: tuple[int, ...]
    rows: Array
    columns: Array
    channels: Array
    image_shape: Shape

    @property
    def box(self) -> tuple[int, int, int, int]:
        """top, left, bottom, right of the smallest box around them, the ends not counted in.

        All 0 for a unit that sees nothing but padding.
        """
        if not self.rows.size:
            return 0, 0, 0, 0
        return (
            int(self.rows[0]), int(self.columns[0]), int(self.rows[-1]) + 1,
            int(self.columns[-1]) + 1,
        )  # fmt: skip

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the box."""
        top, left, bottom, right = self.box
        return bottom - top, right - left

    @cached_property
    def mask(self) -> Array:
        """(rows, columns) of the image, true where the unit sees."""
        seen = np.zeros(self.image_shape[:2], bool)
        seen[np.ix_(self.rows, self.columns)] = True
        return seen


def receptive_field(
    model: Network,
    layer: str,
    unit: int | Sequence[int],
    *,
    image_shape: Shape | None = None,
    below: str | None = None,
) -> ReceptiveField:
    """The pixels that unit ``unit`` of a layer sees, layer by layer down to the image.

    Window i of a layer reads the places i·stride - before + j·dilation below it; dense layers read
    all. What only the padding would give is left out, so a unit at the edge sees fewer pixels than
    one in the middle. (Luo, Li, Urtasun and Zemel, 2016.)

    Args:
        layer: its name, as in ``summary()``; inside a block ``"residual/conv2d"``.
        unit: (row, column, channel) in its output, (row, column) for all channels; the number of
            a unit of a dense layer.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.
        below: stop at the output of this layer instead of the image: which of its places the unit
            reads. It must lie below ``layer``, outside of a block.

    Raises:
        UnknownNameError: no such layer.
        ShapeError: no such unit, or samples that are no images.

    >>> from glassnet import Sequential, layers
    >>> model = Sequential([layers.Conv2D(2, 3), layers.MaxPooling2D(), layers.Conv2D(4, 3)])
    >>> model.build((12, 12, 1))
    >>> receptive_field(model, "conv2d_1", (0, 1, 0)).box
    (0, 2, 8, 10)
    """
    path = path_to(model, layer)
    places = places_of(path[-1][1], layer, unit)
    names = [name for name, _ in path]
    if below is not None:
        layer_named(model, below)  # refuses what does not exist
        if below not in names[:-1]:
            raise ShapeError(
                f"{below} does not lie below {layer}, which reads of: "
                f"{', '.join(names[:-1]) or 'the image alone'}."
            )
        path = path[names.index(below) + 1 :]
    for _, one in reversed(path):
        places = one.reads(places)
    if below is None:
        shape = image_shape_of(model, image_shape)
        assert model.input_shape is not None
        if model.input_shape != shape:
            places = folded(places, model.input_shape, shape)
    else:
        shape = maps_shape(model, below)
    if not all(axis.size for axis in places):  # it reads padding only
        places = tuple(axis[:0] for axis in places)
    rows, columns, channels = places
    at = tuple(int(i) for i in np.ravel(unit))
    return ReceptiveField(layer, at, rows, columns, channels, shape)


def path_to(model: Network, name: str) -> list[tuple[str, Layer]]:
    """What an image goes through up to a layer, that one last: name and layer.

    Of blocks that stand below it the block as a whole, of one that it lies in the layers before it.
    """
    layer_named(model, name)
    path: list[tuple[str, Layer]] = []
    inside: Sequence[Layer] = model.layers
    prefix, rest = "", name
    while True:
        head, _, rest = rest.partition("/")
        for layer in inside:
            path.append((prefix + layer.name, layer))
            if layer.name == head:
                break
        if not rest:
            return path
        block = path.pop()[1]
        if block.wiring == "parallel":
            raise ShapeError(f"{name} lies in networks side by side: look at one, model.member(0).")
        prefix, inside = f"{prefix}{head}/", block.sublayers()


def places_of(layer: Layer, name: str, unit: int | Sequence[int]) -> Places:
    """A unit of a layer as places along each axis of its output.

    Raises:
        ShapeError: no such unit.
    """
    shape = shape_of(layer)
    at = tuple(int(i) for i in np.ravel(np.asarray(unit)))
    fits = len(at) == len(shape) or (len(at) == 2 and len(shape) == 3)
    if not fits or not all(0 <= i < size for i, size in zip(at, shape)):
        form = "(row, column, channel)" if len(shape) == 3 else "its number"
        raise ShapeError(
            f"{name} has no unit {at}: its output has shape {shape}, so expected {form}, counted "
            "from 0."
        )
    one = tuple(np.array([i]) for i in at)
    return one if len(at) == len(shape) else (*one, np.arange(shape[-1]))


def maps_shape(model: Network, name: str) -> Shape:
    """(rows, columns, channels) of a layer's output.

    Raises:
        UnknownNameError: no such layer.
        ShapeError: its output is no maps; names those whose is.
    """
    shape = shape_of(layer_named(model, name))
    if len(shape) != 3:
        known = [other for other, layer in layers_of(model).items() if len(shape_of(layer)) == 3]
        raise ShapeError(
            f"{name} gives {shape} for each image, which has no rows and columns. Those with rows "
            f"and columns: {', '.join(known) or 'none'}."
        )
    return shape
