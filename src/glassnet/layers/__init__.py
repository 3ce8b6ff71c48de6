"""Layers: each knows its shapes, its forward and its backward."""

from glassnet._core.parameters import Parameters, Weight
from glassnet.layers import catalog
from glassnet.layers.base import Layer
from glassnet.layers.catalog import *  # noqa: F403  every kind, and from_config
from glassnet.layers.regularizers import L1, L1L2, L2
from glassnet.layers.walk import walk

__all__ = ["L1", "L1L2", "L2", "Layer", "Parameters", "Weight", "walk"]
__all__ += catalog.__all__
