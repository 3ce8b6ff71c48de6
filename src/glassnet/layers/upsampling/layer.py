"""Larger images by repeated pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from glassnet._core.types import Array
from glassnet.layers.base import Layer, Shape
from glassnet.layers.sight import Places
from glassnet.layers.windows import check_image, sizes


class UpSampling2D(Layer):
    """Each pixel becomes a block of equal ones: the nearest pixel, as Keras does by default.

    Shapes: x (n, rows, columns, channels), y (n, rows·size, columns·size, channels).  The
    gradient of a pixel is the sum over its block.

    Args:
        size: of the block: one number, or (rows, columns).

    >>> UpSampling2D(2)(np.ones((1, 1, 1, 1))).shape
    (1, 2, 2, 1)
    """

    kind: ClassVar[str] = "up_sampling2d"
    rank: ClassVar[int] = 2

    _elsewhere: ClassVar[Mapping[str, str]] = {
        "interpolation": "It is always the nearest pixel: leave it out.",
    }

    def __init__(self, size: int | tuple[int, ...] = 2, name: str | None = None) -> None:
        super().__init__(name)
        self.size = sizes(type(self).__name__, "size", size, 2)

    def output_for(self, input_shape: Shape) -> Shape:
        check_image(self.title, input_shape, 2)
        rows, columns, channels = input_shape
        return (rows * self.size[0], columns * self.size[1], channels)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        assert self.output_shape is not None
        y = self.work.array("y", (len(x), *self.output_shape), x.dtype)
        self._blocks(y)[...] = x[:, :, None, :, None, :]
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self.input_shape is None:
            raise self.no_forward()
        if not need_dx:
            return None
        dx: Array = self._blocks(np.ascontiguousarray(dy)).sum(axis=(2, 4))
        return dx

    def reads(self, places: Places) -> Places:
        rows, columns, channels = places
        return np.unique(rows // self.size[0]), np.unique(columns // self.size[1]), channels

    def _blocks(self, y: Array) -> Array:
        """(n, rows, size, columns, size, channels)"""
        assert self.input_shape is not None
        rows, columns, channels = self.input_shape
        return y.reshape(len(y), rows, self.size[0], columns, self.size[1], channels)

    def config(self) -> dict[str, Any]:
        return {"size": list(self.size)}
