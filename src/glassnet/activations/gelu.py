"""The Gaussian error linear unit.

The exact form needs Φ(z), the chance that a standard normal number is below z. ``erf`` is
computed one number at a time, in Numba as in SciPy; the polynomial below is a loop that
vectorises, around NumPy's exp (128×128 of float32: 60 against 390 µs), and is as exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.formats import OnnxGraph
from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart

# M(a) = Φ(-a)·exp(a²/2) = t·P(s) for a ≥ 0, with t = 5/(5 + a) and s = 2t - 1 in [-1, 1].
# P interpolates M(a)/t at the 23 Chebyshev points, computed with 60 digits; it is off by less
# than 5e-17 of its value. The error of Φ(-a) is then that of exp: a few roundings times a²/2.
# fmt: off
P00, P01, P02 = 0.15383860995001258, 0.13307650057801154, 0.09906112319399536
P03, P04, P05 = 0.06270663133424276, 0.033004073234068565, 0.013823727741762866
P06, P07, P08 = 0.004159013360188323, 0.000598675347644644, -0.00015957388189616128
P09, P10, P11 = -0.000108979766180186, -1.1875134657297732e-05, 9.952354237958437e-06
P12, P13, P14 = 3.3362198231726934e-06, -7.955825281186485e-07, -5.538675742087709e-07
P15, P16, P17 = 6.621396143053724e-08, 8.68052518965955e-08, -7.163680103086447e-09
P18, P19, P20 = -1.356511062658231e-08, 1.0031299879715714e-09, 1.8893655039354733e-09
P21, P22 = -1.0074604252759712e-10, -1.6332385248857972e-10
# fmt: on


@kernel
def tail_factor(a: Any, number: Any) -> Any:
    """M(a) = Φ(-a)·exp(a²/2) for one a ≥ 0, computed in the type ``number``."""
    t = number(5.0) / (number(5.0) + a)
    s = number(2.0) * t - number(1.0)
    p = number(P21) + number(P22) * s  # Horner's rule, written out: a loop would not vectorise
    p = number(P20) + p * s
    p = number(P19) + p * s
    p = number(P18) + p * s
    p = number(P17) + p * s
    p = number(P16) + p * s
    p = number(P15) + p * s
    p = number(P14) + p * s
    p = number(P13) + p * s
    p = number(P12) + p * s
    p = number(P11) + p * s
    p = number(P10) + p * s
    p = number(P09) + p * s
    p = number(P08) + p * s
    p = number(P07) + p * s
    p = number(P06) + p * s
    p = number(P05) + p * s
    p = number(P04) + p * s
    p = number(P03) + p * s
    p = number(P02) + p * s
    p = number(P01) + p * s
    p = number(P00) + p * s
    return t * p


@kernel
def minus_half_square(z: Array) -> None:
    """z ← -z²/2, the exponent of the normal density."""
    n, k = z.shape
    half = z.dtype.type(-0.5)
    for i in range(n):
        for j in range(k):
            z[i, j] *= half * z[i, j]


@kernel
def gelu_(z: Array, e: Array) -> None:
    """z ← z·Φ(z), with e = exp(-z²/2)"""
    n, k = z.shape
    number = z.dtype.type
    zero, one = number(0), number(1)
    for i in range(n):
        for j in range(k):
            v = z[i, j]
            tail = e[i, j] * tail_factor(abs(v), number)
            z[i, j] = v * (one - tail if v > zero else tail)


@kernel
def gelu_backward(z: Array, e: Array, dy: Array) -> None:
    """dy ← dy · (Φ(z) + z·φ(z)), with e = exp(-z²/2) and φ(z) = e / √(2π)"""
    n, k = z.shape
    number = z.dtype.type
    zero, one, peak = number(0), number(1), number(1 / math.sqrt(2 * math.pi))
    for i in range(n):
        for j in range(k):
            v = z[i, j]
            tail = e[i, j] * tail_factor(abs(v), number)
            dy[i, j] *= (one - tail if v > zero else tail) + v * (peak * e[i, j])


def onnx_half(graph: OnnxGraph, z: str, t: str) -> str:
    """z/2·(1 + t)"""
    half = graph.add("Mul", z, graph.constant("half", 0.5))
    return str(graph.add("Mul", half, graph.add("Add", t, graph.constant("one", 1.0))))


@dataclass(frozen=True)
class GELU(Activation):
    """z times the chance that a standard normal number is below z (Hendrycks, Gimpel 2016)."""

    name = "gelu"
    reach = (-0.17, math.inf)
    formula = "f(z) = z·Φ(z), with Φ(z) = (1 + erf(z/√2)) / 2"
    derivative_formula = "f'(z) = Φ(z) + z·φ(z), with φ(z) = exp(−z²/2) / √(2π)"
    latex = r"f(z) = z\,\Phi(z), \quad \Phi(z) = \frac{1 + \mathrm{erf}(z/\sqrt{2})}{2}"
    derivative_latex = (
        r"f'(z) = \Phi(z) + z\,\varphi(z), \quad \varphi(z) = \frac{e^{-z^2/2}}{\sqrt{2\pi}}"
    )
    needs_z = True
    initializer = "he_normal"
    keras = "gelu"
    torch = Counterpart("GELU", fixed={"approximate": "none"})
    c = "z[i] * (1 + erf(z[i] * (real)0.7071067811865476)) / 2"
    python = "return [v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in z]"

    def _density(self, z: Array) -> Array:
        """exp(-z²/2)"""
        e = z.copy()
        minus_half_square(e)
        return np.exp(e, out=e)

    def forward_(self, z: Array) -> None:
        gelu_(z, self._density(z))

    def backward_(self, saved: Array, dy: Array) -> None:
        gelu_backward(saved, self._density(saved), dy)

    def to_onnx(self, graph: OnnxGraph, z: str) -> str | None:
        """z/2·(1 + erf(z/√2)); opset 20 has it as one operator, which today's runtimes lack."""
        inner = graph.add("Mul", z, graph.constant("root", math.sqrt(0.5)))
        return onnx_half(graph, z, graph.add("Erf", inner))
