"""The rectified linear unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.kernels import in_long_rows
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart


@kernel
def bias_relu(z: Array, b: Array) -> None:
    """z ← max(z + b, 0).  z: (n, k)  b: (k,)"""
    z, b = in_long_rows(z, b)
    zero = z.dtype.type(0)
    for i in range(len(z)):
        for j in range(b.size):
            v = z[i, j] + b[j]
            z[i, j] = zero if v <= zero else v


@kernel
def relu_backward(y: Array, dy: Array) -> None:
    """dy ← dy · [y > 0]"""
    y, dy = y.reshape(y.size), dy.reshape(dy.size)
    zero = y.dtype.type(0)
    for i in range(y.size):
        dy[i] = zero if y[i] <= zero else dy[i]


@dataclass(frozen=True)
class ReLU(Activation):
    """The rectifier; its slope at 0 is 0, as in Keras and PyTorch."""

    name = "relu"
    reach = (0.0, math.inf)
    formula = "f(z) = max(0, z)"
    derivative_formula = "f'(z) = 1 if y > 0, else 0"
    latex = r"f(z) = \max(0, z)"
    derivative_latex = r"f'(z) = \begin{cases} 1 & y > 0 \\ 0 & y = 0 \end{cases}"
    dies = True
    initializer = "he_normal"
    keras = "relu"
    keras_layers = (
        Counterpart(
            "ReLU",
            fixed={"max_value": (None,), "negative_slope": (0.0, None), "threshold": (0.0, None)},
        ),
    )
    torch = Counterpart("ReLU")
    onnx = Counterpart("Relu")
    sklearn = "relu"
    c = "z[i] > 0 ? z[i] : 0"
    python = "return [max(0.0, v) for v in z]"

    def forward_(self, z: Array) -> None:
        np.maximum(z, 0, out=z)

    def biased_forward_(self, z: Array, bias: Array) -> None:
        bias_relu(z, bias)

    def backward_(self, saved: Array, dy: Array) -> None:
        relu_backward(saved, dy)
