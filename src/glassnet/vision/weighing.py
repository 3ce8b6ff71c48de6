"""The kernels of a convolution, and the weights of dense units as images: now and at first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet._core.types import Array
from glassnet.errors import ConfigError, UnknownNameError
from glassnet.model import Sequential
from glassnet.vision.named import Shape, image_shape_of, kernels, layer_named, layers_of


@dataclass(frozen=True, eq=False)
class Filters:
    """What each filter of a layer weighs its window with.

    Attributes:
        layer: its name.
        weights: (filters, rows, columns, channels); of a dense unit rows and columns are those
            of the image.
        before: the same before learning; None where that is not known.
        of_image: whether the channels are those of the image.
        dense: whether they are the weights of dense units.
    """

    layer: str
    weights: Array
    before: Array | None
    of_image: bool
    dense: bool


def filters(
    model: Sequential,
    layer: str | None = None,
    *,
    before: Sequential | None = None,
    image_shape: Shape | None = None,
) -> Filters:
    """The filters of a layer.

    Args:
        layer: its name; the first that has filters, or a unit for all pixels, if not given.
        before: the same network before it learned, as :func:`untrained` makes it.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.

    Raises:
        NotBuiltError: the model has no parameters yet.
        UnknownNameError: no such layer.
        ConfigError: a layer without such weights, or a network of other layers in ``before``.
        ShapeError: samples that are no images.
    """
    shape = image_shape_of(model, image_shape)
    name = first_with_weights(model) if layer is None else layer
    found = _weights(model, name, shape)
    if found is None:
        with_some = [n for n in layers_of(model) if _weights(model, n, shape) is not None]
        raise ConfigError(
            f"{name} has no filters, and no unit of it has a weight for each pixel. Those that "
            f"have: {', '.join(with_some) or 'none'}."
        )
    earlier = None
    if before is not None:
        try:
            earlier = _weights(before, name, shape)
        except UnknownNameError:
            earlier = None
        if earlier is None or earlier.shape != found.shape:
            raise ConfigError(f"before: has no layer {name!r} with weights of the same shape.")
    dense = kernels(layer_named(model, name)) is None
    return Filters(name, found, earlier, dense or name == first_with_weights(model), dense)


def untrained(model: Sequential) -> Sequential | None:
    """The network as it was before it learned: its seed gives the same first weights again.

    None where nobody knows them: it has no seed, or it began with the layers of another network.
    """
    if model.seed is None or not model.built or model.started_from is not None:
        return None
    first = type(model).from_config(model.get_config())
    if not first.built and model.input_shape is not None:
        first.build(model.input_shape)
    return first


def first_with_weights(model: Sequential) -> str:
    """The first layer with weights."""
    for name, layer in layers_of(model).items():
        if not layer.sublayers() and getattr(layer, "W", None) is not None:
            return name
    raise ConfigError(f"{model.name} has no layer with filters.")


def _weights(model: Sequential, name: str, image: Shape) -> Array | None:
    """(filters, rows, columns, channels)."""
    layer = layer_named(model, name)
    W = kernels(layer)
    if W is not None:
        return np.moveaxis(W, -1, 0).astype(np.float64)
    W = getattr(layer, "W", None)
    over_pixels = W is not None and W.ndim == 2 and len(W) == np.prod(image)
    if over_pixels and name == first_with_weights(model):
        assert W is not None
        return np.asarray(W.T.reshape(-1, *image), np.float64)
    return None
