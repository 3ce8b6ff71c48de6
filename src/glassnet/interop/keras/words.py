"""glassnet's layers in the words of Keras, and back.

A layer of Keras is a class name and a config; its weights lie in a fixed order. Settings that
change what a network answers are taken over or refused. Those that only matter before or
during training (initializers, seeds) are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from glassnet import activations
from glassnet._core.formats import Config, KerasWords
from glassnet._core.habits import unknown
from glassnet.errors import FileFormatError
from glassnet.interop import counterparts, writing
from glassnet.interop.counterparts import refused
from glassnet.layers import Activation, Layer
from glassnet.layers.formats import KerasLayer, KerasPiece
from glassnet.layers.regularizers import L1L2

FORMAT = "Keras"

# Keras's names of functions that have the same formula here.
NAMED = {f.keras: f for f in activations.each() if f.keras}


# ---- out ---------------------------------------------------------------------------------


def wrapped(class_name: str, config: Config, module: str = "keras.layers") -> Config:
    """An object as Keras writes it."""
    return {
        "module": module, "class_name": class_name, "config": config, "registered_name": None,
    }  # fmt: skip


def names_for_keras(names: Iterable[str]) -> list[str]:
    """Names that TensorFlow takes for its scopes: of Latin letters and digits, each once.

    >>> names_for_keras(["hidden", "out put", "out_put", "(2)"])
    ['hidden', 'out_put', 'out_put_', 'n_2_']
    """
    found: list[str] = []
    for name in names:
        safe = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
        safe = safe if safe[:1].isalnum() else f"n{safe}"
        while safe in found:
            safe += "_"
        found.append(safe)
    return found


def pieces_of(layer: Layer, dtype: str) -> list[KerasPiece]:
    """The layers of Keras that together compute what ``layer`` does; none if one alone does.

    Raises:
        ConfigError: a layer or activation that Keras does not have.
    """
    made = writing.writer(layer, "keras", FORMAT)(Words(dtype), layer)
    return made if isinstance(made, list) else []


def piece_to_keras(piece: KerasPiece, name: str, dtype: str) -> Config:
    """A piece as Keras writes it, under this name."""
    base: Config = {"name": name}
    if piece.module == "keras.layers":
        base["dtype"] = dtype
    if piece.weights:
        base["trainable"] = False
    return wrapped(piece.class_name, {**base, **piece.settings}, piece.module)


def layer_to_keras(layer: Layer, name: str, dtype: str) -> Config:
    """The layer as Keras writes it, under this name.

    Raises:
        ConfigError: a layer or activation that Keras does not have.
    """
    class_name, settings = writing.writer(layer, "keras", FORMAT)(Words(dtype), layer)
    base: Config = {"name": name, "dtype": dtype}
    if layer.weights() and not layer.sublayers():  # SpatialDropout takes no such setting
        base["trainable"] = layer.trainable
    written = wrapped(class_name, {**base, **settings})
    assert layer.input_shape is not None
    shape = [None, *layer.input_shape]
    count = len(layer.sublayers()) if layer.wiring == "parallel" else 2
    made = [None, *(layer.output_shape or ())]  # by each of the ways through a block
    many = bool(layer.sublayers()) and count > 1
    written["build_config"] = {"input_shape": [made] * count if many else shape}
    return written


@dataclass(frozen=True)
class Words:
    """Keras' descriptions of what layers are made of.

    Attributes:
        dtype: what they compute in.
        input_shape: of a sample that the layer gets which is read.
    """

    dtype: str = "float32"
    input_shape: tuple[int, ...] = ()

    def wrapped(self, class_name: str, config: Config, module: str = "keras.layers") -> Config:
        """An object as Keras writes it."""
        return wrapped(class_name, config, module)

    def inside(self, spec: Config) -> Config:
        """The settings of an object that Keras wrote."""
        config = spec.get("config")
        if not isinstance(config, dict):
            raise FileFormatError(f"{str(spec.get('class_name'))[:60]} has no config")
        return config

    def activation(self, layer: Layer, f: activations.Activation) -> Any:
        """The activation ``f`` of ``layer`` as Keras writes it."""
        if not f.keras:
            raise refused(layer, f, FORMAT, NAMED.values())
        if f == activations.get(f.name):
            return f.keras
        there = f.keras_layers[0]
        return wrapped(there.name, {"name": f.keras, "dtype": self.dtype, **there.written(f)})

    def read_activation(self, spec: Any) -> activations.Activation:
        """The activation that Keras wrote."""
        if spec is None:
            return activations.linear
        if isinstance(spec, dict) and spec.get("class_name") in counterparts.table("keras_layers"):
            (there,) = layer_from_keras(spec["class_name"], self.inside(spec))
            assert there.layer.function is not None
            return there.layer.function
        if isinstance(spec, str):
            f = NAMED.get(spec) or activations.ACTIVATIONS.get(spec)  # another name of it: swish
            if f is not None and f.keras:
                return f
        name = str(spec.get("config") if isinstance(spec, dict) else spec)[:60]
        raise FileFormatError(unknown("activation of Keras", name, NAMED))

    def regularizer(self, penalty: L1L2 | None) -> Config | None:
        """A penalty as Keras writes it; None for none."""
        if penalty is None:
            return None
        return wrapped("L1L2", {"l1": penalty.l1, "l2": penalty.l2}, "keras.regularizers")

    def read_regularizer(self, spec: Any) -> L1L2 | None:
        """The penalty that Keras wrote; None for none."""
        if spec is None:
            return None
        kinds = {"L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2")}
        if isinstance(spec, dict) and spec.get("class_name") in kinds:
            names, config = kinds[spec["class_name"]], self.inside(spec)
            return L1L2(**{name: config[name] for name in names if config.get(name) is not None})
        raise FileFormatError(f"the regularizer {str(spec)[:80]} is not read; L1, L2 and L1L2 are")

    def need_channels_last(self, class_name: str, config: Config) -> None:
        """Refuse a layer whose images have their channels first."""
        if config.get("data_format") not in (None, "channels_last"):
            raise FileFormatError(
                f"{class_name} {str(config.get('name'))[:60]!r} has data_format = "
                f"{str(config['data_format'])[:60]}; glassnet has the channels of images last, "
                "and reads channels_last"
            )


# ---- in ----------------------------------------------------------------------------------


@cache
def readers() -> dict[str, Callable[[KerasWords, Config], KerasLayer | tuple[KerasLayer, ...]]]:
    """class name → (words, settings) → the layer, or the layers in its place."""
    return {
        **writing.readers("keras"),
        **{n: _activation(n) for n in counterparts.table("keras_layers")},
    }


def _activation(name: str) -> Callable[[KerasWords, Config], KerasLayer]:
    """An activation that is a layer of its own in Keras."""

    def layer(words: KerasWords, config: Config) -> KerasLayer:
        f = counterparts.read("keras_layers", name, config)
        # check_axis looks at the axis of a softmax, when the shapes are known
        settings = (*counterparts.settings_of("keras_layers", name), "axis")
        return KerasLayer(Activation(f), settings)

    return layer


def layer_from_keras(
    class_name: str, config: Config, input_shape: tuple[int, ...] = ()
) -> tuple[KerasLayer, ...]:
    """What computes the same as a layer of Keras: nearly always one layer.

    Raises:
        FileFormatError: a layer that glassnet does not have, or a setting that it cannot take.
    """
    if class_name not in readers():
        raise FileFormatError(
            unknown("layer of Keras", class_name, sorted(readers()))
            + " Only these, one after the other, are read"
        )
    made = readers()[class_name](Words(input_shape=input_shape), config)
    found = (made,) if isinstance(made, KerasLayer) else made
    taken = {name for there in found for name in there.settings}
    for name in sorted(set(config) - COMMON - taken - PASSED_OVER):
        if config[name] not in (None, False):
            raise FileFormatError(
                f"{class_name} {config.get('name')!r} has {name} = {str(config[name])[:60]}, "
                "which glassnet's layer does not have"
            )
    name_as_given(found[-1].layer, config.get("name"))
    for there in found:
        if config.get("trainable", True) is False:
            there.layer.trainable = False
    return found


def name_as_given(layer: Layer, name: Any) -> None:
    """Give the layer this name, if it can have it."""
    if isinstance(name, str) and name and "/" not in name and name.isprintable():
        layer.given_name = layer.name = name


# What every layer has, and what says nothing about the answers of a trained network.
COMMON = {"name", "trainable", "dtype", "batch_shape", "batch_input_shape"}
PASSED_OVER = {
    "kernel_initializer", "bias_initializer", "beta_initializer", "gamma_initializer",
    "moving_mean_initializer", "moving_variance_initializer", "bias_regularizer",
    "beta_regularizer", "gamma_regularizer", "bias_constraint", "beta_constraint",
    "gamma_constraint", "activity_regularizer", "seed", "synchronized", "renorm_momentum",
    "noise_shape", "ragged", "sparse", "optional", "depthwise_initializer",
    "pointwise_initializer",
}  # fmt: skip


def check_axis(layer: Layer, config: Config) -> None:
    """Refuse a layer that works along another axis than the last. Its shapes are known."""
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    last = len(layer.input_shape or ())
    if axis not in (-1, last):
        raise FileFormatError(f"{layer.title} works along axis {axis}; glassnet along the last, -1")
