"""The approximation of GELU by tanh."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glassnet._core.formats import OnnxGraph
from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart
from glassnet.activations.gelu import onnx_half


@kernel
def gelu_tanh_inner(z: Array) -> None:
    """z ← √(2/π)·(z + 0.044715·z³)"""
    n, k = z.shape
    number = z.dtype.type
    one, c, cubic = number(1), number(math.sqrt(2 / math.pi)), number(0.044715)
    for i in range(n):
        for j in range(k):
            v = z[i, j]
            z[i, j] = c * v * (one + cubic * v * v)


@kernel
def gelu_tanh_(z: Array, t: Array) -> None:
    """z ← z·(1 + t)/2, with t = tanh(inner(z))"""
    n, k = z.shape
    half = z.dtype.type(0.5)
    for i in range(n):
        for j in range(k):
            v = half * z[i, j]
            z[i, j] = v + v * t[i, j]


@kernel
def gelu_tanh_backward(z: Array, t: Array, dy: Array) -> None:
    """dy ← dy · ((1 + t)/2 + z/2·(1 - t²)·√(2/π)·(1 + 3·0.044715·z²))"""
    n, k = z.shape
    number = z.dtype.type
    half, one = number(0.5), number(1)
    c, cubic = number(math.sqrt(2 / math.pi)), number(3 * 0.044715)
    for i in range(n):
        for j in range(k):
            v, w = z[i, j], t[i, j]
            slope = c * (one + cubic * v * v)
            dy[i, j] *= half * (one + w) + half * v * (one - w) * (one + w) * slope


@dataclass(frozen=True)
class GELUTanh(Activation):
    """The approximation of GELU by tanh (Hendrycks, Gimpel 2016); ``approximate`` in Keras."""

    name = "gelu_tanh"
    reach = (-0.171, math.inf)
    formula = "f(z) = z·(1 + t)/2, with t = tanh(√(2/π)·(z + 0.044715·z³))"
    derivative_formula = "f'(z) = (1 + t)/2 + z/2·(1 − t²)·√(2/π)·(1 + 0.134145·z²)"
    latex = (
        r"f(z) = \frac{z}{2}\,(1 + t), \quad "
        r"t = \tanh\left(\sqrt{2/\pi}\,(z + 0.044715\,z^3)\right)"
    )
    derivative_latex = (
        r"f'(z) = \frac{1 + t}{2} + \frac{z}{2}\,(1 - t^2)\,\sqrt{2/\pi}\,(1 + 0.134145\,z^2)"
    )
    needs_z = True
    initializer = "he_normal"
    torch = Counterpart("GELU", fixed={"approximate": "tanh"})
    c = (
        "z[i] * (1 + tanh((real)0.7978845608028654 * (z[i] + (real)0.044715 * z[i] * z[i] * z[i])))"
        " / 2"
    )
    python = (
        "root = math.sqrt(2 / math.pi)\n"
        "return [v * (1 + math.tanh(root * (v + 0.044715 * v**3))) / 2 for v in z]"
    )

    def _tanh(self, z: Array) -> Array:
        t = z.copy()
        gelu_tanh_inner(t)
        return np.tanh(t, out=t)

    def forward_(self, z: Array) -> None:
        gelu_tanh_(z, self._tanh(z))

    def backward_(self, saved: Array, dy: Array) -> None:
        gelu_tanh_backward(saved, self._tanh(saved), dy)

    def to_onnx(self, graph: OnnxGraph, z: str) -> str | None:
        """z/2·(1 + tanh(z·√(2/π)·(1 + 0.044715·z²)))"""
        small = graph.add("Mul", graph.add("Mul", z, z), graph.constant("cubic", 0.044715))
        grown = graph.add("Add", small, graph.constant("unit", 1.0))
        scaled = graph.add("Mul", z, graph.constant("root", math.sqrt(2 / math.pi)))
        return onnx_half(graph, z, graph.add("Tanh", graph.add("Mul", scaled, grown)))
