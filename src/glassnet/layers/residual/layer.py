"""A block with a way around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from glassnet._core.parameters import Parameters, Weight
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers.base import Layer, Shape
from glassnet.layers.naming import LayerList


class Residual(Layer):
    """y = x + block(x)  (He et al., 2016).

    The block must give back the shape that it gets.  The gradient has two ways back:
    dL/dx = dL/dy + block.backward(dL/dy).
    """

    kind: ClassVar[str] = "residual"

    def __init__(
        self, layers: Sequence[Layer], name: str | None = None, trainable: bool = True
    ) -> None:
        super().__init__(name, trainable)
        try:
            self.layers = LayerList(layers)
        except TypeError:
            raise ConfigError(f"Residual: expected a list of layers, got {layers!r}.") from None
        if not self.layers:
            raise ConfigError("Residual: expected a list of layers, got an empty one.")

    def output_for(self, input_shape: Shape) -> Shape:
        shape = input_shape
        for layer in self.layers:
            layer.setup(shape)
            assert layer.output_shape is not None
            shape = layer.output_shape
        if shape != input_shape:
            raise ShapeError(
                f"{self.title}: its block turns {input_shape} into {shape}, but y = x + block(x) "
                f"needs the same shape. Let its last layer give {input_shape}."
            )
        return input_shape

    def weights(self) -> list[Weight]:
        return [weight for layer in self.layers for weight in layer.named_weights()]

    def bind(self, parameters: Parameters, rng: np.random.Generator, prefix: str = "") -> None:
        self.parameters, self.rng = parameters, rng
        self._dtype, self._prefix = parameters.dtype, prefix
        for layer in self.layers:
            layer.bind(parameters, rng, f"{prefix}{self.name}/")
        self.layers.lock(f"{self.title} is built: make a new Residual to change its layers.")

    def forward(self, x: Array, training: bool = False) -> Array:
        h = x = self.take_input(x)
        for layer in self.layers:
            h = layer.forward(h, training)
        return np.add(x, h, out=self.work.array("y", x.shape, x.dtype))

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        around = self.work.array("around", dy.shape, dy.dtype)  # the block may write over dy
        np.copyto(around, dy)
        dh: Array | None = dy
        for layer in reversed(self.layers):
            assert dh is not None
            dh = layer.backward(dh)
        return np.add(around, dh, out=around) if need_dx and dh is not None else None

    def sublayers(self) -> list[Layer]:
        return self.layers

    def penalty(self) -> float:
        return sum(layer.penalty() for layer in self.layers)

    def add_penalty_gradient(self) -> None:
        for layer in self.layers:
            layer.add_penalty_gradient()

    def constrain(self) -> None:
        for layer in self.layers:
            layer.constrain()

    def config(self) -> dict[str, Any]:
        return {"layers": [layer.get_config() for layer in self.layers]}
