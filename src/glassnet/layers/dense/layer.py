"""The fully connected layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from glassnet import activations, initializers
from glassnet._core.attributes import set_directly
from glassnet._core.kernels import add_bias
from glassnet._core.parameters import Weight
from glassnet._core.settings import number, whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers import regularizers
from glassnet.layers.base import Layer, Shape
from glassnet.layers.dense.kernels import FEW, product_of_few, sum_rows


def product(x: Array, W: Array, out: Array) -> Array:
    """out ← x·W"""
    if len(W) <= FEW and W.shape[1] >= 8:
        product_of_few(x, W, out)
    else:
        np.dot(x, W, out=out)  # 1 µs less than np.matmul, which looks for stacks first
    return out


class DenseSaved(NamedTuple):
    """What backward needs: y = f(z), z = x·W + b.  Where y takes the place of z, z is y."""

    x: Array
    z: Array
    y: Array


class Dense(Layer):
    """y = f(x·W + b).

    Shapes: x (n, n_in), W (n_in, units), b (units,), z = x·W + b and y (n, units).

    Args:
        units: how many outputs.
        activation: f, by name or value; None for none.
        use_bias: whether there is a b.
        kernel_initializer, bias_initializer: the W and b to begin with.
        kernel_regularizer: L1 or L2 on W, added to the loss.
        max_norm: the longest that the weights into one unit may be together.

    Raises:
        ConfigError: a setting out of its range.
        ShapeError: an input that is not (n, n_in).

    >>> layer = Dense(2, kernel_initializer="ones")
    >>> layer([[1.0, 2.0]])
    array([[3., 3.]])
    """

    kind: ClassVar[str] = "dense"
    runs_compiled = True

    _elsewhere: ClassVar[Mapping[str, str]] = {
        "bias": "It is called use_bias.",
        "in_features": "Leave it out: it comes with the first data.",
        "out_features": "It is called units.",
    }

    W: Array
    b: Array
    dW: Array
    db: Array

    def __init__(
        self,
        units: int,
        activation: str | dict[str, Any] | activations.Activation | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        max_norm: float | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        self.units = whole_number("Dense", "units", units)
        if isinstance(activation, (int, np.integer)):
            raise ConfigError(
                f"Dense({units}, {activation}): the second argument is the activation. The number "
                f"of inputs comes with the data, so PyTorch's Linear({units}, {activation}) is "
                f"Dense({activation})."
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.max_norm = max_norm
        if max_norm is not None:
            self.max_norm = number("Dense", "max_norm", max_norm, above=0.0)
        self._saved: tuple[Array, Array, Array] | None = None  # x, z, y: named only when asked

    @property
    def function(self) -> activations.Activation:
        return self.activation

    @property
    def width(self) -> int:
        return self.units

    @property
    def saved(self) -> DenseSaved | None:
        return None if self._saved is None else DenseSaved(*self._saved)

    @property
    def output(self) -> Array | None:
        return None if self._saved is None else self._saved[2]

    def output_for(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise ShapeError(
                f"{self.title}: one sample has shape {input_shape}, but a Dense layer takes a row "
                "of features. Put Flatten() before it."
            )
        return (self.units,)

    def weights(self) -> list[Weight]:
        assert self.input_shape is not None
        W = Weight("W", (self.input_shape[0], self.units), self.kernel_initializer)
        b = Weight("b", (self.units,), self.bias_initializer)
        return [W, b] if self.use_bias else [W]

    def forward(self, x: Array, training: bool = False) -> Array:
        f = self.activation
        x = self.take_input(x)
        z = self._product(x)  # z = x·W
        if f.needs_z:  # the derivative reads z: keep it beside y
            self._add_bias(z)
            y = self.work.array("y", z.shape, z.dtype)
            np.copyto(y, z)
            f.forward_(y)  # y = f(z)
        else:
            y = z
            if self.use_bias:
                f.biased_forward_(y, self.b)  # y = f(z + b), in place
            else:
                f.forward_(y)
        set_directly(self, "_saved", (x, z, y))
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        _, z, y = self._saved
        if not self.work.reuse:  # not in the training loop, which gives what fits
            dy = self.take_gradient(dy)
        f = self.activation
        dz = self.work.mine(dy)
        f.backward_(z if f.needs_z else y, dz)  # dL/dz = dL/dy·f'(z), in place
        return self.backward_logits(dz, need_dx)

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """z = x·W + b, for a loss that contains the activation (softmax with cross-entropy)."""
        x = self.take_input(x)
        z = self._product(x)
        self._add_bias(z)
        set_directly(self, "_saved", (x, z, z))
        return z

    def backward_logits(self, dz: Array, need_dx: bool = True) -> Array | None:
        """From dL/dz: the gradients of W and b, and dL/dx."""
        if self._saved is None:
            raise self.no_forward()
        x = self._saved[0]
        self._weight_gradient(x, dz)
        if self.use_bias:
            sum_rows(dz, self.db)  # dL/db = Σ dL/dz, over the samples
        if not need_dx:
            return None
        return product(dz, self.W.T, self.work.array("dx", x.shape, dz.dtype))  # dL/dz·Wᵀ

    def _product(self, x: Array) -> Array:
        return product(x, self.W, self.work.array("z", (len(x), self.units), x.dtype))

    def _weight_gradient(self, x: Array, dz: Array) -> None:
        np.dot(x.T, dz, out=self.dW)  # dL/dW = xᵀ·dL/dz

    def _add_bias(self, z: Array) -> None:
        if self.use_bias:
            add_bias(z, self.b)

    def multiplications(self) -> int:
        return int(self.W.size)

    def penalty(self) -> float:
        return self.kernel_regularizer.penalty(self.W) if self.kernel_regularizer else 0.0

    def add_penalty_gradient(self) -> None:
        if self.kernel_regularizer:
            self.kernel_regularizer.add_gradient(self.W, self.dW)

    def constrain(self) -> None:
        if self.max_norm is not None:
            regularizers.project_max_norm(self.W, self.max_norm)

    @property
    def restrains(self) -> bool:
        own = self.kernel_regularizer is not None or self.max_norm is not None
        return own or self._defines_restraints(Dense)

    def config(self) -> dict[str, Any]:
        f, regularizer = self.activation, self.kernel_regularizer
        return {
            "units": self.units,
            "activation": f.get_config(),
            "use_bias": self.use_bias,
            "kernel_initializer": self.kernel_initializer.get_config(),
            "bias_initializer": self.bias_initializer.get_config(),
            "kernel_regularizer": regularizer.get_config() if regularizer else None,
            "max_norm": self.max_norm,
        }
