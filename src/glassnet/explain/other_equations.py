"""How the numbers of Dropout, Rescaling and Residual were made."""

from __future__ import annotations

from glassnet.explain.equations import How, Index, Made, Maker, Place
from glassnet.explain.writing import Factor, Symbol, plain, slope, template
from glassnet.layers import Dropout, Rescaling


class DropoutMaker(Maker):
    """y = x·m / (1 - rate)."""

    def _special(self) -> dict[str, How]:
        return {"y": self._dropped, "dx": self._dropped_back}

    def _dropped(self, index: Index, value: float) -> Made:
        return self._drop(index, value, self.flowing("y", index), "x", self.flowing("x", index))

    def _dropped_back(self, index: Index, value: float) -> Made:
        left, right = slope(self.flowing("x", index)), slope(self.flowing("y", index))
        return self._drop(index, value, left, "dy", right)

    def _drop(self, index: Index, value: float, left: Symbol, source: str, right: Symbol) -> Made:
        layer = self.step.layer
        assert isinstance(layer, Dropout)
        inputs: tuple[Place, ...] = ((self.step.name, source, index),)
        if "mask" not in self.step.quantities:
            return Made(left, plain(left, right, value, self.digits), inputs)
        factors = {
            "x": Factor(right, self.at(source, index)),
            "m": self.flow("mask", "m", index),
            "r": Factor(Symbol("rate", r"\mathrm{rate}"), layer.rate),
        }
        pattern, code = "{x}·{m} / (1 − {r})", r"\frac{<x> \cdot <m>}{1 - <r>}"
        equation = template(left, pattern, code, factors, value, self.digits)
        return Made(left, equation, (*inputs, (self.step.name, "mask", index)))


class RescalingMaker(Maker):
    """y = x·scale + offset."""

    def _special(self) -> dict[str, How]:
        return {"y": self._rescaled, "dx": self._rescaled_back}

    def _rescaled(self, index: Index, value: float) -> Made:
        layer = self.step.layer
        assert isinstance(layer, Rescaling)
        symbol = self.flowing("y", index)
        factors = {
            "x": self.flow("x", "x", index),
            "s": Factor(Symbol("scale", r"\mathrm{scale}"), layer.scale),
            "o": Factor(Symbol("offset", r"\mathrm{offset}"), layer.offset),
        }
        equation = template(symbol, "{x}·{s} + {o}", r"<x> \cdot <s> + <o>", factors, value)
        return Made(symbol, equation, ((self.step.name, "x", index),))

    def _rescaled_back(self, index: Index, value: float) -> Made:
        layer = self.step.layer
        assert isinstance(layer, Rescaling)
        symbol = slope(self.flowing("x", index))
        scale = Factor(Symbol("scale", r"\mathrm{scale}"), layer.scale)
        equation = self.sum(symbol, [(self.back("dy", "y", index), scale)], value)
        return Made(symbol, equation, ((self.step.name, "dy", index),))


class ResidualMaker(Maker):
    """y = x + F(x), where F is the block."""

    def _special(self) -> dict[str, How]:
        return {"y": self._around, "dx": self._around_back}

    def _around(self, index: Index, value: float) -> Made:
        end = self.all.inside(self.step)[-1]
        symbol, block = self.flowing("y", index), self.flowing("F", index)
        terms: list[tuple[Factor, ...]] = [
            (self.flow("x", "x", index),), (Factor(block, float(end["y"][index])),)
        ]  # fmt: skip
        inputs = ((self.step.name, "x", index), (end.name, "y", index))
        return Made(symbol, self.sum(symbol, terms, value), inputs)

    def _around_back(self, index: Index, value: float) -> Made:
        first = self.all.inside(self.step)[0]
        symbol = slope(self.flowing("x", index))
        block = Symbol(f"{symbol.text} (F)", rf"{symbol.latex}\ (F)")
        terms: list[tuple[Factor, ...]] = [
            (self.back("dy", "y", index),), (Factor(block, float(first["dx"][index])),)
        ]  # fmt: skip
        inputs = ((self.step.name, "dy", index), (first.name, "dx", index))
        return Made(symbol, self.sum(symbol, terms, value), inputs)
