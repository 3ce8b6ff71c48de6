"""Reshape and Flatten in other formats."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.formats import Config, KerasWords, OnnxGraph, OnnxNodes, TorchWords
from glassnet.errors import ConfigError, FileFormatError
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers, unchanged
from glassnet.layers.reshape.layer import Flatten, Reshape


def to_onnx(graph: OnnxGraph, layer: Reshape, x: str) -> str:
    assert layer.output_shape is not None
    shape = graph.constant("shape", [0, *layer.output_shape], np.int64)  # 0: as many rows as came
    return graph.add("Reshape", x, shape)


def to_torch(words: TorchWords, layer: Reshape) -> list[tuple[str, Config]]:
    assert layer.output_shape is not None
    size = words.shape_behind(layer.output_shape)
    return [("Flatten", {}), ("Unflatten", {"dim": 1, "unflattened_size": size})]


def flatten_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    nodes.settings(node, axis=(1,))
    parts.append(Part(Flatten(name=nodes.name(node))))
    nodes.rows = True


def reshape_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    shape = nodes.constants.get(node.input[1]) if len(node.input) > 1 else None
    if shape is None or shape.ndim != 1 or shape.dtype.kind != "i" or len(shape) < 2:
        raise FileFormatError(f"Reshape (node {node.name[:60]!r}): its shape is not a constant")
    nodes.settings(node, allowzero=(0,))
    rows, *sizes = shape.tolist()
    if rows not in (0, -1) or sizes.count(-1) > (rows == 0) or 0 in sizes or min(sizes) < -1:
        raise FileFormatError(
            f"Reshape (node {node.name[:60]!r}) to {[rows, *sizes][:8]}: the first size must be 0 "
            "or -1, as many rows as came"
        )
    flat = sizes == [-1]
    parts.append(Part(Flatten() if flat else Reshape(tuple(sizes), name=nodes.name(node))))
    nodes.rows = len(sizes) == 1


def flatten_from_keras(words: KerasWords, config: Config) -> KerasLayer:
    words.need_channels_last("Flatten", config)
    return KerasLayer(Flatten(), ("data_format",))


def reshape_from_keras(words: KerasWords, config: Config) -> KerasLayer:
    return KerasLayer(Reshape(tuple(config["target_shape"])), ("target_shape",))


def flatten_from_torch(words: TorchWords, module: Any) -> list[Part]:
    if (module.start_dim, module.end_dim) != (1, -1):
        raise ConfigError("from_torch: a Flatten of other axes than all but the first.")
    last: Any = words.parts[-1].layer if words.parts else None
    if isinstance(last, Reshape) and last.target_shape in ((1, -1), (1, 1, -1)):
        words.parts.pop()  # the axes that global pooling keeps in PyTorch
        return []
    return [Part(Flatten())]


def unflatten_from_torch(words: TorchWords, module: Any) -> list[Part]:
    if module.dim != 1:
        raise ConfigError("from_torch: an Unflatten of another axis than 1.")
    return [Part(Reshape(words.shape_behind(tuple(module.unflattened_size), read=True)))]


FORMATS = {
    "flatten": Formats(
        onnx=lambda graph, layer, x: graph.add("Flatten", x, axis=1),
        keras=lambda words, layer: ("Flatten", {}),
        torch=lambda words, layer: [("Flatten", {})],
        python=unchanged,
        c=unchanged,
        mlp=lambda chain, layer: None,
        reshapes=True,
    ),
    "reshape": Formats(
        reshapes=True,
        onnx=to_onnx,
        keras=lambda words, layer: ("Reshape", {"target_shape": list(layer.target_shape)}),
        torch=to_torch,
        python=unchanged,
        c=unchanged,
    ),
}
READERS = Readers(
    onnx={"Flatten": flatten_from_onnx, "Reshape": reshape_from_onnx},
    keras={"Flatten": flatten_from_keras, "Reshape": reshape_from_keras},
    torch={"Flatten": flatten_from_torch, "Unflatten": unflatten_from_torch},
)
