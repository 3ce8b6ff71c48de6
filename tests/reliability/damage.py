"""Every single damage of a JSON document: a value taken out, or put in place of another."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

JUNK: tuple[Any, ...] = (None, True, -1, 10**400, 1e308, "한글", "", [], {}, [None], [[1, "a"]])


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value inside, lists of numbers by their first only."""
    inside = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inside = list(enumerate(value))[:2]
    for key, inner in inside:
        yield (*path, key)
        yield from places(inner, (*path, key))


def damages(whole: Any, each: int = len(JUNK)) -> Iterator[tuple[str, Any]]:
    """Copies of ``whole`` with one damage each, and what was done."""
    for number, path in enumerate(places(whole)):
        for junk in ("gone", *(JUNK[(number + k) % len(JUNK)] for k in range(each))):
            damaged = copy.deepcopy(whole)
            inner = damaged
            for key in path[:-1]:
                inner = inner[key]
            if junk == "gone":
                del inner[path[-1]]
            else:
                inner[path[-1]] = junk
            yield f"{'/'.join(map(str, path))} ← {str(junk)[:40]}", damaged
