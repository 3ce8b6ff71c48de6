"""The rectified linear unit that ends at 6."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet._core.formats import OnnxGraph
from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart

TOP = 6.0


@kernel
def relu6_(z: Array) -> None:
    """z ← min(max(z, 0), 6)"""
    z = z.reshape(z.size)
    zero, top = z.dtype.type(0), z.dtype.type(TOP)
    for i in range(z.size):
        v = zero if z[i] <= zero else z[i]
        z[i] = top if v > top else v


@kernel
def relu6_backward(y: Array, dy: Array) -> None:
    """dy ← dy · [0 < y < 6]"""
    y, dy = y.reshape(y.size), dy.reshape(dy.size)
    zero, top = y.dtype.type(0), y.dtype.type(TOP)
    for i in range(y.size):
        d = zero if y[i] <= zero else dy[i]
        dy[i] = zero if y[i] >= top else d


@dataclass(frozen=True)
class ReLU6(Activation):
    """A rectifier up to 6, for networks of few bits (Howard et al. 2017, MobileNets).

    Its slope at 0 and at 6 is 0, as in Keras and PyTorch.
    """

    name = "relu6"
    reach = (0.0, TOP)
    formula = "f(z) = min(max(0, z), 6)"
    derivative_formula = "f'(z) = 1 if 0 < y < 6, else 0"
    latex = r"f(z) = \min(\max(0, z), 6)"
    derivative_latex = r"f'(z) = \begin{cases} 1 & 0 < y < 6 \\ 0 & \text{else} \end{cases}"
    dies = True
    initializer = "he_normal"
    keras = "relu6"
    keras_layers = (
        Counterpart(
            "ReLU",
            fixed={"max_value": TOP, "negative_slope": (0.0, None), "threshold": (0.0, None)},
        ),
    )
    torch = Counterpart("ReLU6")
    c = "z[i] > 6 ? 6 : z[i] > 0 ? z[i] : 0"
    python = "return [min(max(0.0, v), 6.0) for v in z]"

    def to_onnx(self, graph: OnnxGraph, z: str) -> str:
        return graph.add("Clip", z, graph.constant("zero", 0.0), graph.constant("top", TOP))

    def forward_(self, z: Array) -> None:
        relu6_(z)

    def backward_(self, saved: Array, dy: Array) -> None:
        relu6_backward(saved, dy)
