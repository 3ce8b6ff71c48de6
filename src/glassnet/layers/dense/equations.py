"""How a Dense layer is explained: z = x·W + b, and the gradients of W, b and x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from glassnet._core.derivation import Derivation
from glassnet._core.formula import Index, slope
from glassnet._core.types import Array
from glassnet.layers.activation.equations import ActivationEquations
from glassnet.layers.dense.layer import Dense
from glassnet.layers.equations import (
    DX,
    DZ,
    Derive,
    Description,
    Link,
    few,
    forward,
    outgoing,
    slope_latex,
)
from glassnet.layers.regularizers import L1L2


class DenseEquations(ActivationEquations):
    """y = f(z) as an Activation, and before it z = x·W + b."""

    layer: Dense
    gradients: ClassVar = {
        "W": ("∂L/∂W = xᵀ·∂L/∂z", rf"{slope_latex('W')} = x^\top {DZ}"),
        "b": ("∂L/∂b = Σᵢ ∂L/∂zᵢ, over the samples", rf"{slope_latex('b')} = \sum_i {DZ}"),
    }

    def backward_kept(self) -> Mapping[str, Array]:
        return {}  # dz is recorded where it comes in

    def regularizers(self) -> Mapping[str, L1L2]:
        penalty = self.layer.kernel_regularizer
        return {} if penalty is None else {"W": penalty}

    def describe(self) -> dict[str, Description]:
        bias = " + b" if self.layer.use_bias else ""
        return {
            "z": forward("z", "weighted sum", f"z = x·W{bias}", f"z = x W{bias}"),
            **self.describe_function(),
            "dx": outgoing("∂L/∂x = ∂L/∂z·Wᵀ", rf"{DX} = {DZ}\, W^\top"),
        }

    # ---- the chain rule --------------------------------------------------------------------

    def passed(self, sample: int) -> list[Link]:
        numbers = few(self.arrays["dx"][sample])
        link = Link(self.name, "dx", "∂L/∂x", "∂z/∂x = W", few(self.arrays["W"]), numbers)
        return [*self.through_function(sample), link]

    def ended(self, quantity: str, place: Index, sample: int) -> list[Link]:
        unit = {"dW": place[-1:], "db": place, "dz": place[1:]}.get(quantity)
        links, name = self.through_function(sample, unit), self.name
        if quantity == "dx":
            row = few(self.arrays["W"][place[1]])
            links.append(Link(name, "dx", "∂L/∂x", "∂z/∂x = w", row, self.at("dx", place)))
        if quantity in ("dW", "db"):
            dz = self.at("dz", (sample, place[-1]))
            if quantity == "db":
                return [*links, Link(name, "db", "∂L/∂b", "∂z/∂b = 1", 1.0, dz)]
            x = self.at("x", (sample, place[0]))
            links.append(Link(name, "dW", "∂L/∂w", "∂z/∂w = x", x, x * dz))
        return links

    # ---- one number ------------------------------------------------------------------------

    def derivations(self) -> Mapping[str, Derive]:
        return {
            **super().derivations(),
            "z": self._z,
            "dx": self._dx,
            "dW": self._dW,
            "db": self._db,
        }

    def _z(self, index: Index, value: float) -> Derivation:
        s, j = index
        n_in = range(self.arrays["x"].shape[1])
        x = [self.flow("x", "x", (s, i)) for i in n_in]
        w = [self.weight("W", (i, j)) for i in n_in]
        b = [self.weight("b", (j,))] if "b" in self.arrays else []
        terms = [*zip(x, w), *zip(b)]
        return self.sum(self.flowing("z", index), terms, value, (*x, *w, *b))

    def _dx(self, index: Index, value: float) -> Derivation:
        s, i = index
        units = range(self.arrays["dz"].shape[1])
        dz = [self.back("dz", "z", (s, j)) for j in units]
        w = [self.weight("W", (i, j)) for j in units]
        return self.sum(slope(self.flowing("x", index)), list(zip(dz, w)), value, (*dz, *w))

    def _dW(self, index: Index, value: float) -> Derivation:
        i, j = index
        terms = [
            (self.flow("x", "x", (s, i)), self.back("dz", "z", (s, j))) for s in range(self.samples)
        ]
        return self.sum(slope(self.parameter("W", index)), terms, value)

    def _db(self, index: Index, value: float) -> Derivation:
        terms = [(self.back("dz", "z", (s, *index)),) for s in range(self.samples)]
        return self.sum(slope(self.parameter("b", index)), terms, value)
