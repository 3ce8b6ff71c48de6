"""The graph of an ONNX file while it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.optional import require
from glassnet.activations import Activation
from glassnet.interop.counterparts import refused
from glassnet.interop.writing import formats_of, writer
from glassnet.layers import Layer
from glassnet.layers.base import Shape

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
        self.first: set[str] = set()  # the values that have the channels of images first
        self.turned: dict[str, str] = {}  # value → the same one with its channels elsewhere
        self.scope = ""  # the blocks and the layer that is being written

    def write(self, layer: Layer, x: str) -> str:
        """The nodes of one layer, inside the one that is being written; its output's name."""
        write, formats = writer(layer, "onnx", FORMAT), formats_of(type(layer))
        assert formats is not None and layer.input_shape is not None
        around = self.scope
        self.scope = f"{around}{layer.name}/"
        if formats.channels_first:
            x = self.channels_first(x, layer.input_shape)
        elif not formats.any_order:
            x = self.channels_last(x, layer.input_shape)
        y: str = write(self, layer, x)
        self.scope = around
        return y

    def activate(self, layer: Layer, f: Activation, z: str) -> str:
        """The nodes of the activation ``f``, which ends ``layer``."""
        if not f.elementwise:  # along the last axis
            assert layer.output_shape is not None
            z = self.channels_last(z, layer.output_shape)
        out = f.to_onnx(self, z)
        if out is None:
            raise refused(layer, f, FORMAT, activations.each())
        return out

    # ---- where the channels of images are ----------------------------------------------

    def channels_first(self, x: str, shape: Shape) -> str:
        """``x``, samples of ``shape`` in glassnet, with the channels first; rows stay rows."""
        if x in self.first or len(shape) == 1:
            return x
        out = self._turn(x, [0, len(shape), *range(1, len(shape))])
        self.first.add(out)
        return out

    def channels_last(self, x: str, shape: Shape) -> str:
        """``x`` as glassnet has it."""
        return self._turn(x, [0, *range(2, len(shape) + 1), 1]) if x in self.first else x

    def alike(self, a: str, b: str, shape: Shape) -> tuple[str, str]:
        """Two values of one shape in glassnet, with their channels at the same place."""
        if {a, b} & self.first:
            return self.channels_first(a, shape), self.channels_first(b, shape)
        return a, b

    def rows(self, op: str, x: str, **settings: Any) -> str:
        """A node whose output is rows (n, k), whatever ``x`` was."""
        out = self.add(op, x, **settings)
        self.first.discard(out)
        return out

    def _turn(self, x: str, order: list[int]) -> str:
        if x not in self.turned:
            out = self.add("Transpose", x, perm=order)
            self.first.discard(out)
            self.turned |= {x: out, out: x}
        return self.turned[x]

    # ---- nodes and constants -----------------------------------------------------------

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
        """A node with one output; returns the name of that.

        It has the channels first if one of the inputs has.
        """
        out = self.fresh(name or f"{self.scope}{op.lower()}")
        if self.first.intersection(inputs):
            self.first.add(out)
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
