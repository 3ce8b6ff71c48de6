"""Zeros around images in other formats."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.formats import Config, KerasWords, OnnxGraph, OnnxNodes, TorchWords
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


FORMATS = {
    "zero_padding2d": Formats(onnx=to_onnx, keras=to_keras, torch=to_torch, channels_first=True)
}
READERS = Readers(
    onnx={"Pad": from_onnx},
    keras={"ZeroPadding2D": from_keras},
    torch={"ZeroPad2d": from_torch},
    channels_first=("ZeroPad2d",),
)
