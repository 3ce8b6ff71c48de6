"""How zeros around an image are explained: y = x inside, 0 around it."""

from __future__ import annotations

from collections.abc import Mapping

from glassnet._core.derivation import Derivation, places
from glassnet._core.formula import Index, Symbol, slope
from glassnet.layers.equations import (
    DX,
    DY,
    Derive,
    Description,
    LayerEquations,
    outgoing,
    output,
)
from glassnet.layers.padding.layer import ZeroPadding2D


class ZeroPadding2DEquations(LayerEquations):
    """y = x inside, 0 around it; what comes back to the zeros goes nowhere."""

    layer: ZeroPadding2D

    def describe(self) -> dict[str, Description]:
        return {
            "y": output("y = x inside, 0 around it", r"y = x \text{ inside, } 0 \text{ around it}"),
            "dx": outgoing("∂L/∂x = ∂L/∂y, inside", rf"{DX} = {DY}"),
        }

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        s, row, column, c = index
        (top, _), (left, _) = self.layer.padding
        rows, columns = self.arrays["x"].shape[1:3]
        symbol = self.flowing("y", index)
        if not (0 <= row - top < rows and 0 <= column - left < columns):
            return self.equal(symbol, Symbol("0 (padding)", r"0\ (\text{padding})"), value)
        x = self.flow("x", "x", (s, row - top, column - left, c))
        return self.equal(symbol, x.symbol, value, *places([x]))

    def _dx(self, index: Index, value: float) -> Derivation:
        s, row, column, c = index
        (top, _), (left, _) = self.layer.padding
        dy = self.back("dy", "y", (s, row + top, column + left, c))
        return self.equal(slope(self.flowing("x", index)), dy.symbol, value, *places([dy]))
