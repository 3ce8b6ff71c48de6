# glassnet lesson: activations
"""Three activation functions. Then: glassnet check activations"""

import numpy as np


def step(x):
    """1 where x > 0, else 0. x: a number or an array of any shape."""
    raise NotImplementedError


def sigmoid(x):
    """1 / (1 + e⁻ˣ), without a warning for x = -1000 or x = 1000."""
    raise NotImplementedError


def relu(x):
    """x where x > 0, else 0. x stays as it is."""
    raise NotImplementedError
