"""What layers that hold other layers have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet._core.parameters import Parameters, Weight
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.layers.base import Layer, Shape
from glassnet.layers.naming import LayerList
from glassnet.layers.sight import Places


class Holder(Layer):
    """A layer whose weights are those of the layers in it, ``sublayers``, and perhaps its own."""

    def weights(self) -> list[Weight]:
        return [weight for layer in self.sublayers() for weight in layer.named_weights()]

    def bind(self, parameters: Parameters, rng: np.random.Generator, prefix: str = "") -> None:
        super().bind(parameters, rng, prefix)
        inside: Any = self.sublayers()
        for layer in inside:
            layer.bind(parameters, rng, f"{prefix}{self.name}/")
        inside.lock(
            f"{self.title} is built: make a new {type(self).__name__} to change its layers."
        )

    def penalty(self) -> float:
        return sum(layer.penalty() for layer in self.sublayers())

    def add_penalty_gradient(self) -> None:
        for layer in self.sublayers():
            layer.add_penalty_gradient()

    def constrain(self) -> None:
        for layer in self.sublayers():
            layer.constrain()

    @property
    def restrains(self) -> bool:
        inside = any(layer.restrains for layer in self.sublayers())
        return inside or self._defines_restraints(Holder)


class Block(Holder):
    """What a layer that holds layers inherits from; by itself y = lₙ(… l₂(l₁(x))).

    A class of your own says in ``forward`` and ``backward`` what it does beside its layers:
    ``through`` and ``back`` go through all of them.

    Args:
        layers: in the order in which the data flows.

    Raises:
        ConfigError: no layers.
    """

    layers: LayerList

    def __init__(
        self, layers: Sequence[Layer], name: str | None = None, trainable: bool = True
    ) -> None:
        super().__init__(name, trainable)
        kind = type(self).__name__
        try:
            self.layers = LayerList(layers)
        except TypeError:
            raise ConfigError(f"{kind}: expected a list of layers, got {layers!r}.") from None
        if not self.layers:
            raise ConfigError(f"{kind}: expected a list of layers, got an empty one.")

    def sublayers(self) -> list[Layer]:
        return self.layers

    def end_of(self, input_shape: Shape) -> Shape:
        """What the last layer gives for one input: fixes the shapes of all."""
        shape = input_shape
        for layer in self.layers:
            layer.setup(shape)
            assert layer.output_shape is not None
            shape = layer.output_shape
        return shape

    def output_for(self, input_shape: Shape) -> Shape:
        return self.end_of(input_shape)

    def through(self, x: Array, training: bool) -> Array:
        """x through all layers."""
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def back(self, dy: Array) -> Array:
        """dL/dx from dL/dy, back through all layers; they may write over dy."""
        for layer in reversed(self.layers):
            dx = layer.backward(dy)
            assert dx is not None
            dy = dx
        return dy

    def forward(self, x: Array, training: bool = False) -> Array:
        return self.through(self.take_input(x), training)

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        return self.back(dy)

    def reads(self, places: Places) -> Places:
        """What the layers read, from the last to the first."""
        for layer in reversed(self.layers):
            places = layer.reads(places)
        return places

    def config(self) -> dict[str, Any]:
        return {"layers": [layer.get_config() for layer in self.layers]}
