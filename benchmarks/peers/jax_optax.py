"""JAX: the whole step under jit, Adam by optax, the buffers donated."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from idx import load_mnist
from works import DROPOUT, L2, Material


def versions() -> dict[str, str]:
    return {"jax": jax.__version__, "optax": optax.__version__}


def forward(params: Any, x: Any, extra: str | None = None, key: Any = None) -> Any:
    *hidden, last = params["dense"]
    for W, b in hidden:
        x = x @ W + b
        if extra == "batch_norm":
            mean, var = x.mean(0), x.var(0)
            gamma, beta = params["norm"]
            x = gamma * (x - mean) / jnp.sqrt(var + 1e-3) + beta
        x = jax.nn.relu(x)
        if extra == "dropout":
            x = jnp.where(jax.random.uniform(key, x.shape) >= DROPOUT, x / (1 - DROPOUT), 0)
    return x @ last[0] + last[1]


def loss_of(params: Any, x: Any, y: Any, extra: str | None, key: Any) -> Any:
    logits = forward(params, x, extra, key)
    loss = optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()
    if extra == "l2":
        loss += L2 * sum((W**2).sum() for W, _ in params["dense"])
    return loss


class Steps:
    def __init__(self, material: Material) -> None:
        work = material.work
        self.adam = optax.adam(work.learning_rate)
        params: dict[str, Any] = {
            "dense": [(jnp.asarray(W), jnp.asarray(b)) for W, b in material.weights]
        }
        if work.extra == "batch_norm":
            params["norm"] = (jnp.ones(work.sizes[1]), jnp.zeros(work.sizes[1]))
        self.state = (params, self.adam.init(params), jax.random.PRNGKey(0))
        self.parts = [(jnp.asarray(x), jnp.asarray(y)) for x, y in material.parts()]

        @partial(jax.jit, donate_argnums=0)
        def step(state: Any, x: Any, y: Any) -> Any:
            params, moments, key = state
            key, use = jax.random.split(key)
            loss, grads = jax.value_and_grad(loss_of)(params, x, y, work.extra, use)
            updates, moments = self.adam.update(grads, moments)
            return (optax.apply_updates(params, updates), moments, key), loss

        self.step = step

    def losses(self) -> list[float]:
        found = []
        for x, y in self.parts:
            self.state, loss = self.step(self.state, x, y)
            found.append(float(loss))
        return found

    def run(self, count: int) -> None:
        loss: Any = 0
        for i in range(count):
            self.state, loss = self.step(self.state, *self.parts[i % len(self.parts)])
        jax.block_until_ready((self.state, loss))


class Prediction:
    def __init__(self, material: Material, rows: int) -> None:
        self.params = {"dense": [(jnp.asarray(W), jnp.asarray(b)) for W, b in material.weights]}
        self.x = np.resize(material.x, (rows, material.x.shape[1]))
        self.f = jax.jit(lambda params, x: jax.nn.softmax(forward(params, x)))

    def run(self, count: int) -> None:
        for _ in range(count):
            np.asarray(self.f(self.params, self.x))

    def answer(self) -> list[float]:
        return np.asarray(self.f(self.params, self.x))[0].tolist()


class Mnist:
    """784-hidden-10, batches of 128, shuffled and gathered by NumPy."""

    def __init__(self, folder: str, hidden: int) -> None:
        x, self.y, x_test, self.y_test = load_mnist(folder)
        self.x, self.x_test = (a.reshape(-1, 784).astype(np.float32) / 255 for a in (x, x_test))
        self.rng = np.random.default_rng(0)
        weights = [
            (self.rng.uniform(-1, 1, (p, q)) * np.sqrt(6 / (p + q)), np.zeros(q, np.float32))
            for p, q in ((784, hidden), (hidden, 10))
        ]
        adam = optax.adam(0.001)
        dense = [(jnp.asarray(W, jnp.float32), jnp.asarray(b)) for W, b in weights]
        params: Any = {"dense": dense}
        self.state = (params, adam.init(params))

        @partial(jax.jit, donate_argnums=0)
        def step(state: Any, x: Any, y: Any) -> Any:
            params, moments = state
            grads = jax.grad(loss_of)(params, x, y, None, None)
            updates, moments = adam.update(grads, moments)
            return optax.apply_updates(params, updates), moments

        self.step = step

    def epoch(self) -> None:
        order = self.rng.permutation(len(self.x))
        for i in range(0, len(self.x), 128):
            rows = order[i : i + 128]
            self.state = self.step(self.state, self.x[rows], self.y[rows])
        jax.block_until_ready(self.state)

    def accuracy(self) -> float:
        answers = np.asarray(forward(self.state[0], self.x_test))
        return float((answers.argmax(1) == self.y_test).mean())
