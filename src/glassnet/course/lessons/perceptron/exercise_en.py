# glassnet lesson: perceptron
"""Four gates of perceptrons. Then: glassnet check perceptron

x1 and x2 are 0 or 1, or arrays of them. Each gate returns 0 or 1, or an array of them.
"""

import numpy as np


def AND(x1, x2):
    """1 where both are 1: a weighted sum and a bias, above 0 or not."""
    raise NotImplementedError


def NAND(x1, x2):
    """0 where both are 1."""
    raise NotImplementedError


def OR(x1, x2):
    """1 where at least one is 1."""
    raise NotImplementedError


def XOR(x1, x2):
    """1 where exactly one is 1. It calls AND, NAND and OR, and computes nothing by itself."""
    raise NotImplementedError
