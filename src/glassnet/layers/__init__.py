"""Layers: each knows its shapes, its forward and its backward."""

from glassnet._core.parameters import Parameters, Weight
from glassnet.layers import catalog
from glassnet.layers.activation.layer import ActivationSaved
from glassnet.layers.base import Layer
from glassnet.layers.catalog import *  # noqa: F403  every kind, and from_config
from glassnet.layers.convolution.layer import ConvolutionSaved
from glassnet.layers.dense.layer import DenseSaved
from glassnet.layers.dropout.layer import DropoutSaved
from glassnet.layers.normalization.layer import BatchSaved, LayerSaved
from glassnet.layers.pooling.layer import GlobalMaxSaved, MaxPoolingSaved
from glassnet.layers.regularizers import L1, L1L2, L2
from glassnet.layers.walk import walk

__all__ = [
    "L1", "L1L2", "L2", "ActivationSaved", "BatchSaved", "ConvolutionSaved", "DenseSaved",
    "DropoutSaved", "GlobalMaxSaved", "Layer",
    "LayerSaved", "MaxPoolingSaved", "Parameters", "Weight", "walk",
]  # fmt: skip
__all__ += catalog.__all__
