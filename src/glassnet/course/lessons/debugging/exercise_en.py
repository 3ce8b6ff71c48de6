# glassnet lesson: debugging
"""Eleven pieces, each with one mistake. Repair them: glassnet check debugging

The docstrings are right. In each piece at most three lines have to change.
"""

import numpy as np


def descend(w, x, t, lr, steps):
    """Descent on the loss mean((x·w - t)²) / 2. Returns the weights after ``steps`` steps."""
    y = x @ w
    for _ in range(steps):
        w = w - lr * x.T @ (y - t) / len(x)
    return w


def output_gradient(z, t):
    """dL/dz, where L is the mean cross-entropy of softmax(z). t: one-hot rows."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    dz = (p - t) / len(z)
    return p * (dz - (dz * p).sum(axis=1, keepdims=True))


def cross_entropy(z, t):
    """The mean cross-entropy of softmax(z), of any finite z. t: class numbers."""
    rows = np.arange(len(t))
    sums = np.exp(z).sum(axis=1)
    return np.mean(-np.log(np.exp(z[rows, t]) / sums + 1e-7))


class Affine:
    """x·W + b. The loss above it is a mean: dout holds the 1/n already."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        """x: (samples, inputs). Returns (samples, outputs)."""
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        """Keeps dW and db, returns dL/dx."""
        self.dW = self.x.T @ dout
        self.db = dout.mean(axis=0)
        return dout @ self.W.T


def loss_gradient(p, t):
    """dL/dz of the mean cross-entropy, from p = softmax(z), which others still read.

    t: class numbers.
    """
    dz = p
    dz[np.arange(len(t)), t] -= 1
    return dz / len(t)


class SquaredError:
    """The mean of (y - t)² over all numbers."""

    def forward(self, y, t):
        """Returns the loss."""
        self.error = y - t
        return np.mean(self.error**2)

    def backward(self):
        """Returns dL/dy."""
        return 2 * self.error


def two_layers(W1, W2, x, t, lr):
    """One step of descent for y = tanh(x·W1)·W2. Returns the new (W1, W2).

    The loss is the sum of (y - t)² over the outputs, halved, and its mean over the samples.
    """
    h = np.tanh(x @ W1)
    dout = (h @ W2 - t) / len(x)
    W2 = W2 - lr * h.T @ dout
    dh = dout @ W2.T * (1 - h**2)
    W1 = W1 - lr * x.T @ dh
    return W1, W2


def slope(f, x, h=1e-5):
    """f'(x) for each number of x by central differences. x: an array of float32 or float64.

    Right to 6 digits.
    """
    x = x.astype(np.float32)
    return (f(x + h) - f(x - h)) / (2 * h)


class Nesterov:
    """v ← momentum·v - lr·g, then w ← w + momentum·v - lr·g."""

    def __init__(self, lr, momentum):
        self.lr, self.momentum = lr, momentum
        self.v = 0.0

    def update(self, w, g):
        """w: the weights, g: their gradient. Returns the new weights."""
        w = w + self.momentum * self.v - self.lr * g
        self.v = self.momentum * self.v - self.lr * g
        return w


class Linear:
    """x·W, used batch after batch."""

    def __init__(self, W):
        self.W = W
        self.dW = np.zeros(W.shape)

    def forward(self, x):
        """x: (samples, inputs). Returns (samples, outputs)."""
        self.x = x
        return x @ self.W

    def backward(self, dout):
        """Keeps dW of this batch, returns dL/dx."""
        self.dW += self.x.T @ dout
        return dout @ self.W.T


class Skip:
    """x + ReLU(x): one way through the ReLU, and one around it."""

    def forward(self, x):
        """x: an array of any shape."""
        self.mask = x <= 0
        return x + np.maximum(x, 0)

    def backward(self, dout):
        """Returns dL/dx, the sum of both ways, and leaves dout as it is."""
        through = dout
        through[self.mask] = 0
        return through + dout
