"""z times its sigmoid: SiLU, or swish."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassnet._core.formats import OnnxGraph
from glassnet._core.jit import kernel
from glassnet._core.kernels import multiply
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart
from glassnet.activations.sigmoid import sigmoid_


@kernel
def silu_backward(z: Array, s: Array, dy: Array) -> None:
    """dy ← dy · s·(1 + z·(1 - s)), with s = σ(z)"""
    n, k = z.shape
    one = z.dtype.type(1)
    for i in range(n):
        for j in range(k):
            v = s[i, j]
            dy[i, j] *= v * (one + z[i, j] * (one - v))


@dataclass(frozen=True)
class SiLU(Activation):
    """z·σ(z), also called swish (Elfwing et al. 2018; Ramachandran et al. 2017)."""

    name = "silu"
    reach = (-0.279, math.inf)
    formula = "f(z) = z·σ(z)"
    derivative_formula = "f'(z) = σ(z)·(1 + z·(1 − σ(z)))"
    latex = r"f(z) = z\,\sigma(z)"
    derivative_latex = r"f'(z) = \sigma(z)\,(1 + z\,(1 - \sigma(z)))"
    needs_z = True
    initializer = "he_normal"
    keras = "silu"
    torch = Counterpart("SiLU")
    note = "for z < 0 in the form that cannot overflow"
    c = "z[i] >= 0 ? z[i] / (1 + exp(-z[i])) : z[i] * exp(z[i]) / (1 + exp(z[i]))"
    python = "return [v * s for v, s in zip(z, sigmoid(z))]"
    python_calls = ("sigmoid",)

    def _sigmoid(self, z: Array) -> Array:
        s = z.copy()
        sigmoid_(s)
        return s

    def forward_(self, z: Array) -> None:
        multiply(z, self._sigmoid(z))

    def backward_(self, saved: Array, dy: Array) -> None:
        silu_backward(saved, self._sigmoid(saved), dy)

    def to_onnx(self, graph: OnnxGraph, z: str) -> str | None:
        return str(graph.add("Mul", z, graph.add("Sigmoid", z)))
