"""Adam, and Adam with decoupled weight decay."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.optimizers.base import Numbers, Optimizer, State
from glassnet.optimizers.running import kept, smallest_of
from glassnet.schedules import Schedule


class Adam(Optimizer):
    """Momentum, and a step for each weight that does not depend on the scale of its gradient.

    {formula}

    With ``amsgrad`` the step is divided by the largest v so far, v̂, so that no weight is given
    larger steps again after rare large gradients (Reddi, Kale and Kumar 2018):

    {amsgrad}

    m is a running mean of the gradient, v of its square; both start from 0 and are too small at
    first, which c₁ and c₂ make good.
    (Kingma and Ba 2015, in the form that ends their section 2.)
    PyTorch divides by √(v′/(1 - β₂ᵗ)) + ε, with ε = 10⁻⁸: the same but for the size of ε.

    >>> import numpy as np
    >>> w, g = np.array([1.0, -2.0]), np.array([0.5, -400.0])
    >>> Adam(learning_rate=0.1).step(w, g)
    >>> w.round(4)
    array([ 0.9, -1.9])
    """

    name = "adam"
    formulas: ClassVar[dict[str, str]] = {
        "formula": """
            m′ = m + (1 - β₁)·(g - m)
            v′ = v + (1 - β₂)·(g² - v)
            c₁ = 1 - β₁^t
            c₂ = 1 - β₂^t
            α = η·√c₂ / c₁
            w′ = w - α·m′ / (√v′ + ε)
        """,
        "amsgrad": """
            m′ = m + (1 - β₁)·(g - m)
            v′ = v + (1 - β₂)·(g² - v)
            v̂′ = max(v̂, v′)
            c₁ = 1 - β₁^t
            c₂ = 1 - β₂^t
            α = η·√c₂ / c₁
            w′ = w - α·m′ / (√v̂′ + ε)
        """,
    }
    settings: ClassVar[tuple[str, ...]] = ("beta_1", "beta_2", "epsilon", "amsgrad")
    symbols: ClassVar[dict[str, str]] = {"m": "m", "v": "v", "v_hat": "v̂"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **common: Any,
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_1 = number(self.name, "beta_1", beta_1, minimum=0.0, below=1.0)
        self.beta_2 = number(self.name, "beta_2", beta_2, minimum=0.0, below=1.0)
        self.epsilon = number(self.name, "epsilon", epsilon, above=0.0)
        self.amsgrad = bool(amsgrad)

    @property
    def variant(self) -> str:
        return "amsgrad" if self.amsgrad else "formula"

    def _initial_state(self) -> dict[str, float]:
        return {"m": 0.0, "v": 0.0, "v_hat": 0.0} if self.amsgrad else {"m": 0.0, "v": 0.0}

    def _numbers(self, eta: float, t: int, scalars: Mapping[str, float]) -> Numbers:
        beta_1, beta_2 = self.beta_1, self.beta_2
        c_1, c_2 = 1.0 - beta_1**t, 1.0 - beta_2**t
        alpha = eta * math.sqrt(c_2) / c_1
        return {"β₁": beta_1, "β₂": beta_2, "c₁": c_1, "c₂": c_2, "α": alpha, "ε": self.epsilon}

    def _update(self, w: Array, g: Array, state: State, n: Numbers, keep: float) -> None:
        if self.amsgrad:
            amsgrad_update(
                w, g, state["m"], state["v"], state["v_hat"],
                n["α"], 1.0 - n["β₁"], 1.0 - n["β₂"], n["ε"], keep,
            )  # fmt: skip
            return
        adam_update(
            w, g, state["m"], state["v"], n["α"], 1.0 - n["β₁"], 1.0 - n["β₂"], n["ε"], keep
        )


class AdamW(Adam):
    """Adam with weight decay λ beside the gradient, not in it (Loshchilov and Hutter 2019).

    The weight shrinks by the factor 1 - η·λ before Adam's step.
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
        amsgrad: bool = False,
        **common: Any,
    ) -> None:
        if weight_decay is None:
            raise ConfigError("adamw: weight_decay is None. Give a number, or use 'adam'.")
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **common
        )


@kernel
def amsgrad_update(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    v_hat: Array | None,
    alpha: float,
    rest_1: float,
    rest_2: float,
    epsilon: float,
    keep: float,
) -> None:
    """The formula, on flat vectors; ``rest`` is 1 - β. Without ``v_hat``, the largest v, Adam's."""
    number = w.dtype.type
    alpha_, rest_1_, rest_2_ = number(alpha), number(rest_1), number(rest_2)
    epsilon_, keep_, smallest = number(epsilon), number(keep), smallest_of(w)
    for i in range(w.size):
        m[i] = kept(m[i] + rest_1_ * (g[i] - m[i]), smallest)
        v[i] = kept(v[i] + rest_2_ * (g[i] * g[i] - v[i]), smallest)
        largest = v[i]
        if v_hat is not None:  # Numba leaves it out where there is none
            largest = v_hat[i] if v_hat[i] > largest else largest  # NaN passes
            v_hat[i] = largest
        w[i] = keep_ * w[i] - alpha_ * m[i] / (np.sqrt(largest) + epsilon_)


@kernel
def adam_update(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    alpha: float,
    rest_1: float,
    rest_2: float,
    epsilon: float,
    keep: float,
) -> None:
    """The same without v̂: to hand it over would take 0.06 µs more, of 0.42."""
    amsgrad_update(w, g, m, v, None, alpha, rest_1, rest_2, epsilon, keep)
