"""The hyperbolic tangent."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet._core.exponential import tanh
from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart


@kernel
def tanh_(z: Array) -> None:
    """z ← tanh z"""
    z = z.reshape(z.size)
    for i in range(z.size):
        z[i] = tanh(z[i])


@kernel
def tanh_backward(y: Array, dy: Array) -> None:
    """dy ← dy · (1 - y²)"""
    y, dy = y.reshape(y.size), dy.reshape(dy.size)
    one = y.dtype.type(1)
    for i in range(y.size):
        dy[i] *= one - y[i] * y[i]


@dataclass(frozen=True)
class Tanh(Activation):
    """The hyperbolic tangent, from -1 to 1."""

    name = "tanh"
    reach = (-1.0, 1.0)
    formula = "tanh(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)"
    derivative_formula = "tanh'(z) = 1 − y²"
    latex = r"\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}"
    derivative_latex = r"\tanh'(z) = 1 - y^2"
    saturated = (-0.98, 0.98)
    keras = "tanh"
    torch = Counterpart("Tanh")
    onnx = Counterpart("Tanh")
    sklearn = "tanh"
    c = "tanh(z[i])"
    python = "return [math.tanh(v) for v in z]"

    def forward_(self, z: Array) -> None:
        tanh_(z)

    def backward_(self, saved: Array, dy: Array) -> None:
        tanh_backward(saved, dy)
