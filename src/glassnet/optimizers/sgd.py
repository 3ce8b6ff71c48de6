"""Gradient descent: plain, with momentum, and with Nesterov's look ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from glassnet._core.jit import kernel
from glassnet._core.settings import number, refuse_unknown
from glassnet._core.types import Array
from glassnet.optimizers.base import COMMON, Numbers, Optimizer, State
from glassnet.optimizers.running import kept, smallest_of
from glassnet.schedules import Schedule


class SGD(Optimizer):
    """Gradient descent, on mini-batches "stochastic" (Robbins and Monro 1951).

    Plain:     {plain}
    Momentum:  {momentum}  (Polyak 1964)
    Nesterov:  {nesterov}  (Nesterov 1983; Sutskever et al. 2013)

    Nesterov's step takes the velocity that was just updated, not the old one.
    PyTorch keeps u without η and multiplies later: the path is the same until η changes.

    >>> import numpy as np
    >>> w, g = np.array([1.0, -2.0]), np.array([0.5, 4.0])
    >>> SGD(learning_rate=0.1).step(w, g)
    >>> w
    array([ 0.95, -2.4 ])
    """

    name = "sgd"
    adaptive = False
    formulas: ClassVar[dict[str, str]] = {
        "plain": "w′ = w - η·g",
        "momentum": "u′ = μ·u - η·g\nw′ = w + u′",
        "nesterov": "u′ = μ·u - η·g\nw′ = w + μ·u′ - η·g",
    }
    rate_for_small_networks = 0.1
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

    @property
    def variant(self) -> str:
        if not self.momentum:
            return "plain"
        return "nesterov" if self.nesterov else "momentum"

    def _initial_state(self) -> dict[str, float]:
        return {"velocity": 0.0} if self.momentum else {}

    def _numbers(self, eta: float, t: int, scalars: Mapping[str, float]) -> Numbers:
        return {"η": eta, "μ": self.momentum}

    def _update(self, w: Array, g: Array, state: State, n: Numbers, keep: float) -> None:
        if not self.momentum:
            sgd_update(w, g, n["η"], keep)
        elif self.nesterov:
            nesterov_update(w, g, state["velocity"], n["η"], n["μ"], keep)
        else:
            momentum_update(w, g, state["velocity"], n["η"], n["μ"], keep)


class Momentum(SGD):
    """``SGD`` with momentum 0.9:  {momentum}  (Polyak 1964)."""

    name = "momentum"
    rate_for_small_networks = 0.02
    settings: ClassVar[tuple[str, ...]] = ("momentum",)

    def __init__(
        self, learning_rate: float | Schedule = 0.01, momentum: float = 0.9, **common: Any
    ) -> None:
        refuse_unknown(self.name, common, (*self.settings, *COMMON))  # nesterov is SGD's
        super().__init__(learning_rate, momentum, **common)


class Nesterov(SGD):
    """``SGD`` with momentum 0.9 and a look ahead:  {nesterov}."""

    name = "nesterov"
    rate_for_small_networks = 0.02
    settings: ClassVar[tuple[str, ...]] = ("momentum",)

    def __init__(
        self, learning_rate: float | Schedule = 0.01, momentum: float = 0.9, **common: Any
    ) -> None:
        refuse_unknown(self.name, common, (*self.settings, *COMMON))  # nesterov is SGD's
        super().__init__(learning_rate, momentum, True, **common)


@kernel
def sgd_update(w: Array, g: Array, eta: float, keep: float) -> None:
    """Plain."""
    number = w.dtype.type
    eta_, keep_ = number(eta), number(keep)
    for i in range(w.size):
        w[i] = keep_ * w[i] - eta_ * g[i]


@kernel
def momentum_update(w: Array, g: Array, u: Array, eta: float, mu: float, keep: float) -> None:
    """With momentum."""
    number = w.dtype.type
    eta_, mu_, keep_, smallest = number(eta), number(mu), number(keep), smallest_of(w)
    for i in range(w.size):
        u[i] = kept(mu_ * u[i] - eta_ * g[i], smallest)
        w[i] = keep_ * w[i] + u[i]


@kernel
def nesterov_update(w: Array, g: Array, u: Array, eta: float, mu: float, keep: float) -> None:
    """With Nesterov's look ahead."""
    number = w.dtype.type
    eta_, mu_, keep_, smallest = number(eta), number(mu), number(keep), smallest_of(w)
    for i in range(w.size):
        u[i] = kept(mu_ * u[i] - eta_ * g[i], smallest)
        w[i] = keep_ * w[i] + (mu_ * u[i] - eta_ * g[i])
