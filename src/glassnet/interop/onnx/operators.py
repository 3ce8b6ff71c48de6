"""What each operator of ONNX is read as: a layer, or the activation after one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from glassnet import activations
from glassnet._core.formats import OnnxNodes
from glassnet.interop import counterparts, writing
from glassnet.layers.formats import Part

Node = Any


@cache
def readers() -> dict[str, Callable[[OnnxNodes, Node, str, list[Part]], None]]:
    """operator → (nodes, node, x, parts), which appends to the parts."""
    functions = dict.fromkeys(counterparts.table("onnx"), _activation)
    return {**writing.readers("onnx"), **functions, "Add": _bias}


def _activation(nodes: OnnxNodes, node: Node, x: str, parts: list[Part]) -> None:
    settings = nodes.settings(node)
    if not counterparts.table("onnx")[node.op_type][0][0].elementwise:
        old = nodes.opset < 13  # there it works along all axes from this one on
        nodes.last_axis(node, settings.get("axis", 1 if old else -1), to_the_end=old)
        settings["axis"] = -1
    nodes.add_activation(parts, counterparts.read("onnx", node.op_type, settings))


def _bias(nodes: OnnxNodes, node: Node, x: str, parts: list[Part]) -> None:
    """What is added to the outputs of a layer that has no bias; else a part of a formula."""
    added = nodes.constants.get(node.input[1] if node.input[0] == x else node.input[0])
    last: Any = parts[-1].layer if parts else None
    if (
        added is not None
        and added.dtype.kind == "f"
        and last is not None
        and last.function == activations.linear
        and getattr(last, "use_bias", True) is False
    ):
        b = nodes.per_channel(added)
        if b is not None:
            last.use_bias = True
            parts[-1].weights["b"] = b
            return
    nodes.part_of_formula(node, x, parts)
