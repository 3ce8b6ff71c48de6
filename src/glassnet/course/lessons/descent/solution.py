import numpy as np


def gradient_descent(gradient, x0, lr, steps):
    x = np.array(x0, dtype=float)
    points = [x]
    for _ in range(steps):
        x = x - lr * gradient(x)
        points.append(x)
    return np.array(points)
