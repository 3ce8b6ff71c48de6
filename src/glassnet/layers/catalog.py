"""The catalogue of layers: each kind's name in saved files and its class.

One line for each kind is all that the rest of the package knows of it.  What else is said of
a kind stands beside its ``layer.py``, under the same name for all: ``kernels.py`` (the compiled
loops), ``formats.py`` (how other formats write and read it), ``equations.py`` (how it is
explained); :func:`beside` finds them.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from glassnet._core import custom
from glassnet._core.attributes import from_settings, is_ours
from glassnet._core.registry import lookup
from glassnet.errors import FileFormatError
from glassnet.layers.activation.layer import Activation
from glassnet.layers.augmentation.layer import (
    GaussianNoise,
    RandomBrightness,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from glassnet.layers.base import Layer
from glassnet.layers.convolution.layer import Conv1D, Conv2D
from glassnet.layers.dense.layer import Dense
from glassnet.layers.dropout.layer import Dropout, SpatialDropout1D, SpatialDropout2D
from glassnet.layers.encoding.layer import PiecewiseLinearEncoding
from glassnet.layers.ensemble.layer import Ensemble
from glassnet.layers.input.layer import Input
from glassnet.layers.normalization.layer import BatchNormalization, LayerNormalization
from glassnet.layers.own import refuse_changed
from glassnet.layers.padding.layer import ZeroPadding2D
from glassnet.layers.periodic.layer import PeriodicEmbedding
from glassnet.layers.pooling.layer import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
)
from glassnet.layers.rescaling.layer import Rescaling
from glassnet.layers.reshape.layer import Flatten, Reshape
from glassnet.layers.residual.layer import Residual
from glassnet.layers.upsampling.layer import UpSampling2D

__all__ = [
    "LAYERS",
    "Activation",
    "AveragePooling1D",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv1D",
    "Conv2D",
    "Dense",
    "Dropout",
    "Ensemble",
    "Flatten",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "Input",
    "LayerNormalization",
    "MaxPooling1D",
    "MaxPooling2D",
    "PeriodicEmbedding",
    "PiecewiseLinearEncoding",
    "RandomBrightness",
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "Rescaling",
    "Reshape",
    "Residual",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "UpSampling2D",
    "ZeroPadding2D",
    "beside",
    "from_config",
]

LAYERS: dict[str, type[Any]] = {
    "activation": Activation,
    "average_pooling1d": AveragePooling1D,
    "average_pooling2d": AveragePooling2D,
    "batch_normalization": BatchNormalization,
    "conv1d": Conv1D,
    "conv2d": Conv2D,
    "dense": Dense,
    "dropout": Dropout,
    "ensemble": Ensemble,
    "flatten": Flatten,
    "gaussian_noise": GaussianNoise,
    "global_average_pooling1d": GlobalAveragePooling1D,
    "global_average_pooling2d": GlobalAveragePooling2D,
    "global_max_pooling1d": GlobalMaxPooling1D,
    "global_max_pooling2d": GlobalMaxPooling2D,
    "input": Input,
    "layer_normalization": LayerNormalization,
    "max_pooling1d": MaxPooling1D,
    "max_pooling2d": MaxPooling2D,
    "periodic_embedding": PeriodicEmbedding,
    "piecewise_linear_encoding": PiecewiseLinearEncoding,
    "random_brightness": RandomBrightness,
    "random_contrast": RandomContrast,
    "random_flip": RandomFlip,
    "random_rotation": RandomRotation,
    "random_translation": RandomTranslation,
    "random_zoom": RandomZoom,
    "rescaling": Rescaling,
    "reshape": Reshape,
    "residual": Residual,
    "spatial_dropout1d": SpatialDropout1D,
    "spatial_dropout2d": SpatialDropout2D,
    "up_sampling2d": UpSampling2D,
    "zero_padding2d": ZeroPadding2D,
}

custom.family("layer", Layer, LAYERS, attribute="kind")


def from_config(config: dict[str, Any]) -> Layer:
    """The layer that ``layer.get_config()`` described.

    Raises:
        FileFormatError: not such a description.
        UnknownNameError: a kind of layer that this version does not know.
    """
    if not isinstance(config, dict) or not isinstance(config.get("layer"), str):
        raise FileFormatError(f"a layer is described by a dict with 'layer', got {config!r}.")
    settings = {k: _with_layers(v) for k, v in config.items() if k != "layer"}
    trainable = settings.pop("trainable", True)
    cls = lookup("layer", LAYERS, config["layer"])
    try:
        layer: Layer = from_settings(cls, settings)
    except TypeError as error:
        hint = "" if cls.kind in LAYERS else f" Does config() of {cls.__name__} fit its __init__?"
        reason = str(error).rstrip(".")
        raise FileFormatError(f"layer {config['layer']!r}: {reason}.{hint}") from None
    layer.trainable = trainable
    if not is_ours(cls.__module__):
        refuse_changed(layer, {k: v for k, v in config.items() if k in settings and k != "name"})
    if cls.kind != config["layer"]:  # load(path, custom=…) found it by the name in the file
        layer._take_kind(config["layer"])
    return layer


def _with_layers(value: Any) -> Any:
    """A setting, its layers made of their descriptions."""
    if isinstance(value, list):
        return [_with_layers(part) for part in value]
    return from_config(value) if isinstance(value, dict) and "layer" in value else value


def beside(kind: type[Layer], name: str) -> ModuleType | None:
    """The module ``name`` (``"formats"``, ``"equations"``) in the folder of a kind of layer.

    None for a class that stands elsewhere than in ``layers/<kind>/layer.py``, or has no such.
    """
    folder, _, file = kind.__module__.rpartition(".")
    if file != "layer" or not is_ours(folder) or find_spec(f"{folder}.{name}") is None:
        return None
    return import_module(f"{folder}.{name}")
