"""Zeros around images in other formats."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from glassnet._core.formats import (
    Config,
    CSource,
    KerasWords,
    OnnxGraph,
    OnnxNodes,
    PythonSource,
    TorchWords,
)
from glassnet.errors import ConfigError, FileFormatError
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers
from glassnet.layers.padding.layer import ZeroPadding2D


def to_onnx(graph: OnnxGraph, layer: ZeroPadding2D, x: str) -> str:
    before, after = zip(*layer.padding)
    pads = graph.constant("pads", [0, 0, *before, 0, 0, *after], np.int64)
    return graph.add("Pad", x, pads, mode="constant")


def from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """Pad: before each of the axes (n, …), then behind each; of settings up to opset 10."""
    settings = nodes.settings(node, mode=(b"constant",), value=(0.0,))
    rank = len(nodes.shape) + 1
    stated = settings.get("pads") or nodes.whole_numbers(node, 1)
    axes = nodes.whole_numbers(node, 3) if len(node.input) > 3 and node.input[3] else range(rank)
    if len(node.input) > 2 and node.input[2] and np.any(nodes.weight(node, 2)):
        raise FileFormatError(f"{nodes.of(node)} pads with another number than 0")
    if len(stated) != 2 * len(axes) or not set(axes) <= set(range(-rank, rank)):
        raise FileFormatError(f"{nodes.of(node)} has pads {stated[:8]} for {rank} axes")
    pairs = [(0, 0)] * rank
    for axis, pair in zip(axes, zip(stated[: len(axes)], stated[len(axes) :])):
        pairs[axis] = pair
    if not any(map(any, pairs)):
        return
    batch, *places, channels = nodes.by_axis(pairs, (0, 0))
    if len(places) != 2 or any(batch) or any(channels) or min(map(min, places)) < 0:
        raise FileFormatError(
            f"{nodes.of(node)} has pads {stated[:8]}; read are zeros around the rows and columns "
            "of images"
        )
    nodes.append(parts, Part(ZeroPadding2D(tuple(places), nodes.name(node))))


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


PYTHON = '''
def zero_pad(x, image, rows, columns):
    """y[before + r, before + s, c] = x[r, s, c], and 0 around; rows, columns: (before, behind)"""
    height, width, channels = image
    y = [0.0] * ((rows[0] + height + rows[1]) * (columns[0] + width + columns[1]) * channels)
    for r in range(height):
        for s in range(width * channels):
            at = (rows[0] + r) * (columns[0] + width + columns[1]) + columns[0]
            y[at * channels + s] = x[r * width * channels + s]
    return y
'''

C = """
/* y[top + r, left + s, c] = x[r, s, c], and 0 around */
static void zero_pad(int rows, int columns, int channels, int top, int bottom, int left,
                     int right, const real *x, real *y)
{
    int line = (left + columns + right) * channels;
    for (int i = 0; i < (top + rows + bottom) * line; i++)
        y[i] = 0;
    for (int r = 0; r < rows; r++)
        for (int s = 0; s < columns * channels; s++)
            y[(top + r) * line + left * channels + s] = x[r * columns * channels + s];
}
"""


def to_python(source: PythonSource, layer: ZeroPadding2D, x: str) -> str:
    rows, columns = layer.padding
    image = layer.input_shape
    return source.step(source.call(PYTHON, x, image=image, rows=rows, columns=columns))


def to_c(source: CSource, layer: ZeroPadding2D, x: str) -> str:
    (top, bottom), (left, right) = layer.padding
    sizes = [*(layer.input_shape or ()), top, bottom, left, right]
    return source.call(C, sizes, x, size=prod(layer.output_shape or ()))


FORMATS = {
    "zero_padding2d": Formats(
        onnx=to_onnx, keras=to_keras, torch=to_torch, python=to_python, c=to_c, channels_first=True
    )
}
READERS = Readers(
    onnx={"Pad": from_onnx},
    keras={"ZeroPadding2D": from_keras},
    torch={"ZeroPad2d": from_torch},
    channels_first=("ZeroPad2d",),
)
