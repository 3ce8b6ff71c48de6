# glassnet lesson: net
"""The loss of a network of one layer, and its gradient. Then: glassnet check net"""

import numpy as np


def loss(W, x, t):
    """The mean cross-entropy of softmax(x·W).

    W: shape (inputs, classes). x: shape (n, inputs). t: class numbers, shape (n,).
    """
    raise NotImplementedError


def gradient(W, x, t):
    """dL/dW, of the shape of W."""
    raise NotImplementedError
