"""How one number was made: its symbol, its equation, and the numbers that it was made of.

The numbers are those that were recorded while they were computed: a writer of equations
computes nothing that the step did not compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from glassnet._core.formula import (
    DIGITS,
    Equation,
    Factor,
    Index,
    Place,
    Symbol,
    Term,
    equality,
    filled,
    indexed,
    slope,
    sum_of_products,
)
from glassnet._core.types import Array


class Derivation(NamedTuple):
    """The symbol of a number, how it was made, and of which numbers."""

    symbol: Symbol
    equation: Equation
    inputs: tuple[Place, ...] = ()


class NamedArrays(Protocol):
    """What was recorded of a layer, or of the loss: arrays by name."""

    def __getitem__(self, name: str, /) -> Array: ...
    def __contains__(self, name: str, /) -> bool: ...


class EquationWriter:
    """Writes the equations of the numbers of one layer, or of the loss.

    Args:
        name: of the layer; "loss".
        arrays: its numbers.
        samples: how many passed at once: with several, each symbol tells its sample.
        digits: significant digits of the numbers.
    """

    def __init__(
        self, name: str, arrays: NamedArrays, samples: int = 1, digits: int = DIGITS
    ) -> None:
        self.name, self.arrays, self.digits = name, arrays, digits
        self.samples, self.many = samples, samples > 1

    # ---- symbols and numbers ---------------------------------------------------------------

    def at(self, quantity: str, index: Index) -> float:
        """One number."""
        return float(self.arrays[quantity][index])

    def flowing(self, letter: str, index: Index, latex: str | None = None) -> Symbol:
        """x, z or y: the first index is the sample, which stands above."""
        return indexed(letter, *index[1:], sample=index[0] if self.many else None, latex=latex)

    def factor(self, symbol: Symbol, quantity: str, index: Index) -> Factor:
        """A number of this layer under the symbol."""
        return Factor(symbol, self.at(quantity, index), (self.name, quantity, index))

    def flow(self, quantity: str, letter: str, index: Index, latex: str | None = None) -> Factor:
        """A number that flows forward, as ``letter``."""
        return self.factor(self.flowing(letter, index, latex), quantity, index)

    def back(self, quantity: str, letter: str, index: Index) -> Factor:
        """A number that flows backward: ∂L/∂(letter)."""
        return self.factor(slope(self.flowing(letter, index)), quantity, index)

    # ---- equations -------------------------------------------------------------------------

    def equal(self, left: Symbol, right: Symbol | None, value: float, *inputs: Place) -> Derivation:
        """left = right, or only left = value."""
        return Derivation(left, equality(left, right, value, self.digits), inputs)

    def sum(
        self, left: Symbol, terms: Sequence[Term], value: float,
        made_of: Iterable[Factor] | None = None, scale: Factor | None = None,
    ) -> Derivation:  # fmt: skip
        """left = a·b + c·d + …; made of all factors, unless said otherwise."""
        equation = sum_of_products(left, terms, value, self.digits, scale=scale)
        factors = [f for term in terms for f in term] if made_of is None else made_of
        return Derivation(left, equation, places(factors))

    def fill(
        self, left: Symbol, pattern: str, code: str, factors: Mapping[str, Factor], value: float,
        made_of: Iterable[Factor] | None = None,
    ) -> Derivation:  # fmt: skip
        """left = a pattern with ``{name}`` (in LaTeX ``<name>``) for the factors."""
        equation = filled(left, pattern, code, factors, value, self.digits)
        return Derivation(left, equation, places(factors.values() if made_of is None else made_of))


def places(factors: Iterable[Factor]) -> tuple[Place, ...]:
    """Where the numbers stand, of those that stand anywhere."""
    return tuple(factor.place for factor in factors if factor.place is not None)
