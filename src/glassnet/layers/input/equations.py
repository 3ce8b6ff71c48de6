"""How an Input is explained: as a layer that changes nothing."""

from __future__ import annotations

from glassnet.layers.reshape.equations import ReshapeEquations


class InputEquations(ReshapeEquations):
    """y = x."""
