"""The messages that a page may send, and their limits.

Messages are JSON objects with a ``do``-word under "t":

    {"t": "open",   "address": "data=moons&…"}            the state that the address asks for
    {"t": "set",    "field": "noise", "value": 0.2}       one field
    {"t": "do",     "action": "play", "args": {…}}        an action of the session
    {"t": "ask",    "room": "step", "what": "trace", "args": {…}, "id": 7}
    {"t": "frame",  "want": ["units", "map", …]}          the next picture, when the last is drawn
    {"t": "upload", "name": "my.csv", "text": "…"}        a table to learn from ("encoding": it had)
    {"t": "load",   "file": {…}}                          a saved state

Two ways to refuse: what no page of ours would send (not JSON, another type, too much, too
often) ends the connection with a reason (:class:`ProtocolError`); what a person may well
type (a number out of its range) is answered in words and changes nothing (:class:`RefusedError`).
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from glassnet import texts
from glassnet.errors import GlassnetError
from glassnet.lab.fields import ROOMS
from glassnet.lab.frames import SECTIONS
from glassnet.lab.kinds import is_real, is_whole
from glassnet.texts.retelling import retold

F = TypeVar("F", bound=Callable[..., Any])

MOST_CHARACTERS = 64_000  # of a message
MOST_UPLOAD = 3_000_000  # of one that carries a table or a saved state
MOST_A_SECOND = 240  # messages, over a while
MOST_AT_ONCE = 480


class ProtocolError(Exception):
    """A message that no page of ours sends; ends the connection."""


class RefusedError(GlassnetError, ValueError):
    """Something that cannot be done now, in words for the person at the page.

    Args:
        text: in English.
        key: of the text in the page's catalogues, if it is there in both languages.
    """

    def __init__(self, text: str, key: str = "", **values: Any) -> None:
        super().__init__(text)
        self.key, self.values = key, values


SENTENCES = ("why",)  # values that are what the library says, finished and in English


def worded(key: str, text: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is told the person at the page: a key of the catalogues, or plain text.

    ``told`` has the plain text, and values that are sentences, in the other languages.
    """
    whys = {name: values[name] for name in SENTENCES if isinstance(values.get(name), str)}
    told = {
        language: {
            "text": retold(text, language),
            "values": {name: retold(why, language) for name, why in whys.items()},
        }
        for language in texts.languages()
        if language != "en"
    }
    return {"key": key, "text": text, "values": dict(values), "told": told}


class Args:
    """The arguments of an action or a question; each is checked as it is read.

    A value of another type is a :class:`ProtocolError`, a number out of its range or a name
    that is not known is :class:`RefusedError`.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """A real number from ``low`` to ``high``."""
        value = self._values.get(name, default)
        if not is_real(value):
            _broken(f"{name} must be a number")
        if not low <= value <= high:
            raise RefusedError(
                f"{name} is {value:g}, but must be from {low:g} to {high:g}.",
                "problem.range", name=name, low=low, high=high,
            )  # fmt: skip
        return float(value)

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self._values.get(name, default)
        if isinstance(value, float) and not value.is_integer():
            _broken(f"{name} must be a whole number")
        return int(self.number(name, low, high, default))

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Yes or no."""
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            _broken(f"{name} must be true or false")
        return bool(value)

    def choice(self, name: str, known: Sequence[str], default: str | None = None) -> str:
        """One of some names."""
        value = self.text(name, 60, default)
        if value not in known:
            raise RefusedError(f"{name} is {value!r}, but must be one of {', '.join(known)}.")
        return value

    def text(self, name: str, most: int = 200, default: str | None = None) -> str:
        """Text of at most ``most`` characters."""
        value = self._values.get(name, default)
        if not isinstance(value, str):
            _broken(f"{name} must be text")
        if len(value) > most:
            raise RefusedError(f"{name} has {len(value)} characters, but may have {most}.")
        return str(value)

    def texts(self, name: str, most: int, length: int = 60) -> list[str]:
        """A list of at most ``most`` texts."""
        values = self.items(name, most)
        return [Args({name: value}).text(name, length) for value in values]

    def numbers(self, name: str, most: int, low: float, high: float) -> list[float]:
        """A list of at most ``most`` numbers."""
        values = self.items(name, most)
        return [Args({name: value}).number(name, low, high) for value in values]

    def items(self, name: str, most: int) -> list[Any]:
        """A list of at most ``most`` of anything; whoever reads it checks the entries."""
        value = self._values.get(name)
        if not isinstance(value, list):
            _broken(f"{name} must be a list")
        assert isinstance(value, list)
        if len(value) > most:
            raise RefusedError(f"{name} has {len(value)} entries, but may have {most}.")
        return value


def by_name(*functions: F) -> dict[str, F]:
    """Functions by their names: what a page may ask for, and nothing else."""
    return {function.__name__: function for function in functions}


@dataclass(frozen=True)
class Message:
    """A message whose form is right."""

    kind: str
    name: str = ""  # the field, the action, the question, the file
    room: str = ""
    value: Any = None
    args: Args = field(default_factory=lambda: Args({}))
    want: tuple[str, ...] = ()
    id: int = 0


def parse(text: str | bytes | None) -> Message:
    """The message in ``text``.

    Raises:
        ProtocolError: it has not the form of any.
    """
    if not isinstance(text, str):
        _broken("messages are text")
    assert isinstance(text, str)
    if len(text) > MOST_UPLOAD:
        _broken(f"a message of {len(text)} characters")
    try:
        message = json.loads(
            text, parse_constant=_no_constant, parse_int=_whole, parse_float=_finite
        )
    except (ValueError, RecursionError):
        _broken("a message that is not JSON")
    if not isinstance(message, dict):
        _broken("a message that is no object")
    kind = message.get("t")
    if len(text) > MOST_CHARACTERS and kind not in ("upload", "load"):
        _broken(f"a message of {len(text)} characters")
    if kind == "set":
        return Message("set", name=_name(message, "field"), value=message.get("value"))
    if kind == "frame":
        return Message("frame", want=_sections(message.get("want")))
    if kind == "do":
        return Message("do", name=_name(message, "action"), args=_args(message))
    if kind == "ask":
        number = message.get("id")
        if not is_whole(number) or not 0 <= number < 2**53:
            _broken("a question without a number")
        room = _name(message, "room")
        if room not in ROOMS:
            _broken("an unknown room")
        what, args = _name(message, "what"), _args(message)
        return Message("ask", name=what, room=room, args=args, id=number)
    if kind == "open":
        return Message("open", value=_text(message, "address", 8000))
    if kind == "upload":
        encoding = "cp949" if message.get("encoding") == "cp949" else "utf-8"
        return Message("upload", name=_name(message, "name", 200),
                       value=_text(message, "text", MOST_UPLOAD),
                       args=Args({"encoding": encoding}))  # fmt: skip
    if kind == "load":
        if not isinstance(message.get("file"), dict):
            _broken("a file that is no object")
        return Message("load", value=message["file"])
    raise ProtocolError("a message of an unknown kind")


class Rate:
    """How often messages may come: a store of ``MOST_AT_ONCE`` that fills up again."""

    def __init__(self) -> None:
        self._left = float(MOST_AT_ONCE)
        self._seen = time.monotonic()

    def count(self) -> None:
        """One more message (ProtocolError: too many)."""
        now = time.monotonic()
        self._left = min(MOST_AT_ONCE, self._left + (now - self._seen) * MOST_A_SECOND)
        self._seen = now
        if self._left < 1:
            _broken("too many messages")
        self._left -= 1


def _broken(why: str) -> NoReturn:
    raise ProtocolError(why)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _whole(digits: str) -> int:
    """A page writes larger ones as 1e+21: they come from elsewhere, and overflow everywhere."""
    if len(digits) > 22:
        raise ValueError("a number of too many digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):  # 1e400
        raise ValueError("a number that is too large")
    return number


def _name(message: dict[str, Any], key: str, most: int = 60) -> str:
    value = message.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= most:
        _broken(f"no {key}")
    return str(value)


def _text(message: dict[str, Any], key: str, most: int) -> str:
    value = message.get(key)
    if not isinstance(value, str) or len(value) > most:
        _broken(f"no {key}, or too long")
    return str(value)


def _args(message: dict[str, Any]) -> Args:
    value = message.get("args", {})
    if not isinstance(value, dict) or len(value) > 30:
        _broken("arguments that are no object")
    return Args(value)


def _sections(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > len(SECTIONS):
        _broken("no list of sections")
    if not all(isinstance(name, str) and name in SECTIONS for name in value):
        _broken("an unknown section")
    return tuple(value)
