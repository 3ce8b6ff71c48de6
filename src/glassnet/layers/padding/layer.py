"""Zeros around images."""

from __future__ import annotations

from typing import Any, ClassVar

from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.layers.base import Layer, Shape
from glassnet.layers.sight import Places, kept
from glassnet.layers.windows import check_image, sizes


class ZeroPadding2D(Layer):
    """Rows and columns of zeros around an image.

    Shapes: x (n, rows, columns, channels),
    y (n, top + rows + bottom, left + columns + right, channels).

    Args:
        padding: one number for all sides, (rows, columns), or
            ((top, bottom), (left, right)), as in Keras.

    >>> ZeroPadding2D(1)([[[[7.0]]]])[0, :, :, 0]
    array([[0., 0., 0.],
           [0., 7., 0.],
           [0., 0., 0.]])
    """

    kind: ClassVar[str] = "zero_padding2d"
    rank: ClassVar[int] = 2

    def __init__(self, padding: Any = 1, name: str | None = None) -> None:
        super().__init__(name)
        owner = type(self).__name__
        axes = padding if isinstance(padding, (tuple, list)) else (padding, padding)
        sides = [side if isinstance(side, (tuple, list)) else (side, side) for side in axes]
        if [len(side) for side in sides] != [2, 2]:
            raise ConfigError(
                f"{owner}: padding is {padding!r}, but must be one whole number for all sides, "
                "(rows, columns), or ((top, bottom), (left, right))."
            )
        self.padding = tuple(sizes(owner, "padding", side, 2, minimum=0) for side in sides)

    def output_for(self, input_shape: Shape) -> Shape:
        check_image(self.title, input_shape, 2)
        (top, bottom), (left, right) = self.padding
        rows, columns, channels = input_shape
        return (top + rows + bottom, left + columns + right, channels)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        assert self.output_shape is not None
        y = self.work.array("y", (len(x), *self.output_shape), x.dtype)
        y[...] = 0
        y[self._inside()] = x
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self.input_shape is None:
            raise self.no_forward()
        return dy[self._inside()] if need_dx else None

    def reads(self, places: Places) -> Places:
        assert self.input_shape is not None
        (top, _), (left, _) = self.padding
        height, width, _ = self.input_shape
        rows, columns, channels = places
        return kept(rows - top, height), kept(columns - left, width), channels

    def _inside(self) -> tuple[slice, ...]:
        assert self.input_shape is not None
        (top, _), (left, _) = self.padding
        rows, columns, _ = self.input_shape
        return slice(None), slice(top, top + rows), slice(left, left + columns)

    def config(self) -> dict[str, Any]:
        return {"padding": [list(side) for side in self.padding]}
