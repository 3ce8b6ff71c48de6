import numpy as np


class BatchNorm:
    def __init__(self, gamma, beta, momentum=0.9, eps=1e-5):
        self.gamma, self.beta = gamma, beta
        self.momentum, self.eps = momentum, eps
        self.running_mean, self.running_var = np.zeros(len(gamma)), np.ones(len(gamma))

    def forward(self, x, train=True):
        mean, var = self.running_mean, self.running_var
        if train:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean = self._moved(self.running_mean, mean)
            self.running_var = self._moved(self.running_var, var)
        self.root = np.sqrt(var + self.eps)
        self.hat = (x - mean) / self.root
        return self.gamma * self.hat + self.beta

    def _moved(self, running, new):
        return self.momentum * running + (1 - self.momentum) * new

    def backward(self, dout):
        self.dbeta = dout.sum(axis=0)
        self.dgamma = (dout * self.hat).sum(axis=0)
        g = self.gamma * dout
        return (g - g.mean(axis=0) - self.hat * (g * self.hat).mean(axis=0)) / self.root
