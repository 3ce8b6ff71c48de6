"""How Rescaling is explained: y = x·scale + offset."""

from __future__ import annotations

from collections.abc import Mapping

from glassnet._core.derivation import Derivation
from glassnet._core.formula import Factor, Index, Symbol, slope
from glassnet.layers.equations import (
    DX,
    DY,
    Derive,
    Description,
    LayerEquations,
    outgoing,
    output,
)
from glassnet.layers.rescaling.layer import Rescaling


class RescalingEquations(LayerEquations):
    """y = x·scale + offset."""

    layer: Rescaling

    def describe(self) -> dict[str, Description]:
        latex = r"y = x \cdot \mathrm{scale} + \mathrm{offset}"
        return {
            "y": output("y = x·scale + offset", latex),
            "dx": outgoing("∂L/∂x = ∂L/∂y·scale", rf"{DX} = {DY} \cdot \mathrm{{scale}}"),
        }

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    @property
    def _scale(self) -> Factor:
        return Factor(Symbol("scale", r"\mathrm{scale}"), self.layer.scale)

    def _y(self, index: Index, value: float) -> Derivation:
        offset = Factor(Symbol("offset", r"\mathrm{offset}"), self.layer.offset)
        factors = {"x": self.flow("x", "x", index), "s": self._scale, "o": offset}
        pattern, code = "{x}·{s} + {o}", r"<x> \cdot <s> + <o>"
        return self.fill(self.flowing("y", index), pattern, code, factors, value)

    def _dx(self, index: Index, value: float) -> Derivation:
        terms = [(self.back("dy", "y", index), self._scale)]
        return self.sum(slope(self.flowing("x", index)), terms, value)
