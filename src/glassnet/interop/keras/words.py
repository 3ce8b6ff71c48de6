"""glassnet's layers in the words of Keras, and back.

A layer of Keras is a class name and a config; its weights lie in a fixed order. Settings that
change what a network answers are taken over or refused. Those that only matter before or
during training (initializers, seeds) are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from glassnet import activations
from glassnet._core.registry import unknown
from glassnet.errors import FileFormatError
from glassnet.interop.writing import activation_entry, entry
from glassnet.layers import (
    L1L2,
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LayerNormalization,
    Rescaling,
    Reshape,
)

Config = dict[str, Any]
FORMAT = "Keras"

# Activations that have the same name and the same formula in both, without settings.
SAME = (
    "exponential", "gelu", "linear", "log_softmax", "relu", "selu", "sigmoid", "silu", "softmax",
    "softplus", "tanh",
)  # fmt: skip
WITH_SETTINGS = {"elu": ("ELU", "alpha"), "leaky_relu": ("LeakyReLU", "negative_slope")}


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


def layer_to_keras(layer: Layer, name: str, dtype: str) -> Config:
    """The layer as Keras writes it, under this name.

    Raises:
        ConfigError: a layer or activation that Keras does not have.
    """
    class_name, settings = entry(WRITERS, layer, FORMAT)(layer, dtype)
    base = {"name": name, "trainable": layer.trainable, "dtype": dtype}
    written = wrapped(class_name, {**base, **settings})
    assert layer.input_shape is not None
    written["build_config"] = {"input_shape": [None, *layer.input_shape]}
    return written


def _activation_to_keras(layer: Layer, f: activations.Activation, dtype: str) -> Any:
    known = dict.fromkeys((*SAME, *WITH_SETTINGS), f.name)
    name = activation_entry(known, layer, f, FORMAT)
    if name in SAME or f == activations.get(name):
        return name
    class_name, setting = WITH_SETTINGS[name]
    config = {"name": name, "dtype": dtype, setting: getattr(f, setting)}
    return wrapped(class_name, config)


def _dense_to_keras(layer: Dense, dtype: str) -> tuple[str, Config]:
    regularizer = layer.kernel_regularizer
    return "Dense", {
        "units": layer.units,
        "activation": _activation_to_keras(layer, layer.activation, dtype),
        "use_bias": layer.use_bias,
        "kernel_regularizer": None if regularizer is None else wrapped(
            "L1L2", {"l1": regularizer.l1, "l2": regularizer.l2}, "keras.regularizers"
        ),
        "kernel_constraint": None if layer.max_norm is None else wrapped(
            "MaxNorm", {"max_value": layer.max_norm, "axis": 0}, "keras.constraints"
        ),
    }  # fmt: skip


WRITERS: dict[str, Callable[[Any, str], tuple[str, Config]]] = {
    "activation": lambda layer, dtype: (
        "Activation", {"activation": _activation_to_keras(layer, layer.activation, dtype)}
    ),
    "batch_normalization": lambda layer, dtype: (
        "BatchNormalization",
        {"axis": -1, "momentum": layer.momentum, "epsilon": layer.epsilon},
    ),
    "dense": _dense_to_keras,
    "dropout": lambda layer, dtype: ("Dropout", {"rate": layer.rate}),
    "flatten": lambda layer, dtype: ("Flatten", {}),
    "input": lambda layer, dtype: ("Identity", {}),
    "layer_normalization": lambda layer, dtype: (
        "LayerNormalization", {"axis": -1, "epsilon": layer.epsilon}
    ),
    "rescaling": lambda layer, dtype: (
        "Rescaling", {"scale": layer.scale, "offset": layer.offset}
    ),
    "reshape": lambda layer, dtype: ("Reshape", {"target_shape": list(layer.target_shape)}),
}  # fmt: skip


# ---- in ----------------------------------------------------------------------------------


def layer_from_keras(class_name: str, config: Config) -> tuple[Layer, tuple[str, ...]]:
    """The layer, and the names of the weights that the file has for it, in their order.

    Raises:
        FileFormatError: a layer that glassnet does not have, or a setting that it cannot take.
    """
    if class_name not in READERS:
        raise FileFormatError(
            unknown("layer of Keras", class_name, sorted(READERS))
            + " Only these, one after the other, are read"
        )
    known = set(config) - COMMON
    layer, taken, weights = READERS[class_name](config)
    for name in sorted(known - set(taken) - PASSED_OVER):
        if config[name] not in (None, False):
            raise FileFormatError(
                f"{class_name} {config.get('name')!r} has {name} = {str(config[name])[:60]}, "
                "which glassnet's layer does not have"
            )
    layer.trainable = config.get("trainable", True) is not False
    return layer, weights


# What every layer has, and what says nothing about the answers of a trained network.
COMMON = {"name", "trainable", "dtype", "batch_shape", "batch_input_shape"}
PASSED_OVER = {
    "kernel_initializer", "bias_initializer", "beta_initializer", "gamma_initializer",
    "moving_mean_initializer", "moving_variance_initializer", "bias_regularizer",
    "beta_regularizer", "gamma_regularizer", "bias_constraint", "beta_constraint",
    "gamma_constraint", "activity_regularizer", "seed", "synchronized", "renorm_momentum",
    "noise_shape", "ragged", "sparse", "optional",
}  # fmt: skip

Read = tuple[Layer, tuple[str, ...], tuple[str, ...]]  # the layer, settings taken, weights


def _name(config: Config) -> str | None:
    name = config.get("name")
    good = isinstance(name, str) and name and "/" not in name and name.isprintable()
    return name if good else None


def _inside(spec: Config) -> Config:
    config = spec.get("config")
    if not isinstance(config, dict):
        raise FileFormatError(f"{str(spec.get('class_name'))[:60]} has no config")
    return config


def _activation_from_keras(spec: Any) -> activations.Activation:
    if spec is None:
        return activations.linear
    if isinstance(spec, dict) and spec.get("class_name") in ("LeakyReLU", "ELU", "ReLU"):
        layer, _ = layer_from_keras(spec["class_name"], _inside(spec))
        assert isinstance(layer, Activation)
        return layer.activation
    if isinstance(spec, str) and spec in (*SAME, *WITH_SETTINGS, "swish"):
        return activations.get(spec)
    name = str(spec.get("config") if isinstance(spec, dict) else spec)[:60]
    raise FileFormatError(unknown("activation of Keras", name, (*SAME, *WITH_SETTINGS)))


def _dense(config: Config) -> Read:
    use_bias = config.get("use_bias", True) is not False
    layer = Dense(
        config["units"],
        _activation_from_keras(config.get("activation")),
        use_bias=use_bias,
        kernel_regularizer=_regularizer(config.get("kernel_regularizer")),
        max_norm=_max_norm(config.get("kernel_constraint")),
        name=_name(config),
    )
    taken = ("units", "activation", "use_bias", "kernel_regularizer", "kernel_constraint")
    return layer, taken, ("W", "b") if use_bias else ("W",)


def _regularizer(spec: Any) -> L1L2 | None:
    if spec is None:
        return None
    kinds = {"L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2")}
    if isinstance(spec, dict) and spec.get("class_name") in kinds:
        names, config = kinds[spec["class_name"]], _inside(spec)
        return L1L2(**{name: config[name] for name in names if config.get(name) is not None})
    raise FileFormatError(f"the regularizer {str(spec)[:80]} is not read; L1, L2 and L1L2 are")


def _max_norm(spec: Any) -> float | None:
    if spec is None:
        return None
    if (
        isinstance(spec, dict) and spec.get("class_name") == "MaxNorm"
        and _inside(spec).get("axis", 0) == 0
    ):  # fmt: skip
        return float(_inside(spec)["max_value"])
    raise FileFormatError(f"the constraint {str(spec)[:80]} is not read; MaxNorm on axis 0 is")


def _normalized(config: Config) -> tuple[str, ...]:
    """γ and β, as far as the layer has them."""
    scale = ("gamma",) if config.get("scale", True) is not False else ()
    center = ("beta",) if config.get("center", True) is not False else ()
    return scale + center


def _batch_normalization(config: Config) -> Read:
    weights = (*_normalized(config), "moving_mean", "moving_variance")
    layer = BatchNormalization(
        config.get("momentum", 0.99), config.get("epsilon", 1e-3), name=_name(config)
    )
    return layer, ("axis", "momentum", "epsilon", "center", "scale"), weights


def _layer_normalization(config: Config) -> Read:
    weights = _normalized(config)
    layer = LayerNormalization(config.get("epsilon", 1e-3), name=_name(config))
    return layer, ("axis", "epsilon", "center", "scale"), weights


def check_axis(layer: Layer, config: Config) -> None:
    """Refuse a layer that works along another axis than the last. Its shapes are known."""
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    last = len(layer.input_shape or ())
    if axis not in (-1, last):
        raise FileFormatError(f"{layer.title} works along axis {axis}; glassnet along the last, -1")


def _relu(config: Config) -> Read:
    slope = float(config.get("negative_slope") or 0.0)
    if config.get("threshold"):
        raise FileFormatError(f"ReLU {config.get('name')!r} has a threshold, which is not read")
    f = activations.LeakyReLU(slope) if slope else activations.relu
    return Activation(f, name=_name(config)), ("negative_slope", "threshold"), ()


def _flatten(config: Config) -> Read:
    if config.get("data_format") not in (None, "channels_last"):
        raise FileFormatError(f"Flatten {_name(config)!r}: only channels_last is read")
    return Flatten(name=_name(config)), ("data_format",), ()


def _softmax(config: Config) -> Read:
    return Activation("softmax", name=_name(config)), ("axis",), ()


READERS: dict[str, Callable[[Config], Read]] = {
    "Activation": lambda c: (
        Activation(_activation_from_keras(c.get("activation")), name=_name(c)), ("activation",), ()
    ),
    "BatchNormalization": _batch_normalization,
    "Dense": _dense,
    "Dropout": lambda c: (Dropout(c["rate"], name=_name(c)), ("rate",), ()),
    "ELU": lambda c: (
        Activation(activations.ELU(float(c.get("alpha", 1.0))), name=_name(c)), ("alpha",), ()
    ),
    "Flatten": _flatten,
    "Identity": lambda c: (Activation("linear", name=_name(c)), (), ()),
    "LayerNormalization": _layer_normalization,
    "LeakyReLU": lambda c: (
        Activation(activations.LeakyReLU(float(c.get("negative_slope", 0.3))), name=_name(c)),
        ("negative_slope",), (),
    ),
    "ReLU": _relu,
    "Rescaling": lambda c: (
        Rescaling(float(c["scale"]), float(c.get("offset", 0.0)), name=_name(c)),
        ("scale", "offset"), (),
    ),
    "Reshape": lambda c: (Reshape(tuple(c["target_shape"]), name=_name(c)), ("target_shape",), ()),
    "Softmax": _softmax,
}  # fmt: skip
