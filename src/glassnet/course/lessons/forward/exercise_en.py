# glassnet lesson: forward
"""The forward pass of three layers. Then: glassnet check forward"""

import numpy as np


def predict(network, x):
    """Two hidden layers with the sigmoid, and a last one without a function: its scores.

    network: a dict with W1, b1, W2, b2, W3, b3; it stays as it is.
    x: one sample, shape (inputs,), or a batch, shape (n, inputs).
    """
    raise NotImplementedError
