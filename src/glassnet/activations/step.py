"""The perceptron's threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet._core.types import Array
from glassnet.activations.base import Activation


@dataclass(frozen=True)
class Step(Activation):
    """The perceptron's threshold, with h(0) = 0 (Saito, Deep Learning from Scratch, ch. 2).

    Its slope is 0 everywhere, so a network with it cannot learn by gradients.
    """

    name = "step"
    formula = "h(z) = 1 if z > 0, else 0"
    derivative_formula = "h'(z) = 0"
    latex = r"h(z) = \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}"
    derivative_latex = r"h'(z) = 0"
    trainable = False

    def forward_(self, z: Array) -> None:
        np.heaviside(z, 0.0, out=z)

    def backward_(self, saved: Array, dy: Array) -> None:
        dy.fill(0)
