"""The optimizers once more, and their names in Keras and PyTorch.

One weight vector, the update as the papers write it, in float64: each formula is a function
``(gradients, first weights, settings) → the weights after each step``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from glassnet._core.types import Array

Settings = Mapping[str, Any]
Path = Callable[[Array, Array, Settings], list[Array]]


def _velocity(momentum: float, nesterov: bool, rate: float = 0.01) -> Path:
    def path(gradients: Array, w: Array, s: Settings) -> list[Array]:
        eta, mu = s.get("learning_rate", rate), s.get("momentum", momentum)
        ahead = s.get("nesterov", nesterov)
        u, out = np.zeros_like(w), []
        for g in gradients:
            w = w * (1 - eta * s.get("weight_decay", 0.0))
            u = mu * u - eta * g
            w = w + (mu * u - eta * g if ahead else u)
            out.append(w)
        return out

    return path


def _adagrad(gradients: Array, w: Array, s: Settings) -> list[Array]:
    eta, a = s.get("learning_rate", 0.001), s.get("initial_accumulator_value", 0.1)
    squares = np.cumsum(np.square(gradients), axis=0) + a  # of all gradients so far
    steps = eta * gradients / np.sqrt(squares + s.get("epsilon", 1e-7))
    return list(w - np.cumsum(steps, axis=0))


def _rmsprop(gradients: Array, w: Array, s: Settings) -> list[Array]:
    eta, rho, mu = s.get("learning_rate", 0.001), s.get("rho", 0.9), s.get("momentum", 0.0)
    out, u = [], np.zeros_like(w)
    for t in range(1, len(gradients) + 1):
        past = gradients[:t]
        share = ((1 - rho) * rho ** np.arange(t - 1, -1, -1))[:, None]  # of each past gradient
        under = (share * past**2).sum(axis=0) + s.get("epsilon", 1e-7)
        if s.get("centered", False):
            under = under - (share * past).sum(axis=0) ** 2
        u = mu * u + eta * past[-1] / np.sqrt(under)
        w = w - u
        out.append(w)
    return out


def _moments(past: Array, beta_1: float, beta_2: float) -> tuple[Array, Array]:
    """The running means as the sums that they are: m = (1-β) Σ β^(t-i)·gᵢ."""
    back = np.arange(len(past) - 1, -1, -1)
    first = ((1 - beta_1) * beta_1**back)[:, None] * past
    second = ((1 - beta_2) * beta_2**back)[:, None] * past**2
    return first.sum(axis=0), second.sum(axis=0)


def _adam(decay: float) -> Path:
    def path(gradients: Array, w: Array, s: Settings) -> list[Array]:
        eta, beta_1 = s.get("learning_rate", 0.001), s.get("beta_1", 0.9)
        beta_2, epsilon = s.get("beta_2", 0.999), s.get("epsilon", 1e-7)
        out, largest = [], np.zeros_like(w)
        for t in range(1, len(gradients) + 1):
            m, v = _moments(gradients[:t], beta_1, beta_2)
            largest = np.maximum(largest, v)
            v = largest if s.get("amsgrad", False) else v
            w = w * (1 - eta * s.get("weight_decay", decay))
            alpha = eta * math.sqrt(1 - beta_2**t) / (1 - beta_1**t)
            w = w - alpha * m / (np.sqrt(v) + epsilon)
            out.append(w)
        return out

    return path


def _nadam(gradients: Array, w: Array, s: Settings) -> list[Array]:
    eta, beta_1 = s.get("learning_rate", 0.001), s.get("beta_1", 0.9)
    beta_2, epsilon = s.get("beta_2", 0.999), s.get("epsilon", 1e-7)
    mu = [beta_1 * (1 - 0.96**t / 2) for t in range(1, len(gradients) + 2)]
    out = []
    for t in range(1, len(gradients) + 1):
        m, v = _moments(gradients[:t], beta_1, beta_2)
        m_hat = mu[t] * m / (1 - math.prod(mu[: t + 1]))
        g_hat = (1 - mu[t - 1]) * gradients[t - 1] / (1 - math.prod(mu[:t]))
        w = w * (1 - eta * s.get("weight_decay", 0.0))
        w = w - eta * (m_hat + g_hat) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        out.append(w)
    return out


class Opinion(NamedTuple):
    """What an optimizer is compared with.

    Attributes:
        path: its formula.
        keras: its class there, and settings that make it the same.
        torch: its class there with its settings, and ours: where its definition is the same, or
            is so with ε near 0 (it adds ε elsewhere).
        variants: title → further settings to check, of glassnet and Keras.
    """

    path: Path
    keras: tuple[str, dict[str, Any]] | None = None
    torch: tuple[str, dict[str, Any], dict[str, Any]] | None = None
    variants: Mapping[str, dict[str, Any]] = MappingProxyType({})


OPINIONS: dict[str, Opinion] = {
    "sgd": Opinion(
        _velocity(0.0, False), ("SGD", {}), ("SGD", {"lr": 0.01}, {}),
        {"nesterov, decay": {"momentum": 0.8, "nesterov": True, "weight_decay": 0.01},
         "momentum": {"learning_rate": 0.1, "momentum": 0.9},
         "clipvalue": {"clipvalue": 0.3}, "global_clipnorm": {"global_clipnorm": 1.5}},
    ),
    "momentum": Opinion(
        _velocity(0.9, False), ("SGD", {"momentum": 0.9}),
        ("SGD", {"lr": 0.01, "momentum": 0.9}, {}),
    ),
    "nesterov": Opinion(
        _velocity(0.9, True), ("SGD", {"momentum": 0.9, "nesterov": True}),
        ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}, {}),
    ),
    "adagrad": Opinion(
        _adagrad, ("Adagrad", {}),
        ("Adagrad", {"lr": 0.001, "initial_accumulator_value": 0.1, "eps": 1e-25},
         {"epsilon": 1e-25}),
        {"settings": {"learning_rate": 0.5, "initial_accumulator_value": 0.01, "epsilon": 1e-4},
         "from 0": {"learning_rate": 0.5, "initial_accumulator_value": 0.0}},
    ),
    "rmsprop": Opinion(
        _rmsprop, ("RMSprop", {}),
        ("RMSprop", {"lr": 0.001, "alpha": 0.9, "eps": 1e-17}, {"epsilon": 1e-25}),
        {"centered": {"learning_rate": 0.01, "momentum": 0.5, "rho": 0.8, "epsilon": 1e-3,
                      "centered": True},
         "momentum": {"learning_rate": 0.01, "momentum": 0.9}},
    ),
    "adam": Opinion(
        _adam(0.0), ("Adam", {}), ("Adam", {"lr": 0.001, "eps": 1e-14}, {"epsilon": 1e-14}),
        {"settings": {"learning_rate": 0.3, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
         "decay": {"weight_decay": 0.1}, "clipnorm": {"clipnorm": 0.8},
         "amsgrad": {"amsgrad": True, "beta_2": 0.7}},
    ),
    "adamw": Opinion(
        _adam(0.004), ("AdamW", {}),
        ("AdamW", {"lr": 0.001, "eps": 1e-14, "weight_decay": 0.004}, {"epsilon": 1e-14}),
        {"settings": {"learning_rate": 0.1, "weight_decay": 0.2},
         "amsgrad": {"amsgrad": True, "beta_2": 0.7, "weight_decay": 0.2}},
    ),
    "nadam": Opinion(
        _nadam, ("Nadam", {}),
        ("NAdam", {"lr": 0.001, "eps": 1e-7, "momentum_decay": 1.0}, {}),
        {"decay": {"learning_rate": 0.1, "beta_1": 0.8, "weight_decay": 0.1}},
    ),
}  # fmt: skip


def clip(gradients: Array, segments: list[slice], settings: Settings) -> Array:
    """Each gradient shortened: by number, by tensor, or as a whole."""
    g = gradients.copy()
    if "clipvalue" in settings:
        return np.clip(g, -settings["clipvalue"], settings["clipvalue"])
    if "global_clipnorm" in settings:
        return _shorten(g, settings["global_clipnorm"])
    if "clipnorm" in settings:
        for segment in segments:
            g[:, segment] = _shorten(g[:, segment], settings["clipnorm"])
    return g


def _shorten(g: Array, longest: float) -> Array:
    lengths = np.sqrt((g**2).sum(axis=1, keepdims=True))
    return g * np.where(lengths > longest, longest / np.maximum(lengths, 1e-300), 1.0)
