"""How one number was made: its symbol, its equation, and the numbers that it was made of.

The numbers are those that were recorded while they were computed: a writer of equations
computes nothing that the step did not compute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Protocol, overload

import numpy as np

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
    largest_first,
    slope,
    sum_of_products,
)
from glassnet._core.types import Array

MOST_INPUTS = 512  # terms of a sum that are named one by one; of a longer one the largest


class Grid(NamedTuple):
    """A few numbers as they lie in rows and columns: a window of an image, a kernel.

    Attributes:
        title: what it is.
        rows: its numbers; None where there is none.
        padding: the places (row, column) of zeros that padding put there.
        marked: the places to look at, as that of the largest number.
    """

    title: str
    rows: tuple[tuple[float | None, ...], ...]
    padding: frozenset[tuple[int, int]] = frozenset()
    marked: frozenset[tuple[int, int]] = frozenset()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "title": self.title, "rows": [list(row) for row in self.rows],
            "padding": sorted(map(list, self.padding)), "marked": sorted(map(list, self.marked)),
        }  # fmt: skip


class Grids(NamedTuple):
    """Grids side by side, line by line: a window, times its kernel, is the products.

    Attributes:
        lines: what stands side by side: one grid, or three that read a · b = c.
        rest: what is not shown, in words; empty where nothing is left out.
    """

    lines: tuple[tuple[Grid, ...], ...] = ()
    rest: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"lines": [[grid.to_dict() for grid in line] for line in self.lines],
                "rest": self.rest}  # fmt: skip


NOTHING = Grids()


class Derivation(NamedTuple):
    """The symbol of a number, how it was made, of which numbers, and those as they lie."""

    symbol: Symbol
    equation: Equation
    inputs: Sequence[Place] = ()
    grids: Grids = NOTHING


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

    def sum_of_many(
        self, left: Symbol, products: Array, term: Callable[[int], Term], value: float,
        scale: Factor | None = None,
    ) -> Derivation:  # fmt: skip
        """The same for sums so long that only the terms that are written are made.

        ``products`` has the terms' numbers; ``term(i)`` makes one of them.
        """
        numbers = products.astype(np.float64).ravel().tolist()
        terms = _Terms(len(numbers), term)
        equation = sum_of_products(left, terms, value, self.digits, scale=scale, products=numbers)
        return Derivation(left, equation, _Inputs(numbers, term))

    def fill(
        self, left: Symbol, pattern: str, code: str, factors: Mapping[str, Factor], value: float,
        made_of: Iterable[Factor] | None = None,
    ) -> Derivation:  # fmt: skip
        """left = a pattern with ``{name}`` (in LaTeX ``<name>``) for the factors."""
        equation = filled(left, pattern, code, factors, value, self.digits)
        return Derivation(left, equation, places(factors.values() if made_of is None else made_of))


class _Inputs(Sequence[Place]):
    """The numbers that a long sum was made of, looked up when they are asked for."""

    def __init__(self, numbers: list[float], term: Callable[[int], Term]) -> None:
        self._numbers, self._term = numbers, term

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        named: Iterable[int] = range(len(self._numbers))
        if len(self._numbers) > MOST_INPUTS:
            named = sorted(largest_first(self._numbers)[:MOST_INPUTS])
        return places(factor for i in named for factor in self._term(i))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, i: int) -> Place: ...
    @overload
    def __getitem__(self, i: slice) -> Sequence[Place]: ...
    def __getitem__(self, i: int | slice) -> Place | Sequence[Place]:
        return self._places[i]


class _Terms(Sequence[Term]):
    """Terms that are made when they are asked for."""

    def __init__(self, count: int, make: Callable[[int], Term]) -> None:
        self._count, self._make = count, make

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, i: int) -> Term: ...
    @overload
    def __getitem__(self, i: slice) -> Sequence[Term]: ...
    def __getitem__(self, i: int | slice) -> Term | Sequence[Term]:
        if isinstance(i, slice):
            return [self._make(k) for k in range(self._count)[i]]
        return self._make(i)


def places(factors: Iterable[Factor]) -> tuple[Place, ...]:
    """Where the numbers stand, of those that stand anywhere."""
    return tuple(factor.place for factor in factors if factor.place is not None)
