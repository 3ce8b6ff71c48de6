"""Convolutional layers in other formats."""

from __future__ import annotations

from glassnet.layers.formats import Formats, Readers

FORMATS = {
    "conv1d": Formats(),
    "conv2d": Formats(),
}
READERS = Readers()
