"""The model: a network, how it learns, and how it is kept."""

from glassnet.model.sequential import Sequential

__all__ = ["Sequential", "load"]

load = Sequential.load
