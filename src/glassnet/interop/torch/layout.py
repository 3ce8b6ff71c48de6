"""Which way round images lie in PyTorch, from layer to layer.

PyTorch has the channels of an image first, glassnet has them last.  Layers over images take that
over as they are written and read.  A flattening gives the same numbers in another order there, and
the next weights with a row or a number for each of them are turned accordingly.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from glassnet._core.channels import kernel_to_first, rows_from_first, rows_to_first
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.interop.writing import formats_of
from glassnet.layers import Layer
from glassnet.layers.formats import Part
from glassnet.model import Sequential

Shape = tuple[int, ...]


class Layout(NamedTuple):
    """How a value lies in PyTorch.

    Attributes:
        first: it is an image, or a series, with its channels first.
        rows: it is a row of the numbers of such an image; the image's shape, channels last. None
            for rows in the same order as here.
    """

    first: bool = False
    rows: Shape | None = None


SAME = Layout()


def layouts(layers: Sequence[Layer], around: Layout = SAME) -> list[Layout]:
    """How lies what each layer gets, and what the last one gives.  The shapes are known.

    From one flattening or reshaping to the next, images have their channels first if one of the
    layers works along them, as convolution and pooling do.

    Args:
        around: of the block that the layers stand in.

    Raises:
        ConfigError: a layer that does not compute the same with its input the other way round.
    """
    if not layers:
        return [around]
    first = _channels_first(layers, around.first)
    found = [Layout(first[0], around.rows)]
    for layer, here_first, behind_first in zip(layers, first, first[1:]):
        here = Layout(here_first, found[-1].rows)
        found.append(Layout(behind_first, _rows_behind(layer, here, behind_first)))
    if found[-1].rows is not None:
        raise ConfigError(
            f"{layers[-1].title}: it gives the numbers of a flattened image, which PyTorch "
            "has in another order: channels first. End the network with a Dense layer."
        )
    return found


def stored_shape(model: Sequential) -> Shape | None:
    """The shape of a sample as PyTorch takes it, if that has its channels first."""
    shape = model.input_shape or ()
    return (shape[-1], *shape[:-1]) if layouts(model.layers)[0].first else None


def to_first(layer: Layer, weight: str, layout: Layout) -> Array:
    """The weight of a layer for an input that lies so; a kernel with its filters first."""
    array: Array = getattr(layer, weight)
    if layout.rows is not None and weight in features_of(layer):
        array = rows_to_first(array, layout.rows)
    return kernel_to_first(array) if array.ndim > 2 else array


def turn_rows(parts: Sequence[Part]) -> None:
    """Turn the weights behind a flattening that were read for channels first.

    Raises:
        ConfigError: a layer that does not compute the same here.
    """
    layers = [part.layer for part in parts]
    for part, layout in zip(parts, layouts(layers)):
        if layout.rows is not None:
            for name in set(features_of(part.layer)) & set(part.weights):
                if len(part.weights[name]) == prod(layout.rows):  # else it is refused later
                    part.weights[name] = rows_from_first(part.weights[name], layout.rows)


def features_of(layer: Layer) -> tuple[str, ...]:
    """The weights with a row or a number for each feature of the layer's input."""
    formats = formats_of(type(layer))
    return () if formats is None else formats.features or ()


def along_channels(layer: Layer) -> bool:
    """Whether the layer, or one in it, gets images and works along their channels."""
    formats = formats_of(type(layer))
    images = len(layer.input_shape or ()) > 1
    own = formats is not None and formats.channels_first and images
    return own or any(map(along_channels, layer.sublayers()))


def _channels_first(layers: Sequence[Layer], around: bool) -> list[bool]:
    """Whether each value, the input and one behind each layer, has its channels first."""
    found: list[bool] = []
    begin = 0
    ends = [i for i, layer in enumerate(layers) if _reshapes(layer)]
    for end in [*ends, len(layers)]:
        is_around = around and (begin == 0 or end == len(layers))
        first = is_around or any(map(along_channels, layers[begin:end]))
        found += [first] * (end + 1 - begin)
        begin = end + 1
    return found


def _reshapes(layer: Layer) -> bool:
    formats = formats_of(type(layer))
    return formats is not None and formats.reshapes


def _rows_behind(layer: Layer, here: Layout, behind_first: bool) -> Shape | None:
    """The image whose numbers come out of the layer as a row in another order."""
    assert layer.input_shape is not None and layer.output_shape is not None
    if _reshapes(layer):
        return _reshaped(layer, here, behind_first)
    formats = formats_of(type(layer))
    if here.first and len(layer.input_shape) > 1:
        f = layer.function
        mixes = f is not None and not f.elementwise
        if mixes or (features_of(layer) and not (formats and formats.channels_first)):
            raise ConfigError(
                f"{layer.title}: it works along the last axis of images, their channels, which "
                f"PyTorch has first."
            )
    if here.rows is None:
        return None
    if formats is None or formats.features is None:
        raise ConfigError(
            f"{layer.title}: it gets the numbers of a flattened image, which PyTorch has in "
            "another order: channels first. Put a Dense layer before it."
        )
    wide = [w for w in layer.weights() if w.name in formats.features and len(w.shape) > 1]
    return None if wide else here.rows  # a matrix mixes them: behind it the order is its own


def _reshaped(layer: Layer, here: Layout, behind_first: bool) -> Shape | None:
    before, after = layer.input_shape or (), layer.output_shape or ()
    image = here.rows
    if here.first and len(before) > 1:
        image = before
    if image is not None and _one_order(image):
        image = None
    if len(after) == 1:
        return image
    if behind_first and (image == after or (image is None and _one_order(after))):
        return None
    if not behind_first and image is None:
        return None
    raise ConfigError(
        f"{layer.title}: it makes {after} of {before}. PyTorch has the numbers of images in "
        "another order, channels first, so that others would come out. Flatten images before a "
        "Dense layer, and make images of one channel."
    )


def _one_order(image: Shape) -> bool:
    """Whether its numbers come in the same order with the channels first and last."""
    return image[-1] == 1 or prod(image[:-1]) == 1
