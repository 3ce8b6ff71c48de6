"""The exponential function."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glassnet._core.kernels import multiply
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart


@dataclass(frozen=True)
class Exponential(Activation):
    """eᶻ: for outputs that are counts, with the loss "poisson"."""

    name = "exponential"
    reach = (0.0, math.inf)
    formula = "f(z) = eᶻ"
    derivative_formula = "f'(z) = y"
    latex = r"f(z) = e^{z}"
    derivative_latex = r"f'(z) = y"
    keras = "exponential"
    onnx = Counterpart("Exp")
    sklearn = "exp"
    c = "exp(z[i])"
    python = "return [exp(v) if v < 709 else math.inf for v in z]"

    def forward_(self, z: Array) -> None:
        with np.errstate(over="ignore"):  # beyond 88 in float32, 709 in float64: infinite
            np.exp(z, out=z)

    def backward_(self, saved: Array, dy: Array) -> None:
        multiply(dy, saved)
