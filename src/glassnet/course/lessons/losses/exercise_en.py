# glassnet lesson: losses
"""Three losses, and one-hot labels. Then: glassnet check losses"""

import numpy as np


def one_hot(labels, classes):
    """labels: whole numbers 0 … classes - 1, (n,). Returns rows with one 1 each: (n, classes)."""
    raise NotImplementedError


def mean_squared_error(y, t):
    """The mean of (y - t)² over all numbers. y, t: of the same shape."""
    raise NotImplementedError


def binary_crossentropy(p, t):
    """The mean of -t·log p - (1 - t)·log(1 - p) over the n samples. p, t: shape (n,).

    p is first brought into 1e-7 … 1 - 1e-7 (np.clip), so that no logarithm is infinite.
    """
    raise NotImplementedError


def categorical_crossentropy(p, t):
    """The mean over the n samples of -log p[the true class]. p: shape (n, classes).

    t: class numbers of shape (n,), or one-hot rows of shape (n, classes).
    p is first brought into 1e-7 … 1 - 1e-7 (np.clip).
    """
    raise NotImplementedError
