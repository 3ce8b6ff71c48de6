"""Pooling in other formats."""

from __future__ import annotations

from glassnet.layers.formats import Formats, Readers

FORMATS = {
    "average_pooling1d": Formats(),
    "average_pooling2d": Formats(),
    "global_average_pooling1d": Formats(),
    "global_average_pooling2d": Formats(),
    "global_max_pooling1d": Formats(),
    "global_max_pooling2d": Formats(),
    "max_pooling1d": Formats(),
    "max_pooling2d": Formats(),
}
READERS = Readers()
