# glassnet lesson: pretrained
"""Digits read by a trained network. Then: glassnet check pretrained

A network is a dict: W1, b1, W2, b2, W3, b3. Two layers with sigmoids, the third with softmax.
"""

import numpy as np


def init_network(path):
    """The network in an .npz file, as a dict of arrays with the names of the file."""
    raise NotImplementedError


def predict(network, x):
    """The probabilities of the ten digits, shape (n, 10). x: shape (n, pixels), from 0 to 1."""
    raise NotImplementedError


def accuracy(network, images, t, white):
    """The share of the pictures that the network reads rightly, from 0 to 1.

    images: shape (n, rows, columns), whole numbers from 0 (black) to `white`; they stay as they
    are. The network has learned from rows of pixels, 0 to 1. t: the digits, shape (n,).
    """
    raise NotImplementedError
