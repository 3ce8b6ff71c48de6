# glassnet lesson: softmax_loss
"""Softmax with cross-entropy, forward and backward. Then: glassnet check softmax_loss"""

import numpy as np


class SoftmaxWithLoss:
    """The last layer of a classifier: scores in, one loss out."""

    def forward(self, z, t):
        """z: scores (logits), shape (n, classes). t: class numbers (n,), or one-hot rows.

        Puts the probabilities into self.y, returns the mean cross-entropy over the n samples.
        Scores of ±1000 give finite losses.
        """
        raise NotImplementedError

    def backward(self):
        """Returns dL/dz, shape (n, classes), and leaves self.y as it is."""
        raise NotImplementedError
