# glassnet lesson: weights
"""Initial weights, and how far a signal gets through them. Then: glassnet check weights"""

import numpy as np


def xavier(n, m, rng):
    """Weights for tanh and sigmoid: shape (n, m), random around 0, with the variance 2 / (n + m).

    rng: a NumPy generator, np.random.default_rng(…). Draw normally distributed numbers, from it
    alone.
    """
    raise NotImplementedError


def he(n, m, rng):
    """Weights for ReLU: shape (n, m), random around 0, with the variance 2 / n."""
    raise NotImplementedError


def spreads(x, weights, f):
    """The standard deviation of all outputs of each layer: a list of numbers.

    x: shape (samples, n). weights: a list of matrices; there are no biases. f: the activation
    behind every product.
    """
    raise NotImplementedError
