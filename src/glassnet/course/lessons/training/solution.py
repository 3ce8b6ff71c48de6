import numpy as np


def batches(n, size, rng):
    order = rng.permutation(n)
    return [order[i : i + size] for i in range(0, n, size)]


def fit(gradient, w, x, t, lr, epochs, size, rng):
    w = np.array(w, dtype=float)
    for _ in range(epochs):
        for batch in batches(len(x), size, rng):
            w = w - lr * gradient(w, x[batch], t[batch])
    return w
