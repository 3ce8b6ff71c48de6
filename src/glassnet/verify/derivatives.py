"""The derivatives that PyTorch and Keras find by themselves.

Both functions return y = f(x₁, x₂ …) and the gradients of Σ dy·y by each x, as arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet._core.types import Array


def torch_pull(
    torch: Any, f: Callable[..., Any], inputs: Sequence[Array], dy: Array | None = None
) -> tuple[Array, list[Array]]:
    """By PyTorch's autograd; ``dy`` None: 1."""
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    y = f(*tensors)
    weights = torch.ones_like(y) if dy is None else torch.tensor(dy)
    found = torch.autograd.grad((y * weights).sum(), tensors, allow_unused=True)
    return y.detach().numpy(), [
        np.zeros_like(x) if g is None else g.numpy() for x, g in zip(inputs, found)
    ]


def keras_pull(
    keras: Any, f: Callable[..., Any], inputs: Sequence[Array], dy: Array | None = None
) -> tuple[Array, list[Array]]:
    """By the automatic differentiation of the system that Keras runs on."""
    backend = keras.backend.backend()
    if backend == "torch":
        import torch

        return torch_pull(torch, f, inputs, dy)
    if backend == "tensorflow":
        return _tensorflow_pull(f, inputs, dy)
    import jax

    weights = 1.0 if dy is None else dy
    places = tuple(range(len(inputs)))
    slopes = jax.grad(lambda *xs: (f(*xs) * weights).sum(), argnums=places)(*inputs)
    return np.asarray(f(*inputs)), [np.asarray(g) for g in slopes]


def _tensorflow_pull(
    f: Callable[..., Any], inputs: Sequence[Array], dy: Array | None
) -> tuple[Array, list[Array]]:
    import tensorflow as tf

    with tf.device("/CPU:0"):  # a graphics card multiplies matrices in less than float32
        tensors = [tf.constant(x) for x in inputs]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            y = f(*tensors)
        weights = None if dy is None else tf.constant(dy)
        found = tape.gradient(y, tensors, output_gradients=weights)
        return np.asarray(y), [
            np.zeros_like(x) if g is None else np.asarray(tf.convert_to_tensor(g))
            for x, g in zip(inputs, found)
        ]
