"""Zeros around images in other formats."""

from __future__ import annotations

from glassnet._core.formats import Config, KerasWords
from glassnet.layers.formats import Formats, KerasLayer, Readers
from glassnet.layers.padding.layer import ZeroPadding2D


def to_keras(words: KerasWords, layer: ZeroPadding2D) -> tuple[str, Config]:
    padding = [list(side) for side in layer.padding]
    return "ZeroPadding2D", {"padding": padding, "data_format": "channels_last"}


def from_keras(words: KerasWords, config: Config) -> KerasLayer:
    words.need_channels_last("ZeroPadding2D", config)
    return KerasLayer(ZeroPadding2D(config["padding"]), ("padding", "data_format"))


FORMATS = {"zero_padding2d": Formats(keras=to_keras)}
READERS = Readers(keras={"ZeroPadding2D": from_keras})
