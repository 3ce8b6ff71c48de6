import numpy as np


class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for name, g in grads.items():
            v = self.v.get(name, 0)
            self.v[name] = self.momentum * v - self.lr * g
            params[name] += self.v[name]


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr, self.h = lr, {}

    def update(self, params, grads):
        for name, g in grads.items():
            self.h[name] = self.h.get(name, 0) + g**2
            params[name] -= self.lr * g / np.sqrt(self.h[name] + 1e-7)


class RMSprop:
    def __init__(self, lr=0.001, rho=0.9):
        self.lr, self.rho, self.mean = lr, rho, {}

    def update(self, params, grads):
        for name, g in grads.items():
            mean = self.mean.get(name, 0)
            self.mean[name] = self.rho * mean + (1 - self.rho) * g**2
            params[name] -= self.lr * g / np.sqrt(self.mean[name] + 1e-7)


class Adam:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999):
        self.lr, self.beta_1, self.beta_2 = lr, beta_1, beta_2
        self.m, self.s, self.t = {}, {}, 0

    def update(self, params, grads):
        self.t += 1
        first, second = 1 - self.beta_1**self.t, 1 - self.beta_2**self.t
        lr = self.lr * np.sqrt(second) / first
        for name, g in grads.items():
            self.m[name] = self.beta_1 * self.m.get(name, 0) + (1 - self.beta_1) * g
            self.s[name] = self.beta_2 * self.s.get(name, 0) + (1 - self.beta_2) * g**2
            params[name] -= lr * self.m[name] / (np.sqrt(self.s[name]) + 1e-7)
