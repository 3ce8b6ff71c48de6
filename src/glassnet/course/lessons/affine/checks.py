"""What is asked of an affine layer."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray


class Case(NamedTuple):
    """A layer's arrays."""

    x: FloatArray
    W: FloatArray
    b: FloatArray
    dout: FloatArray

    def forward(self) -> FloatArray:
        return np.asarray(np.einsum("ni,io->no", self.x, self.W) + self.b)

    def forward_of(self, name: str) -> Callable[[FloatArray], FloatArray]:
        """The outputs as a function of one of the arrays."""
        return lambda array: self._replace(**{name: array}).forward()


def _case(t: Trial, n: int, inputs: int, outputs: int) -> Case:
    return Case(
        t.normal(n, inputs), t.normal(inputs, outputs), t.normal(outputs), t.normal(n, outputs)
    )


def _cases(t: Trial) -> list[Case]:
    return [_case(t, *sizes) for sizes in ((1, 2, 3), (4, 3, 2), (3, 3, 3), (5, 1, 4), (2, 4, 1))]


@check("Affine")
def by_hand(t: Trial) -> None:
    layer = t.new(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 20.0]))
    x = np.array([[1.0, 0.0], [1.0, 1.0]])
    t.close(layer.forward(x), [[11, 22], [14, 26]], "forward(x)", x=x)
    dout = np.array([[1.0, 0.0], [0.0, 1.0]])
    t.close(layer.backward(dout), [[1, 3], [2, 4]], "backward(dout)", dout=dout)
    t.close(layer.value("dW"), [[1, 1], [0, 1]], "dW")
    t.close(layer.value("db"), [1, 1], "db")


@check("Affine")
def forward(t: Trial) -> None:
    for case in _cases(t):
        t.close(t.new(case.W, case.b).forward(case.x), case.forward(), "forward(x)")


@check("Affine")
def gradient_of_inputs(t: Trial) -> None:
    for case in _cases(t):
        layer = t.new(case.W, case.b)
        layer.forward(case.x)
        wanted = t.pulled(case.forward_of("x"), case.x, case.dout)
        t.close(layer.backward(case.dout), wanted, "backward(dout)")


@check("Affine")
def gradient_of_weights(t: Trial) -> None:
    for case in _cases(t):
        layer = t.new(case.W, case.b)
        layer.forward(case.x)
        layer.backward(case.dout)
        t.close(layer.value("dW"), t.pulled(case.forward_of("W"), case.W, case.dout), "dW")


@check("Affine")
def gradient_of_bias(t: Trial) -> None:
    for case in _cases(t):
        layer = t.new(case.W, case.b)
        layer.forward(case.x)
        layer.backward(case.dout)
        t.close(layer.value("db"), t.pulled(case.forward_of("b"), case.b, case.dout), "db")


@check("Affine")
def twice(t: Trial) -> None:
    case = _case(t, 4, 3, 2)
    layer = t.new(case.W, case.b)
    layer.forward(case.x)
    first = np.array(layer.backward(case.dout))
    dW = np.array(layer.value("dW"))
    t.close(layer.backward(case.dout), first, "backward(dout)")
    t.close(layer.value("dW"), dW, "dW")
    t.close(layer.value("W"), case.W, "W")
