"""What is asked of the eleven pieces: each is judged by itself."""

from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray
from glassnet.verify.optimizer_formulas import OPINIONS


@check("descend")
def descend_by_hand(t: Trial) -> None:
    for steps, expected in enumerate((1.0, 0.5, 0.25, 0.125)):
        got = t.call(np.array([1.0]), np.array([[1.0]]), np.array([0.0]), 0.5, steps)
        t.close(got, [expected], "descend(w, x, t, lr, steps)", steps=steps)


@check("descend")
def descend_towards_the_fit(t: Trial) -> None:
    for steps in (1, 4, 30):
        w, x, truth = t.normal(2), t.normal(6, 2), t.normal(6)
        best = np.linalg.lstsq(x, truth, rcond=None)[0]
        shrink = np.eye(2) - 0.1 * x.T @ x / 6
        expected = best + np.linalg.matrix_power(shrink, steps) @ (w - best)
        got = t.call(w, x, truth, 0.1, steps)
        t.close(got, expected, "descend(w, x, t, lr, steps)", steps=steps)


def _entropy(z: FloatArray, labels: Any) -> float:
    """The mean cross-entropy, by logaddexp."""
    rows = np.arange(len(z))
    return float(np.mean(np.logaddexp.reduce(z, axis=1) - z[rows, labels]))


def _entropy_slope(t: Trial, z: FloatArray, labels: Any) -> FloatArray:
    return t.slope(lambda at: _entropy(at, labels), z)


def _product_slopes(
    t: Trial, x: FloatArray, W: FloatArray, dout: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(dx, dW) of x·W."""
    return t.pulled(lambda at: at @ W, x, dout), t.pulled(lambda at: x @ at, W, dout)


def _scores(t: Trial, scale: float = 1.0) -> tuple[FloatArray, Any]:
    rows = int(t.rng.integers(2, 6))
    return t.normal(rows, 3) * scale, t.rng.integers(3, size=rows)


@check("output_gradient")
def output_gradient_by_differences(t: Trial) -> None:
    for scale in (1, 1, 1, 5):
        z, labels = _scores(t, scale)
        got = t.call(z, np.eye(3)[labels])
        t.close(got, _entropy_slope(t, z, labels), "output_gradient(z, t)", z=z)


@check("cross_entropy")
def cross_entropy_values(t: Trial) -> None:
    for scale in (1, 5, 20):
        z, labels = _scores(t, scale)
        t.close(t.call(z, labels), _entropy(z, labels), "cross_entropy(z, t)", z=z, t=labels)


@check("cross_entropy")
def cross_entropy_far_out(t: Trial) -> None:
    z = np.array([[0.0, 1000.0], [-1000.0, 0.0]])
    with t.quiet("cross_entropy(z, t)"):
        for labels, expected in (([1, 1], 0.0), ([0, 0], 1000.0), ([0, 1], 500.0)):
            got = t.call(z, np.array(labels))
            t.close(got, expected, "cross_entropy(z, t)", z=z, t=labels)


@check("Affine")
def affine_by_differences(t: Trial) -> None:
    for rows in (1, 2, 5):
        W, b, x, dout = t.normal(3, 2), t.normal(2), t.normal(rows, 3), t.normal(rows, 2)
        layer = t.new(W, b)
        t.close(layer.forward(x), np.einsum("ij,jk->ik", x, W) + b, "forward(x)", x=x)
        dx, dW = _product_slopes(t, x, W, dout)
        t.close(layer.backward(dout), dx, "backward(dout)", dout=dout)
        t.close(layer.value("dW"), dW, "dW", rows=rows)
        db = t.pulled(lambda at: np.zeros((rows, 1)) + at, b, dout)  # noqa: B023  called at once
        t.close(layer.value("db"), db, "db", rows=rows)


@check("loss_gradient")
def loss_gradient_by_differences(t: Trial) -> None:
    for _ in range(4):
        z, labels = _scores(t)
        p = np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])
        got = t.call(p, labels)
        t.close(got, _entropy_slope(t, z, labels), "loss_gradient(p, t)", p=p)


@check("SquaredError")
def squared_error_by_hand(t: Trial) -> None:
    loss = t.new()
    got = loss.forward(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [3.0, 8.0]]))
    t.close(got, 5.0, "forward(y, t)")
    t.close(loss.backward(), [[0.0, 1.0], [0.0, -2.0]], "backward()")


@check("SquaredError")
def squared_error_by_differences(t: Trial) -> None:
    for shape in t.shapes(6):
        y, truth, loss = t.normal(*shape), t.normal(*shape), t.new()
        loss.forward(y, truth)
        expected = t.slope(lambda error: float((error**2).mean()), y - truth)
        t.close(loss.backward(), expected, "backward()", y=y, t=truth)


def _two_slopes(
    t: Trial, W1: FloatArray, W2: FloatArray, x: FloatArray, truth: FloatArray
) -> tuple[FloatArray, FloatArray]:
    def loss(one: FloatArray, two: FloatArray) -> float:
        return float(((np.tanh(x @ one) @ two - truth) ** 2).sum() / 2 / len(x))

    return t.slope(lambda at: loss(at, W2), W1), t.slope(lambda at: loss(W1, at), W2)


@check("two_layers")
def two_layers_by_differences(t: Trial) -> None:
    for rows in (1, 3, 5):
        W1, W2, x, truth = t.normal(2, 4), t.normal(4, 3), t.normal(rows, 2), t.normal(rows, 3)
        got = t.call(W1, W2, x, truth, 0.5)
        t.that(isinstance(got, tuple) and len(got) == 2, "(W1, W2)")
        dW1, dW2 = _two_slopes(t, W1, W2, x, truth)
        t.close(got[1], W2 - 0.5 * dW2, "W2", W2=W2)
        t.close(got[0], W1 - 0.5 * dW1, "W1", W1=W1)


SLOPES = ((np.sin, np.cos), (np.exp, np.exp), (np.tanh, lambda x: 1 / np.cosh(x) ** 2))


@check("slope")
def slope_of_float64(t: Trial) -> None:
    for f, derivative in SLOPES:
        x = t.normal(4)
        t.close(t.call(f, x), derivative(x), "slope(f, x)", 1e-6, x=x)


@check("slope")
def slope_of_float32(t: Trial) -> None:
    for f, derivative in SLOPES:
        x = t.normal(4).astype(np.float32)
        t.close(t.call(f, x), derivative(x.astype(np.float64)), "slope(f, x)", 1e-6, x=x)


@check("Nesterov")
def nesterov_by_hand(t: Trial) -> None:
    optimizer, w = t.new(0.1, 0.5), np.array([1.0])
    for step, expected in enumerate((0.7, 0.35, -0.025), 1):
        w = optimizer.update(w, np.array([2.0]))
        t.close(w, [expected], "update(w, g)", step=step)


@check("Nesterov")
def nesterov_walk(t: Trial) -> None:
    optimizer, w, gradients = t.new(0.1, 0.8), t.normal(3), t.normal(20, 3)
    path = OPINIONS["nesterov"].path(gradients, w, {"learning_rate": 0.1, "momentum": 0.8})
    for step, (g, expected) in enumerate(zip(gradients, path), 1):
        w = optimizer.update(w, g)
        t.close(w, expected, "update(w, g)", 1e-9, step=step)


@check("Linear")
def linear_batch_after_batch(t: Trial) -> None:
    W = t.normal(3, 2)
    layer = t.new(W)
    for batch, rows in enumerate((4, 2, 1), 1):
        x, dout = t.normal(rows, 3), t.normal(rows, 2)
        t.close(layer.forward(x), np.einsum("ij,jk->ik", x, W), "forward(x)", batch=batch)
        dx, dW = _product_slopes(t, x, W, dout)
        t.close(layer.backward(dout), dx, "backward(dout)", batch=batch)
        t.close(np.array(layer.value("dW")), dW, "dW", batch=batch)


@check("Skip")
def skip_by_differences(t: Trial) -> None:
    for shape in t.shapes(8):
        x, dout, layer = t.normal(*shape), t.normal(*shape), t.new()
        x = x + np.sign(x) * 0.01  # away from the corner
        t.close(layer.forward(x), (3 * x + np.abs(x)) / 2, "forward(x)", x=x)
        expected = t.pulled(lambda at: (3 * at + np.abs(at)) / 2, x, dout)
        t.close(layer.backward(dout), expected, "backward(dout)", x=x, dout=dout)
