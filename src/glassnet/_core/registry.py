"""Names for things: every table is a literal dict beside the definitions it lists."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from glassnet.errors import UnknownNameError

T = TypeVar("T")


def lookup(kind: str, table: Mapping[str, T], name: str) -> T:
    """The entry called ``name``.

    >>> lookup("activation", {"relu": 1, "tanh": 2}, "Relu")
    Traceback (most recent call last):
    glassnet.errors.UnknownNameError: unknown activation 'Relu': did you mean 'relu'? \
Known are relu, tanh.

    Raises:
        UnknownNameError: not in the table; lists what is, the closest first.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    raise UnknownNameError(unknown(kind, name, table))


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """The text for a name that is not among ``known``."""
    names = list(known)
    lowered = {n.lower(): n for n in names}
    close = difflib.get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.5)
    hint = f"did you mean {lowered[close[0]]!r}? " if close else ""
    return f"unknown {kind} {name!r}: {hint}Known are {', '.join(names)}."
