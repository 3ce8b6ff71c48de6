"""The exponential linear unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart


@kernel
def elu_join(z: Array, e: Array, alpha: float, scale: float) -> None:
    """z ← scale · (z if z > 0 else alpha · e), with e = exp(min(z, 0)) - 1"""
    n, k = z.shape
    zero, a, s = z.dtype.type(0), z.dtype.type(alpha), z.dtype.type(scale)
    for i in range(n):
        for j in range(k):
            v = z[i, j]
            z[i, j] = s * (v if v > zero else a * e[i, j])


@kernel
def elu_backward(y: Array, dy: Array, alpha: float, scale: float) -> None:
    """dy ← dy · (scale if y > 0 else y + scale·alpha): the derivative read off the output."""
    n, k = y.shape
    zero, s = y.dtype.type(0), y.dtype.type(scale)
    bottom = y.dtype.type(scale * alpha)
    for i in range(n):
        for j in range(k):
            v = y[i, j]
            dy[i, j] *= s if v > zero else v + bottom


ALPHA = {"alpha": "alpha"}


@dataclass(frozen=True)
class ELU(Activation):
    """The exponential linear unit (Clevert et al. 2016)."""

    name = "elu"
    formula = "f(z) = z if z > 0, else α·(eᶻ − 1)"
    derivative_formula = "f'(z) = 1 if y > 0, else y + α"
    letters: ClassVar[Mapping[str, str]] = {"alpha": "α"}
    latex = r"f(z) = \begin{cases} z & z > 0 \\ \alpha\,(e^{z} - 1) & z \le 0 \end{cases}"
    derivative_latex = r"f'(z) = \begin{cases} 1 & y > 0 \\ y + \alpha & y \le 0 \end{cases}"
    initializer = "he_normal"
    keras = "elu"
    keras_layers = (Counterpart("ELU", ALPHA, absent={"alpha": 1.0}),)
    torch = Counterpart("ELU", ALPHA)
    onnx = Counterpart("Elu", ALPHA, absent={"alpha": 1.0})
    c = "z[i] > 0 ? z[i] : alpha * expm1(z[i])"
    python = "return [v if v > 0 else alpha * math.expm1(v) for v in z]"
    alpha: float = 1.0

    @property
    def reach(self) -> tuple[float, float]:  # type: ignore[override]  # it depends on alpha
        return (-self.alpha, math.inf)

    def __post_init__(self) -> None:
        # A negative one would break "y > 0 where z > 0", from which the derivative is read.
        number(self.name, "alpha", self.alpha, minimum=0.0)

    def forward_(self, z: Array) -> None:
        e = np.minimum(z, 0)
        np.expm1(e, out=e)
        elu_join(z, e, float(self.alpha), 1.0)

    def backward_(self, saved: Array, dy: Array) -> None:
        elu_backward(saved, dy, float(self.alpha), 1.0)
