import numpy as np


def numerical_diff(f, x):
    x = np.float64(x)
    h = 1e-5 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)
