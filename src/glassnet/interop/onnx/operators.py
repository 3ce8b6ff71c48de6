"""What each operator of ONNX is read as: a layer, or the activation after one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from glassnet._core.formats import OnnxNodes
from glassnet.interop import counterparts, writing
from glassnet.layers.formats import Part

Node = Any


@cache
def readers() -> dict[str, Callable[[OnnxNodes, Node, str, list[Part]], None]]:
    """operator → (nodes, node, x, parts), which appends to the parts."""
    return {**writing.readers("onnx"), **dict.fromkeys(counterparts.table("onnx"), _activation)}


def _activation(nodes: OnnxNodes, node: Node, x: str, parts: list[Part]) -> None:
    settings = nodes.settings(node)
    if not counterparts.table("onnx")[node.op_type][0][0].elementwise:
        nodes.last_axis(node, settings.get("axis", 1))
        settings["axis"] = -1
    nodes.add_activation(parts, counterparts.read("onnx", node.op_type, settings))
