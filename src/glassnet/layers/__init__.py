"""Layers: each knows its shapes, its forward and its backward."""

import difflib
from functools import partial
from typing import TYPE_CHECKING, Any

from glassnet import activations
from glassnet._core.habits import instead
from glassnet._core.parameters import Parameters, Weight
from glassnet.layers import catalog
from glassnet.layers.activation.layer import ActivationSaved
from glassnet.layers.augmentation.base import MovedSaved, NoiseSaved, TintedSaved
from glassnet.layers.augmentation.words import augment
from glassnet.layers.base import Layer
from glassnet.layers.block import Block
from glassnet.layers.catalog import *  # noqa: F403  every kind, and from_config
from glassnet.layers.convolution.layer import ConvolutionSaved
from glassnet.layers.dense.layer import DenseSaved
from glassnet.layers.dropout.layer import DropoutSaved
from glassnet.layers.encoding.layer import EncodingSaved
from glassnet.layers.normalization.layer import BatchSaved, LayerSaved
from glassnet.layers.passes import Passes
from glassnet.layers.periodic.layer import PeriodicSaved
from glassnet.layers.pooling.layer import GlobalMaxSaved, MaxPoolingSaved
from glassnet.layers.regularizers import L1, L1L2, L2
from glassnet.layers.walk import walk

__all__ = [
    "L1", "L1L2", "L2", "ActivationSaved", "BatchSaved", "Block", "ConvolutionSaved", "DenseSaved",
    "DropoutSaved", "EncodingSaved", "GlobalMaxSaved", "Layer",
    "LayerSaved", "MaxPoolingSaved", "MovedSaved", "NoiseSaved", "Parameters", "Passes",
    "PeriodicSaved",
    "TintedSaved", "Weight", "augment", "walk",
]  # fmt: skip
__all__ += catalog.__all__

# What others call them, where it does not look alike.
_ELSEWHERE = {
    "AdaptiveAvgPool2d": "GlobalAveragePooling2D()",
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "BatchNorm2d": "BatchNormalization",
    "DepthwiseConv2D": "Conv2D(channels, kernel_size, groups=channels)",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "Linear": "Dense",
    "SeparableConv2D": "Conv2D(channels, kernel_size, groups=channels) and Conv2D(filters, 1)",
    "Dropout2d": "SpatialDropout2D",
}


def _function_layer(function: type[activations.Activation], **settings: Any) -> catalog.Activation:
    name = settings.pop("name", None)
    return catalog.Activation({"name": function.name, **settings}, name)


if not TYPE_CHECKING:  # a type checker would take every name for one that there is

    def __getattr__(name: str) -> Any:
        """``ReLU()``: the layer of a function.  Of other names, which layer was meant."""
        function = getattr(activations, name, None) if name not in _ELSEWHERE else None
        if isinstance(function, type) and issubclass(function, activations.Activation):
            return partial(_function_layer, function)
        kinds = [kind.__name__ for kind in catalog.LAYERS.values()]
        elsewhere = {other.lower(): here for other, here in _ELSEWHERE.items()}
        lower = {kind.lower(): kind for kind in kinds}
        near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
        meant = elsewhere.get(name.lower()) or (lower[near[0]] if near else None)
        hint = ""
        said = instead(__name__, name)
        if said is not None:
            hint = f": {said}"
        elif name[:1] != "_":
            hint = f". Did you mean {meant}?" if meant else f". There are {', '.join(kinds)}."
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")
