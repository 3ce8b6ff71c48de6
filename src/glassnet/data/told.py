"""Lines about a table that can be said in every language of the catalogues.

>>> line = told("dropped", "missing", rows=rows(2))
>>> line
'2 rows dropped for missing values'
>>> line.said("ko")
'빈칸이 있어 뺀 행: 2행'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet import texts
from glassnet.texts.retelling import retold

SHOWN = 8  # names of a list


class Told(str):
    """A line in English, as Python's users read it, that knows its key and its values.

    Attributes:
        key: of the text, under "table" in the catalogues.
        values: what stands in it; of those that are lines themselves, and of lists of names, each
            language has its own form.
        way: what a caller of Python can do about it, in its arguments; "" where there is nothing.
    """

    key: str
    values: dict[str, Any]
    way: str

    def __new__(cls, key: str, values: dict[str, Any], way: str = "") -> Told:
        line = super().__new__(cls, _text(key, values, "en", True) + way)
        line.key, line.values, line.way = key, values, way
        return line

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.key, self.values, self.way)

    def said(self, language: str, ways: bool = False) -> str:
        """The line in a language; with what can be done about it only if ``ways``."""
        line = _text(self.key, self.values, language, ways)
        return line + retold(self.way, language) if ways else line


def told(*key: str, way: str = "", **values: Any) -> Told:
    """The line of the catalogues under ``table.<key>``, its parts joined by dots."""
    return Told(".".join(key), values, way)


def rows(n: int) -> Told:
    """How many rows.

    >>> rows(1), rows(1234)
    ('1 row', '1,234 rows')
    """
    return counting("row", n)


def counting(what: str, n: int) -> Told:
    """A number of things: of a "row", a "column", a "feature"."""
    return told("count", what if n == 1 else f"{what}s", n=f"{n:,}")


class Listed(tuple[Any, ...]):
    """Names, or lines, one after the other; beyond ``most`` it says how many more."""

    most: int

    def __new__(cls, names: Sequence[Any], most: int = SHOWN) -> Listed:
        listed = super().__new__(cls, names)
        listed.most = most
        return listed

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (tuple(self), self.most)

    def said(self, language: str, ways: bool = False) -> str:
        """``'a', 'b' and 3 more``."""
        shown = ", ".join(
            one.said(language, ways) if isinstance(one, Told) else repr(one)
            for one in self[: self.most]
        )
        left = len(self) - self.most
        return shown if left <= 0 else shown + _text("more", {"n": left}, language, ways)


def _text(key: str, values: dict[str, Any], language: str, ways: bool) -> str:
    def say(value: Any) -> Any:
        return value.said(language, ways) if isinstance(value, Told | Listed) else value

    return texts.text(f"table.{key}", language, **{name: say(v) for name, v in values.items()})
