"""What is asked of a convolution: SciPy's own, and differences."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import correlate

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray


class Case(NamedTuple):
    """Images, and how a window goes over them."""

    shape: tuple[int, int, int, int]
    kh: int
    kw: int
    stride: int
    pad: int

    @property
    def windows(self) -> tuple[int, int]:
        """How many fit below and beside each other: (rows + 2·pad - kh) / stride + 1."""
        _, rows, columns, _ = self.shape
        down = range(0, rows + 2 * self.pad - self.kh + 1, self.stride)
        return len(down), len(range(0, columns + 2 * self.pad - self.kw + 1, self.stride))

    @property
    def way(self) -> tuple[int, int, int, int]:
        return self.kh, self.kw, self.stride, self.pad

    def said(self, call: str) -> str:
        return f"{call}, kh={self.kh}, kw={self.kw}, stride={self.stride}, pad={self.pad})"


CASES = (
    Case((2, 4, 5, 2), 2, 3, 1, 0),
    Case((2, 5, 4, 1), 3, 3, 1, 1),
    Case((3, 5, 6, 2), 3, 2, 2, 1),
    Case((1, 6, 6, 3), 2, 2, 2, 0),
    Case((2, 4, 7, 2), 1, 3, 3, 1),  # windows that miss the last columns
)


def windows_of(x: FloatArray, case: Case) -> list[tuple[tuple[int, int, int], FloatArray]]:
    """Every window of the padded images, and where it begins."""
    n, rows, columns, channels = x.shape
    padded = np.zeros((n, rows + 2 * case.pad, columns + 2 * case.pad, channels))
    padded[:, case.pad : case.pad + rows, case.pad : case.pad + columns] = x
    down, right = case.windows
    return [
        ((i, r, c), padded[i, r : r + case.kh, c : c + case.kw])
        for i in range(n)
        for r in range(0, down * case.stride, case.stride)
        for c in range(0, right * case.stride, case.stride)
    ]


def gathered(x: FloatArray, *way: int) -> FloatArray:
    """What im2col is to give."""
    return np.array([window.ravel() for _, window in windows_of(x, Case(x.shape, *way))])


def spread(col: FloatArray, shape: Any, *way: int) -> FloatArray:
    """What col2im is to give: im2col is linear, so this is its matrix, transposed."""
    case = Case(shape, *way)
    numbers = np.arange(1, np.prod(shape) + 1).reshape(shape)  # 0 is the padding
    places = gathered(numbers, *case.way).astype(int)
    return np.bincount(places.ravel(), col.ravel(), int(np.prod(shape)) + 1)[1:].reshape(shape)


def convolved(x: FloatArray, W: FloatArray, b: FloatArray, stride: int, pad: int) -> FloatArray:
    """The outputs, by NumPy's views of all windows, of which the stride leaves some."""
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    seen = sliding_window_view(padded, W.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.asarray(np.einsum("npqcab,abcf->npqf", seen, W) + b)


def by_scipy(x: FloatArray, W: FloatArray, b: FloatArray, stride: int, pad: int) -> FloatArray:
    """The same by SciPy, whose correlate turns no kernel."""
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    maps = [
        [correlate(image, W[..., f], "valid", "direct")[::stride, ::stride, 0]
         for f in range(W.shape[3])]
        for image in padded
    ]  # fmt: skip
    return np.asarray(np.moveaxis(np.array(maps), 1, -1) + b)


@check("im2col")
def windows_by_hand(t: Trial) -> None:
    x = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    expected = [[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]
    t.close(t.call(x, 2, 2, 1, 0), expected, "im2col(x, 2, 2, 1, 0)")


@check("im2col")
def windows(t: Trial) -> None:
    for case in CASES:
        x = t.normal(*case.shape)
        t.close(t.call(x, *case.way), gathered(x, *case.way), case.said("im2col(x"))


@check("col2im")
def overlaps_by_hand(t: Trial) -> None:
    expected = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]).reshape(1, 3, 3, 1)
    t.close(t.call(np.ones((4, 4)), (1, 3, 3, 1), 2, 2, 1, 0), expected,
            "col2im(ones, (1, 3, 3, 1), 2, 2, 1, 0)")  # fmt: skip


@check("col2im")
def way_back(t: Trial) -> None:
    for case in CASES:
        col = t.normal(*gathered(np.zeros(case.shape), *case.way).shape)
        expected = spread(col, case.shape, *case.way)
        t.close(t.call(col, case.shape, *case.way), expected, case.said("col2im(col, x.shape"))


class Layer(NamedTuple):
    """The arrays of a convolution."""

    x: FloatArray
    W: FloatArray
    b: FloatArray
    dout: FloatArray
    case: Case

    def forward_of(self, name: str) -> Callable[[FloatArray], FloatArray]:
        """The outputs as a function of one of the arrays."""

        def forward(array: FloatArray) -> FloatArray:
            changed: dict[str, Any] = {name: array}
            at = self._replace(**changed)
            return convolved(at.x, at.W, at.b, self.case.stride, self.case.pad)

        return forward


def _layers(t: Trial) -> list[Layer]:
    found = []
    for case, filters in zip(CASES, (3, 2, 2, 1, 2)):
        W = t.normal(case.kh, case.kw, case.shape[3], filters)
        dout = t.normal(case.shape[0], *case.windows, filters)
        found.append(Layer(t.normal(*case.shape), W, t.normal(filters), dout, case))
    return found


def _made(t: Trial, layer: Layer) -> Any:
    return t.new(layer.W, layer.b, layer.case.stride, layer.case.pad)


@check("Conv2D")
def map_by_hand(t: Trial) -> None:
    x = np.array([[0.0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]).reshape(1, 3, 4, 1)
    W = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).reshape(3, 3, 1, 1)
    with t.among(im2col=gathered, col2im=spread):
        got = t.new(W, np.array([0.5]), 1, 0).forward(x)
        t.close(got, np.array([4.5, 4.5]).reshape(1, 1, 2, 1), "forward(x)")


@check("Conv2D")
def same_as_scipy(t: Trial) -> None:
    with t.among(im2col=gathered, col2im=spread):
        for layer in _layers(t):
            case = layer.case
            expected = by_scipy(layer.x, layer.W, layer.b, case.stride, case.pad)
            t.close(_made(t, layer).forward(layer.x), expected, "forward(x)")


def _gradient(t: Trial, name: str) -> None:
    with t.among(im2col=gathered, col2im=spread):
        for layer in _layers(t):
            made = _made(t, layer)
            made.forward(layer.x)
            dx = made.backward(layer.dout)
            expected = t.pulled(layer.forward_of(name), getattr(layer, name), layer.dout)
            if name == "x":
                t.close(dx, expected, "backward(dout)")
            else:
                t.close(made.value(f"d{name}"), expected, f"d{name}")


@check("Conv2D")
def gradient_of_images(t: Trial) -> None:
    _gradient(t, "x")


@check("Conv2D")
def gradient_of_kernels(t: Trial) -> None:
    _gradient(t, "W")


@check("Conv2D")
def gradient_of_bias(t: Trial) -> None:
    _gradient(t, "b")


@check("Conv2D")
def twice(t: Trial) -> None:
    layer = _layers(t)[0]
    with t.among(im2col=gathered, col2im=spread):
        made = _made(t, layer)
        made.forward(layer.x)
        first = np.array(made.backward(layer.dout))
        t.close(made.backward(layer.dout), first, "backward(dout)")
        t.close(made.value("W"), layer.W, "W")
