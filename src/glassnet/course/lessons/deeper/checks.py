"""What is asked of a skip connection and of moved copies."""

from functools import partial
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

DEPTH = 10


class Curve:
    """tanh(x·V)·W, a block that leaves what it is given as it is."""

    def __init__(self, V: FloatArray, W: FloatArray) -> None:
        self.V, self.W = V, W

    def formula(self, x: FloatArray) -> FloatArray:
        return np.asarray(np.tanh(x @ self.V) @ self.W)

    def forward(self, x: FloatArray) -> FloatArray:
        self.h = np.tanh(x @ self.V)
        return np.asarray(self.h @ self.W)

    def backward(self, dout: FloatArray) -> FloatArray:
        return np.asarray(((dout @ self.W.T) * (1 - self.h**2)) @ self.V.T)


class Writing:
    """A ReLU that writes into the arrays that it is given, and gives them back."""

    def formula(self, x: FloatArray) -> FloatArray:
        return (np.abs(x) + x) / 2

    def forward(self, x: FloatArray) -> FloatArray:
        self.mask = x <= 0
        x[self.mask] = 0
        return x

    def backward(self, dout: FloatArray) -> FloatArray:
        dout[self.mask] = 0
        return dout


def _curve(t: Trial, width: int, size: float = 1.0) -> Curve:
    return Curve(size * t.normal(width, width + 1), size * t.normal(width + 1, width))


def _input(t: Trial, rows: int, width: int) -> FloatArray:
    """Away from the corner of ReLU."""
    x = t.normal(rows, width)
    return x + np.sign(x) * 0.01


def _around(block: Curve | Writing, x: FloatArray) -> FloatArray:
    return x + block.formula(x)


@check("Residual")
def nothing_in_the_block(t: Trial) -> None:
    x, dout = t.normal(2, 3), t.normal(2, 3)
    layer = t.new(_curve(t, 3, 0.0))
    t.close(layer.forward(x), x, "forward(x)")
    t.close(layer.backward(dout), dout, "backward(dout)")


@check("Residual")
def both_ways(t: Trial) -> None:
    for rows, width in t.shapes(4):
        block = _curve(t, width)
        layer, x, dout = t.new(block), t.normal(rows, width), t.normal(rows, width)
        t.close(layer.forward(x), _around(block, x), "forward(x)", x=x)
        slopes = t.pulled(partial(_around, block), x, dout)
        t.close(layer.backward(dout), slopes, "backward(dout)", dout=dout)


@check("Residual")
def block_that_writes(t: Trial) -> None:
    for rows, width in t.shapes(4, least=2):
        block = Writing()
        layer, x, dout = t.new(block), _input(t, rows, width), t.normal(rows, width)
        t.close(layer.forward(x), _around(block, x), "forward(x)", x=x)
        slopes = t.pulled(partial(_around, block), x, dout)
        t.close(layer.backward(dout), slopes, "backward(dout)", dout=dout)
        t.close(layer.backward(dout), slopes, "backward(dout)", dout=dout)


@check("Residual")
def ten_deep(t: Trial) -> None:
    layers = [t.new(_curve(t, 4, 0.2)) for _ in range(DEPTH)]
    x = t.normal(3, 4)
    for layer in layers:
        x = np.array(layer.forward(x), np.float64)
    top = gradient = t.normal(3, 4)
    for layer in reversed(layers):
        gradient = np.array(layer.backward(gradient), np.float64)
    share = float(np.linalg.norm(gradient) / np.linalg.norm(top))
    t.that(0.01 < share < 100, f"‖dL/dx‖ / ‖dL/dy‖ = {share:.1e}")


def moved(images: FloatArray, down: int, right: int) -> FloatArray:
    """What shift is to give, pixel by pixel."""
    found = np.zeros(images.shape)
    _, rows, columns = images.shape
    for r, c in np.ndindex(rows, columns):
        if 0 <= r - down < rows and 0 <= c - right < columns:
            found[:, r, c] = images[:, r - down, c - right]
    return found


@check("shift")
def moved_by_hand(t: Trial) -> None:
    image = np.arange(1.0, 10).reshape(1, 3, 3)
    expected = np.array([[[0.0, 0, 0], [0, 1, 2], [0, 4, 5]]])
    t.close(t.call(image, 1, 1), expected, "shift(images, 1, 1)")


@check("shift")
def all_ways(t: Trial) -> None:
    for down, right in ((2, 1), (-1, 2), (1, -2), (-2, -1), (0, 1), (-1, 0), (0, 0)):
        images = t.normal(2, 4, 5)
        said = f"shift(images, {down}, {right})"
        t.close(t.call(images, down, right), moved(images, down, right), said)


@check("shift")
def out_of_the_image(t: Trial) -> None:
    for down, right in ((5, 0), (0, -4), (-3, 4)):
        said = f"shift(images, {down}, {right})"
        t.close(t.call(t.normal(2, 3, 4), down, right), np.zeros((2, 3, 4)), said)


def _copies(
    t: Trial, images: FloatArray, labels: Any, moves: list[tuple[int, int]]
) -> tuple[Any, Any]:
    """The two that with_copies returned."""
    with t.among(shift=moved):
        got = t.call(images, labels, moves)
    pair = isinstance(got, (tuple, list)) and len(got) == 2
    t.that(pair, "with_copies(images, labels, moves) → (images, labels)")
    return got[0], got[1]


MOVES = [(1, 0), (0, -1), (-1, 1)]


@check("with_copies")
def copies_by_hand(t: Trial) -> None:
    images = np.array([[[1.0, 2], [3, 4]], [[5, 6], [7, 8]]])
    got, labels = _copies(t, images, np.array([3, 7]), [(1, 0)])
    expected = [*images, [[0, 0], [1, 2]], [[0, 0], [5, 6]]]
    t.close(labels, [3, 7, 3, 7], "labels")
    t.close(got, expected, "images")


@check("with_copies")
def each_with_its_label(t: Trial) -> None:
    for n in (1, 3, 4):
        images, labels = t.normal(n, 3, 4), t.rng.permutation(10)[:n]
        got, named = _copies(t, images, labels, MOVES)
        t.close(named, [*labels] * 4, "labels")
        t.close(got, [*images, *(x for move in MOVES for x in moved(images, *move))], "images")


@check("with_copies")
def no_moves(t: Trial) -> None:
    images, labels = t.normal(2, 3, 3), np.array([4, 1])
    got, named = _copies(t, images, labels, [])
    t.close(named, labels, "labels")
    t.close(got, images, "images")
