"""The logarithm of softmax."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glassnet._core.exponential import exp, log
from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart
from glassnet.activations.softmax import subtract_row_max


@kernel
def log_softmax_(z: Array) -> None:
    """zᵢ ← zᵢ - log Σ eᶻⁱ"""
    subtract_row_max(z)
    n, k = z.shape
    for i in range(n):
        total = z.dtype.type(0)
        for j in range(k):
            total += exp(z[i, j])
        log_total = log(total)
        for j in range(k):
            z[i, j] -= log_total


@kernel
def log_softmax_backward(p: Array, dy: Array) -> None:
    """dyᵢ ← dyᵢ - pᵢ·Σ dyᵢ, with p the probabilities"""
    n, k = p.shape
    for i in range(n):
        total = p.dtype.type(0)
        for j in range(k):
            total += dy[i, j]
        for j in range(k):
            dy[i, j] -= p[i, j] * total


@dataclass(frozen=True)
class LogSoftmax(Activation):
    """The logarithm of softmax, without the detour over small probabilities."""

    name = "log_softmax"
    reach = (-math.inf, 0.0)
    formula = "yᵢ = zᵢ − log Σⱼ exp(zⱼ)"
    derivative_formula = "∂yᵢ/∂zⱼ = δᵢⱼ − exp(yⱼ)"
    latex = r"y_i = z_i - \log \sum_j e^{z_j}"
    derivative_latex = r"\frac{\partial y_i}{\partial z_j} = \delta_{ij} - e^{y_j}"
    elementwise = False
    gives = "logarithms"
    keras = "log_softmax"
    torch = Counterpart("LogSoftmax", fixed={"dim": (-1, 1)})
    onnx = Counterpart("LogSoftmax", fixed={"axis": -1})
    c = """\
    real top = z[0], sum = 0;
    for (int i = 1; i < n; i++)
        top = z[i] > top ? z[i] : top;
    for (int i = 0; i < n; i++)
        sum += exp(z[i] - top);
    for (int i = 0; i < n; i++)
        z[i] -= top + log(sum);"""
    python = (
        "top = max(z)\n"
        "total = top + math.log(sum(exp(v - top) for v in z))\n"
        "return [v - total for v in z]"
    )

    def forward_(self, z: Array) -> None:
        log_softmax_(z)

    def backward_(self, saved: Array, dy: Array) -> None:
        log_softmax_backward(np.exp(saved), dy)
