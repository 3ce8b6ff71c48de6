"""The self-normalizing exponential linear unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart
from glassnet.activations.elu import elu_backward, elu_join

# Klambauer et al. 2017, equation 14: the fixed point of mean 0 and variance 1.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


@dataclass(frozen=True)
class SELU(Activation):
    """The ELU that keeps mean 0 and variance 1 from layer to layer (Klambauer et al. 2017).

    Its slope at the corner, 0, is λ·α as in PyTorch; Keras on TensorFlow takes λ.
    """

    name = "selu"
    reach = (-1.7581, math.inf)
    formula = "f(z) = λ·z if z > 0, else λ·α·(eᶻ − 1), with λ = 1.0507, α = 1.6733"
    derivative_formula = "f'(z) = λ if y > 0, else y + λ·α"
    latex = (
        r"f(z) = \lambda \begin{cases} z & z > 0 \\ \alpha\,(e^{z} - 1) & z \le 0 \end{cases},"
        r"\quad \lambda = 1.0507,\ \alpha = 1.6733"
    )
    derivative_latex = (
        r"f'(z) = \begin{cases} \lambda & y > 0 \\ y + \lambda\alpha & y \le 0 \end{cases}"
    )
    initializer = "lecun_normal"
    keras = "selu"
    torch = Counterpart("SELU")
    onnx = Counterpart("Selu", fixed={"alpha": SELU_ALPHA, "gamma": SELU_SCALE})
    c = f"(real){SELU_SCALE} * (z[i] > 0 ? z[i] : (real){SELU_ALPHA} * expm1(z[i]))"
    python = (
        f"scale, alpha = {SELU_SCALE}, {SELU_ALPHA}\n"
        "return [scale * (v if v > 0 else alpha * math.expm1(v)) for v in z]"
    )

    def forward_(self, z: Array) -> None:
        e = np.minimum(z, 0)
        np.expm1(e, out=e)
        elu_join(z, e, SELU_ALPHA, SELU_SCALE)

    def backward_(self, saved: Array, dy: Array) -> None:
        elu_backward(saved, dy, SELU_ALPHA, SELU_SCALE)
