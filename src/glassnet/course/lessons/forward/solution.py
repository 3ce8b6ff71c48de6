import numpy as np


def predict(network, x):
    a1 = np.dot(x, network["W1"]) + network["b1"]
    z1 = 1 / (1 + np.exp(-a1))
    a2 = np.dot(z1, network["W2"]) + network["b2"]
    z2 = 1 / (1 + np.exp(-a2))
    return np.dot(z2, network["W3"]) + network["b3"]
