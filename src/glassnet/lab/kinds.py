"""The kinds of fields: what values each takes, and how it is written in the address."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeGuard

from glassnet.errors import ConfigError

MOST_TEXT = 200


class FieldError(ConfigError):
    """A value that a field cannot have.

    Attributes:
        key: of the text in the page's catalogues, if it is there in both languages.
        values: what that text needs; ``label`` is itself a key, of what was set.
    """

    def __init__(self, text: str, key: str = "", **values: Any) -> None:
        super().__init__(text)
        self.key, self.values = key, values


def is_real(value: Any) -> TypeGuard[float]:
    """Whether it is a number: to Python, True and False are numbers too."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_whole(value: Any) -> TypeGuard[int]:
    """Whether it is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True)
class Field:
    """One thing that can be set.

    Args:
        name: as messages, addresses and files call it.
        default: its value at first.
        rebuild: what a change makes new; see the room's declaration.
        texts: how the keys of the choices' texts begin; as a rule ``choice.<name>``.
    """

    kind: ClassVar[str]
    name: str
    default: Any
    choices: Sequence[str] = ()
    low: float = -math.inf
    high: float = math.inf
    step: float = 0.0
    zero: bool = False  # 0 is allowed as well, below ``low``
    rebuild: str = ""
    texts: str = ""

    @property
    def choice_texts(self) -> str:
        """How the keys of the choices' texts begin."""
        return self.texts or f"choice.{self.name}"

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

    def _bytes(self, text: str, what: str) -> bytes:
        """The bytes that an address holds as base64."""
        try:
            return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise self.refuse(text, f"{what} as a saved address writes them") from None

    def describe(self) -> dict[str, Any]:
        """What the page needs to make a control of it."""
        about: dict[str, Any] = {"name": self.name, "kind": self.kind, "default": self.default}
        if self.choices:
            about |= {"choices": list(self.choices), "texts": self.choice_texts}
        if math.isfinite(self.low):
            about |= {"low": self.low, "high": self.high, "step": self.step, "zero": self.zero}
        return about

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
        if is_real(value):
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
        if is_whole(value):
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


class LessonStep(Field):
    """A lesson and the number of its step, ``gradient/3``; empty for none."""

    kind = "lesson"

    def check(self, value: Any) -> str:
        if isinstance(value, str) and re.fullmatch(r"(?:[\w-]{1,40}(?:/\d{1,2})?)?", value):
            return value
        raise self.refuse(value, "a lesson, as in gradient/3")


class Names(Field):
    """Some of the names, at most ``high``; without choices, names of fields."""

    kind = "names"

    def check(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, (list, tuple)) and len(value) <= min(100, self.high):
            known = self.choices
            if all(isinstance(v, str) and (v in known if known else v.isidentifier())
                   and len(v) <= 40 for v in value):  # fmt: skip
                chosen = set(value)
                return tuple(n for n in (known or sorted(chosen)) if n in chosen)
        most = f"at most {self.high:g} of " if self.high < 100 else ""
        names = ", ".join(self.choices) or "names of fields"
        raise self.refuse(value, f"a list of {most}{names}")

    def to_text(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def from_text(self, text: str) -> tuple[str, ...]:
        return self.check(text.split(",") if text else [])


class Numbers(Field):
    """A list of different whole numbers from 0 to ``high``, in order."""

    kind = "numbers"

    def check(self, value: Any) -> tuple[int, ...]:
        listed = isinstance(value, (list, tuple)) and len(value) <= self.high + 1
        if listed and all(is_whole(v) and 0 <= v <= self.high for v in value):
            return tuple(sorted({int(v) for v in value}))
        raise self.refuse(value, f"a list of whole numbers from 0 to {self.high:g}")

    def to_text(self, value: tuple[int, ...]) -> str:
        return ",".join(map(str, value))

    def from_text(self, text: str) -> tuple[int, ...]:
        parts = text.split(",") if text else []
        if not all(part.isascii() and part.isdecimal() and len(part) < 5 for part in parts):
            raise self.refuse(text, f"whole numbers from 0 to {self.high:g}")
        return self.check([int(part) for part in parts])


@dataclass(frozen=True)
class Room:
    """A room, as its folder declares it.

    Attributes:
        tab: the place of its tab: rooms stand in the order of these numbers.
        fields: what can be set in it.
        sections: of the binary frame that the room fills itself, by ``frame`` of its questions.
    """

    tab: int
    fields: tuple[Field, ...] = ()
    sections: tuple[str, ...] = ()
