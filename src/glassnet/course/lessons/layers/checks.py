"""What is asked of a network of layers."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

Weights = list[tuple[FloatArray, FloatArray]]
WIDTHS = ((3, 2), (2, 4, 3), (3, 4, 4, 2))


def _weights(t: Trial, widths: tuple[int, ...]) -> Weights:
    return [(t.normal(a, b), 0.1 * t.normal(b)) for a, b in pairwise(widths)]


def _batch(t: Trial, widths: tuple[int, ...], n: int = 4) -> tuple[FloatArray, Any]:
    return t.normal(n, widths[0]), t.rng.integers(widths[-1], size=n)


def scores(weights: Weights, x: FloatArray) -> FloatArray:
    """The same network in one expression."""
    for W, b in weights[:-1]:
        x = np.clip(x @ W + b, 0, None)
    W, b = weights[-1]
    return x @ W + b


def loss(weights: Weights, x: FloatArray, labels: Any) -> float:
    """The mean cross-entropy."""
    z = scores(weights, x)
    right = z[np.arange(len(z)), labels]
    return float((np.logaddexp.reduce(z, axis=1) - right).mean())


def slopes(t: Trial, weights: Weights, x: FloatArray, labels: Any) -> Weights:
    """All gradients by central differences."""
    found = []
    for i, (W, b) in enumerate(weights):
        rest = (weights[:i], weights[i + 1 :])
        of_W = t.slope(_loss_of(rest, lambda a, b=b: (a, b), x, labels), W, 1e-6)
        of_b = t.slope(_loss_of(rest, lambda a, W=W: (W, a), x, labels), b, 1e-6)
        found.append((of_W, of_b))
    return found


def _loss_of(
    rest: tuple[Weights, Weights], pair: Callable[..., Any], x: FloatArray, labels: Any
) -> Callable[[FloatArray], float]:
    return lambda a: loss([*rest[0], pair(a), *rest[1]], x, labels)


def _stepped(t: Trial, weights: Weights, x: FloatArray, labels: Any, lr: float) -> Weights:
    gradients = slopes(t, weights, x, labels)
    return [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(weights, gradients)]


def _compare(t: Trial, got: Any, expected: Weights) -> None:
    t.that(isinstance(got, (list, tuple)) and len(got) == len(expected),
           f"len(gradients) ≠ {len(expected)}")  # fmt: skip
    for i, (pair, (dW, db)) in enumerate(zip(got, expected)):
        t.close(pair[0], dW, f"gradients(x, t)[{i}][0]", 1e-6)
        t.close(pair[1], db, f"gradients(x, t)[{i}][1]", 1e-6)


@check("Network")
def predictions(t: Trial) -> None:
    for widths in WIDTHS:
        weights = _weights(t, widths)
        x, _ = _batch(t, widths)
        t.close(t.new(weights).predict(x), scores(weights, x), "predict(x)", 1e-12)


@check("Network")
def losses(t: Trial) -> None:
    for widths in WIDTHS:
        weights = _weights(t, widths)
        x, labels = _batch(t, widths)
        t.close(t.new(weights).loss(x, labels), loss(weights, x, labels), "loss(x, t)", 1e-12)


@check("Network")
def gradients(t: Trial) -> None:
    for widths in WIDTHS:
        weights = _weights(t, widths)
        x, labels = _batch(t, widths)
        _compare(t, t.new(weights).gradients(x, labels), slopes(t, weights, x, labels))


@check("Network")
def another_batch(t: Trial) -> None:
    weights = _weights(t, (2, 4, 3))
    network = t.new(weights)
    for _ in range(2):
        x, labels = _batch(t, (2, 4, 3))
        _compare(t, network.gradients(x, labels), slopes(t, weights, x, labels))


@check("Network")
def three_steps(t: Trial) -> None:
    weights = _weights(t, (2, 4, 3))
    network = t.new(weights)
    for _ in range(3):
        x, labels = _batch(t, (2, 4, 3))
        before = loss(weights, x, labels)
        t.close(network.train_step(x, labels, 0.5), before, "train_step(x, t, lr)", 1e-6)
        weights = _stepped(t, weights, x, labels, 0.5)
        t.close(network.predict(x), scores(weights, x), "predict(x)", 1e-6)


@check("Network")
def check_after_two_steps(t: Trial) -> None:
    weights = _weights(t, (2, 4, 3))
    network = t.new(weights)
    x, labels = _batch(t, (2, 4, 3))
    for _ in range(2):
        network.train_step(x, labels, 0.5)
        weights = _stepped(t, weights, x, labels, 0.5)
    _compare(t, network.gradients(x, labels), slopes(t, weights, x, labels))
