"""Repeated pixels in other formats."""

from __future__ import annotations

from glassnet._core.formats import Config, KerasWords
from glassnet.errors import FileFormatError
from glassnet.layers.formats import Formats, KerasLayer, Readers
from glassnet.layers.upsampling.layer import UpSampling2D


def to_keras(words: KerasWords, layer: UpSampling2D) -> tuple[str, Config]:
    return "UpSampling2D", {
        "size": list(layer.size),
        "data_format": "channels_last",
        "interpolation": "nearest",
    }


def from_keras(words: KerasWords, config: Config) -> KerasLayer:
    words.need_channels_last("UpSampling2D", config)
    way = config.get("interpolation", "nearest")
    if way != "nearest":
        raise FileFormatError(
            f"UpSampling2D {str(config.get('name'))[:60]!r} has interpolation = {str(way)[:60]}; "
            "glassnet repeats pixels, which is nearest"
        )
    return KerasLayer(UpSampling2D(config["size"]), ("size", "data_format", "interpolation"))


FORMATS = {"up_sampling2d": Formats(keras=to_keras)}
READERS = Readers(keras={"UpSampling2D": from_keras})
