"""Augmentation in other formats: it does nothing when a network answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet._core.attributes import settings_of
from glassnet._core.formats import Config, KerasWords
from glassnet.layers.augmentation.layer import (
    GaussianNoise,
    RandomBrightness,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from glassnet.layers.formats import Formats, KerasLayer, Readers, unchanged

KINDS: tuple[type[Any], ...] = (
    GaussianNoise, RandomBrightness, RandomContrast, RandomFlip, RandomRotation,
    RandomTranslation, RandomZoom,
)  # fmt: skip


def to_keras(words: KerasWords, layer: Any) -> tuple[str, Config]:
    """The settings have one name in both."""
    return type(layer).__name__, layer.config()


def from_keras(kind: type[Any]) -> Callable[[KerasWords, Config], KerasLayer]:
    """What the layer takes; Keras's seed is the network's here."""

    def read(words: KerasWords, config: Config) -> KerasLayer:
        words.need_channels_last(kind.__name__, config)
        settings = [name for name in settings_of(kind) if name != "name" and name in config]
        layer = kind(**{name: config[name] for name in settings})
        # boxes around things are not images
        return KerasLayer(layer, (*settings, "data_format", "bounding_box_format"))

    return read


def _formats(kind: type[Any]) -> Formats:
    return Formats(
        onnx=unchanged,
        any_order=True,
        keras=to_keras,
        torch=lambda words, layer: [("Identity", {})],
        python=unchanged,
        c=unchanged,
        mlp=lambda chain, layer: None,
        features=(),
    )


FORMATS = {kind.kind: _formats(kind) for kind in KINDS}
READERS = Readers(keras={kind.__name__: from_keras(kind) for kind in KINDS})
