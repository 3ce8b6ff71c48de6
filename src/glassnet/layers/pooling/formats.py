"""Pooling in other formats."""

from __future__ import annotations

from functools import partial
from typing import Any

from glassnet._core.formats import Config, KerasWords
from glassnet.layers.formats import Formats, KerasLayer, Readers
from glassnet.layers.pooling.layer import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalPooling,
    MaxPooling1D,
    MaxPooling2D,
    Pooling,
)
from glassnet.layers.reshape.layer import Reshape

WINDOWS: list[type[Any]] = [AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D]
GLOBAL: list[type[Any]] = [
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
]

# ---- Keras, which has the same names --------------------------------------------------------


def to_keras(words: KerasWords, layer: Pooling) -> tuple[str, Config]:
    return type(layer).__name__, {
        "pool_size": list(layer.pool_size),
        "strides": list(layer.strides),
        "padding": layer.padding,
        "data_format": "channels_last",
    }


def global_to_keras(words: KerasWords, layer: GlobalPooling) -> tuple[str, Config]:
    return type(layer).__name__, {"data_format": "channels_last", "keepdims": False}


def from_keras(kind: type[Any], words: KerasWords, config: Config) -> KerasLayer:
    words.need_channels_last(kind.__name__, config)
    layer = kind(config["pool_size"], config.get("strides"), config.get("padding", "valid"))
    return KerasLayer(layer, ("pool_size", "strides", "padding", "data_format"))


def global_from_keras(
    kind: type[Any], words: KerasWords, config: Config
) -> KerasLayer | tuple[KerasLayer, ...]:
    """With keepdims the axes stay, with one place each."""
    words.need_channels_last(kind.__name__, config)
    pooled = KerasLayer(kind(), ("data_format", "keepdims"))
    if not config.get("keepdims"):
        return pooled
    return pooled, KerasLayer(Reshape((*(1 for _ in range(kind.rank)), -1)))


# ---------------------------------------------------------------------------------------------

FORMATS = {
    **{kind.kind: Formats(keras=to_keras) for kind in WINDOWS},
    **{kind.kind: Formats(keras=global_to_keras) for kind in GLOBAL},
}
READERS = Readers(
    keras={
        **{kind.__name__: partial(from_keras, kind) for kind in WINDOWS},
        **{kind.__name__: partial(global_from_keras, kind) for kind in GLOBAL},
    },
)
