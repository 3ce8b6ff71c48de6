"""Two inputs, three outputs: the gradient of W by differences and by the backward pass."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from glassnet import Sequential, calculus, layers
from glassnet.experiments import pictures
from glassnet.experiments.result import Claim, Result, Setting

X = np.array([[0.6, 0.9]])
T = np.array([[0.0, 0.0, 1.0]])


def network(seed: int) -> Sequential:
    """p = softmax(x·W), W standard normal, cross-entropy."""
    kernel = {"name": "random_normal", "stddev": 1.0}
    output = layers.Dense(3, "softmax", use_bias=False, kernel_initializer=kernel)
    model = Sequential([output], seed=seed, dtype="float64", name="net2x3")
    model.compile("sgd", "categorical_crossentropy")
    model.build(2)
    return model


def run(setting: Setting) -> Result:
    """dL/dW three ways: differences, backward pass, and xᵀ·(p - t) by hand."""
    model = network(setting.seed)
    W = model.parameters.view("dense/W")
    start = W.copy()

    def loss(values: np.ndarray) -> float:
        W[...] = values
        return float(model.evaluate(X, T)["loss"])

    numerical = calculus.numerical_gradient(loss, start)
    W[...] = start
    value, flat = model.loss_and_gradient(X, T)
    backward = flat.reshape(W.shape)
    p = model.predict(X)
    by_hand = X.T @ (p - T)
    error = float(np.abs(numerical - backward).max())
    names = [f"w{i + 1}{j + 1}" for i in range(2) for j in range(3)]
    rows = zip(names, start.flat, numerical.flat, backward.flat, by_hand.flat)
    numbers = {
        "loss": value,
        "answer p": p[0].tolist(),
        "largest difference": error,
        **{
            name: {"weight": float(w), "by differences": float(n), "backward pass": float(b),
                   "by hand": float(h)}
            for name, w, n, b, h in rows
        },
    }  # fmt: skip
    claims = (
        Claim(
            f"The numerical gradient of W equals the backward pass: the largest difference is "
            f"{error:.0e}. By hand it is xᵀ·(p - t).",
            error < 1e-8 and bool(np.allclose(backward, by_hand, atol=1e-12)),
        ),
        Claim(
            "Only the weights to the right answer have a negative gradient: they are to grow, all "
            "others to shrink; each row sums to 0.",
            bool((backward[:, 2] < 0).all() and (backward[:, :2] > 0).all())
            and bool(np.allclose(backward.sum(axis=1), 0, atol=1e-12)),
        ),
    )

    def draw() -> Figure:
        both = {"by differences": numerical.ravel(), "backward pass": backward.ravel()}
        return pictures.bars(names, both, title="Two ways to one gradient", y="∂L/∂w")

    return Result(numbers, claims, {"gradient": draw})
