"""Zeros around images in other formats."""

from __future__ import annotations

from glassnet.layers.formats import Formats, Readers

FORMATS = {
    "zero_padding2d": Formats(),
}
READERS = Readers()
