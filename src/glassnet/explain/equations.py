"""The equation of any number of a step: the layers, the loss and the optimizer are asked for it."""

from __future__ import annotations

import numpy as np

from glassnet._core.derivation import Derivation
from glassnet._core.formula import (
    DIGITS,
    Index,
    Symbol,
    but_here,
    indexed,
    slope,
    stated,
    together,
)
from glassnet.explain.data import LayerStep
from glassnet.explain.loss_equations import LossEquations
from glassnet.explain.trace import StepTrace
from glassnet.explain.update_equations import derive_update
from glassnet.layers.equations import LayerArrays, LayerEquations, equations_of


def derive(
    trace: StepTrace, layer: str, quantity: str, index: Index, digits: int = DIGITS
) -> Derivation:
    """How one number was made; ``layer`` is "loss" for what the loss holds."""
    return StepEquations(trace, digits).derive(layer, quantity, index)


def speaker(trace: StepTrace, step: LayerStep, digits: int = DIGITS) -> LayerEquations:
    """Who writes the equations of a layer."""
    return equations_of(step, StepEquations(trace, digits), digits)


class StepEquations:
    """The equations of one step."""

    def __init__(self, trace: StepTrace, digits: int) -> None:
        self.trace, self.digits, self.samples = trace, digits, trace.samples

    def inside(self, block: LayerArrays) -> list[LayerStep]:
        """The layers in a block."""
        return self.trace.inside(self.trace.layer(block.name))

    def loss_gradient(self, left: Symbol, index: Index, value: float) -> Derivation:
        """How the loss made the gradient that came to the last layer as ``value``."""
        found = self.derive("loss", "gradient", index)
        right = float(self.trace.loss["gradient"][index])
        equation = but_here(found.equation, right, value, 0.0, self.digits)
        return Derivation(left, equation, found.inputs)

    def derive(self, layer: str, quantity: str, index: Index) -> Derivation:
        """How one number was made."""
        if layer == "loss":
            return self._of_loss(quantity, index)
        step = self.trace.layer(layer)
        q = step.quantities[quantity]
        equations = equations_of(step, self, self.digits)
        if q.part == "update":
            return derive_update(self.trace, step, equations, quantity, index)
        value = equations.at(quantity, index)
        if quantity == "x":
            return self._from_below(step, equations, index, value)
        if quantity == "dy":
            return self._from_above(step, equations, index, value)
        found = equations.derive(quantity, index)
        if found is not None:
            return found
        if q.part == "parameter":
            return equations.equal(equations.parameter(quantity, index), None, value)
        symbol = indexed(q.symbol, *index, latex=q.latex_symbol)
        return Derivation(symbol, stated(symbol, q.formula, q.latex, value, self.digits))

    def _of_loss(self, quantity: str, index: Index) -> Derivation:
        loss, last = self.trace.loss, self.trace.last
        if quantity == "p":
            symbol = LossEquations(self.trace, self.digits).flowing("p", index)
            equation = self.derive(last.name, "y", index).equation
            return Derivation(symbol, equation, ((last.name, "y", index),))
        found = LossEquations(self.trace, self.digits).derive(quantity, index)
        if found is not None:
            return found
        q = loss.quantities[quantity]
        symbol = indexed(q.symbol, *index, latex=q.latex_symbol)
        value = float(q.value[index])
        return Derivation(symbol, stated(symbol, q.formula, q.latex, value, self.digits))

    def _from_below(
        self, step: LayerStep, equations: LayerEquations, index: Index, value: float
    ) -> Derivation:
        """x is what the layer below gave, or what the block got."""
        symbol, below = equations.flowing("x", index), self.trace.below(step)
        if below is None:
            return equations.equal(symbol, None, value)
        quantity = "x" if below.name == step.inside else "y"
        at = _same_place(index, below[quantity].shape, step["x"].shape)
        source = _of(equations.flowing(quantity, at), below)
        return equations.equal(symbol, source, value, (below.name, quantity, at))

    def _from_above(
        self, step: LayerStep, equations: LayerEquations, index: Index, value: float
    ) -> Derivation:
        """∂L/∂y is what the loss, the layer above or the block gave back."""
        symbol, above = slope(equations.flowing("y", index)), self.trace.above(step)
        if above is None:
            found = self.loss_gradient(symbol, index, value)
            return found._replace(inputs=(("loss", "gradient", index), *found.inputs))
        inner = above.name == step.inside
        quantity, letter = ("dy", "y") if inner else ("dx", "x")
        if quantity not in above:
            return equations.equal(symbol, None, value)
        at = _same_place(index, above[quantity].shape, step["dy"].shape)
        handed = (
            speaker(self.trace, above, self.digits).handed_in(step, at, value) if inner else None
        )
        if handed is not None:
            return handed
        source = _of(slope(equations.flowing(letter, at)), above)
        first = equations.equal(symbol, source, value, (above.name, quantity, at))
        there = self.derive(above.name, quantity, at)
        lines = together(first.equation, there.equation)
        return Derivation(symbol, lines, (*first.inputs, *there.inputs))


def _of(symbol: Symbol, step: LayerStep) -> Symbol:
    """The symbol, and the layer that it is of."""
    return Symbol(f"{symbol.text} ({step.name})", rf"{symbol.latex}\ (\text{{{step.name}}})")


def _same_place(index: Index, there: tuple[int, ...], here: tuple[int, ...]) -> Index:
    """The same number in an array of another form (Flatten, Reshape)."""
    if there == here:
        return index
    flat = int(np.ravel_multi_index(index, here))
    return tuple(int(i) for i in np.unravel_index(flat, there))
