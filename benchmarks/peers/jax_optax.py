"""JAX: the whole step under jit, Adam by optax, the buffers donated."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from idx import load_mnist
from works import DROPOUT, L2, LENET, Conv, ImageWork, InParts, Material, Pool


def versions() -> dict[str, str]:
    return {"jax": jax.__version__, "optax": optax.__version__}


def image_features(kernels: Any, x: Any, stack: tuple[Conv | Pool, ...]) -> Any:
    """Channels last; as a row for each image."""
    kernels = iter(kernels)
    for part in stack:
        if isinstance(part, Conv):
            W, b = next(kernels)
            x = jax.lax.conv_general_dilated(
                x, W, (part.stride, part.stride), "SAME" if part.same else "VALID",
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
            )  # fmt: skip
            x = jax.nn.relu(x + b)
        else:
            start, reduce = (-jnp.inf, jax.lax.max) if part.kind == "max" else (0.0, jax.lax.add)
            x = jax.lax.reduce_window(x, start, reduce, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
            x = x if part.kind == "max" else x / 4
    return x.reshape(len(x), -1)


def as_params(weights: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, Any]:
    pairs = [(jnp.asarray(W), jnp.asarray(b)) for W, b in weights]
    return {"kernels": [pair for pair in pairs if pair[0].ndim == 4],
            "dense": [pair for pair in pairs if pair[0].ndim == 2]}  # fmt: skip


def forward(
    params: Any, x: Any, extra: str | None = None, key: Any = None,
    stack: tuple[Conv | Pool, ...] = (),
) -> Any:  # fmt: skip
    if stack:
        x = image_features(params["kernels"], x, stack)
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


def loss_of(
    params: Any, x: Any, y: Any, extra: str | None, key: Any,
    stack: tuple[Conv | Pool, ...] = (),
) -> Any:  # fmt: skip
    logits = forward(params, x, extra, key, stack)
    loss = optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()
    if extra == "l2":
        loss += L2 * sum((W**2).sum() for W, _ in params["dense"])
    return loss


class Steps:
    def __init__(self, material: Material) -> None:
        work = material.work
        self.adam = optax.adam(work.learning_rate, eps=1e-7)
        params = as_params(material.weights)
        stack = work.stack if isinstance(work, ImageWork) else ()
        if work.extra == "batch_norm":
            params["norm"] = (jnp.ones(work.sizes[1]), jnp.zeros(work.sizes[1]))
        self.state = (params, self.adam.init(params), jax.random.PRNGKey(0))
        self.parts = [(jnp.asarray(x), jnp.asarray(y)) for x, y in material.parts()]

        @partial(jax.jit, donate_argnums=0)
        def step(state: Any, x: Any, y: Any) -> Any:
            params, moments, key = state
            key, use = jax.random.split(key)
            loss, grads = jax.value_and_grad(loss_of)(params, x, y, work.extra, use, stack)
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
        self.params = as_params(material.weights)
        self.x = np.resize(material.x, (rows, material.x.shape[1]))
        self.f = jax.jit(lambda params, x: jax.nn.softmax(forward(params, x)))

    def run(self, count: int) -> None:
        for _ in range(count):
            np.asarray(self.f(self.params, self.x))

    def answer(self) -> list[float]:
        return np.asarray(self.f(self.params, self.x))[0].tolist()


class ImagePrediction:
    def __init__(self, material: Material, rows: int) -> None:
        assert isinstance(material.work, ImageWork)
        stack = material.work.stack
        self.params, self.first = as_params(material.weights), material.x[:1]
        self.f = jax.jit(lambda params, x: jax.nn.softmax(forward(params, x, stack=stack)))
        self.run = InParts(self.predict, np.resize(material.x, (rows, *material.work.shape))).run

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self.f(self.params, x))

    def answer(self) -> list[float]:
        return self.predict(self.first)[0].tolist()


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
        self.start(weights, ())

    def start(self, weights: Any, stack: tuple[Conv | Pool, ...]) -> None:
        adam = optax.adam(0.001)
        params = as_params([(W.astype(np.float32), b) for W, b in weights])
        self.stack, self.state = stack, (params, adam.init(params))

        @partial(jax.jit, donate_argnums=0)
        def step(state: Any, x: Any, y: Any) -> Any:
            params, moments = state
            grads = jax.grad(loss_of)(params, x, y, None, None, stack)
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
        answers = np.asarray(forward(self.state[0], self.x_test, stack=self.stack))
        return float((answers.argmax(1) == self.y_test).mean())


class MnistLenet(Mnist):
    """LeNet, batches of 128, shuffled and gathered by NumPy."""

    def __init__(self, folder: str) -> None:
        x, self.y, x_test, self.y_test = load_mnist(folder)
        self.x, self.x_test = (a[..., None].astype(np.float32) / 255 for a in (x, x_test))
        self.rng = np.random.default_rng(0)
        weights = [
            (self.rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[:-1])),
             np.zeros(shape[-1], np.float32))
            for shape in LENET.weight_shapes
        ]  # fmt: skip
        self.start(weights, LENET.stack)
