"""Zeros around images in other formats."""

from __future__ import annotations

from typing import Any

from glassnet._core.formats import Config, KerasWords, TorchWords
from glassnet.errors import ConfigError
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers
from glassnet.layers.padding.layer import ZeroPadding2D


def to_keras(words: KerasWords, layer: ZeroPadding2D) -> tuple[str, Config]:
    padding = [list(side) for side in layer.padding]
    return "ZeroPadding2D", {"padding": padding, "data_format": "channels_last"}


def from_keras(words: KerasWords, config: Config) -> KerasLayer:
    words.need_channels_last("ZeroPadding2D", config)
    return KerasLayer(ZeroPadding2D(config["padding"]), ("padding", "data_format"))


def to_torch(words: TorchWords, layer: ZeroPadding2D) -> list[tuple[str, Config]]:
    """PyTorch begins with the last axis: left, right, top, bottom."""
    rows, columns = layer.padding
    return [("ZeroPad2d", {"padding": (*columns, *rows)})]


def from_torch(words: TorchWords, module: Any) -> list[Part]:
    left, right, top, bottom = module.padding
    if min(module.padding) < 0:
        raise ConfigError("from_torch: a ZeroPad2d with negative numbers, which cuts, is not read.")
    return [Part(ZeroPadding2D(((top, bottom), (left, right))))]


FORMATS = {"zero_padding2d": Formats(keras=to_keras, torch=to_torch, channels_first=True)}
READERS = Readers(
    keras={"ZeroPadding2D": from_keras},
    torch={"ZeroPad2d": from_torch},
    channels_first=("ZeroPad2d",),
)
