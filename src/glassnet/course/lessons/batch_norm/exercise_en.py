# glassnet lesson: batch_norm
"""Batch normalization, forward and backward. Then: glassnet check batch_norm"""

import numpy as np


class BatchNorm:
    """y = γ · (x - mean) / √(variance + ε) + β, each feature by itself.

    running_mean, running_var: shape (features,), at first 0 and 1.
    """

    def __init__(self, gamma, beta, momentum=0.9, eps=1e-5):
        """gamma, beta: shape (features,)."""
        raise NotImplementedError

    def forward(self, x, train=True):
        """x: shape (n, features), n ≥ 1.

        In training: with the mean and the variance (Σ (x - mean)² / n) of this batch, and
        running ← momentum · running + (1 - momentum) · that of the batch, for both.
        Not in training: with the running ones, which stay as they are.
        """
        raise NotImplementedError

    def backward(self, dout):
        """After a forward pass in training: returns dx; keeps dgamma and dbeta in self."""
        raise NotImplementedError
