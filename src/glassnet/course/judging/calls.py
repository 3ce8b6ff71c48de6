"""One call of a learner's code: what its arguments are called, and which arrays it changed."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from glassnet.course.judging.source import lines_of
from glassnet.course.judging.values import place, shown
from glassnet.course.lesson import CourseError


class Held:
    """Arrays that must stay as they are, each with its name and the copy to compare with."""

    def __init__(self) -> None:
        self.arrays: list[tuple[str, Any, Any]] = []

    def add(self, name: str, value: Any) -> None:
        for label, array in _arrays(name, value):
            if all(array is not known for _, known, _ in self.arrays):
                self.arrays.append((label, array, array.copy()))

    def changed(self) -> list[tuple[str, Any, Any]]:
        """Those that changed since they were last looked at: name, before, now."""
        found = []
        for i, (name, array, before) in enumerate(self.arrays):
            if not np.array_equal(array, before, equal_nan=array.dtype.kind == "f"):
                found.append((name, before, array.copy()))
                self.arrays[i] = (name, array, array.copy())
        return found


def _arrays(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, np.ndarray):
        yield name, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _arrays(f"{name}[{key!r}]", one)
    elif isinstance(value, (list, tuple)):
        for i, one in enumerate(value):
            yield from _arrays(f"{name}[{i}]", one)


def argument_names(function: Any, called: str, args: tuple[Any, ...]) -> list[str]:
    """What the learner calls the arguments.

    Raises:
        CourseError: the function cannot be called with so many.
    """
    if not callable(function):
        raise CourseError("not_a_function", lines_of(function), name=called)
    plain = getattr(function, "__func__", function)
    given = args if plain is function else (None, *args)  # self
    try:
        signature = _signature(plain)
    except (TypeError, ValueError):
        return [f"#{i + 1}" for i in range(len(args))]
    try:
        bound = signature.bind(*given).arguments
    except TypeError:
        shown_signature = str(inspect.signature(function))
        raise CourseError(
            "signature", lines_of(function), name=called, signature=shown_signature, count=len(args)
        ) from None
    names = []
    for name, value in bound.items():
        star = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        names += [f"{name}[{i}]" for i in range(len(value))] if star else [name]
    return names[len(given) - len(args) :]


@lru_cache(64)
def _signature(function: Any) -> inspect.Signature:
    return inspect.signature(function)


def say_changed(called: str, function: Any, name: str, before: Any, now: Any) -> CourseError:
    where = lines_of(function)
    if before.shape != now.shape:
        return CourseError("changed_shape", where, call=called, name=name)
    index = tuple(
        map(int, np.argwhere(~((before == now) | ((before != before) & (now != now))))[0])
    )
    return CourseError(
        "changed", where, call=called, name=f"{name}{place(index)}", before=shown(before[index], 5),
        now=shown(now[index], 5),
    )  # fmt: skip
