"""Convolutions in other formats: Conv, Conv2D, Conv2d."""

from __future__ import annotations

from functools import partial

from glassnet._core.formats import Config, KerasWords
from glassnet.errors import FileFormatError
from glassnet.layers.convolution.layer import Conv1D, Conv2D, Convolution
from glassnet.layers.formats import Formats, KerasLayer, Readers

KINDS = {1: Conv1D, 2: Conv2D}  # by how many axes the kernel moves along

# ---- Keras ----------------------------------------------------------------------------------


def to_keras(words: KerasWords, layer: Convolution) -> tuple[str, Config]:
    """A depthwise convolution by Keras's class for it: its Conv2D of many groups needs a GPU."""
    settings = {
        "kernel_size": list(layer.kernel_size),
        "strides": list(layer.strides),
        "padding": layer.padding,
        "data_format": "channels_last",
        "dilation_rate": list(layer.dilation_rate),
        "activation": words.activation(layer, layer.activation),
        "use_bias": layer.use_bias,
    }
    penalty = words.regularizer(layer.kernel_regularizer)
    assert layer.input_shape is not None
    channels, name = layer.input_shape[-1], f"{layer.rank}D"
    if layer.groups == channels > 1 and len(set(layer.strides)) == 1:  # TensorFlow has one stride
        settings["depth_multiplier"] = layer.filters // channels
        return f"DepthwiseConv{name}", {**settings, "depthwise_regularizer": penalty}
    settings |= {"filters": layer.filters, "groups": layer.groups}
    return f"Conv{name}", {**settings, "kernel_regularizer": penalty}


COMMON = ("kernel_size", "strides", "padding", "data_format", "dilation_rate", "activation",
          "use_bias")  # fmt: skip


def _from_keras(
    words: KerasWords, config: Config, class_name: str, rank: int, filters: int, penalty: str,
    groups: int = 1,
) -> Convolution:  # fmt: skip
    words.need_channels_last(class_name, config)
    if config.get("padding") == "causal":
        raise FileFormatError(
            f"{class_name} {str(config.get('name'))[:60]!r} has padding = causal, zeros before "
            "the series only; read are valid and same"
        )
    return KINDS[rank](
        filters,
        config["kernel_size"],
        config.get("strides", 1),
        config.get("padding", "valid"),
        config.get("dilation_rate", 1),
        groups,
        words.read_activation(config.get("activation")),
        use_bias=config.get("use_bias", True) is not False,
        kernel_regularizer=words.read_regularizer(config.get(penalty)),
    )


def _weights(layer: Convolution, kernel: str = "kernel") -> dict[str, str]:
    return {"W": kernel} | ({"b": "bias"} if layer.use_bias else {})


def plain_from_keras(rank: int, words: KerasWords, config: Config) -> KerasLayer:
    name, groups = f"Conv{rank}D", config.get("groups", 1)
    layer = _from_keras(words, config, name, rank, config["filters"], "kernel_regularizer", groups)
    settings = (*COMMON, "filters", "groups", "kernel_regularizer")
    return KerasLayer(layer, settings, _weights(layer))


def depthwise_from_keras(rank: int, words: KerasWords, config: Config) -> KerasLayer:
    """Each channel with kernels of its own: as many groups as there are channels.

    Keras has the kernel as (rows, columns, channels, multiplier), glassnet as (rows, columns, 1,
    channels·multiplier): the same numbers in the same order.
    """
    channels, several = words.input_shape[-1], config.get("depth_multiplier", 1)
    name = f"DepthwiseConv{rank}D"
    layer = _from_keras(
        words, config, name, rank, channels * several, "depthwise_regularizer", channels
    )
    settings = (*COMMON, "depth_multiplier", "depthwise_regularizer")
    stored = {"W": (*layer.kernel_size, channels, several)}
    return KerasLayer(layer, settings, _weights(layer), stored)


def separable_from_keras(
    rank: int, words: KerasWords, config: Config
) -> tuple[KerasLayer, KerasLayer]:
    """A depthwise convolution, and one of single pixels that mixes the channels."""
    first = {**config, "use_bias": False, "activation": None}
    depthwise = depthwise_from_keras(rank, words, first)
    second = {**config, "kernel_size": 1, "strides": 1, "dilation_rate": 1, "padding": "valid"}
    name, filters = f"SeparableConv{rank}D", config["filters"]
    pointwise = _from_keras(words, second, name, rank, filters, "pointwise_regularizer")
    settings = (*COMMON, "filters", "pointwise_regularizer")
    return (
        depthwise._replace(weights={"W": "depthwise_kernel"}),
        KerasLayer(pointwise, settings, _weights(pointwise, "pointwise_kernel")),
    )


# ---------------------------------------------------------------------------------------------

CONVOLUTION = Formats(keras=to_keras)
FORMATS = {"conv1d": CONVOLUTION, "conv2d": CONVOLUTION}
READERS = Readers(
    keras={
        f"{kind}Conv{rank}D": partial(read, rank)
        for kind, read in {
            "": plain_from_keras,
            "Depthwise": depthwise_from_keras,
            "Separable": separable_from_keras,
        }.items()
        for rank in KINDS
    },
)
