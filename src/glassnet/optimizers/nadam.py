"""Nadam: Adam with Nesterov's look ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.settings import refuse_unknown
from glassnet._core.types import Array
from glassnet.optimizers.adam import Adam
from glassnet.optimizers.base import COMMON, Numbers, State
from glassnet.optimizers.running import kept, smallest_of
from glassnet.schedules import Schedule


class Nadam(Adam):
    """Adam with Nesterov's look ahead (Dozat 2016).

    {formula}

    m and v as in Adam. The momentum μ grows towards β₁; ν is the next one, p the product of all.
    PyTorch has 0.96 to the power t·0.004 and ε = 10⁻⁸: the same with ``momentum_decay=1``.
    """

    name = "nadam"
    formulas: ClassVar[dict[str, str]] = {
        "formula": """
            m′ = m + (1 - β₁)·(g - m)
            v′ = v + (1 - β₂)·(g² - v)
            c₂ = 1 - β₂^t
            μ = β₁·(1 - 0.5·0.96^t)
            ν = β₁·(1 - 0.5·0.96^(t + 1))
            p′ = p·μ
            A = η·ν / (1 - p′·ν)
            B = η·(1 - μ) / (1 - p′)
            w′ = w - (A·m′ + B·g) / (√(v′ / c₂) + ε)
        """
    }
    settings: ClassVar[tuple[str, ...]] = ("beta_1", "beta_2", "epsilon")

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **common: Any,
    ) -> None:
        refuse_unknown(self.name, common, (*self.settings, *COMMON))  # there is no amsgrad of it
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **common)

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
        nadam_update(
            w, g, state["m"], state["v"], n["A"], n["B"], 1.0 / n["c₂"],
            1.0 - n["β₁"], 1.0 - n["β₂"], n["ε"], keep,
        )  # fmt: skip


@kernel
def nadam_update(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    share_m: float,
    share_g: float,
    correction: float,
    rest_1: float,
    rest_2: float,
    epsilon: float,
    keep: float,
) -> None:
    """The formula, on flat vectors: ``share_m`` is A, ``share_g`` B, ``correction`` 1 / c₂."""
    number = w.dtype.type
    share_m_, share_g_, correction_ = number(share_m), number(share_g), number(correction)
    rest_1_, rest_2_ = number(rest_1), number(rest_2)
    epsilon_, keep_, smallest = number(epsilon), number(keep), smallest_of(w)
    for i in range(w.size):
        m[i] = kept(m[i] + rest_1_ * (g[i] - m[i]), smallest)
        v[i] = kept(v[i] + rest_2_ * (g[i] * g[i] - v[i]), smallest)
        direction = share_m_ * m[i] + share_g_ * g[i]
        w[i] = keep_ * w[i] - direction / (np.sqrt(correction_ * v[i]) + epsilon_)
