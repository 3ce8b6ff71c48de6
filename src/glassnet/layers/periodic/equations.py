"""How a periodic embedding is explained: the angle of each wave, its cosine, and their mixtures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from glassnet._core.derivation import Derivation
from glassnet._core.formula import Factor, Index, Symbol, Term, indexed, slope
from glassnet._core.types import Array
from glassnet.layers.equations import (
    DX,
    DY,
    Derive,
    Description,
    LayerEquations,
    outgoing,
    output,
    slope_latex,
)
from glassnet.layers.periodic.layer import TURN, PeriodicEmbedding

TWO_PI = Factor(Symbol("2π", r"2\pi"), TURN)
DA = slope_latex("a")


class PeriodicEmbeddingEquations(LayerEquations):
    """y = (x, e), of e = cos(2π·f·x + p)·V + c."""

    layer: PeriodicEmbedding
    gradients: ClassVar = {
        "f": ("∂L/∂f = Σᵢ 2π·x·∂L/∂a, over the samples",
              rf"{slope_latex('f')} = \sum_i 2\pi x \, {DA}"),
        "p": ("∂L/∂p = Σᵢ ∂L/∂a, over the samples", rf"{slope_latex('p')} = \sum_i {DA}"),
        "V": ("∂L/∂V = tᵀ·∂L/∂e", rf"{slope_latex('V')} = t^\top {slope_latex('e')}"),
        "c": ("∂L/∂c = Σᵢ ∂L/∂eᵢ, over the samples",
              rf"{slope_latex('c')} = \sum_i {slope_latex('e')}"),
    }  # fmt: skip

    def kept(self) -> Mapping[str, Array]:
        saved = self.layer.saved
        return {} if saved is None else {"a": saved.a, "t": saved.t}

    def describe(self) -> dict[str, Description]:
        a = Description(
            "a", "a", "kept", "angle of each wave", "a = 2π·f·x + p", r"a = 2\pi f x + p"
        )
        t = Description("t", "t", "kept", "height of each wave", "t = cos(a)", r"t = \cos a")
        return {
            "a": a,
            "t": t,
            "y": output("y = (x, t·V + c)", r"y = (x,\; t V + c)"),
            "dx": outgoing(
                "∂L/∂x = ∂L/∂y + Σ 2π·f·∂L/∂a, ∂L/∂a = −sin(a)·(∂L/∂e·Vᵀ)",
                rf"{DX} = {DY} + \sum 2\pi f \, {DA}, \quad "
                rf"{DA} = -\sin a \cdot {slope_latex('e')} V^\top",
            ),
        }

    def axes(self, quantity: str) -> tuple[str, ...]:
        return ("sample", "column", "wave") if quantity in ("a", "t") else ()

    def derivations(self) -> Mapping[str, Derive]:
        return {
            "a": self._a, "t": self._t, "y": self._y, "dx": self._dx,
            "df": self._df, "dp": self._dp, "dV": self._dV, "dc": self._dc,
        }  # fmt: skip

    # ---- forward -----------------------------------------------------------------------------

    def _a(self, index: Index, value: float) -> Derivation:
        s, j, k = index
        factors = {
            "f": self.weight("f", (j, k)),
            "x": self.flow("x", "x", (s, self.layer.embedded[j])),
            "p": self.weight("p", (j, k)),
        }
        pattern, code = "2π·{f}·{x} + {p}", r"2\pi \cdot <f> \cdot <x> + <p>"
        return self.fill(self.flowing("a", index), pattern, code, factors, value)

    def _t(self, index: Index, value: float) -> Derivation:
        factors = {"a": self.flow("a", "a", index)}
        return self.fill(self.flowing("t", index), "cos({a})", r"\cos(<a>)", factors, value)

    def _y(self, index: Index, value: float) -> Derivation:
        s, place = index
        d = self.arrays["x"].shape[1]
        left = self.flowing("y", index)
        if place < d:
            return self.sum(left, [(self.flow("x", "x", index),)], value)
        j, u = divmod(place - d, self.layer.units)
        terms: list[Term] = [
            (self.flow("t", "t", (s, j, k)), self.weight("V", (j, k, u)))
            for k in range(self.layer.frequencies)
        ]
        return self.sum(left, [*terms, (self.weight("c", (j, u)),)], value)

    # ---- backward ----------------------------------------------------------------------------

    def _incoming(self, s: int, j: int, u: int) -> Factor:
        """∂L/∂e of mixture u of a column."""
        d = self.arrays["x"].shape[1]
        return self.back("dy", "y", (s, d + j * self.layer.units + u))

    def _da(self, s: int, j: int, k: int) -> Factor:
        """∂L/∂a = −sin(a)·Σ ∂L/∂e·V"""
        d, units = self.arrays["x"].shape[1], self.layer.units
        de = self.arrays["dy"][s, d + j * units : d + (j + 1) * units].astype(np.float64)
        sine = np.sin(float(self.arrays["a"][s, j, k]))
        value = -sine * float(de @ self.arrays["V"][j, k].astype(np.float64))
        return Factor(slope(indexed("a", j, k, sample=s if self.many else None)), value)

    def _dx(self, index: Index, value: float) -> Derivation:
        s, column = index
        terms: list[Term] = [(self.back("dy", "y", index),)]
        if column in self.layer.embedded:
            j = self.layer.embedded.index(column)
            terms += [
                (TWO_PI, self.weight("f", (j, k)), self._da(s, j, k))
                for k in range(self.layer.frequencies)
            ]
        return self.sum(slope(self.flowing("x", index)), terms, value)

    def _df(self, index: Index, value: float) -> Derivation:
        j, k = index
        column = self.layer.embedded[j]
        terms = [
            (TWO_PI, self.flow("x", "x", (s, column)), self._da(s, j, k))
            for s in range(self.samples)
        ]
        return self.sum(slope(self.parameter("f", index)), terms, value)

    def _dp(self, index: Index, value: float) -> Derivation:
        terms = [(self._da(s, *index),) for s in range(self.samples)]
        return self.sum(slope(self.parameter("p", index)), terms, value)

    def _dV(self, index: Index, value: float) -> Derivation:
        j, k, u = index
        terms = [
            (self.flow("t", "t", (s, j, k)), self._incoming(s, j, u)) for s in range(self.samples)
        ]
        return self.sum(slope(self.parameter("V", index)), terms, value)

    def _dc(self, index: Index, value: float) -> Derivation:
        terms = [(self._incoming(s, *index),) for s in range(self.samples)]
        return self.sum(slope(self.parameter("c", index)), terms, value)
