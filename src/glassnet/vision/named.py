"""The layers of a network by their names, and where a unit lies in one."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.registry import lookup
from glassnet.errors import ConfigError, NotBuiltError, ShapeError
from glassnet.layers import Layer, walk
from glassnet.model.network import Network

Shape = tuple[int, ...]


def layers_of(model: Network) -> dict[str, Layer]:
    """Path → layer, those inside blocks as well: ``"residual/conv2d"``.

    Raises:
        ConfigError: not a network of glassnet.
        NotBuiltError: one without weights yet.
    """
    if not isinstance(model, Network):
        raise ConfigError(f"expected a network of glassnet, got {type(model).__name__}.")
    if not model.built:
        raise NotBuiltError(
            f"{model.name} has no shapes yet: build((rows, columns, channels)) or fit it first."
        )
    return dict(walk(model.layers))


def layer_named(model: Network, name: str) -> Layer:
    """The layer called so.

    Raises:
        UnknownNameError: there is none; names the nearest.
    """
    return lookup("layer", layers_of(model), name)


def shape_of(layer: Layer) -> Shape:
    """The shape of its output for one sample."""
    assert layer.output_shape is not None
    return layer.output_shape


def over_places(layer: Layer) -> bool:
    """Whether its output has places and channels: the maps of an image."""
    return len(shape_of(layer)) == 3


def kernels(layer: Layer) -> np.ndarray[Any, Any] | None:
    """W (rows, columns, channels, filters) of a convolution over images; None of others."""
    W = None if layer.sublayers() else getattr(layer, "W", None)
    return W if W is not None and W.ndim == 4 else None


def last_convolution(model: Network) -> str:
    """The name of the last layer that has kernels over images.

    Raises:
        ConfigError: there is none.
    """
    found = [name for name, layer in layers_of(model).items() if kernels(layer) is not None]
    if not found:
        raise ConfigError(
            f"{model.name} has no convolution over images, and so no map of places to look at. "
            "What moved an answer of a dense network: occlusion and saliency."
        )
    return found[-1]


def image_shape_of(model: Network, given: Shape | None = None) -> Shape:
    """(rows, columns, channels) of what the network reads.

    Args:
        given: of images that come as rows of pixels, with or without channels.

    Raises:
        ShapeError: samples that are no images, or of other sizes.
    """
    layers_of(model)
    assert model.input_shape is not None
    own: Shape = model.input_shape if given is None else tuple(given)
    if len(own) == 2 and (given is not None or _reads_images(model)):
        own = (*own, 1)
    if len(own) != 3:
        raise ShapeError(
            f"{model.name} takes samples of shape {model.input_shape}, which are no images. If "
            "they are rows of pixels, pass image_shape=(rows, columns)."
        )
    if np.prod(own) != np.prod(model.input_shape):
        raise ShapeError(
            f"image_shape {own} has {np.prod(own)} numbers, but a sample has "
            f"{np.prod(model.input_shape)}."
        )
    return own


def _reads_images(model: Network) -> bool:
    """Samples of two axes are images unless layers move along them as along a series."""
    return not any(layer.rank == 1 for layer in model.all_layers())
