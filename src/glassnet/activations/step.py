"""The perceptron's threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet._core.formats import OnnxGraph
from glassnet._core.types import Array
from glassnet.activations.base import Activation


@dataclass(frozen=True)
class Step(Activation):
    """The perceptron's threshold, with h(0) = 0 (Saito, Deep Learning from Scratch, ch. 2).

    Its slope is 0 everywhere, so a network with it cannot learn by gradients.
    """

    name = "step"
    reach = (0.0, 1.0)
    formula = "h(z) = 1 if z > 0, else 0"
    derivative_formula = "h'(z) = 0"
    latex = r"h(z) = \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}"
    derivative_latex = r"h'(z) = 0"
    trainable = False
    c = "z[i] > 0 ? 1 : 0"
    python = "return [1.0 if v > 0 else 0.0 for v in z]"

    def forward_(self, z: Array) -> None:
        np.heaviside(z, 0.0, out=z)

    def backward_(self, saved: Array, dy: Array) -> None:
        dy.fill(0)

    def to_onnx(self, graph: OnnxGraph, z: str) -> str | None:
        above = graph.add("Greater", z, graph.constant("zero", 0.0))
        return str(graph.add("Cast", above, to=graph.onnx.TensorProto.FLOAT))
