"""How larger images by repeated pixels are explained: y = x, in a block of equal pixels."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from glassnet._core.derivation import Derivation, places
from glassnet._core.formula import Index, slope
from glassnet.layers.equations import (
    DX,
    DY,
    Derive,
    Description,
    LayerEquations,
    outgoing,
    output,
)
from glassnet.layers.upsampling.layer import UpSampling2D


class UpSampling2DEquations(LayerEquations):
    """y = x in each place of its block; the gradient is the sum over the block."""

    layer: UpSampling2D

    def describe(self) -> dict[str, Description]:
        size = "×".join(map(str, self.layer.size))
        return {
            "y": output(f"y = x, in a block of {size}", "y = x"),
            "dx": outgoing("∂L/∂x = Σ ∂L/∂y, over the block", rf"{DX} = \sum {DY}"),
        }

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        s, row, column, c = index
        rows, columns = self.layer.size
        x = self.flow("x", "x", (s, row // rows, column // columns, c))
        return self.equal(self.flowing("y", index), x.symbol, value, *places([x]))

    def _dx(self, index: Index, value: float) -> Derivation:
        s, row, column, c = index
        rows, columns = self.layer.size
        block = product(range(row * rows, (row + 1) * rows),
                        range(column * columns, (column + 1) * columns))  # fmt: skip
        terms = [(self.back("dy", "y", (s, *place, c)),) for place in block]
        return self.sum(slope(self.flowing("x", index)), terms, value)
