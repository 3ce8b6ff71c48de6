"""The rectified linear unit with a slope below 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from glassnet._core.jit import kernel
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart


@kernel
def leaky_relu_(z: Array, slope: float) -> None:
    """z ← z if z > 0 else slope · z"""
    z = z.reshape(z.size)
    zero, s = z.dtype.type(0), z.dtype.type(slope)
    for i in range(z.size):
        z[i] = z[i] if z[i] > zero else s * z[i]


@kernel
def leaky_relu_backward(y: Array, dy: Array, slope: float) -> None:
    """dy ← dy · (1 if y > 0 else slope)"""
    y, dy = y.reshape(y.size), dy.reshape(dy.size)
    zero, one, s = y.dtype.type(0), y.dtype.type(1), y.dtype.type(slope)
    for i in range(y.size):
        dy[i] *= one if y[i] > zero else s


SLOPE = {"negative_slope": "negative_slope"}


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """A rectifier that lets a little through below 0 (Maas et al. 2013); 0.2 as in Keras."""

    name = "leaky_relu"
    formula = "f(z) = z if z > 0, else a·z"
    derivative_formula = "f'(z) = 1 if y > 0, else a"
    letters: ClassVar[Mapping[str, str]] = {"negative_slope": "a"}
    latex = r"f(z) = \begin{cases} z & z > 0 \\ a z & z \le 0 \end{cases}"
    derivative_latex = r"f'(z) = \begin{cases} 1 & y > 0 \\ a & y \le 0 \end{cases}"
    initializer = "he_normal"
    keras = "leaky_relu"
    keras_layers = (
        Counterpart("LeakyReLU", SLOPE, absent={"negative_slope": 0.3}),
        Counterpart("ReLU", SLOPE, fixed={"max_value": (None,), "threshold": (0.0, None)}),
    )
    torch = Counterpart("LeakyReLU", SLOPE)
    onnx = Counterpart("LeakyRelu", {"alpha": "negative_slope"}, absent={"alpha": 0.01})
    note = "a is the negative slope"
    c = "z[i] > 0 ? z[i] : negative_slope * z[i]"
    python = "return [v if v > 0 else negative_slope * v for v in z]"
    negative_slope: float = 0.2

    def __post_init__(self) -> None:
        # A negative one would break "y > 0 where z > 0", from which the derivative is read.
        number(self.name, "negative_slope", self.negative_slope, minimum=0.0)

    def forward_(self, z: Array) -> None:
        leaky_relu_(z, float(self.negative_slope))

    def backward_(self, saved: Array, dy: Array) -> None:
        leaky_relu_backward(saved, dy, float(self.negative_slope))
