# glassnet lesson: differences
"""The slope of a function by central differences. Then: glassnet check differences"""

import numpy as np


def numerical_diff(f, x):
    """(f(x + h) - f(x - h)) / 2h, for a function f of one number.

    h is 1e-5 times the size of x, and 1e-5 where x is smaller than 1. x may be a whole number,
    or a float32: compute in float64.
    """
    raise NotImplementedError
