"""Layers: each knows its shapes, its forward and its backward."""

from __future__ import annotations

from typing import Any

from glassnet._core.registry import lookup
from glassnet.errors import FileFormatError
from glassnet.layers.activation.layer import Activation
from glassnet.layers.base import Layer
from glassnet.layers.dense.layer import Dense
from glassnet.layers.dropout.layer import Dropout
from glassnet.layers.normalization.layer import BatchNormalization, LayerNormalization
from glassnet.layers.regularizers import L1, L1L2, L2
from glassnet.layers.reshape.layer import Flatten, Input, Rescaling, Reshape
from glassnet.layers.residual.layer import Residual

__all__ = [
    "L1",
    "L2",
    "Activation",
    "BatchNormalization",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "L1L2",
    "Layer",
    "LayerNormalization",
    "Rescaling",
    "Reshape",
    "Residual",
    "from_config",
]

LAYERS: dict[str, type[Any]] = {
    "activation": Activation,
    "batch_normalization": BatchNormalization,
    "dense": Dense,
    "dropout": Dropout,
    "flatten": Flatten,
    "input": Input,
    "layer_normalization": LayerNormalization,
    "rescaling": Rescaling,
    "reshape": Reshape,
    "residual": Residual,
}


def from_config(config: dict[str, Any]) -> Layer:
    """The layer that ``layer.get_config()`` described.

    Raises:
        FileFormatError: not such a description.
        UnknownNameError: a kind of layer that this version does not know.
    """
    if not isinstance(config, dict) or not isinstance(config.get("layer"), str):
        raise FileFormatError(f"a layer is described by a dict with 'layer', got {config!r}.")
    settings = {k: v for k, v in config.items() if k != "layer"}
    if "layers" in settings:
        settings["layers"] = [from_config(inner) for inner in settings["layers"]]
    trainable = settings.pop("trainable", True)
    try:
        layer: Layer = lookup("layer", LAYERS, config["layer"])(**settings)
    except TypeError as error:
        raise FileFormatError(f"layer {config['layer']!r}: {error}") from None
    layer.trainable = trainable
    return layer
