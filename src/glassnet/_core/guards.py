"""What is looked at in a class of a user's own: the names of its settings, what its methods give.

glassnet's own classes are held by their tests.  A user's may take a name that the base class uses,
or give back an array of another shape: found here, it is one sentence; later it would be an error
from deep inside, a wrong number, or a read behind the end of an array.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from glassnet._core.attributes import is_ours, settings_of
from glassnet.errors import ConfigError

Method = Callable[..., Any]


def refuse_taken_settings(cls: type[Any], base: type[Any]) -> None:
    """Raises ConfigError for a setting of ``cls`` that ``base`` uses the name of."""
    inherited = {name for parent in cls.__bases__ for name in _settings(parent)}
    taken = reserved(base)
    for name in _own_settings(cls):
        if name == "name" or name in inherited:
            continue
        if name in taken:
            raise ConfigError(
                f"class {cls.__name__}: the setting {name!r} has a name that every "
                f"{base.__name__} uses for something else. Call it otherwise."
            )


def reserved(base: type[Any]) -> set[str]:
    """The names that a base class uses: what it defines, annotates, or says cannot be set."""
    names = {name for name in dir(base) if not name.startswith("__")}
    for parent in base.__mro__:
        names |= {*vars(parent).get("__annotations__", ()), *vars(parent).get("_fixed", ())}
    return names


def _settings(parent: type[Any]) -> Iterable[str]:
    own = [field.name for field in fields(parent)] if is_dataclass(parent) else []
    return (*settings_of(parent), *own)


def _own_settings(cls: type[Any]) -> Iterable[str]:
    """The arguments of its own ``__init__``; of a dataclass to be, its fields."""
    if "__init__" in vars(cls):
        yield from list(inspect.signature(vars(cls)["__init__"]).parameters)[1:]
    if any(is_dataclass(parent) for parent in cls.__mro__[1:]):
        for name, annotation in vars(cls).get("__annotations__", {}).items():
            if "ClassVar" not in str(annotation):
                yield name


def own_method(cls: type[Any], name: str) -> Method | None:
    """The method as a function of self, where it is the user's and not looked at yet.

    It may come from a class beside the base, and be a ``staticmethod`` or a ``partialmethod``.
    None: glassnet's own, or that of a class that is a kind itself.
    """
    for parent in cls.__mro__:
        if name in vars(parent):
            break
    else:
        return None
    method = vars(parent)[name]
    if is_ours(parent.__module__) or getattr(method, "looked_at", False):
        return None
    if inspect.isfunction(method):
        return method

    def bound(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method.__get__(self, type(self))(*args, **kwargs)

    return functools.wraps(method.__get__(None, cls))(bound)


def outermost(cls: type[Any], name: str, around: Callable[[Method], Method]) -> None:
    """Put ``around(method)`` in the place of a user's own method.

    Where a subclass calls its parent's method, that one is called as it is: only what the whole
    gives counts.
    """
    method = own_method(cls, name)
    if method is None:
        return
    checked = around(method)

    @functools.wraps(method)
    def outer(self: Any, *args: Any, **kwargs: Any) -> Any:
        called = checked if getattr(type(self), name) is outer else method
        return called(self, *args, **kwargs)

    outer.looked_at = True  # type: ignore[attr-defined]
    setattr(cls, name, outer)


def refuse_other_arguments(cls: type[Any], name: str, call: str) -> None:
    """Raises ConfigError where a method cannot be called as glassnet calls it.

    Args:
        call: as it is called: ``"x, training"``.
    """
    method = vars(cls).get(name)
    if not inspect.isfunction(method) or getattr(method, "looked_at", False):
        return
    try:
        inspect.signature(method).bind(None, *filter(None, call.split(", ")))
    except TypeError:
        raise ConfigError(
            f"class {cls.__name__}: {name}{inspect.signature(method)} cannot be called as glassnet "
            f"calls it: {name}({call})."
        ) from None


def writes_in_place(cls: type[Any], name: str, call: str) -> None:
    """See that a method which writes into an array does not give its result back instead."""
    refuse_other_arguments(cls, name, call)

    def around(method: Method) -> Method:
        def checked(self: Any, *args: Any, **kwargs: Any) -> None:
            result = method(self, *args, **kwargs)
            if result is not None and not any(
                result is given or getattr(result, "base", None) is given for given in args
            ):
                into = call.split(", ")[-1 if name == "backward_" else 0]
                raise ConfigError(
                    f"{type(self).__name__}: {name}({call}) gave its result back, and nobody reads "
                    f"it: write it into the array that came, {into}[...] = result."
                )

        return checked

    outermost(cls, name, around)


def not_defined(thing: Any, method: str) -> NotImplementedError:
    """What a base raises where a class of a user's has not defined what it must."""
    return NotImplementedError(f"{type(thing).__name__}: define {method}.")
