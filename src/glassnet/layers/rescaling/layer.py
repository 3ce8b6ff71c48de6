"""Scaling of the input: y = x·scale + offset."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar

import numpy as np

from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.layers.base import Layer
from glassnet.layers.rescaling.kernels import scale_bytes


class Rescaling(Layer):
    """y = x·scale + offset.

    Images stay bytes in memory and are scaled batch by batch: ``Rescaling(1 / 255)``.

    >>> Rescaling(1 / 255)(np.array([[0, 255]], np.uint8))
    array([[0., 1.]], dtype=float32)
    """

    kind: ClassVar[str] = "rescaling"
    accepts_bytes = True
    changes_scale_or_shape_only = True
    same_places = True

    def __init__(self, scale: float, offset: float = 0.0, name: str | None = None) -> None:
        super().__init__(name)
        self.scale = number("Rescaling", "scale", scale)
        self.offset = number("Rescaling", "offset", offset)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_as_it_is(x)
        y = self.work.array("y", x.shape, self.dtype)
        rows = len(x), prod(x.shape[1:])  # with -1 NumPy cannot tell for no samples
        source = np.ascontiguousarray(x).reshape(rows)
        scale_bytes(source, self.scale, self.offset, y.reshape(rows))
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        dx: Array = np.multiply(dy, dy.dtype.type(self.scale), out=self.work.over(dy))
        return dx

    def config(self) -> dict[str, Any]:
        return {"scale": self.scale, "offset": self.offset}
