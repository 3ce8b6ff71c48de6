"""How one number was made: its formula with symbols, and with the numbers put in.

The numbers are those that were kept while the step was made; nothing is computed here that
the step did not compute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet.explain import kinds
from glassnet.explain.data import LayerStep
from glassnet.explain.writing import (
    Equation,
    Factor,
    Symbol,
    but_here,
    indexed,
    latex_number,
    plain,
    shown,
    slope,
    sum_of_products,
)

if TYPE_CHECKING:
    from glassnet.explain.explanation import StepExplanation

Array = NDArray[Any]
Index = tuple[int, ...]
Place = tuple[str, str, Index]


class Made(NamedTuple):
    """The symbol of a number, how it was made, and of what."""

    symbol: Symbol
    equation: Equation
    inputs: tuple[Place, ...] = ()


How = Callable[[Index, float], Made]


class Maker:
    """Writes the equations of one layer of one explanation; a subclass for each kind."""

    def __init__(self, explanation: StepExplanation, step: LayerStep, digits: int) -> None:
        self.all, self.step, self.digits = explanation, step, digits
        self.many = explanation.samples > 1

    # ---- symbols and numbers -------------------------------------------------------------

    def at(self, quantity: str, index: Index) -> float:
        return float(self.step[quantity][index])

    def flowing(self, letter: str, index: Index, latex: str | None = None) -> Symbol:
        """x, z or y: the first index is the sample, which stands above."""
        sample = index[0] if self.many else None
        return indexed(letter, *index[1:], sample=sample, latex=latex)

    def parameter(self, name: str, index: Index) -> Symbol:
        letter, code = kinds.letters(name)
        if name == "W":
            letter = code = "w"
        return indexed(letter, *index, latex=code)

    def flow(self, quantity: str, letter: str, index: Index, latex: str | None = None) -> Factor:
        return Factor(self.flowing(letter, index, latex), self.at(quantity, index))

    def back(self, quantity: str, letter: str, index: Index) -> Factor:
        return Factor(slope(self.flowing(letter, index)), self.at(quantity, index))

    def weight(self, name: str, index: Index) -> Factor:
        return Factor(self.parameter(name, index), self.at(name, index))

    def sum(self, left: Symbol, terms: list[tuple[Factor, ...]], value: float) -> Equation:
        return sum_of_products(left, terms, value, self.digits)

    # ---- which formula -------------------------------------------------------------------

    def make(self, quantity: str, index: Index) -> Made:
        """The equation of ``quantity[index]``."""
        value = self.at(quantity, index)
        known = {"x": self._x, "dy": self._dy} | self._special()
        if quantity in known:
            return known[quantity](index, value)
        return self._stated(quantity, index, value)

    def _special(self) -> dict[str, How]:
        """The quantities that this kind of layer has formulas for."""
        return {}

    def _stated(self, quantity: str, index: Index, value: float) -> Made:
        """Where only the formula of the whole array is known."""
        q = self.step.quantities[quantity]
        if q.part == "parameter":
            symbol = self.parameter(quantity, index)
            return Made(symbol, plain(symbol, None, value, self.digits))
        symbol = indexed(q.symbol, *index, latex=q.latex_symbol)
        text = f"{symbol.text} = {shown(value, self.digits)}"
        code = f"{symbol.latex} = {latex_number(value, self.digits)}"
        return Made(symbol, Equation(q.formula, text, q.latex, code))

    # ---- what all layers have ------------------------------------------------------------

    def _x(self, index: Index, value: float) -> Made:
        symbol = self.flowing("x", index)
        below = self.all.below(self.step)
        if below is None:
            return Made(symbol, plain(symbol, None, value, self.digits))
        quantity = "x" if below.name == self.step.inside else "y"
        at = _same_place(index, below[quantity].shape, self.step["x"].shape)
        source = self.flowing(quantity, at)
        right = Symbol(f"{source.text} ({below.name})", rf"{source.latex}\ (\text{{{below.name}}})")
        equation = plain(symbol, right, value, self.digits)
        return Made(symbol, equation, ((below.name, quantity, at),))

    def _dy(self, index: Index, value: float) -> Made:
        symbol = slope(self.flowing("y", index))
        above = self.all.above(self.step)
        if above is None:
            made = self.all.loss_maker(self.digits).make("gradient", index)
            true = float(self.all.loss["gradient"][index])
            equation = but_here(made.equation, true, value, 0.0, self.digits)
            return Made(symbol, equation, (("loss", "gradient", index), *made.inputs))
        inner = above.name == self.step.inside
        quantity = "dy" if inner else "dx"
        if quantity not in above.quantities:
            return Made(symbol, plain(symbol, None, value, self.digits))
        at = _same_place(index, above[quantity].shape, self.step["dy"].shape)
        source = slope(self.flowing("y" if inner else "x", at))
        right = Symbol(f"{source.text} ({above.name})", rf"{source.latex}\ (\text{{{above.name}}})")
        first = plain(symbol, right, value, self.digits)
        made = self.all.maker(above, self.digits).make(quantity, at)
        lines = Equation(*("\n".join(pair) for pair in zip(first, made.equation)))
        return Made(symbol, lines, ((above.name, quantity, at), *made.inputs))


def _same_place(index: Index, there: tuple[int, ...], here: tuple[int, ...]) -> Index:
    """The same number in an array of another form (Flatten, Reshape)."""
    if there == here:
        return index
    flat = int(np.ravel_multi_index(index, here))
    return tuple(int(i) for i in np.unravel_index(flat, there))
