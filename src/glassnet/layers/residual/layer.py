"""A block with a way around it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from glassnet._core.types import Array
from glassnet.errors import ShapeError
from glassnet.layers.base import Shape
from glassnet.layers.block import Block
from glassnet.layers.sight import Places, joined


class Residual(Block):
    """y = x + block(x)  (He et al., 2016).

    The block must give back the shape that it gets.  The gradient has two ways back:
    dL/dx = dL/dy + block.backward(dL/dy).
    """

    kind: ClassVar[str] = "residual"
    wiring = "around"

    def output_for(self, input_shape: Shape) -> Shape:
        shape = self.end_of(input_shape)
        if shape != input_shape:
            raise ShapeError(
                f"{self.title}: its block turns {input_shape} into {shape}, but y = x + block(x) "
                f"needs the same shape. Let its last layer give {input_shape}."
            )
        return input_shape

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        h = self.through(x, training)
        return np.add(x, h, out=self.work.array("y", x.shape, x.dtype))

    def reads(self, places: Places) -> Places:
        """What either of the two ways reads, along each axis."""
        return joined([places, super().reads(places)])

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        around = self.work.array("around", dy.shape, dy.dtype)  # the block may write over dy
        np.copyto(around, dy)
        dh = self.back(dy)
        return np.add(around, dh, out=around) if need_dx else None
