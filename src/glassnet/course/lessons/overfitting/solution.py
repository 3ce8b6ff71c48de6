import numpy as np


class Dropout:
    def __init__(self, rate, rng):
        self.rate, self.rng = rate, rng

    def forward(self, x, train=True):
        self.mask = np.ones(x.shape)
        if train:
            kept = self.rng.random(x.shape) >= self.rate
            self.mask = kept / (1 - self.rate)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


def penalized_loss(loss, params, l2):
    weights = [value for name, value in params.items() if name.startswith("W")]
    return loss + l2 * sum(np.sum(W**2) for W in weights)


def penalized_gradients(grads, params, l2):
    new = dict(grads)
    for name in params:
        if name.startswith("W"):
            new[name] = grads[name] + 2 * l2 * params[name]
    return new
