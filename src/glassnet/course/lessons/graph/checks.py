"""What is asked of the graph."""

from functools import partial

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

CALL = "buy_apples_and_oranges(…)"


@check("Mul")
def product_by_hand(t: Trial) -> None:
    node = t.new()
    t.close(node.forward(100.0, 2.0), 200.0, "forward(100, 2)")
    t.close(np.array(_pair(t, node.backward(1.1))), [2.2, 110.0], "backward(1.1)")


@check("Mul")
def product_of_arrays(t: Trial) -> None:
    for shape in t.shapes(5):
        x, y, dout = t.normal(*shape), t.normal(*shape), t.normal(*shape)
        node = t.new()
        t.close(node.forward(x, y), np.multiply(x, y), "forward(x, y)")
        dx, dy = _pair(t, node.backward(dout))
        t.close(dx, t.pulled(partial(np.multiply, y), x, dout), "backward(dout)[0]", dout=dout)
        t.close(dy, t.pulled(partial(np.multiply, x), y, dout), "backward(dout)[1]", dout=dout)


@check("Mul")
def product_forward_twice(t: Trial) -> None:
    node = t.new()
    node.forward(3.0, 5.0)
    node.forward(2.0, 7.0)
    t.close(np.array(_pair(t, node.backward(1.0))), [7.0, 2.0], "backward(1)")


@check("Mul")
def two_products(t: Trial) -> None:
    one, other = t.new(), t.new()
    one.forward(3.0, 5.0)
    other.forward(2.0, 7.0)
    t.close(np.array(_pair(t, one.backward(1.0))), [5.0, 3.0], "backward(1)")


@check("Add")
def sum_by_hand(t: Trial) -> None:
    node = t.new()
    t.close(node.forward(200.0, 450.0), 650.0, "forward(200, 450)")
    t.close(np.array(_pair(t, node.backward(1.1))), [1.1, 1.1], "backward(1.1)")


@check("Add")
def sum_of_arrays(t: Trial) -> None:
    x, y, dout = t.normal(2, 3), t.normal(2, 3), t.normal(2, 3)
    node = t.new()
    t.close(node.forward(x, y), x + y, "forward(x, y)")
    dx, dy = _pair(t, node.backward(dout))
    t.close(dx, dout, "backward(dout)[0]")
    t.close(dy, dout, "backward(dout)[1]")


class Mul:
    """The node in the place of the learner's: the shopping is judged by itself."""

    def forward(self, x: float, y: float) -> float:
        self.inputs = x, y
        return x * y

    def backward(self, dout: float) -> tuple[float, float]:
        x, y = self.inputs
        return dout * y, dout * x


class Add:
    """The same for the sum."""

    def forward(self, x: float, y: float) -> float:
        return x + y

    def backward(self, dout: float) -> tuple[float, float]:
        return dout, dout


@check("buy_apples_and_oranges")
def shopping_by_hand(t: Trial) -> None:
    with t.among(Mul=Mul, Add=Add):
        price, slopes = _pair(t, t.call(100.0, 2.0, 150.0, 3.0, 1.1))
    t.close(price, 715.0, CALL)
    t.close(np.array(_five(t, slopes)), [2.2, 110.0, 3.3, 165.0, 650.0], CALL)


@check("buy_apples_and_oranges")
def shopping_anywhere(t: Trial) -> None:
    for _ in range(5):
        at = t.rng.uniform(0.5, 5, size=5)
        with t.among(Mul=Mul, Add=Add):
            price, slopes = _pair(t, t.call(*map(float, at)))
        t.close(price, _price(at), CALL)
        t.close(np.array(_five(t, slopes)), t.slope(_price, at), CALL)


def _price(at: FloatArray) -> float:
    return float((at[0] * at[1] + at[2] * at[3]) * at[4])


def _pair(t: Trial, got: object) -> tuple[object, object]:
    t.that(isinstance(got, (tuple, list)) and len(got) == 2, "return a, b")
    assert isinstance(got, (tuple, list))
    return got[0], got[1]


def _five(t: Trial, got: object) -> list[object]:
    t.that(isinstance(got, (tuple, list)) and len(got) == 5, "return price, (·, ·, ·, ·, ·)")
    assert isinstance(got, (tuple, list))
    return list(got)
