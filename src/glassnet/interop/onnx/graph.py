"""The graph of an ONNX file while it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.optional import require
from glassnet.activations import Activation
from glassnet.interop.counterparts import refused
from glassnet.interop.writing import writer
from glassnet.layers import Layer

ROWS = "n"  # the name of the free first dimension

FORMAT = "ONNX"


class Graph:
    """Nodes and constants while they are written."""

    def __init__(self) -> None:
        self.onnx = require("onnx", extra="onnx")
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.taken: set[str] = set()
        self.scope = ""  # the blocks and the layer that is being written

    def write(self, layer: Layer, x: str) -> str:
        """The nodes of one layer, inside the one that is being written; its output's name."""
        write = writer(layer, "onnx", FORMAT)
        around = self.scope
        self.scope = f"{around}{layer.name}/"
        y: str = write(self, layer, x)
        self.scope = around
        return y

    def activate(self, layer: Layer, f: Activation, z: str) -> str:
        """The nodes of the activation ``f``, which ends ``layer``."""
        out = f.to_onnx(self, z)
        if out is None:
            raise refused(layer, f, FORMAT, activations.each())
        return out

    def fresh(self, name: str) -> str:
        """``name``, or with underscores if it is taken."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def constant(self, name: str, value: Any, dtype: Any = np.float32) -> str:
        """A tensor that is stored in the file."""
        name = self.fresh(f"{self.scope}{name}")
        array = np.ascontiguousarray(value, dtype)
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def add(self, op: str, *inputs: str, name: str = "", domain: str = "", **settings: Any) -> str:
        """A node with one output; returns the name of that."""
        out = self.fresh(name or f"{self.scope}{op.lower()}")
        self.nodes.append(
            self.onnx.helper.make_node(
                op, list(inputs), [out], name=f"node:{out}", domain=domain, **settings
            )
        )
        return out

    def input(self, name: str, element: str, shape: Sequence[int]) -> str:
        """What the user gives: FLOAT, DOUBLE, STRING or BOOL of shape (n, …)."""
        name = self.fresh(name or "column")
        kind = getattr(self.onnx.TensorProto, element)
        self.inputs.append(self.onnx.helper.make_tensor_value_info(name, kind, [ROWS, *shape]))
        return name

    def output(self, value: str, name: str, element: str, shape: Sequence[int]) -> str:
        """Show ``value`` to the user under ``name``."""
        name = self.add("Identity", value, name=name)
        kind = getattr(self.onnx.TensorProto, element)
        self.outputs.append(self.onnx.helper.make_tensor_value_info(name, kind, [ROWS, *shape]))
        return name
