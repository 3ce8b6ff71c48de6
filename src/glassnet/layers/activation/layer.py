"""An activation function as a layer of its own."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from glassnet import activations
from glassnet._core.attributes import set_directly
from glassnet._core.types import Array
from glassnet.layers.base import Layer
from glassnet.layers.sight import Places, everything


class ActivationSaved(NamedTuple):
    """y = f(x) of the last forward: the derivative reads x or y."""

    x: Array
    y: Array


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
        self._saved: tuple[Array, Array] | None = None  # x, y

    @property
    def function(self) -> activations.Activation:
        return self.activation

    def reads(self, places: Places) -> Places:
        """The same places; of a softmax all along the last axis."""
        assert self.input_shape is not None
        row = everything(self.input_shape[-1:])
        return places if self.activation.elementwise else (*places[:-1], *row)

    @property
    def saved(self) -> ActivationSaved | None:
        return None if self._saved is None else ActivationSaved(*self._saved)

    @property
    def output(self) -> Array | None:
        return None if self._saved is None else self._saved[1]

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        y = self.activation.forward(x, out=self.work.array("y", x.shape, x.dtype))
        set_directly(self, "_saved", (x, y))
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        f, (x, y) = self.activation, self._saved
        return f.backward(x if f.needs_z else y, dy, out=self.work.over(dy))

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """z = x: the loss contains the activation."""
        return self.take_input(x)

    def backward_logits(self, dz: Array, need_dx: bool = True) -> Array | None:
        """dL/dx = dL/dz."""
        return dz

    def config(self) -> dict[str, Any]:
        return {"activation": self.activation.get_config()}
