"""The logarithm of 1 + e^z."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.kernels import multiply
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart


@kernel
def softplus_join(z: Array, e: Array) -> None:
    """z ← max(z, 0) + e, with e = log(1 + exp(-|z|))"""
    n, k = z.shape
    zero = z.dtype.type(0)
    for i in range(n):
        for j in range(k):
            v = z[i, j]
            z[i, j] = e[i, j] + (zero if v <= zero else v)


@dataclass(frozen=True)
class Softplus(Activation):
    """A smooth ReLU, computed as max(z, 0) + log(1 + e^-|z|), which cannot overflow."""

    name = "softplus"
    reach = (0.0, math.inf)
    formula = "f(z) = log(1 + eᶻ)"
    derivative_formula = "f'(z) = σ(z) = 1 − e⁻ʸ"
    latex = r"f(z) = \log(1 + e^{z})"
    derivative_latex = r"f'(z) = \sigma(z) = 1 - e^{-y}"
    initializer = "he_normal"
    keras = "softplus"
    torch = Counterpart("Softplus", fixed={"beta": 1.0})
    onnx = Counterpart("Softplus")
    note = "as max(z, 0) + log(1 + e^−|z|), which cannot overflow"
    c = "(z[i] > 0 ? z[i] : 0) + log1p(exp(-fabs(z[i])))"
    python = "return [max(v, 0.0) + math.log1p(exp(-abs(v))) for v in z]"

    def forward_(self, z: Array) -> None:
        e = np.abs(z)
        np.negative(e, out=e)
        np.exp(e, out=e)
        np.log1p(e, out=e)
        softplus_join(z, e)

    def backward_(self, saved: Array, dy: Array) -> None:
        slope = np.negative(saved)
        np.expm1(slope, out=slope)  # -(1 - e⁻ʸ), exact for small y too
        np.negative(slope, out=slope)
        multiply(dy, slope)
