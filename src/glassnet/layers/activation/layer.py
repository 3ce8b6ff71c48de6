"""An activation function as a layer of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from numpy.typing import NDArray

from glassnet import activations
from glassnet.errors import NotBuiltError
from glassnet.layers.base import Layer

Array = NDArray[Any]


class Activation(Layer):
    """y = f(x), for example between a normalization and the next Dense.

    >>> Activation("relu")([[-1.0, 2.0]])
    array([[0., 2.]])
    """

    kind: ClassVar[str] = "activation"

    def __init__(
        self,
        activation: str | dict[str, Any] | activations.Activation,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.activation = activations.get(activation)
        self.saved: Array | None = None  # what the derivative reads: y, or z

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        y = self.activation.forward(x, out=self.work.array("y", x.shape, x.dtype))
        self.saved = x if self.activation.needs_z else y
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self.saved is None:
            raise NotBuiltError(f"{self.title}: backward needs a forward before it.")
        return self.activation.backward(self.saved, dy, out=self.work.over(dy))

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """z = x: the loss contains the activation."""
        return self.take_input(x)

    def backward_logits(self, dz: Array, need_dx: bool = True) -> Array | None:
        """dL/dx = dL/dz."""
        return dz

    def config(self) -> dict[str, Any]:
        return {"activation": self.activation.get_config()}
