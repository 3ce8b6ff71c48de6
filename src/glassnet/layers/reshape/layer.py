"""Layers that only change the form of an array, or its scale."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from glassnet._core.settings import number, whole_number
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers.base import Layer, Shape
from glassnet.layers.reshape.kernels import scale_bytes

Array = NDArray[Any]


class Input(Layer):
    """The shape of one sample, said at the start of a network.

    Without it, the shape is taken from the data.  It computes nothing.
    """

    kind: ClassVar[str] = "input"
    accepts_bytes = True
    changes_scale_or_shape_only = True

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
        self.check_input(x)
        return x

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        return dy

    def config(self) -> dict[str, Any]:
        return {"shape": list(self.shape)}


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
        self.check_input(x)
        assert self.output_shape is not None
        return x.reshape(len(x), *self.output_shape)

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


class Rescaling(Layer):
    """y = x·scale + offset.

    Images stay bytes in memory and are scaled batch by batch: ``Rescaling(1 / 255)``.

    >>> Rescaling(1 / 255)(np.array([[0, 255]], np.uint8))
    array([[0., 1.]], dtype=float32)
    """

    kind: ClassVar[str] = "rescaling"
    accepts_bytes = True
    changes_scale_or_shape_only = True

    def __init__(self, scale: float, offset: float = 0.0, name: str | None = None) -> None:
        super().__init__(name)
        self.scale = number("Rescaling", "scale", scale)
        self.offset = number("Rescaling", "offset", offset)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.check_input(x)
        y = self.work.array("y", x.shape, self.dtype)
        rows = np.ascontiguousarray(x).reshape(len(x), -1)
        scale_bytes(rows, self.scale, self.offset, y.reshape(len(x), -1))
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        dx: Array = np.multiply(dy, dy.dtype.type(self.scale), out=self.work.over(dy))
        return dx

    def config(self) -> dict[str, Any]:
        return {"scale": self.scale, "offset": self.offset}
