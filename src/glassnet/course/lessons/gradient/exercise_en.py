# glassnet lesson: gradient
"""The gradient by central differences. Then: glassnet check gradient"""

import numpy as np


def numerical_gradient(f, x):
    """All partial derivatives of f at x, in an array of the shape of x.

    f: takes an array of the shape of x, returns one number.
    x: of any shape, of floats or whole numbers; stays as it is.
    Each by (f(… x + h …) - f(… x - h …)) / 2h with h = 1e-4.
    """
    raise NotImplementedError
