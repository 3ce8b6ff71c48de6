"""How a Residual block is explained: y = x + F(x), where F are the layers in it."""

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


class ResidualEquations(LayerEquations):
    """y = x + F(x); the gradient has two ways back."""

    def describe(self) -> dict[str, Description]:
        return {
            "y": output("y = x + F(x), F is the block", "y = x + F(x)"),
            "dx": outgoing("∂L/∂x = ∂L/∂y + ∂L/∂x through F", rf"{DX} = {DY} + {DX}\ (F)"),
        }

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        end = self.step.inside(self.own)[-1]
        inner = self._inner(end.name, "y", end["y"][index], self.flowing("F", index), index)
        return self.sum(self.flowing("y", index), [(self.flow("x", "x", index),), (inner,)], value)

    def _dx(self, index: Index, value: float) -> Derivation:
        first, symbol = self.step.inside(self.own)[0], slope(self.flowing("x", index))
        through = Symbol(f"{symbol.text} (F)", rf"{symbol.latex}\ (F)")
        inner = self._inner(first.name, "dx", first["dx"][index], through, index)
        return self.sum(symbol, [(self.back("dy", "y", index),), (inner,)], value)

    def _inner(self, layer: str, name: str, value: float, symbol: Symbol, index: Index) -> Factor:
        """A number of a layer in the block."""
        return Factor(symbol, float(value), (layer, name, index))
