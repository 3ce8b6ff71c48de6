"""The identity."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet._core.formats import OnnxGraph
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart


@dataclass(frozen=True)
class Linear(Activation):
    """The identity: for regression, and for logits."""

    name = "linear"
    formula = "f(z) = z"
    derivative_formula = "f'(z) = 1"
    latex = r"f(z) = z"
    derivative_latex = r"f'(z) = 1"
    keras = "linear"
    torch = Counterpart("Identity")
    sklearn = "identity"

    def forward_(self, z: Array) -> None:
        pass

    def backward_(self, saved: Array, dy: Array) -> None:
        pass

    def to_onnx(self, graph: OnnxGraph, z: str) -> str | None:
        return z
