"""Plain JSON as the fields of a dataclass: each value of the type that its field says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from glassnet._core.settings import in_short
from glassnet.errors import FileFormatError

WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false",
         NoneType: "null"}  # fmt: skip


def read(cls: type[Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The values of ``config`` for the fields of ``cls``; lists become tuples.

    >>> from dataclasses import make_dataclass
    >>> Point = make_dataclass("Point", [("at", tuple[int, int]), ("name", str | None)])
    >>> read(Point, {"at": [1, 2], "name": None})
    {'at': (1, 2), 'name': None}
    >>> read(Point, {"at": [1, "a"]})
    Traceback (most recent call last):
    glassnet.errors.FileFormatError: at is [1, 'a'], but must be a list of 2

    Raises:
        FileFormatError: a value of another type.
    """
    kinds = get_type_hints(cls)
    found = {}
    for name, value in config.items():
        fits, found[name] = _fit(kinds[name], value)
        if not fits:
            raise FileFormatError(f"{name} is {in_short(value)}, but must be {_said(kinds[name])}")
    return found


def _fit(kind: Any, value: Any) -> tuple[bool, Any]:
    """Whether ``value`` is one of ``kind``, and as what."""
    if get_origin(kind) in (Union, UnionType):
        return next((f for one in get_args(kind) if (f := _fit(one, value))[0]), (False, None))
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if not isinstance(value, (list, tuple)):
            return False, None
        each = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        if len(each) != len(value):
            return False, None
        fits = [_fit(one, v) for one, v in zip(each, value, strict=True)]
        return all(ok for ok, _ in fits), tuple(v for _, v in fits)
    if kind is float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and abs(value) < 1e308 and math.isfinite(value), value
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool)), value


def _said(kind: Any) -> str:
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(_said(one) for one in get_args(kind))
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if inner[-1] is Ellipsis:
            return f"a list of {WORDS[inner[0]].removeprefix('a ')}s"
        return f"a list of {len(inner)}"
    return WORDS[kind]
