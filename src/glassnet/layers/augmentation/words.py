"""Augmentation in words: ``shift=2,rotation=10,zoom=0.1,flip`` makes the layers that do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from glassnet._core.habits import unknown
from glassnet._core.settings import number
from glassnet.errors import ConfigError, ShapeError, UnknownNameError
from glassnet.layers.augmentation.layer import (
    GaussianNoise,
    RandomBrightness,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from glassnet.layers.augmentation.settings import FILL_MODES, word
from glassnet.layers.base import Layer

# What each word may be; flip stands alone.
LIMITS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "shift": {},
        "rotation": {"maximum": 180.0},
        "zoom": {"below": 1.0},
        "flip": {"maximum": 1.0},
        "contrast": {"maximum": 1.0},
        "brightness": {"maximum": 1.0},
        "noise": {"maximum": 1.0},
    }
)
FILL = "fill"  # what lies outside: a word, not a number


def parse(text: str) -> dict[str, Any]:
    """The words that are given, each with its number; {} of "none".

    >>> parse("shift=2,flip")
    {'shift': 2.0, 'flip': 1.0}

    Raises:
        UnknownNameError: another word; names the closest.
        ConfigError: not a number, or out of its range.
    """
    given: dict[str, Any] = {}
    for part in text.split(",") if text.strip() not in ("", "none") else ():
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in (*LIMITS, FILL):
            raise UnknownNameError(unknown("augmentation", name, (*LIMITS, FILL)))
        if name == FILL:
            given[FILL] = word("augmentation", FILL, value, FILL_MODES)
            continue
        try:
            found = 1.0 if name == "flip" and not value else float(value)
        except ValueError:
            raise ConfigError(
                f"augmentation {part.strip()!r}: expected a number, as in shift=2,rotation=10, or "
                "flip alone."
            ) from None
        given[name] = number("augmentation", name, found, minimum=0.0, **LIMITS[name])
    return {name: given[name] for name in (*LIMITS, FILL) if given.get(name)}


def augment(words: str, image_shape: Sequence[int]) -> list[Layer]:
    """The layers for ``words``, to stand in front of a network, where pixels go from 0 to 1.

        shift=2         up and down, left and right, by up to two pixels: whole ones
        rotation=10     to either side by up to ten degrees
        zoom=0.1        90 % … 110 % of the image is seen
        flip            every other image is mirrored, left and right
        contrast=0.2    80 % … 120 % of the contrast
        brightness=0.1  darker or brighter by up to a tenth of white
        noise=0.05      normal noise with a deviation of a twentieth of white

        fill=reflect    what lies outside of an image: constant (0), reflect, nearest, wrap

    Unless ``fill`` says it, what lies outside is 0 for grey images, whose ground often is, and
    the mirrored image for coloured ones.

    Args:
        image_shape: of one image, (rows, columns) or (rows, columns, channels).

    >>> [layer.name for layer in augment("shift=2,flip", (28, 28))]
    ['random_translation', 'random_flip']

    Raises:
        UnknownNameError: another word; names the closest.
        ConfigError: not a number, or out of its range.
        ShapeError: no images.
    """
    chosen = parse(words)
    grey = len(image_shape) == 2 or image_shape[-1] == 1
    fill = {"fill_mode": chosen.pop(FILL, "constant" if grey else "reflect")}
    if chosen and len(image_shape) not in (2, 3):
        raise ShapeError(
            f"augmentation changes images, but a sample has shape {tuple(image_shape)}: expected "
            "(rows, columns) or (rows, columns, channels). Rows of pixels can be reshaped, as in "
            "x.reshape(-1, 28, 28)."
        )
    return [_layer(name, value, image_shape, fill) for name, value in chosen.items()]


def _layer(name: str, value: float, image_shape: Sequence[int], fill: Mapping[str, Any]) -> Layer:
    match name:
        case "shift":
            # half a pixel more, so that the outermost whole one is as likely as the others
            rows, columns = ((int(value) + 0.5) / size for size in image_shape[:2])
            if max(rows, columns) > 1.0:
                raise ConfigError(
                    f"augmentation: shift is {value:g}, but must be below the "
                    f"{min(image_shape[:2])} pixels of a side."
                )
            return RandomTranslation(rows, columns, **fill, interpolation="nearest")
        case "rotation":
            return RandomRotation(value / 360.0, **fill)
        case "zoom":
            return RandomZoom(value, **fill)
        case "flip":
            return RandomFlip("horizontal")
        case "contrast":
            return RandomContrast(value, (0.0, 1.0))
        case "brightness":
            return RandomBrightness(value, (0.0, 1.0))
        case _:
            return GaussianNoise(value)
