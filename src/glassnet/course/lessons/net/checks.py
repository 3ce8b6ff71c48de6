"""What is asked of the loss and its gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

SIZES = ((1, 2, 3), (4, 2, 3), (3, 3, 3), (5, 4, 2))  # samples, inputs, classes


def _case(t: Trial, n: int, inputs: int, classes: int) -> tuple[FloatArray, FloatArray, Any]:
    return t.normal(inputs, classes), t.normal(n, inputs), t.rng.integers(classes, size=n)


def _loss(x: FloatArray, labels: Any) -> Callable[[FloatArray], float]:
    def loss(W: FloatArray) -> float:
        z = x @ W
        right = z[np.arange(len(z)), labels]
        return float((np.logaddexp.reduce(z, axis=1) - right).mean())

    return loss


@check("loss")
def loss_by_hand(t: Trial) -> None:
    W = np.array([[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]])
    x = np.array([[0.6, 0.9]])
    t.close(t.call(W, x, np.array([2])), 0.92806853, "loss(W, x, t)", 1e-7, x=x)


@check("loss")
def losses(t: Trial) -> None:
    for sizes in SIZES:
        W, x, labels = _case(t, *sizes)
        t.close(t.call(W, x, labels), _loss(x, labels)(W), "loss(W, x, t)", t=labels)


@check("gradient")
def gradients(t: Trial) -> None:
    for sizes in SIZES:
        W, x, labels = _case(t, *sizes)
        t.close(t.call(W, x, labels), t.slope(_loss(x, labels), W), "gradient(W, x, t)", 1e-6)


@check("gradient")
def classes_balance(t: Trial) -> None:
    W, x, labels = _case(t, 4, 2, 3)
    t.close(np.sum(t.call(W, x, labels), axis=1), np.zeros(2), "gradient(W, x, t).sum(axis=1)",
            1e-6)  # fmt: skip


@check("gradient")
def a_step_lowers_the_loss(t: Trial) -> None:
    W, x, labels = _case(t, 6, 3, 2)
    f = _loss(x, labels)
    lower = f(W - 0.01 * np.asarray(t.call(W, x, labels)))
    t.that(lower < f(W), f"{f(W):.6f} → {lower:.6f}")
