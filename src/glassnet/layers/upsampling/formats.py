"""Larger images in other formats."""

from __future__ import annotations

from glassnet.layers.formats import Formats, Readers

FORMATS = {
    "up_sampling2d": Formats(),
}
READERS = Readers()
