"""How Dropout is explained: y = x·m / (1 - rate)."""

from __future__ import annotations

from collections.abc import Mapping

from glassnet._core.derivation import Derivation, places
from glassnet._core.formula import Factor, Index, Symbol, slope
from glassnet._core.types import Array
from glassnet.layers.dropout.layer import BITS, Dropout, SpatialDropout
from glassnet.layers.equations import (
    DX,
    DY,
    Derive,
    Description,
    LayerEquations,
    outgoing,
    output,
)


class DropoutEquations(LayerEquations):
    """y = x·m / (1 - rate); the gradient the same way."""

    layer: Dropout

    @property
    def scales_gradient(self) -> bool:
        return self.layer.rate > 0

    def kept(self) -> Mapping[str, Array]:
        saved = self.layer.saved
        if saved is None:  # nothing was dropped
            return {}
        return {"mask": (saved.u >= self.layer.threshold).astype(self.layer.dtype)}

    def describe(self) -> dict[str, Description]:
        rate = self.layer.rate
        return {
            "mask": Description(
                "m", "m", "kept", "1 where a number is kept, 0 where it is dropped",
                f"m = 1 if u ≥ {rate:g}, else 0", rf"m = [u \ge {rate:g}]",
            ),
            "y": output("y = x·m / (1 − rate)", r"y = \frac{x\, m}{1 - \mathrm{rate}}"),
            "dx": outgoing(
                "∂L/∂x = ∂L/∂y·m / (1 − rate)", rf"{DX} = {DY} \frac{{m}}{{1 - \mathrm{{rate}}}}"
            ),
        }  # fmt: skip

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        return self._dropped(self.flowing("y", index), self.flow("x", "x", index), index, value)

    def _dx(self, index: Index, value: float) -> Derivation:
        left, source = slope(self.flowing("x", index)), self.back("dy", "y", index)
        return self._dropped(left, source, index, value)

    def _dropped(self, left: Symbol, source: Factor, index: Index, value: float) -> Derivation:
        if "mask" not in self.arrays:
            return self.equal(left, source.symbol, value, *places([source]))
        factors = {
            "x": source,
            "m": self.flow("mask", "m", index),
            "r": Factor(Symbol("rate", r"\mathrm{rate}"), self.layer.threshold / 2**BITS),
        }
        pattern, code = "{x}·{m} / (1 − {r})", r"\frac{<x> \cdot <m>}{1 - <r>}"
        return self.fill(left, pattern, code, factors, value)


class SpatialDropoutEquations(DropoutEquations):
    """The same, with one m for each channel of a sample."""

    layer: SpatialDropout

    def axes(self, quantity: str) -> tuple[str, ...]:
        inner = ("row", "column") if self.layer.rank == 2 else ("step",)
        return ("sample", *inner, "channel")

    def describe(self) -> dict[str, Description]:
        found = super().describe()
        meaning = "1 where a channel is kept, 0 where it is dropped, for all its places"
        return {**found, "mask": found["mask"]._replace(meaning=meaning)}
