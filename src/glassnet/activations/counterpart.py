"""The same function in another library: what it is called there, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Counterpart:
    """A function, class or operator of another library.

    Attributes:
        name: as the library has it.
        settings: the library's name of a setting → the name here.
        fixed: the library's name of a setting → the value with which it is the same function;
            or several such values, of which the first is written.
        absent: the library's name of a setting → the value that it has where nobody says it.
    """

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    absent: Mapping[str, float] = field(default_factory=dict)

    def written(self, f: Any) -> dict[str, Any]:
        """The settings there of the activation ``f``."""
        own = {theirs: float(getattr(f, ours)) for theirs, ours in self.settings.items()}
        return {theirs: _several(value)[0] for theirs, value in self.fixed.items()} | own

    def read(self, f: Any, given: Mapping[str, Any]) -> Any:
        """``f`` with the settings of the library; None if it is another function with those."""
        for theirs, value in self.fixed.items():
            if theirs in given and not any(_same(given[theirs], v) for v in _several(value)):
                return None
        known = {**self.absent, **{k: v for k, v in given.items() if v is not None}}
        own = {o: float(known[t]) for t, o in self.settings.items() if t in known}
        return replace(f, **own)

    def expected(self) -> str:
        """The settings with which it is the same function, for a message."""
        values = {name: " or ".join(map(str, _several(v))) for name, v in self.fixed.items()}
        return ", ".join(f"{name} = {value}" for name, value in values.items())


def _several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _same(given: Any, value: Any) -> bool:
    """Equal, or as near as float32 and a constant with four digits are."""
    if isinstance(given, float) and isinstance(value, float):
        return abs(given - value) <= 1e-4
    return bool(given == value)
