"""One update of one weight as plain data: the formula, and the formula with its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Update:
    """What an optimizer does to one weight in one step.

    Attributes:
        optimizer: its name.
        step: the number of the update, from 1.
        value, new_value: the weight before and after.
        gradient: as the formula uses it, after any clipping.
        learning_rate: of this step.
        state_before, state_after: the optimizer's memory for this weight, by name.
        numbers: every symbol of the formula with its number.
        lines: the formula line by line; each symbol stands in braces.
    """

    optimizer: str
    step: int
    value: float
    new_value: float
    gradient: float
    learning_rate: float
    state_before: Mapping[str, float]
    state_after: Mapping[str, float]
    numbers: Mapping[str, float]
    lines: tuple[str, ...]

    @property
    def delta(self) -> float:
        """Δw = w′ - w"""
        return self.new_value - self.value

    @property
    def formula(self) -> str:
        """The lines with symbols."""
        return "\n".join(self.lines).replace("{", "").replace("}", "")

    @property
    def formula_with_numbers(self) -> str:
        """The lines with six significant digits for each symbol."""
        return self.with_numbers(6)

    def with_numbers(self, digits: int) -> str:
        """The lines with ``digits`` significant digits for each symbol."""
        shown = {symbol: _with_digits(x, digits) for symbol, x in self.numbers.items()}
        return "\n".join(line.format_map(shown) for line in self.lines)


def _with_digits(x: float, digits: int) -> str:
    text = f"{x:.{digits}g}"
    return f"({text})" if text.startswith("-") else text


def with_braces(formula: str, symbols: Iterable[str]) -> tuple[str, ...]:
    """The lines of a formula, each symbol in braces.

    >>> with_braces("w′ = w - η·g", ["w", "w′", "g", "η"])
    ('{w′} = {w} - {η}·{g}',)
    """
    names = "|".join(sorted(map(re.escape, symbols), key=len, reverse=True))
    symbol = re.compile(rf"(?<![^\W\d])({names})(?![^\W²^]|′)")  # no part of a word
    return tuple(symbol.sub(r"{\1}", line.strip()) for line in formula.strip().split("\n"))


def with_formulas(docstring: str, formulas: Mapping[str, str]) -> str:
    """A docstring with ``{name}`` replaced: on a line of its own line by line, else with commas."""
    for name, formula in formulas.items():
        lines = [line.strip() for line in formula.strip().split("\n")]
        if alone := re.search(rf"^( *)\{{{name}\}}$", docstring, re.MULTILINE):
            written = "\n".join(alone[1] + line for line in lines)
            docstring = docstring[: alone.start()] + written + docstring[alone.end() :]
        docstring = docstring.replace(f"{{{name}}}", ",  ".join(lines))
    return docstring
