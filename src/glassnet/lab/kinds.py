"""The kinds of fields: what values each takes, and how it is written in the address."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from glassnet.errors import ConfigError

MOST_LAYERS = 6
MOST_UNITS = 16  # of a layer that are drawn, and that a person can give it
WIDEST = 512  # units of a layer that is opened: of a saved run, a link, a file
MOST_BETWEEN = 100_000  # weights between the hidden layers: a map is then made in 0.1 s
MOST_POINTS = 400
MOST_TEXT = 200

Hidden = tuple[int, str, float, bool, bool]  # units, activation, dropout, batch norm, skip


class FieldError(ConfigError):
    """A value that a field cannot have.

    Attributes:
        key: of the text in the page's catalogues, if it is there in both languages.
        values: what that text needs; ``label`` is itself a key, of what was set.
    """

    def __init__(self, text: str, key: str = "", **values: Any) -> None:
        super().__init__(text)
        self.key, self.values = key, values


@dataclass(frozen=True)
class Field:
    """One thing that can be set.

    Args:
        name: as messages, addresses and files call it.
        default: its value at first.
        room: whose it is; "page" for what all rooms share.
        rebuild: what a change makes anew; see the table.
    """

    kind: ClassVar[str]
    name: str
    default: Any
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    step: float = 0.0
    zero: bool = False  # 0 is allowed as well, below ``low``
    rebuild: str = ""
    room: str = "playground"

    def check(self, value: Any) -> Any:
        """``value`` in the field's own type.

        Raises:
            ConfigError: another type, or out of range.
        """
        raise NotImplementedError  # every kind defines it

    def to_text(self, value: Any) -> str:
        """As the address writes it."""
        return str(value)

    def from_text(self, text: str) -> Any:
        """The value that :meth:`to_text` wrote (ConfigError if it did not)."""
        return self.check(text)

    def describe(self) -> dict[str, Any]:
        """What the page needs to make a control of it."""
        found = {"name": self.name, "kind": self.kind, "default": self.default, "room": self.room}
        if self.choices:
            found["choices"] = list(self.choices)
        if math.isfinite(self.low):
            found |= {"low": self.low, "high": self.high, "step": self.step, "zero": self.zero}
        return found

    def refuse(self, value: Any, expected: str, key: str = "", **values: Any) -> FieldError:
        shown = repr(value) if not isinstance(value, (int, float)) else str(value)
        shown = shown if len(shown) <= 60 else shown[:60] + "…"
        text = f"{self.name} is {shown}, but must be {expected}."
        return FieldError(text, key, **{"label": f"field.{self.name}"} | values)


class Choice(Field):
    """One of some names."""

    kind = "choice"

    def check(self, value: Any) -> str:
        if isinstance(value, str) and value in self.choices:
            return value
        raise self.refuse(value, "one of " + ", ".join(self.choices))


class Flag(Field):
    """Yes or no."""

    kind = "flag"

    def check(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise self.refuse(value, "true or false")

    def to_text(self, value: bool) -> str:
        return "1" if value else "0"

    def from_text(self, text: str) -> bool:
        return self.check({"1": True, "0": False}.get(text, text))


class Number(Field):
    """A real number in a range."""

    kind = "number"

    def check(self, value: Any) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if self.low <= number <= self.high or (self.zero and number == 0):
                return number
        raise self._beyond(value)

    def _beyond(self, value: Any) -> FieldError:
        low = f"0 or {self.low:g}" if self.zero else f"{self.low:g}"
        key = "problem.zero_or_number" if self.zero else f"problem.{self._key}"
        expected = f"{self._noun} from {low} to {self.high:g}"
        return self.refuse(value, expected, key, low=self.low, high=self.high)

    _noun: ClassVar[str] = "a number"
    _key: ClassVar[str] = "number"

    def to_text(self, value: float) -> str:
        return f"{value:.6g}"

    def from_text(self, text: str) -> Any:
        try:
            value = float(text) if len(text) < 40 else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self._beyond(text)
        return self.check(value)


class Log(Number):
    """A number whose size is what matters: its control moves by ratios."""

    kind = "log"


class Whole(Number):
    """A whole number in a range."""

    kind = "whole"
    _noun, _key = "a whole number", "whole_number"

    def check(self, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return int(super().check(value))
        raise self._beyond(value)

    def to_text(self, value: float) -> str:
        return str(int(value))


class Text(Field):
    """A short line of text."""

    kind = "text"

    def check(self, value: Any) -> str:
        if isinstance(value, str) and len(value) <= MOST_TEXT and value.isprintable():
            return value
        raise self.refuse(value, f"a line of at most {MOST_TEXT} characters")


class Names(Field):
    """Some of the names, at most ``high``; without choices, names of fields."""

    kind = "names"

    def check(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, (list, tuple)) and len(value) <= min(100, self.high):
            known = self.choices
            if all(isinstance(v, str) and (v in known if known else v.isidentifier())
                   and len(v) <= 40 for v in value):  # fmt: skip
                given = set(value)
                return tuple(n for n in (known or sorted(given)) if n in given)
        most = f"at most {self.high:g} of " if self.high < 100 else ""
        names = ", ".join(self.choices) or "names of fields"
        raise self.refuse(value, f"a list of {most}{names}")

    def to_text(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def from_text(self, text: str) -> tuple[str, ...]:
        return self.check(text.split(",") if text else [])


class Layers(Field):
    """The hidden layers: units, activation, dropout rate, batch normalization, skip.

    With a skip the layer is a block, and what comes into it goes around it as well:
    y = x + f(x·W + b).  Where it does not fit, the session drops it.
    """

    kind = "layers"

    def check(self, value: Any) -> tuple[Hidden, ...]:
        from glassnet.lab.fields import ACTIVATIONS

        if not isinstance(value, (list, tuple)) or len(value) > MOST_LAYERS:
            raise self.refuse(value, f"a list of at most {MOST_LAYERS} layers")
        checked = []
        for layer in value:
            if not isinstance(layer, (list, tuple)) or len(layer) not in (4, 5):
                raise self.refuse(
                    layer, "[units, activation, dropout, batch norm, skip] for each layer"
                )
            units, activation, dropout, norm, *around = layer
            skip = around[0] if around else False  # older files say nothing of it
            whole = isinstance(units, (int, float)) and not isinstance(units, bool)
            if not whole or units != units // 1 or not 1 <= units <= WIDEST:
                raise self.refuse(units, f"1 to {WIDEST} units for each layer")
            if activation not in ACTIVATIONS:
                raise self.refuse(activation, "an activation: " + ", ".join(ACTIVATIONS))
            real = isinstance(dropout, (int, float)) and not isinstance(dropout, bool)
            if not real or not 0 <= dropout <= 0.9:
                raise self.refuse(dropout, "a dropout rate from 0 to 0.9")
            if not isinstance(norm, bool):
                raise self.refuse(norm, "true or false for batch norm")
            if not isinstance(skip, bool):
                raise self.refuse(skip, "true or false for the skip connection")
            checked.append((int(units), str(activation), round(float(dropout), 2), norm, skip))
        if between([units for units, *_ in checked]) > MOST_BETWEEN:
            most = f"layers with at most {MOST_BETWEEN} weights between them"
            raise self.refuse(self.to_text(tuple(checked)), most)
        return tuple(checked)

    def to_text(self, value: tuple[Hidden, ...]) -> str:
        """``8.relu,8.tanh.d20.bn.skip``: units, activation, dropout in percent, and so on."""
        return ",".join(
            f"{units}.{activation}"
            + (f".d{round(dropout * 100)}" if dropout else "")
            + (".bn" if norm else "")
            + (".skip" if skip else "")
            for units, activation, dropout, norm, skip in value
        )

    def from_text(self, text: str) -> Any:
        if not text:
            return ()
        found = []
        for part in text.split(","):
            units, _, rest = part.partition(".")
            activation, *options = rest.split(".")
            dropout, norm, skip = 0.0, False, False
            for option in options:
                if option == "bn":
                    norm = True
                elif option == "skip":
                    skip = True
                elif option[:1] == "d" and option[1:].isascii() and option[1:].isdecimal():
                    dropout = int(option[1:4]) / 100
                else:
                    raise self.refuse(part, "as in 8.relu.d20.bn")
            if not (units.isascii() and units.isdecimal() and len(units) < 5):
                raise self.refuse(part, "as in 8.relu.d20.bn")
            found.append((int(units), activation, dropout, norm, skip))
        return self.check(found)


def between(units: Sequence[int]) -> int:
    """How many weights join layers of so many units.

    >>> between([8, 4, 2])
    40
    """
    return sum(a * b for a, b in pairwise(units))


class Points(Field):
    """Points drawn by hand, in [-1, 1]², each with its class; on a grid of 1/127, as saved."""

    kind = "points"

    def check(self, value: Any) -> tuple[tuple[float, float, int], ...]:
        if not isinstance(value, (list, tuple)) or len(value) > MOST_POINTS:
            raise self.refuse(value, f"a list of at most {MOST_POINTS} points")
        checked = []
        for point in value:
            if not isinstance(point, (list, tuple)) or len(point) != 3:
                raise self.refuse(point, "[x, y, class] for each point")
            x, y, label = point
            for number in (x, y):
                real = isinstance(number, (int, float)) and not isinstance(number, bool)
                if not real or not -1 <= number <= 1:
                    raise self.refuse(number, "a coordinate from -1 to 1")
            if label not in range(8) or isinstance(label, bool):
                raise self.refuse(label, "a class from 0 to 7")
            checked.append((round(x * 127) / 127, round(y * 127) / 127, int(label)))
        return tuple(checked)

    def to_text(self, value: tuple[tuple[float, float, int], ...]) -> str:
        raw = bytes(
            n for x, y, label in value for n in (round(x * 127) + 128, round(y * 127) + 128, label)
        )
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def from_text(self, text: str) -> Any:
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise self.refuse(text, "points as a saved address writes them") from None
        if len(raw) % 3 or len(raw) > 3 * MOST_POINTS:
            raise self.refuse(text, f"at most {MOST_POINTS} points of three bytes")
        points = [((raw[i] - 128) / 127, (raw[i + 1] - 128) / 127, raw[i + 2])
                  for i in range(0, len(raw), 3)]  # fmt: skip
        return self.check(points)
