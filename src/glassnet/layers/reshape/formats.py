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
    nodes.settings(node, axis=(1, -len(nodes.shape)))
    nodes.reshape(node, (-1,), parts)


def reshape_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """The first size says how many rows: as many as came."""
    sizes = nodes.whole_numbers(node, 1)
    literal = nodes.settings(node, allowzero=(0, 1)).get("allowzero", 0)
    if not literal:  # 0: as it came
        stored = (nodes.batch, *nodes.as_stored)
        sizes = [
            stored[i] if size == 0 and i < len(stored) else size for i, size in enumerate(sizes)
        ]
    rows, *rest = sizes or [0]
    all_rows = rows in (nodes.batch, nodes.fixed_batch, -1)
    if not all_rows or not rest or 0 in rest or min(rest) < -1 or rest.count(-1) > (rows != -1):
        raise FileFormatError(
            f"{nodes.of(node)} to {sizes[:8]}"
            + (f" with allowzero = {literal}" if literal else "")
            + ": the first size must be 0 or -1, as many rows as came"
        )
    nodes.reshape(node, rest, parts)


def squeeze_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """Leaves out axes of one place."""
    stored = (0, *nodes.as_stored)
    axes = _axes(nodes, node, len(stored))
    rest = [size for axis, size in enumerate(stored) if axis not in axes]
    if any(stored[axis] != 1 for axis in axes) or len(rest) < 2:
        raise FileFormatError(f"{nodes.of(node)} leaves out the axes {sorted(axes)} of {stored}")
    nodes.reshape(node, rest[1:], parts)


def unsqueeze_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """Puts in axes of one place."""
    rest = list(nodes.as_stored)
    for axis in sorted(_axes(nodes, node, None)):
        rest.insert(axis - 1, 1)
    nodes.reshape(node, rest, parts)


def _axes(nodes: OnnxNodes, node: Any, rank: int | None) -> set[int]:
    """The axes of (n, …) that the node names: a setting up to opset 12.

    Args:
        rank: of what they are counted in; None: of what is there with them.
    """
    stated = nodes.settings(node).get("axes") or nodes.whole_numbers(node, 1)
    rank = rank or len(nodes.shape) + 1 + len(stated)
    axes = {axis + rank if axis < 0 else axis for axis in stated}
    if len(axes) != len(stated) or not axes or not 0 < min(axes) <= max(axes) < rank:
        raise FileFormatError(f"{nodes.of(node)} names the axes {stated[:8]} of {rank}")
    return axes


def transpose_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    rank = len(nodes.shape) + 1
    order = list(nodes.settings(node).get("perm", range(rank)[::-1]))
    if order[:1] != [0] or sorted(order) != list(range(rank)):
        raise FileFormatError(
            f"{nodes.of(node)} has perm = {order[:8]}, which does not leave the samples where they "
            "are"
        )
    nodes.transpose(node, order)


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
    onnx={
        "Flatten": flatten_from_onnx,
        "Reshape": reshape_from_onnx,
        "Squeeze": squeeze_from_onnx,
        "Transpose": transpose_from_onnx,
        "Unsqueeze": unsqueeze_from_onnx,
    },
    keras={"Flatten": flatten_from_keras, "Reshape": reshape_from_keras},
    torch={"Flatten": flatten_from_torch, "Unflatten": unflatten_from_torch},
)
