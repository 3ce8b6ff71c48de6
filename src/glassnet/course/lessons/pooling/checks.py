"""What is asked of max pooling and of flattening."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray


class Case(NamedTuple):
    """Images, and how a window goes over them."""

    shape: tuple[int, int, int, int]
    size: int
    stride: int

    def pooled(self, x: FloatArray) -> FloatArray:
        """The largest of each window, by NumPy's views of all windows."""
        seen = sliding_window_view(x, (self.size, self.size), axis=(1, 2))
        return np.asarray(seen[:, :: self.stride, :: self.stride].max(axis=(-2, -1)))

    def image(self, t: Trial) -> FloatArray:
        """Different numbers, in any order, most below 0: far enough apart for differences."""
        count = int(np.prod(self.shape))
        return (t.rng.permutation(count) - 0.8 * count).reshape(self.shape) / 8

    @property
    def said(self) -> str:
        return f"MaxPool({self.size}, {self.stride})"


CASES = (
    Case((2, 4, 4, 1), 2, 2),
    Case((2, 4, 6, 3), 2, 2),
    Case((2, 5, 4, 2), 3, 1),  # windows that overlap
    Case((1, 5, 7, 2), 2, 3),  # pixels between the windows
    Case((3, 5, 5, 2), 2, 2),  # windows that miss the last row and column
)
HAND = np.array([[1.0, 5, 2, 0], [3, 4, 8, 6], [-7, -2, -1, -4], [-3, -9, -6, -5]])


@check("MaxPool")
def pooled_by_hand(t: Trial) -> None:
    got = t.new(2, 2).forward(HAND.reshape(1, 4, 4, 1))
    t.close(got, np.array([5.0, 8, -2, -1]).reshape(1, 2, 2, 1), "forward(x)")


@check("MaxPool")
def pooled(t: Trial) -> None:
    for case in CASES:
        x = case.image(t)
        t.close(t.new(case.size, case.stride).forward(x), case.pooled(x), f"{case.said}.forward(x)")


@check("MaxPool")
def winner_by_hand(t: Trial) -> None:
    layer = t.new(2, 2)
    layer.forward(HAND.reshape(1, 4, 4, 1))
    expected = np.array([[0.0, 10, 0, 0], [0, 0, 20, 0], [0, 30, 40, 0], [0, 0, 0, 0]])
    got = layer.backward(np.array([10.0, 20, 30, 40]).reshape(1, 2, 2, 1))
    t.close(got, expected.reshape(1, 4, 4, 1), "backward(dout)")


@check("MaxPool")
def gradient(t: Trial) -> None:
    for case in CASES:
        x = case.image(t)
        layer, dout = t.new(case.size, case.stride), t.normal(*case.pooled(x).shape)
        layer.forward(x)
        slopes = t.pulled(case.pooled, x, dout)
        t.close(layer.backward(dout), slopes, f"{case.said}.backward(dout)")


@check("MaxPool")
def equal_numbers(t: Trial) -> None:
    x = np.array([[0.0, 0, 1, 2], [0, 0, 2, 2]]).reshape(1, 2, 4, 1)
    layer = t.new(2, 2)
    layer.forward(x)
    expected = np.array([[3.0, 0, 0, 7], [0, 0, 0, 0]]).reshape(1, 2, 4, 1)
    got = layer.backward(np.array([3.0, 7]).reshape(1, 1, 2, 1))
    t.close(got, expected, "backward(dout)", x=x)


@check("MaxPool")
def pooled_twice(t: Trial) -> None:
    """Another batch through the same layer, and backward twice."""
    case = CASES[1]
    layer = t.new(case.size, case.stride)
    layer.forward(case.image(t))
    x = case.image(t)[:1]
    layer.forward(x)
    dout = t.normal(*case.pooled(x).shape)
    first = np.array(layer.backward(dout))
    t.close(first, t.pulled(case.pooled, x, dout), "backward(dout)")
    t.close(layer.backward(dout), first, "backward(dout)")


@check("Flatten")
def rows_by_hand(t: Trial) -> None:
    x = np.arange(1.0, 9).reshape(1, 2, 2, 2)
    t.close(t.new().forward(x), [[1, 2, 3, 4, 5, 6, 7, 8]], "forward(x)")


@check("Flatten")
def rows(t: Trial) -> None:
    for shape in ((2, 2, 3, 2), (3, 1, 2, 4), (1, 3, 3, 1)):
        x = t.normal(*shape)
        t.close(t.new().forward(x), [list(image.flat) for image in x], "forward(x)")


@check("Flatten")
def way_back(t: Trial) -> None:
    layer = t.new()
    for shape in ((2, 2, 3, 2), (3, 1, 2, 4), (1, 3, 3, 1)):
        x = t.normal(*shape)
        layer.forward(x)
        t.close(layer.backward(np.array([list(image.flat) for image in x])), x, "backward(dout)")
