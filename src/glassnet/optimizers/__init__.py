"""The optimizers: how a step is made from a gradient.

w is a weight, g its gradient, η the learning rate, t the number of the update, from 1.
A prime marks what is new. Defaults and results are those of Keras 3; where PyTorch defines a
method in another way, the docstring says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from glassnet._core.registry import lookup
from glassnet._core.settings import number
from glassnet.errors import ConfigError
from glassnet.optimizers import kernels
from glassnet.optimizers.base import Array, Numbers, Optimizer, State
from glassnet.schedules import Schedule

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Momentum",
    "Nadam",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "get",
]


class SGD(Optimizer):
    """Gradient descent, on mini-batches "stochastic" (Robbins and Monro 1951).

    Plain:     w′ = w - η·g
    Momentum:  u′ = μ·u - η·g,  w′ = w + u′  (Polyak 1964)
    Nesterov:  u′ = μ·u - η·g,  w′ = w + μ·u′ - η·g  (Nesterov 1983; Sutskever et al. 2013)

    Nesterov's step takes the velocity that was just updated, not the old one.
    PyTorch keeps u without η and multiplies later: the path is the same until η changes.

    >>> import numpy as np
    >>> w, g = np.array([1.0, -2.0]), np.array([0.5, 4.0])
    >>> SGD(learning_rate=0.1).step(w, g)
    >>> w
    array([ 0.95, -2.4 ])
    """

    name = "sgd"
    settings: ClassVar[tuple[str, ...]] = ("momentum", "nesterov")
    symbols: ClassVar[dict[str, str]] = {"velocity": "u"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **common: Any,
    ) -> None:
        super().__init__(learning_rate, **common)
        self.momentum = number(self.name, "momentum", momentum, minimum=0.0, maximum=1.0)
        self.nesterov = bool(nesterov)

    def _initial_state(self) -> dict[str, float]:
        return {"velocity": 0.0} if self.momentum else {}

    def _numbers(self, eta: float, t: int, scalars: Mapping[str, float]) -> Numbers:
        return {"η": eta, "μ": self.momentum}

    def _update(self, w: Array, g: Array, state: State, n: Numbers, keep: float) -> None:
        if not self.momentum:
            kernels.sgd(w, g, n["η"], keep)
        elif self.nesterov:
            kernels.nesterov(w, g, state["velocity"], n["η"], n["μ"], keep)
        else:
            kernels.momentum(w, g, state["velocity"], n["η"], n["μ"], keep)

    def _lines(self) -> tuple[str, ...]:
        if not self.momentum:
            return ("{w′} = {w} - {η}·{g}",)
        velocity = "{u′} = {μ}·{u} - {η}·{g}"
        if self.nesterov:
            return velocity, "{w′} = {w} + {μ}·{u′} - {η}·{g}"
        return velocity, "{w′} = {w} + {u′}"


class Momentum(SGD):
    """``SGD`` with momentum 0.9:  u′ = μ·u - η·g,  w′ = w + u′  (Polyak 1964)."""

    name = "momentum"
    settings: ClassVar[tuple[str, ...]] = ("momentum",)

    def __init__(
        self, learning_rate: float | Schedule = 0.01, momentum: float = 0.9, **common: Any
    ) -> None:
        super().__init__(learning_rate, momentum, **common)


class Nesterov(SGD):
    """``SGD`` with momentum 0.9 and a look ahead:  u′ = μ·u - η·g,  w′ = w + μ·u′ - η·g."""

    name = "nesterov"
    settings: ClassVar[tuple[str, ...]] = ("momentum",)

    def __init__(
        self, learning_rate: float | Schedule = 0.01, momentum: float = 0.9, **common: Any
    ) -> None:
        super().__init__(learning_rate, momentum, True, **common)


class Adagrad(Optimizer):
    """A learning rate for each weight, that shrinks with its past gradients.

    a′ = a + g²
    w′ = w - η·g / √(a′ + ε)

    (Duchi, Hazan and Singer 2011.) a starts from ``initial_accumulator_value``.
    PyTorch divides by √a′ + ε and starts from 0, with η = 0.01 and ε = 10⁻¹⁰.
    """

    name = "adagrad"
    settings: ClassVar[tuple[str, ...]] = ("initial_accumulator_value", "epsilon")
    symbols: ClassVar[dict[str, str]] = {"accumulator": "a"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **common: Any,
    ) -> None:
        super().__init__(learning_rate, **common)
        self.initial_accumulator_value = number(
            self.name, "initial_accumulator_value", initial_accumulator_value, minimum=0.0
        )
        self.epsilon = number(self.name, "epsilon", epsilon, above=0.0)

    def _initial_state(self) -> dict[str, float]:
        return {"accumulator": self.initial_accumulator_value}

    def _numbers(self, eta: float, t: int, scalars: Mapping[str, float]) -> Numbers:
        return {"η": eta, "ε": self.epsilon}

    def _update(self, w: Array, g: Array, state: State, n: Numbers, keep: float) -> None:
        kernels.adagrad(w, g, state["accumulator"], n["η"], n["ε"], keep)

    def _lines(self) -> tuple[str, ...]:
        return "{a′} = {a} + {g}²", "{w′} = {w} - {η}·{g} / √({a′} + {ε})"


class RMSprop(Optimizer):
    """As Adagrad, with a running mean of the squares that forgets.

    a′ = ρ·a + (1 - ρ)·g²
    w′ = w - η·g / √(a′ + ε)

    (Hinton, lecture 6e, 2012.) With ``centered``, the running mean b of g is taken off, so that
    the root is over a variance: √(a′ - b′² + ε) (Graves 2013). With ``momentum`` μ:
    u′ = μ·u + η·g / √…, w′ = w - u′.
    PyTorch divides by √a′ + ε, has ρ = 0.99, η = 0.01, ε = 10⁻⁸, and keeps u without η.
    """

    name = "rmsprop"
    settings: ClassVar[tuple[str, ...]] = ("rho", "momentum", "epsilon", "centered")
    symbols: ClassVar[dict[str, str]] = {"mean_square": "a", "mean_gradient": "b", "velocity": "u"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **common: Any,
    ) -> None:
        super().__init__(learning_rate, **common)
        self.rho = number(self.name, "rho", rho, minimum=0.0, below=1.0)
        self.momentum = number(self.name, "momentum", momentum, minimum=0.0, maximum=1.0)
        self.epsilon = number(self.name, "epsilon", epsilon, above=0.0)
        self.centered = bool(centered)

    def _initial_state(self) -> dict[str, float]:
        used = {"mean_square": True, "mean_gradient": self.centered, "velocity": self.momentum}
        return {name: 0.0 for name, use in used.items() if use}

    def _numbers(self, eta: float, t: int, scalars: Mapping[str, float]) -> Numbers:
        return {"η": eta, "ρ": self.rho, "μ": self.momentum, "ε": self.epsilon}

    def _update(self, w: Array, g: Array, state: State, n: Numbers, keep: float) -> None:
        mean, velocity = state.get("mean_gradient"), state.get("velocity")
        rho = n["ρ"]
        kernels.rmsprop(
            w, g, state["mean_square"], mean, velocity, n["η"], rho, 1.0 - rho, n["μ"], n["ε"], keep
        )

    def _lines(self) -> tuple[str, ...]:
        lines = ["{a′} = {ρ}·{a} + (1 - {ρ})·{g}²"]
        step = "{η}·{g} / √({a′} + {ε})"
        if self.centered:
            lines.append("{b′} = {ρ}·{b} + (1 - {ρ})·{g}")
            step = "{η}·{g} / √({a′} - {b′}² + {ε})"
        if self.momentum:
            lines.append("{u′} = {μ}·{u} + " + step)
            step = "{u′}"
        return *lines, "{w′} = {w} - " + step


class Adam(Optimizer):
    """Momentum, and a step for each weight that does not depend on the scale of its gradient.

    m′ = m + (1 - β₁)·(g - m)         a running mean of the gradient
    v′ = v + (1 - β₂)·(g² - v)        and of its square
    α = η·√(1 - β₂ᵗ) / (1 - β₁ᵗ)      both start from 0 and are too small at first
    w′ = w - α·m′ / (√v′ + ε)

    (Kingma and Ba 2015, in the form that ends their section 2.)
    PyTorch divides by √(v′/(1 - β₂ᵗ)) + ε, with ε = 10⁻⁸: the same but for the size of ε.

    >>> import numpy as np
    >>> w, g = np.array([1.0, -2.0]), np.array([0.5, -400.0])
    >>> Adam(learning_rate=0.1).step(w, g)
    >>> w.round(4)
    array([ 0.9, -1.9])
    """

    name = "adam"
    settings: ClassVar[tuple[str, ...]] = ("beta_1", "beta_2", "epsilon")
    symbols: ClassVar[dict[str, str]] = {"m": "m", "v": "v"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **common: Any,
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_1 = number(self.name, "beta_1", beta_1, minimum=0.0, below=1.0)
        self.beta_2 = number(self.name, "beta_2", beta_2, minimum=0.0, below=1.0)
        self.epsilon = number(self.name, "epsilon", epsilon, above=0.0)

    def _initial_state(self) -> dict[str, float]:
        return {"m": 0.0, "v": 0.0}

    def _numbers(self, eta: float, t: int, scalars: Mapping[str, float]) -> Numbers:
        beta_1, beta_2 = self.beta_1, self.beta_2
        c_1, c_2 = 1.0 - beta_1**t, 1.0 - beta_2**t
        alpha = eta * math.sqrt(c_2) / c_1
        return {"β₁": beta_1, "β₂": beta_2, "c₁": c_1, "c₂": c_2, "α": alpha, "ε": self.epsilon}

    def _update(self, w: Array, g: Array, state: State, n: Numbers, keep: float) -> None:
        kernels.adam(
            w, g, state["m"], state["v"], n["α"], 1.0 - n["β₁"], 1.0 - n["β₂"], n["ε"], keep
        )

    def _lines(self) -> tuple[str, ...]:
        return (
            "{m′} = {m} + (1 - {β₁})·({g} - {m})",
            "{v′} = {v} + (1 - {β₂})·({g}² - {v})",
            "{c₁} = 1 - {β₁}^{t}",
            "{c₂} = 1 - {β₂}^{t}",
            "{α} = {η}·√{c₂} / {c₁}",
            "{w′} = {w} - {α}·{m′} / (√{v′} + {ε})",
        )


class AdamW(Adam):
    """Adam with weight decay λ beside the gradient, not in it (Loshchilov and Hutter 2019).

    w′ = (1 - η·λ)·w - α·m′ / (√v′ + ε), the rest as in Adam.
    PyTorch does the same with λ = 0.01.
    """

    name = "adamw"

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **common: Any,
    ) -> None:
        if weight_decay is None:
            raise ConfigError("adamw: weight_decay is None. Give a number, or use 'adam'.")
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, weight_decay=weight_decay, **common
        )


class Nadam(Adam):
    """Adam with Nesterov's look ahead (Dozat 2016).

    m′ and v′ as in Adam; the momentum grows towards β₁:
    μ = β₁·(1 - 0.5·0.96ᵗ),  ν = β₁·(1 - 0.5·0.96ᵗ⁺¹) the next one,  p′ = p·μ their product
    d = ν·m′ / (1 - p′·ν) + (1 - μ)·g / (1 - p′)
    w′ = w - η·d / (√(v′ / (1 - β₂ᵗ)) + ε)

    PyTorch has 0.96 to the power t·0.004 and ε = 10⁻⁸: the same with ``momentum_decay=1``.
    """

    name = "nadam"

    def _initial_scalars(self) -> dict[str, float]:
        return {"momentum_product": 1.0}

    def _numbers(self, eta: float, t: int, scalars: Mapping[str, float]) -> Numbers:
        beta_1, beta_2 = self.beta_1, self.beta_2
        mu = beta_1 * (1.0 - 0.5 * 0.96**t)
        nu = beta_1 * (1.0 - 0.5 * 0.96 ** (t + 1))
        p = scalars["momentum_product"]
        product = p * mu
        return {
            "η": eta, "β₁": beta_1, "β₂": beta_2, "ε": self.epsilon, "c₂": 1.0 - beta_2**t,
            "μ": mu, "ν": nu, "p": p, "p′": product,
            "A": eta * nu / (1.0 - product * nu), "B": eta * (1.0 - mu) / (1.0 - product),
        }  # fmt: skip

    def _next_scalars(self, n: Numbers) -> dict[str, float]:
        return {"momentum_product": n["p′"]}

    def _update(self, w: Array, g: Array, state: State, n: Numbers, keep: float) -> None:
        kernels.nadam(
            w, g, state["m"], state["v"], n["A"], n["B"], 1.0 / n["c₂"],
            1.0 - n["β₁"], 1.0 - n["β₂"], n["ε"], keep,
        )  # fmt: skip

    def _lines(self) -> tuple[str, ...]:
        return (
            "{m′} = {m} + (1 - {β₁})·({g} - {m})",
            "{v′} = {v} + (1 - {β₂})·({g}² - {v})",
            "{c₂} = 1 - {β₂}^{t}",
            "{μ} = {β₁}·(1 - 0.5·0.96^{t})",
            "{ν} = {β₁}·(1 - 0.5·0.96^({t} + 1))",
            "{p′} = {p}·{μ}",
            "{A} = {η}·{ν} / (1 - {p′}·{ν})",
            "{B} = {η}·(1 - {μ}) / (1 - {p′})",
            "{w′} = {w} - ({A}·{m′} + {B}·{g}) / (√({v′} / {c₂}) + {ε})",
        )


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": Nadam,
}


def get(spec: str | Mapping[str, Any] | Optimizer) -> Optimizer:
    """The optimizer for a name, a config, or an optimizer (which stays the same object).

    >>> get({"name": "sgd", "learning_rate": 0.1})
    SGD(learning_rate=0.1, momentum=0.0, nesterov=False)

    Raises:
        UnknownNameError: no such optimizer, or no such setting.
        ConfigError: a setting out of its range.
    """
    if isinstance(spec, Optimizer):
        return spec
    settings: dict[str, Any] = dict(spec) if isinstance(spec, Mapping) else {"name": spec}
    cls: Callable[..., Optimizer] = lookup("optimizer", OPTIMIZERS, settings.pop("name", ""))
    return cls(**settings)
