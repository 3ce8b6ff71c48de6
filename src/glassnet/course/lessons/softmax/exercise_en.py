# glassnet lesson: softmax
"""Softmax. Then: glassnet check softmax"""

import numpy as np


def softmax(z):
    """eᶻ / Σ eᶻ, for one sample of shape (classes,) or a batch of shape (n, classes).

    In a batch each row sums to 1. Scores of ±1000 give neither a warning nor nan.
    """
    raise NotImplementedError
