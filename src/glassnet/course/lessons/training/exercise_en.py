# glassnet lesson: training
"""Mini-batches, and the loop around them. Then: glassnet check training"""

import numpy as np


def batches(n, size, rng):
    """The numbers 0 … n - 1 in a random order, cut into arrays of `size`; the last may be shorter.

    rng: a generator of NumPy, np.random.default_rng(…); only it decides the order.
    Returns a list of arrays.
    """
    raise NotImplementedError


def fit(gradient, w, x, t, lr, epochs, size, rng):
    """Train by mini-batches: w ← w - lr·gradient(w, x[batch], t[batch]), for each batch.

    In each epoch batches(len(x), size, rng) is called anew.
    w, x, t: arrays; they stay as they are. Returns the trained weights.
    """
    raise NotImplementedError
