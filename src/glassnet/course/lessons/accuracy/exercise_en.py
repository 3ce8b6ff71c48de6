# glassnet lesson: accuracy
"""What a training step can follow, and what it cannot. Then: glassnet check accuracy

In all of it: x has shape (n, inputs), W has shape (inputs, classes), the scores are x @ W, and t
holds class numbers, shape (n,).
"""

import numpy as np


def accuracy(W, x, t):
    """The share of the rows whose largest score is that of their class: from 0 to 1."""
    raise NotImplementedError


def loss(W, x, t):
    """The mean of -log(probability of the right class); the probabilities are softmax(x @ W).

    Scores may be as large as ±1000.
    """
    raise NotImplementedError


def slope(f, W, place, h=1e-5):
    """How fast f(W) changes with the one weight W[place]: by (f(…+h…) - f(…-h…)) / 2h.

    f: takes a matrix like W, returns a number. place: (row, column). W stays as it is.
    """
    raise NotImplementedError


def gain(losses, classes):
    """How far the last of the losses of a training lies below the loss of guessing.

    Who guesses gives every class the probability 1 / classes.
    """
    raise NotImplementedError
