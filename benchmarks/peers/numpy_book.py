"""Plain NumPy, layer by layer, as the books write it; also the judge of the others' losses."""

from __future__ import annotations

import numpy as np
from works import DROPOUT, L2, Conv, ImageWork, Material


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


class ImageSteps:
    """Convolutions as sums over the places of the kernel; only the judge of losses, not timed."""

    def __init__(self, material: Material) -> None:
        assert isinstance(material.work, ImageWork)
        self.work, self.parts = material.work, material.parts()
        self.params = [a.copy() for pair in material.weights for a in pair]
        self.m = [np.zeros_like(p) for p in self.params]
        self.v = [np.zeros_like(p) for p in self.params]
        self.t = 0

    def windows(self, x: np.ndarray, part: Conv) -> list[tuple[int, int, np.ndarray]]:
        """For each place of the kernel what lies under it, over all outputs."""
        s, (h, w) = part.stride, ((n - part.size) // part.stride + 1 for n in x.shape[1:3])
        places = [(i, j) for i in range(part.size) for j in range(part.size)]
        return [(i, j, x[:, i : i + s * h : s, j : j + s * w : s]) for i, j in places]

    def step(self, x: np.ndarray, y: np.ndarray) -> float:
        n, k, saved = len(x), 0, []
        for part in self.work.stack:
            if isinstance(part, Conv):
                edge = (part.size - 1) // 2 if part.same else 0
                x = np.pad(x, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
                W, b = self.params[k : k + 2]
                z = sum(window @ W[i, j] for i, j, window in self.windows(x, part)) + b
                saved.append((x, k, edge))
                x, k = np.maximum(z, 0), k + 2
            else:
                h, w = x.shape[1] // 2, x.shape[2] // 2
                tiles = x[:, : 2 * h, : 2 * w].reshape(n, h, 2, w, 2, -1)
                y_ = tiles.max((2, 4)) if part.kind == "max" else tiles.mean((2, 4))
                saved.append((x, y_))
                x = y_
        features, first = x, k
        inputs = [x.reshape(n, -1)]
        for k in range(first, len(self.params), 2):
            z = inputs[-1] @ self.params[k] + self.params[k + 1]
            inputs.append(np.maximum(z, 0))
        z -= z.max(1, keepdims=True)
        p = np.exp(z)
        p /= p.sum(1, keepdims=True)
        loss = -float(np.log(p[np.arange(n), y]).mean())
        p[np.arange(n), y] -= 1
        d = p / n
        grads: dict[int, np.ndarray] = {}
        for k, a in zip(range(len(self.params) - 2, first - 1, -2), reversed(inputs[:-1])):
            grads[k], grads[k + 1] = a.T @ d, d.sum(0)
            d = d @ self.params[k].T
            d = d * (a > 0) if k > first else d
        d, after = d.reshape(features.shape), features
        for part, kept in zip(reversed(self.work.stack), reversed(saved)):
            if isinstance(part, Conv):
                x, k, edge = kept
                W, d = self.params[k], d * (after > 0)
                dW, dx = np.empty_like(W), np.zeros_like(x)
                for (i, j, window), (_, _, back) in zip(
                    self.windows(x, part), self.windows(dx, part)
                ):
                    dW[i, j] = np.tensordot(window, d, ((0, 1, 2), (0, 1, 2)))
                    back += d @ W[i, j].T
                grads[k], grads[k + 1] = dW, d.sum((0, 1, 2))
                inside = np.s_[:, edge : x.shape[1] - edge, edge : x.shape[2] - edge]
                d, after = dx[inside], x[inside]
            else:
                x, y_ = kept
                wide, dx = np.repeat(np.repeat(d, 2, 1), 2, 2), np.zeros_like(x)
                inside = np.s_[:, : wide.shape[1], : wide.shape[2]]
                if part.kind == "max":  # ties are zeros, whose gradient the ReLU before takes away
                    wide = wide * (x[inside] == np.repeat(np.repeat(y_, 2, 1), 2, 2))
                else:
                    wide = wide / 4
                dx[inside] = wide
                d, after = dx, x
        self.t += 1
        rate = self.work.learning_rate * np.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        for k, (p_, m, v) in enumerate(zip(self.params, self.m, self.v)):
            m += 0.1 * (grads[k] - m)
            v += 0.001 * (grads[k] * grads[k] - v)
            p_ -= rate * m / (np.sqrt(v) + 1e-7)
        return loss

    def losses(self) -> list[float]:
        return [self.step(x, y) for x, y in self.parts]


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
