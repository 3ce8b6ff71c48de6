"""What is asked of the two layers."""

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray


def _away_from_kink(t: Trial, rows: int, columns: int) -> FloatArray:
    """Random numbers whose ReLU has a slope on both sides of them."""
    x = t.normal(rows, columns)
    return x + np.sign(x) * 0.01


@check("ReLU")
def relu_forward(t: Trial) -> None:
    layer = t.new()
    for shape in t.shapes(10):
        x = t.normal(*shape)
        t.close(layer.forward(x), (np.abs(x) + x) / 2, "forward(x)", x=x)


@check("ReLU")
def relu_backward(t: Trial) -> None:
    for shape in t.shapes(10):
        layer = t.new()
        x, dout = _away_from_kink(t, *shape), t.normal(*shape)
        layer.forward(x)
        slopes = t.pulled(lambda at: (np.abs(at) + at) / 2, x, dout)
        t.close(layer.backward(dout), slopes, "backward(dout)", x=x, dout=dout)


@check("ReLU")
def relu_at_zero(t: Trial) -> None:
    layer = t.new()
    x, dout = np.array([[-1.0, 0.0, 2.0]]), np.array([[3.0, 5.0, 7.0]])
    t.close(layer.forward(x), [[0.0, 0.0, 2.0]], "forward(x)", x=x)
    t.close(layer.backward(dout), [[0.0, 0.0, 7.0]], "backward(dout)", x=x)


@check("ReLU")
def relu_twice(t: Trial) -> None:
    layer = t.new()
    x, dout = t.normal(3, 4), t.normal(3, 4)
    layer.forward(x)
    first = np.array(layer.backward(dout))
    t.close(layer.backward(dout), first, "backward(dout)", dout=dout)


@check("Sigmoid")
def sigmoid_forward(t: Trial) -> None:
    layer = t.new()
    for shape in t.shapes(10):
        x = t.normal(*shape)
        t.close(layer.forward(x), (1 + np.tanh(x / 2)) / 2, "forward(x)", x=x)


@check("Sigmoid")
def sigmoid_backward(t: Trial) -> None:
    for shape in t.shapes(10):
        layer = t.new()
        x, dout = t.normal(*shape), t.normal(*shape)
        layer.forward(x)
        slopes = t.pulled(lambda at: (1 + np.tanh(at / 2)) / 2, x, dout)
        t.close(layer.backward(dout), slopes, "backward(dout)", x=x, dout=dout)


@check("Sigmoid")
def sigmoid_twice(t: Trial) -> None:
    layer = t.new()
    x, dout = t.normal(3, 4), t.normal(3, 4)
    layer.forward(x)
    first = np.array(layer.backward(dout))
    t.close(layer.backward(dout), first, "backward(dout)", dout=dout)
