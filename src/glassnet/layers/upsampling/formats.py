"""Repeated pixels in other formats."""

from __future__ import annotations

from typing import Any

from glassnet._core.formats import Config, KerasWords, TorchWords
from glassnet.errors import ConfigError, FileFormatError
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers
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


def to_torch(words: TorchWords, layer: UpSampling2D) -> list[tuple[str, Config]]:
    size = tuple(float(factor) for factor in layer.size)
    return [("Upsample", {"scale_factor": size, "mode": "nearest"})]


def from_torch(words: TorchWords, module: Any) -> list[Part]:
    """Whole factors, or sizes that are whole multiples of what comes in."""
    if module.mode != "nearest":
        raise ConfigError(
            f"from_torch: an Upsample of mode {module.mode!r}; glassnet repeats pixels, which is "
            "'nearest'."
        )
    rows_and_columns = words.input_shape[:2]
    if module.size is not None:
        wanted = module.size if isinstance(module.size, tuple) else (module.size,) * 2
        factors = [new / old for new, old in zip(wanted, rows_and_columns)]
    else:
        given = module.scale_factor
        factors = list(given) if isinstance(given, tuple) else [given] * 2
    if len(factors) != 2 or any(f < 1 or f != int(f) for f in factors):
        raise ConfigError(
            f"from_torch: an Upsample by {', '.join(map(str, factors))}; glassnet repeats each "
            "pixel a whole number of times."
        )
    return [Part(UpSampling2D((int(factors[0]), int(factors[1]))))]


FORMATS = {"up_sampling2d": Formats(keras=to_keras, torch=to_torch, channels_first=True)}
READERS = Readers(
    keras={"UpSampling2D": from_keras},
    torch={"Upsample": from_torch, "UpsamplingNearest2d": from_torch},
    channels_first=("Upsample", "UpsamplingNearest2d"),
)
