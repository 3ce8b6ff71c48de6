"""The sigmoid, or logistic function."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet._core.exponential import exp
from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart


@kernel
def sigmoid_(z: Array) -> None:
    """z ← 1 / (1 + e⁻ᶻ)"""
    z = z.reshape(z.size)
    one = z.dtype.type(1)
    for i in range(z.size):
        z[i] = one / (one + exp(-z[i]))


@kernel
def sigmoid_backward(y: Array, dy: Array) -> None:
    """dy ← dy · y·(1 - y)"""
    y, dy = y.reshape(y.size), dy.reshape(dy.size)
    one = y.dtype.type(1)
    for i in range(y.size):
        dy[i] *= y[i] * (one - y[i])


@dataclass(frozen=True)
class Sigmoid(Activation):
    """The logistic function, from 0 to 1.

    >>> round(Sigmoid()(1), 4), round(Sigmoid()(5), 4)
    (0.7311, 0.9933)
    """

    name = "sigmoid"
    reach = (0.0, 1.0)
    formula = "σ(z) = 1 / (1 + e⁻ᶻ)"
    derivative_formula = "σ'(z) = y·(1 − y)"
    latex = r"\sigma(z) = \frac{1}{1 + e^{-z}}"
    derivative_latex = r"\sigma'(z) = y\,(1 - y)"
    gives = "probabilities"
    saturated = (0.04, 0.96)
    keras = "sigmoid"
    torch = Counterpart("Sigmoid")
    onnx = Counterpart("Sigmoid")
    sklearn = "logistic"
    note = "for z < 0 in the form that cannot overflow"
    c = "z[i] >= 0 ? 1 / (1 + exp(-z[i])) : exp(z[i]) / (1 + exp(z[i]))"
    python = "return [1 / (1 + exp(-v)) if v >= 0 else exp(v) / (1 + exp(v)) for v in z]"

    def forward_(self, z: Array) -> None:
        sigmoid_(z)

    def backward_(self, saved: Array, dy: Array) -> None:
        sigmoid_backward(saved, dy)
