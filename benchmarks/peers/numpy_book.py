"""Plain NumPy, layer by layer, as the books write it; also the judge of the others' losses."""

from __future__ import annotations

import numpy as np
from works import DROPOUT, L2, Material


def versions() -> dict[str, str]:
    return {"numpy": np.__version__}


class Steps:
    def __init__(self, material: Material) -> None:
        self.material, self.work = material, material.work
        self.parts = material.parts()
        self.params = [a.copy() for pair in material.weights for a in pair]
        if self.work.extra == "batch_norm":
            k = self.work.sizes[1]
            self.params += [np.ones(k, np.float32), np.zeros(k, np.float32)]
        self.m = [np.zeros_like(p) for p in self.params]
        self.v = [np.zeros_like(p) for p in self.params]
        self.rng = np.random.default_rng(1)
        self.t = 0

    def step(self, x: np.ndarray, y: np.ndarray) -> float:
        layers = len(self.work.sizes) - 1
        n, acts, masks, bn = len(x), [x], {}, None
        for i in range(layers):
            z = acts[-1] @ self.params[2 * i] + self.params[2 * i + 1]
            if i < layers - 1:
                if self.work.extra == "batch_norm":
                    mean, var = z.mean(0), z.var(0)
                    hat = (z - mean) / np.sqrt(var + 1e-3)
                    bn = (hat, var)
                    z = self.params[-2] * hat + self.params[-1]
                z = np.maximum(z, 0)
                if self.work.extra == "dropout":
                    masks[i] = (self.rng.random(z.shape) >= DROPOUT) / np.float32(1 - DROPOUT)
                    z = z * masks[i].astype(np.float32)
            acts.append(z)
        z = acts[-1] - acts[-1].max(1, keepdims=True)
        p = np.exp(z)
        p /= p.sum(1, keepdims=True)
        loss = -float(np.log(p[np.arange(n), y]).mean())
        d = p.copy()
        d[np.arange(n), y] -= 1
        d /= n
        grads: list[np.ndarray] = [None] * len(self.params)  # type: ignore[list-item]  filled below
        for i in reversed(range(layers)):
            if i < layers - 1:
                if i in masks:
                    d = d * masks[i].astype(np.float32)
                d = d * (acts[i + 1] > 0)
                if bn is not None:
                    hat, var = bn
                    grads[-2], grads[-1] = (d * hat).sum(0), d.sum(0)
                    g = d * self.params[-2]
                    d = (g - g.mean(0) - hat * (g * hat).mean(0)) / np.sqrt(var + 1e-3)
            grads[2 * i], grads[2 * i + 1] = acts[i].T @ d, d.sum(0)
            if self.work.extra == "l2":
                W = self.params[2 * i]
                loss += L2 * float((W * W).sum())
                grads[2 * i] = grads[2 * i] + 2 * L2 * W
            if i:
                d = d @ self.params[2 * i].T
        self.t += 1
        rate = self.work.learning_rate * np.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        for p_, g, m, v in zip(self.params, grads, self.m, self.v):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p_ -= rate * m / (np.sqrt(v) + 1e-7)
        return loss

    def losses(self) -> list[float]:
        return [self.step(x, y) for x, y in self.parts]

    def run(self, count: int) -> None:
        for i in range(count):
            self.step(*self.parts[i % len(self.parts)])


class Matrices:
    """The matrix products alone, over the same batches: what no library can go below."""

    def __init__(self, material: Material) -> None:
        self.parts = [x for x, _ in material.parts()]
        self.W = [w for w, _ in material.weights]
        b = material.work.batch
        self.z = [np.ones((b, w.shape[1]), np.float32) for w in self.W]
        self.dW = [np.empty_like(w) for w in self.W]
        self.dx = [np.empty((b, w.shape[0]), np.float32) for w in self.W]

    def run(self, count: int) -> None:
        for step in range(count):
            x = self.parts[step % len(self.parts)]
            a = x
            for W, z in zip(self.W, self.z):
                a = np.matmul(a, W, out=z)
            for i in range(len(self.W) - 1, -1, -1):
                below = self.z[i - 1] if i else x
                np.matmul(below.T, self.z[i], out=self.dW[i])
                if i:
                    np.matmul(self.z[i], self.W[i].T, out=self.dx[i])
