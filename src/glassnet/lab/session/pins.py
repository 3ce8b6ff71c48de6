"""The field of a comparison: the settings of the network that the page's own is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glassnet.lab.kinds import Field

PLAIN = "default"  # in an address: every setting is at its default

Pinned = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Pins(Field):
    """Nothing, or a value for each of the fields ``of``: [[name, value], …].

    In an address ``learning_rate:0.3;optimizer:sgd``: those that are not at their default.
    """

    kind = "pins"
    of: tuple[Field, ...] = ()

    def check(self, value: Any) -> Pinned:
        if not isinstance(value, (list, tuple)) or len(value) > len(self.of):
            raise self.refuse(value, "a list of [name, value]")
        if not value:
            return ()
        given: dict[str, Any] = {}
        for pair in value:
            if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                raise self.refuse(pair, "[name, value] of each setting")
            given |= {str(pair[0]): pair[1]}
        known = {field.name: field for field in self.of}
        strange = given.keys() - known.keys()
        if strange:
            raise self.refuse(min(strange), "settings among " + ", ".join(known))
        return tuple(
            (name, field.check(given.get(name, field.default))) for name, field in known.items()
        )

    def to_text(self, value: Pinned) -> str:
        pinned = dict(value)
        parts = [
            f"{field.name}:{field.to_text(pinned[field.name])}"
            for field in self.of
            if pinned and pinned[field.name] != field.default
        ]
        return ";".join(parts) or (PLAIN if pinned else "")

    def from_text(self, text: str) -> Pinned:
        if not text:
            return ()
        known = {field.name: field for field in self.of}
        pairs = [] if text == PLAIN else [part.partition(":")[::2] for part in text.split(";")]
        for name, _ in pairs:
            if name not in known:
                raise self.refuse(name, "settings among " + ", ".join(known))
        given = {name: known[name].from_text(value) for name, value in pairs}
        return tuple((name, given.get(name, field.default)) for name, field in known.items())

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"of": [field.name for field in self.of]}
