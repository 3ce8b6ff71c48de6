"""Adagrad: a learning rate for each weight, from the sum of its squared gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.optimizers.base import Numbers, Optimizer, State
from glassnet.schedules import Schedule


class Adagrad(Optimizer):
    """A learning rate for each weight, that shrinks with its past gradients.

    {formula}

    (Duchi, Hazan and Singer 2011.) a starts from ``initial_accumulator_value``.
    PyTorch divides by √a′ + ε and starts from 0, with η = 0.01 and ε = 10⁻¹⁰.
    """

    name = "adagrad"
    formulas: ClassVar[dict[str, str]] = {
        "formula": """
            a′ = a + g²
            w′ = w - η·g / √(a′ + ε)
        """
    }
    rate_for_small_networks = 0.02
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
        adagrad_update(w, g, state["accumulator"], n["η"], n["ε"], keep)


@kernel
def adagrad_update(w: Array, g: Array, a: Array, eta: float, epsilon: float, keep: float) -> None:
    """The formula, on flat vectors."""
    number = w.dtype.type
    eta_, epsilon_, keep_ = number(eta), number(epsilon), number(keep)
    for i in range(w.size):
        a[i] += g[i] * g[i]
        w[i] = keep_ * w[i] - eta_ * g[i] / np.sqrt(a[i] + epsilon_)
