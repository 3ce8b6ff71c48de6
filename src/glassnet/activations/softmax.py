"""Softmax and its logarithm: the activations that mix the elements of a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet._core.types import Array
from glassnet.activations import kernels
from glassnet.activations.base import Activation


@dataclass(frozen=True)
class Softmax(Activation):
    """Probabilities from logits, along the last axis; the largest logit is subtracted first."""

    name = "softmax"
    formula = "yᵢ = exp(zᵢ) / Σⱼ exp(zⱼ)"
    derivative_formula = "∂yᵢ/∂zⱼ = yᵢ·(δᵢⱼ − yⱼ)"
    latex = r"y_i = \frac{e^{z_i}}{\sum_j e^{z_j}}"
    derivative_latex = r"\frac{\partial y_i}{\partial z_j} = y_i\,(\delta_{ij} - y_j)"
    elementwise = False

    def forward_(self, z: Array) -> None:
        kernels.softmax(z)

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.softmax_backward(saved, dy)


@dataclass(frozen=True)
class LogSoftmax(Activation):
    """The logarithm of softmax, without the detour over small probabilities."""

    name = "log_softmax"
    formula = "yᵢ = zᵢ − log Σⱼ exp(zⱼ)"
    derivative_formula = "∂yᵢ/∂zⱼ = δᵢⱼ − exp(yⱼ)"
    latex = r"y_i = z_i - \log \sum_j e^{z_j}"
    derivative_latex = r"\frac{\partial y_i}{\partial z_j} = \delta_{ij} - e^{y_j}"
    elementwise = False

    def forward_(self, z: Array) -> None:
        kernels.log_softmax(z)

    def backward_(self, saved: Array, dy: Array) -> None:
        kernels.log_softmax_backward(np.exp(saved), dy)
