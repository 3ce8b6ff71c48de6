import numpy as np


def loss(W, x, t):
    z = np.dot(x, W)
    z = z - z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(x)), t]
    return np.mean(losses)


def gradient(W, x, t):
    z = np.dot(x, W)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    dz = (p - np.eye(W.shape[1])[t]) / len(x)
    return np.dot(x.T, dz)
