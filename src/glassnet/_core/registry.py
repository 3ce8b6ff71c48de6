"""Names for things: catalogues, and what is said of a name that is in none."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, TypeVar

from glassnet._core.habits import missing, spelled, unknown
from glassnet.errors import UnknownNameError

T = TypeVar("T")


def lookup(kind: str, table: Mapping[str, T], name: str) -> T:
    """The entry called ``name``, whatever its capitals and hyphens, or its name elsewhere.

    >>> lookup("activation", {"leaky_relu": 1, "tanh": 2}, "LeakyReLU")
    1
    >>> lookup("activation", {"relu": 1, "tanh": 2}, "relo")
    Traceback (most recent call last):
    glassnet.errors.UnknownNameError: unknown activation 'relo': did you mean 'relu'? \
Known are relu, tanh.

    Raises:
        UnknownNameError: not in the table; lists what is, the closest first.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    from glassnet._core import custom  # 10 ms of imports that most look-ups do not need

    if isinstance(name, str):
        own: T | None = custom.find(kind, name)  # what a user registered
        if own is not None:
            return own
        meant = named(table, name)
        if meant is not None:
            return table[meant]
    error = UnknownNameError(unknown(kind, name, [*table, *custom.names(kind)]))
    error.kind, error.name = kind, name
    raise error


def named(table: Mapping[str, Any], name: str) -> str | None:
    """The name in ``table`` that is spelled like ``name``, or whose thing is called so elsewhere.

    A kind says in ``also`` what Keras, PyTorch and scikit-learn call it.  Where two different
    things could be meant, none is.
    """
    letters = spelled(name)
    if not letters:
        return None
    alike = [key for key in table if isinstance(key, str) and spelled(key) == letters]
    if not alike:
        alike = [
            key
            for key, thing in table.items()
            if letters in {spelled(other) for other in getattr(thing, "also", ())}
        ]
    one = bool(alike) and all(table[key] == table[alike[0]] for key in alike)
    return alike[0] if one else None


class Catalogue(MutableMapping[str, T]):
    """name → thing, where a thing of another module is loaded when it is first asked for.

    So its names can be read (``list``, ``in``) without loading anything.

    Args:
        places: name → ``"module:attribute"``.

    >>> catalogue = Catalogue({"join": "os.path:join"})
    >>> list(catalogue), catalogue["join"]("a", "b") in ("a/b", "a\\\\b")
    (['join'], True)
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._entries: dict[str, str | T] = dict(places)

    def __getitem__(self, name: str) -> T:
        entry = self._entries[name]
        if isinstance(entry, str):
            entry = self._entries[name] = load(entry)
        return entry

    def __setitem__(self, name: str, thing: T) -> None:
        self._entries[name] = thing

    def __delitem__(self, name: str) -> None:
        del self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def title(self, name: str) -> str:
        """What the thing is called where it is defined, without loading it."""
        entry = self._entries[name]
        return (
            entry.partition(":")[2] if isinstance(entry, str) else getattr(entry, "__name__", name)
        )

    def getter(self, package: str, **others: str) -> Callable[[str], Any]:
        """The ``__getattr__`` of the catalogue's package: its things, and others, by name."""
        places = [place for place in self._entries.values() if isinstance(place, str)]
        places += others.values()

        def getter(name: str) -> Any:
            for place in places:
                if place.endswith(f":{name}"):
                    return load(place)
            raise missing(package, name, [p.partition(":")[2] for p in places])

        return getter


def load(place: str) -> Any:
    """The thing at ``"module:name"``."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
