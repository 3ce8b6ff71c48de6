# glassnet lesson: descent
"""Gradient descent. Then: glassnet check descent"""

import numpy as np


def gradient_descent(gradient, x0, lr, steps):
    """Go downhill from x0: x ← x - lr·gradient(x), so many times.

    gradient: takes an array of the shape of x0, returns the gradient there.
    x0: where to begin, floats or whole numbers; stays as it is.
    Returns all points on the way, the first included: shape (steps + 1, *shape of x0).
    """
    raise NotImplementedError
