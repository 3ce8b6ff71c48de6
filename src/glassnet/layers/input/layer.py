"""The shape of one sample, said at the start of a network."""

from __future__ import annotations

from typing import Any, ClassVar

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ShapeError
from glassnet.layers.base import Layer, Shape


class Input(Layer):
    """The shape of one sample, said at the start of a network.

    Without it, the shape is taken from the data.  It computes nothing.
    """

    kind: ClassVar[str] = "input"
    accepts_bytes = True
    changes_scale_or_shape_only = True
    same_places = True

    def __init__(self, shape: tuple[int, ...] | int, name: str | None = None) -> None:
        super().__init__(name)
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        self.shape = tuple(whole_number("Input", "each size in shape", s) for s in sizes)

    @property
    def declared_input_shape(self) -> Shape:
        return self.shape

    def output_for(self, input_shape: Shape) -> Shape:
        if input_shape != self.shape:
            raise ShapeError(
                f"{self.title}: the samples have shape {input_shape}, not {self.shape}."
            )
        return input_shape

    def forward(self, x: Array, training: bool = False) -> Array:
        return self.take_as_it_is(x)

    def numbers_kept(self) -> int:
        return 0  # y is x

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        return dy

    def config(self) -> dict[str, Any]:
        return {"shape": list(self.shape)}
