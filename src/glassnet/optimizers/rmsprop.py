"""RMSprop: a learning rate for each weight, from the running mean of its squared gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.optimizers.base import Numbers, Optimizer, State
from glassnet.optimizers.running import kept, smallest_of
from glassnet.schedules import Schedule


def _formula(centered: bool, momentum: bool) -> str:
    lines = ["a′ = ρ·a + (1 - ρ)·g²"]
    step = "η·g / √(a′ + ε)"
    if centered:
        lines.append("b′ = ρ·b + (1 - ρ)·g")
        step = "η·g / √(a′ - b′² + ε)"
    if momentum:
        lines.append(f"u′ = μ·u + {step}")
        step = "u′"
    return "\n".join([*lines, f"w′ = w - {step}"])


class RMSprop(Optimizer):
    """As Adagrad, with a running mean of the squares that forgets.

    {plain}

    (Hinton, lecture 6e, 2012.) With ``centered``, the running mean b of g is taken off, so that
    the root is over a variance (Graves 2013):

    {centered}

    With ``momentum`` μ, for both:

    {momentum}

    PyTorch divides by √a′ + ε, has ρ = 0.99, η = 0.01, ε = 10⁻⁸, and keeps u without η.
    """

    name = "rmsprop"
    formulas: ClassVar[dict[str, str]] = {
        "plain": _formula(centered=False, momentum=False),
        "centered": _formula(centered=True, momentum=False),
        "momentum": _formula(centered=False, momentum=True),
        "centered_momentum": _formula(centered=True, momentum=True),
    }
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

    @property
    def variant(self) -> str:
        used = {"centered": self.centered, "momentum": self.momentum}
        return "_".join(name for name, use in used.items() if use) or "plain"

    def _initial_state(self) -> dict[str, float]:
        used = {"mean_square": True, "mean_gradient": self.centered, "velocity": self.momentum}
        return {name: 0.0 for name, use in used.items() if use}

    def _numbers(self, eta: float, t: int, scalars: Mapping[str, float]) -> Numbers:
        return {"η": eta, "ρ": self.rho, "μ": self.momentum, "ε": self.epsilon}

    def _update(self, w: Array, g: Array, state: State, n: Numbers, keep: float) -> None:
        mean, velocity = state.get("mean_gradient"), state.get("velocity")
        rho = n["ρ"]
        rmsprop_update(
            w, g, state["mean_square"], mean, velocity, n["η"], rho, 1.0 - rho, n["μ"], n["ε"], keep
        )


@kernel
def rmsprop_update(
    w: Array,
    g: Array,
    a: Array,
    mean: Array | None,
    u: Array | None,
    eta: float,
    rho: float,
    rest: float,
    mu: float,
    epsilon: float,
    keep: float,
) -> None:
    """With ``mean`` the centred form, with ``u`` momentum.

    Absent ones cost nothing: Numba drops the branch on None when it compiles.
    """
    number = w.dtype.type
    eta_, rho_, rest_ = number(eta), number(rho), number(rest)
    mu_, epsilon_, keep_ = number(mu), number(epsilon), number(keep)
    smallest = smallest_of(w)
    for i in range(w.size):
        a[i] = kept(rho_ * a[i] + rest_ * (g[i] * g[i]), smallest)
        variance = a[i]
        if mean is not None:
            mean[i] = kept(rho_ * mean[i] + rest_ * g[i], smallest)
            variance = a[i] - mean[i] * mean[i]
        step = eta_ * g[i] / np.sqrt(variance + epsilon_)
        if u is not None:
            u[i] = kept(mu_ * u[i] + step, smallest)
            step = u[i]
        w[i] = keep_ * w[i] - step
