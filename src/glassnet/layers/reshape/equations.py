"""How a layer is explained that only gives the numbers another form: y = x."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

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


class ReshapeEquations(LayerEquations):
    """y = x, for Reshape and Flatten."""

    def describe(self) -> dict[str, Description]:
        return {
            "y": output("y = x, in another form", "y = x"),
            "dx": outgoing("∂L/∂x = ∂L/∂y, in another form", f"{DX} = {DY}"),
        }

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _at(self, index: Index, here: str, there: str) -> Index:
        """Where the same number stands in the other form: row by row, the channels last."""
        flat = int(np.ravel_multi_index(index, self.arrays[here].shape))
        return tuple(int(i) for i in np.unravel_index(flat, self.arrays[there].shape))

    def _y(self, index: Index, value: float) -> Derivation:
        x = self.flow("x", "x", self._at(index, "y", "x"))
        return self.equal(self.flowing("y", index), x.symbol, value, *places([x]))

    def _dx(self, index: Index, value: float) -> Derivation:
        dy = self.back("dy", "y", self._at(index, "x", "y"))
        return self.equal(slope(self.flowing("x", index)), dy.symbol, value, *places([dy]))
