"""Convolutions in other formats: Conv, Conv2D, Conv2d."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.channels import kernel_from_first, kernel_to_first
from glassnet._core.formats import (
    Config,
    CSource,
    KerasWords,
    OnnxGraph,
    OnnxNodes,
    PythonSource,
    Source,
    TorchWords,
)
from glassnet._core.types import Array
from glassnet.errors import ConfigError, FileFormatError
from glassnet.layers import window_source
from glassnet.layers.convolution.layer import Conv1D, Conv2D, Convolution
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers
from glassnet.layers.padding.layer import ZeroPadding2D
from glassnet.layers.window_formats import AUTO, pads, read_windows
from glassnet.layers.windows import word_for

KINDS = {1: Conv1D, 2: Conv2D}  # by how many axes the kernel moves along

# ---- ONNX -----------------------------------------------------------------------------------


def to_onnx(graph: OnnxGraph, layer: Convolution, x: str) -> str:
    weights = [graph.constant("W", kernel_to_first(layer.W))]
    if layer.use_bias:
        weights.append(graph.constant("b", layer.b))
    z = graph.add(
        "Conv",
        x,
        *weights,
        kernel_shape=layer.kernel_size,
        strides=layer.strides,
        dilations=layer.dilation_rate,
        group=layer.groups,
        pads=pads(layer.windows),
    )
    return graph.activate(layer, layer.activation, z)


def from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """Padding that is no "same" of ours becomes a layer of its own."""
    if node.input[0] != x:
        raise nodes.unsupported(node)
    W = nodes.weight(node, 1)
    rank, size = W.ndim - 2, W.shape[2:]
    if rank not in KINDS or not W.size:
        raise FileFormatError(
            f"{nodes.of(node)} has a kernel of shape {W.shape}; read are kernels over one or two "
            "axes, (filters, channels, rows, columns)"
        )
    settings = nodes.settings(node, auto_pad=AUTO, kernel_shape=(list(size),))
    nodes.channels_first(node, rank)
    windows = read_windows(nodes, node, size, settings)
    padding = windows.padding
    if padding is None:
        if rank == 1:
            raise FileFormatError(
                f"{nodes.of(node)} pads a series with {windows.before[0]} zeros before it and "
                f"{windows.after[0]} behind it; glassnet's Conv1D pads as padding='same' does, or "
                "not at all"
            )
        nodes.append(parts, Part(ZeroPadding2D(windows.zeros)))
    weights = {"W": kernel_from_first(W)}
    if len(node.input) > 2 and node.input[2]:
        weights["b"] = nodes.weight(node, 2)
    layer = KINDS[rank](
        W.shape[0],
        size,
        tuple(axis.stride for axis in windows.axes),
        padding or "valid",
        tuple(axis.dilation for axis in windows.axes),
        settings.get("group", 1),
        use_bias="b" in weights,
        name=nodes.name(node),
    )
    nodes.append(parts, Part(layer, weights))


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


# ---- PyTorch --------------------------------------------------------------------------------


def to_torch(words: TorchWords, layer: Convolution) -> list[tuple[str, Config]]:
    """PyTorch pads both ends alike; what is uneven, as "same" without strides or beforehand."""
    assert layer.input_shape is not None
    sides = [axis.padding for axis in layer.windows]
    before: list[tuple[str, Config]] = []
    padding: Any = tuple(first for first, _ in sides)
    if any(first != last for first, last in sides):
        if set(layer.strides) == {1}:
            padding = "same"
        else:
            padding = 0
            around = tuple(number for side in reversed(sides) for number in side)
            before = [(f"ZeroPad{layer.rank}d", {"padding": around})]
    settings = {
        "in_channels": layer.input_shape[-1],
        "out_channels": layer.filters,
        "kernel_size": layer.kernel_size,
        "stride": layer.strides,
        "padding": padding,
        "dilation": layer.dilation_rate,
        "groups": layer.groups,
        "bias": layer.use_bias,
    }
    own = (f"Conv{layer.rank}d", settings)
    if layer.activation == activations.linear:
        return [*before, own]
    return [*before, own, *words.activation(layer, layer.activation)]


def from_torch(rank: int, words: TorchWords, module: Any) -> list[Part]:
    """A number of zeros is "same" where that gives the same windows, else they come beforehand."""
    name = type(module).__name__
    if module.padding_mode != "zeros":
        raise ConfigError(
            f"from_torch: a {name} with padding_mode {module.padding_mode!r}; glassnet pads with "
            "zeros."
        )
    parts: list[Part] = []
    word = module.padding
    if not isinstance(word, str):
        word, zeros = padded(words.input_shape, name, module, module.dilation)
        parts = [Part(zeros)] if zeros is not None else []
    layer = KINDS[rank](
        module.out_channels,
        module.kernel_size,
        module.stride,
        word,
        module.dilation,
        module.groups,
        use_bias=module.bias is not None,
    )
    weights = {"W": kernel_from_first(words.array(module.weight))}
    if module.bias is not None:
        weights["b"] = words.array(module.bias)
    return [*parts, Part(layer, weights)]


def padded(
    shape: tuple[int, ...], name: str, module: Any, dilation: tuple[int, ...]
) -> tuple[str, ZeroPadding2D | None]:
    """How the zeros of PyTorch's ``padding`` are had: by which word, and which layer before it."""
    before, size, strides = module.padding, module.kernel_size, module.stride
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    counts = [
        (length + 2 * p - span) // stride + 1
        for length, p, span, stride in zip(shape, before, spans, strides)
    ]
    word = word_for(shape, size, strides, dilation, before, counts)
    if word is not None:
        return word, None
    if len(size) == 1:
        raise ConfigError(
            f"from_torch: a {name} with padding {before[0]} on samples of {shape[0]} steps: "
            "glassnet has no layer that puts as many zeros around a series."
        )
    return "valid", ZeroPadding2D(tuple((p, p) for p in before))


# ---- source code ----------------------------------------------------------------------------

PYTHON = '''
def convolve(x, W, b, image, out, window, strides, before, dilation, groups):
    """z[p, q, f] = b_f + Σ x[p·stride + i·dilation − before, …, c]·W[f, i, j, c], over i, j and c

    Images are lists: row by row, the channels of a pixel side by side; outside they are 0.
    W has a row for each filter f.  Of several groups each reads its share of the channels and
    makes its share of the filters.
    """
    rows, columns, channels = image
    depth, share = channels // groups, len(b) // groups
    z = []
    for p in range(out[0]):
        for q in range(out[1]):
            seen = [[] for _ in range(groups)]  # what the window reads
            for i in range(window[0]):
                for j in range(window[1]):
                    r = p * strides[0] + i * dilation[0] - before[0]
                    s = q * strides[1] + j * dilation[1] - before[1]
                    inside = 0 <= r < rows and 0 <= s < columns
                    for g in range(groups):
                        at = (r * columns + s) * channels + g * depth
                        seen[g] += x[at : at + depth] if inside else [0.0] * depth
            for f, kernel in enumerate(W):
                z.append(b[f] + sum(v * w for v, w in zip(seen[f // share], kernel)))
    return z
'''

C = """
/* z[p, q, f] = b[f] + sum over i, j and c of x[row, column, c] * W[i, j, c, f], with the row and
   column that the window (p, q) reads at i, j.  Outside the image x is 0.  Of several groups
   each reads its share of the channels c and makes its share of the filters f. */
static void convolve(int filters, int groups, const Windows *w, const real *x, const real *W,
                     const real *b, real *z)
{
    int depth = w->channels / groups, share = filters / groups;
    for (int p = 0; p < w->out_rows; p++)
        for (int q = 0; q < w->out_columns; q++, z += filters) {
            for (int f = 0; f < filters; f++)
                z[f] = b[f];
            for (int i = 0; i < w->height; i++)
                for (int j = 0; j < w->width; j++) {
                    int row = p * w->row_stride + i * w->row_step - w->top;
                    int column = q * w->column_stride + j * w->column_step - w->left;
                    if (row < 0 || row >= w->rows || column < 0 || column >= w->columns)
                        continue;
                    const real *pixel = x + (row * w->columns + column) * w->channels;
                    const real *kernel = W + (i * w->width + j) * depth * filters;
                    for (int g = 0; g < groups; g++)
                        for (int c = 0; c < depth; c++) {
                            real value = pixel[g * depth + c];
                            const real *weights = kernel + c * filters;
                            for (int f = g * share; f < (g + 1) * share; f++)
                                z[f] += value * weights[f];
                        }
                }
        }
}
"""


def _kept(source: Source, layer: Convolution, W: Array) -> tuple[str, str]:
    """The names of W and b in a program; zeros for a layer without b."""
    count = source.next("weights")
    b = layer.b if layer.use_bias else np.zeros_like(W, shape=layer.filters)
    return source.keep("W", W, count), source.keep("b", b, count)


def to_python(source: PythonSource, layer: Convolution, x: str) -> str:
    dilation = tuple(axis.dilation for axis in layer.windows)
    settings = {
        **window_source.in_python(source, layer),
        "dilation": (1, *dilation)[-2:],
        "groups": layer.groups,
    }
    rows = layer.W.reshape(-1, layer.filters).T  # one for each filter
    z = source.step(source.call(PYTHON, x, *_kept(source, layer, rows), **settings))
    y = source.activate(layer, layer.activation, z)
    return z if y == z else source.step(y)


def to_c(source: CSource, layer: Convolution, x: str) -> str:
    size = prod(layer.output_shape or ())
    windows, (W, b) = window_source.in_c(source, layer), _kept(source, layer, layer.W)
    z = source.call(C, [layer.filters, layer.groups], windows, x, W, b, size=size)
    source.activate(layer, layer.activation, size, z)
    return z


# ---------------------------------------------------------------------------------------------

CONVOLUTION = Formats(
    onnx=to_onnx,
    keras=to_keras,
    torch=to_torch,
    python=to_python,
    c=to_c,
    torch_weights={"W": "weight", "b": "bias"},
    channels_first=True,
)
FORMATS = {"conv1d": CONVOLUTION, "conv2d": CONVOLUTION}
KERAS: dict[str, Callable[..., Any]] = {
    "Conv": plain_from_keras,
    "DepthwiseConv": depthwise_from_keras,
    "SeparableConv": separable_from_keras,
}
READERS = Readers(
    onnx={"Conv": from_onnx},
    keras={f"{name}{rank}D": partial(read, rank) for name, read in KERAS.items() for rank in KINDS},
    torch={f"Conv{rank}d": partial(from_torch, rank) for rank in KINDS},
    channels_first=tuple(f"Conv{rank}d" for rank in KINDS),
)
