# glassnet lesson: batches
"""Answers and accuracy, batch by batch. Then: glassnet check batches"""

import numpy as np


def predict_in_batches(predict, x, size):
    """The scores of all samples, by calling predict with at most `size` rows at a time.

    predict: takes rows (m, inputs), returns scores (m, classes). x: shape (n, inputs), n ≥ 1.
    The last batch may be shorter. Returns shape (n, classes), in the order of x.
    """
    raise NotImplementedError


def accuracy_in_batches(predict, x, t, size):
    """The share of samples whose largest score is that of their class, batch by batch.

    t: class numbers, shape (n,). Returns one number between 0 and 1.
    """
    raise NotImplementedError
