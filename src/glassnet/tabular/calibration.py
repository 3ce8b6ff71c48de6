"""The temperature: one number that makes a network as sure as it is right.

p = softmax(z / T). T > 1 makes it less sure, T < 1 surer; which class is first does not change
(Guo, Pleiss, Sun and Weinberger 2017). A logit is linear in the last layer's weights, so z / T is
what the same layer gives with W / T and b / T.
"""

from __future__ import annotations

import math

import numpy as np

from glassnet._core.types import Array

LEAST = 1e-6  # a probability below it counts as this: one row must not decide
COARSE = np.exp(np.linspace(-0.3, 1.0, 14))  # while training, after each epoch
FINE = np.exp(np.linspace(-1.6, 1.2, 57))  # at the end
TYPICAL = 0.083  # of ten tables: the mean of eight networks wants 0.93 of the T of one


def softmax(logits: Array, temperature: float = 1.0) -> Array:
    """softmax(z / T) along the last axis."""
    z = logits / temperature
    z -= z.max(-1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(-1, keepdims=True)
    return z


def log_loss(p: Array, weight: Array | None = None) -> float:
    """The mean of -ln p, p being what each row's own class was given."""
    return float(np.average(-np.log(np.clip(p, LEAST, 1.0)), weights=weight))


def of_own_class(p: Array, y: Array) -> Array:
    """p[..., i, y[i]]."""
    return np.take_along_axis(p, y[:, None], -1)[..., 0]


def best_temperature(
    logits: Array, y: Array, weight: Array | None = None, candidates: Array = FINE
) -> tuple[float, float]:
    """The T of the smallest log loss, and that loss.

    >>> z = np.array([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    >>> T, _ = best_temperature(z, np.array([0, 0, 0, 0]))  # three of four right, and so sure
    >>> bool(T > 2.5)
    True
    """
    losses = [log_loss(of_own_class(softmax(logits, t), y), weight) for t in candidates]
    best = int(np.argmin(losses))
    return float(candidates[best]), losses[best]


def extrapolated(one: float, some: float, k: int, members: int) -> float:
    """The temperature of ``members`` averaged, from that of one and that of k averaged.

    The mean of networks is less sure than each, by an amount that falls as 1/k:
    ln T(k) = ln T(∞) + c/k through the two that were measured; where there is one, c is a typical
    one.
    """
    c = TYPICAL if k < 2 else (math.log(one) - math.log(some)) / (1 - 1 / k)
    return float(np.clip(math.exp(math.log(some) - c * (1 / k - 1 / members)), 0.5, 2.0))
