# glassnet lesson: search
"""Hyperparameter search. Then: glassnet check search"""

import numpy as np


def draw(rng, low, high):
    """A number between low and high, drawn evenly by its logarithm.

    rng: np.random.default_rng(…).
    """
    raise NotImplementedError


def search(candidates, fit, score, train, val, test):
    """Tries each candidate, and chooses the best one by the validation set.

    candidates: a list of numbers, as learning rates.
    fit(candidate, x, y) returns a trained model; score(model, x, y) a number, larger is better.
    train, val, test: pairs (x, y).
    Returns the best candidate (of equals the first), its score on val, and its model's score on
    test, which is measured once, at the end.
    """
    raise NotImplementedError
