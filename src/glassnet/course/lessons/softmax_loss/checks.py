"""What is asked of softmax with cross-entropy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

SIZES = ((1, 2), (2, 3), (4, 3), (3, 5))


def _log_softmax(z: FloatArray) -> FloatArray:
    return np.asarray(z - np.logaddexp.reduce(z, axis=1, keepdims=True))


def _loss(labels: Any) -> Callable[[FloatArray], float]:
    return lambda z: -float(_log_softmax(z)[np.arange(len(z)), labels].mean())


@check("SoftmaxWithLoss")
def probabilities(t: Trial) -> None:
    for n, classes in SIZES:
        layer = t.new()
        z, labels = t.normal(n, classes), t.rng.integers(classes, size=n)
        layer.forward(z, labels)
        t.close(layer.value("y"), np.exp(_log_softmax(z)), "y", z=z)


@check("SoftmaxWithLoss")
def losses(t: Trial) -> None:
    for n, classes in SIZES:
        z, labels = t.normal(n, classes), t.rng.integers(classes, size=n)
        t.close(t.new().forward(z, labels), _loss(labels)(z), "forward(z, t)", t=labels)


@check("SoftmaxWithLoss")
def gradients(t: Trial) -> None:
    for n, classes in SIZES:
        layer = t.new()
        z, labels = t.normal(n, classes), t.rng.integers(classes, size=n)
        layer.forward(z, labels)
        t.close(layer.backward(), t.slope(_loss(labels), z), "backward()", z=z)


@check("SoftmaxWithLoss")
def labels_and_one_hot(t: Trial) -> None:
    z, labels = t.normal(3, 4), t.rng.integers(4, size=3)
    one, other = t.new(), t.new()
    t.close(one.forward(z, np.eye(4)[labels]), other.forward(z, labels), "forward(z, t)", 1e-12)
    t.close(one.backward(), other.backward(), "backward()", 1e-12)


@check("SoftmaxWithLoss")
def probabilities_far_out(t: Trial) -> None:
    layer = t.new()
    z = np.array([[1000.0, 0.0], [-1000.0, 1000.0]])
    layer.forward(z, np.array([0, 1]))
    t.close(layer.value("y"), [[1.0, 0.0], [0.0, 1.0]], "y", z=z)


@check("SoftmaxWithLoss")
def far_out(t: Trial) -> None:
    layer = t.new()
    z = np.array([[1000.0, 0.0], [-1000.0, 1000.0]])
    t.close(layer.forward(z, np.array([1, 1])), 500.0, "forward(z, t)", z=z)
    t.close(layer.backward(), [[0.5, -0.5], [0.0, 0.0]], "backward()", z=z)


@check("SoftmaxWithLoss")
def twice(t: Trial) -> None:
    layer = t.new()
    z, labels = t.normal(3, 4), t.rng.integers(4, size=3)
    layer.forward(z, labels)
    y = np.array(layer.value("y"))
    first = np.array(layer.backward())
    t.close(layer.backward(), first, "backward()")
    t.close(layer.value("y"), y, "y")
