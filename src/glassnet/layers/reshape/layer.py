"""Layers that change the shape of their input: Reshape and Flatten."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers.base import Layer, Shape
from glassnet.layers.sight import Places, folded


class Reshape(Layer):
    """Gives every sample the shape ``target_shape``; one size may be -1 and is worked out."""

    kind: ClassVar[str] = "reshape"
    accepts_bytes = True
    changes_scale_or_shape_only = True

    def __init__(self, target_shape: tuple[int, ...], name: str | None = None) -> None:
        super().__init__(name)
        sizes = tuple(target_shape)
        if sizes.count(-1) > 1:
            raise ConfigError(f"Reshape: only one size may be -1, got {sizes}.")
        self.target_shape = tuple(
            s if s == -1 else whole_number("Reshape", "each size", s) for s in sizes
        )

    def output_for(self, input_shape: Shape) -> Shape:
        total, known = prod(input_shape), prod(s for s in self.target_shape if s != -1)
        if total % known or (-1 not in self.target_shape and total != known):
            raise ShapeError(
                f"{self.title}: a sample of shape {input_shape} has {total} numbers, which do not "
                f"fill {self.target_shape}."
            )
        return tuple(total // known if s == -1 else s for s in self.target_shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_as_it_is(x)
        assert self.output_shape is not None
        return x.reshape(len(x), *self.output_shape)

    def reads(self, places: Places) -> Places:
        assert self.input_shape is not None and self.output_shape is not None
        return folded(places, self.output_shape, self.input_shape)

    def numbers_kept(self) -> int:
        return 0  # y is x, seen otherwise

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self.input_shape is None:
            raise self.no_forward()
        return dy.reshape(len(dy), *self.input_shape)

    def config(self) -> dict[str, Any]:
        return {"target_shape": list(self.target_shape)}


class Flatten(Reshape):
    """Makes a row of every sample: 28×28 → 784."""

    kind: ClassVar[str] = "flatten"

    def __init__(self, name: str | None = None) -> None:
        super().__init__((-1,), name)

    def config(self) -> dict[str, Any]:
        return {}
