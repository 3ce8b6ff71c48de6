"""One update of one weight as plain data: the formula, and the formula with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
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
        shown = {symbol: _shown(x, digits) for symbol, x in self.numbers.items()}
        return "\n".join(line.format_map(shown) for line in self.lines)


def _shown(x: float, digits: int) -> str:
    text = f"{x:.{digits}g}"
    return f"({text})" if text.startswith("-") else text
