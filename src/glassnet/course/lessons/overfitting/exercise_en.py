# glassnet lesson: overfitting
"""Dropout and weight decay. Then: glassnet check overfitting

params and grads are dicts with the same names: W1, b1, W2, b2 … Only the arrays whose name begins
with W are penalized.
"""

import numpy as np


class Dropout:
    """Switches off a share of the numbers while training, and nothing afterwards."""

    def __init__(self, rate, rng):
        """rate: the share that is switched off, 0 ≤ rate < 1. rng: np.random.default_rng(…)."""
        raise NotImplementedError

    def forward(self, x, train=True):
        """In training, anew in each call: x / (1 - rate) where rng.random(x.shape) >= rate, else 0.

        Not in training: x as it is.
        """
        raise NotImplementedError

    def backward(self, dout):
        """The gradient for the x of the last forward pass."""
        raise NotImplementedError


def penalized_loss(loss, params, l2):
    """loss + l2 · (the sum of the squares of all weights)."""
    raise NotImplementedError


def penalized_gradients(grads, params, l2):
    """The gradients of that: a new dict. grads: those of the bare loss; they stay as they are."""
    raise NotImplementedError
