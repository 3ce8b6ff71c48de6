"""Attributes that count: what is set takes effect, or is refused by name.

``layer.units = 5``, ``optimizer.lr = 0.1`` and ``layer.activaton = "tanh"`` are one assignment
to Python, and two of them would do nothing.  A class that inherits from :class:`Declared` says
what becomes of each:

- a setting (an argument of ``__init__``) is checked and converted as ``__init__`` does it;
- what a method ``_set_<name>`` is defined for is handed to it;
- what is computed (a property without setter, a name in ``_fixed``) is refused with the reason;
- a name that does not exist is refused with the nearest one that does.

A class of a user's own may have any attributes that its own methods set.  Reading a name that
does not exist is left to Python, which names the nearest one as well: a ``__getattr__`` here
would make every reading of an attribute slower.
"""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from abc import ABCMeta
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from glassnet._core.habits import instead
from glassnet.errors import ConfigError, GlassnetError, ShapeError

if TYPE_CHECKING:
    import numpy as np

_settings_of: WeakKeyDictionary[type, tuple[str, ...]] = WeakKeyDictionary()

# Past what is declared, for what is set in every step; and unlike a look into ``__dict__`` it
# leaves the reading of attributes as fast as it is.
set_directly = object.__setattr__

TWICE = re.compile(r"got multiple values for (?:keyword )?argument '(\w+)'")
PLAIN = (bool, int, float, str, tuple, type(None))


class DeclaredType(ABCMeta):
    """Marks an object as ready when all of its ``__init__`` have run.

    Arguments that ``__init__`` does not take are a TypeError that says what it does take.
    """

    _taken: Callable[..., Any]  # of the class that is made
    _needed: str  # an attribute that the base's __init__ sets; empty: it has none

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        args, kwargs, beside = cls._taken(args, kwargs)
        try:
            made = super().__call__(*args, **kwargs)
        except TypeError:
            if is_ours(cls.__module__):
                check_call(cls, args, kwargs)
            raise
        if cls._needed and cls._needed not in vars(made):
            raise ConfigError(f"{cls.__name__}: its __init__ must call super().__init__(…).")
        for name, value in beside.items():
            set_directly(made, name, value)
        set_directly(made, "_ready", True)
        return made

    def __dir__(cls) -> list[str]:
        names = super().__dir__()
        return [n for n in names if not isinstance(inspect.getattr_static(cls, n, None), Pointer)]


class Pointer:
    """A name of other libraries that would do nothing here: reading it says what to write.

    ``dir`` does not list it.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, thing: Any, owner: type) -> Any:
        text = instead("model", self.name)
        raise AttributeError(f"{owner.__name__} has no attribute {self.name!r}: {text}")


class Declared(metaclass=DeclaredType):
    """An object whose attributes are all declared: by its class, or in its ``__init__``."""

    _ready = False
    _needed: ClassVar[str] = ""
    _fixed: ClassVar[Mapping[str, str]] = {}  # attributes that are never set → the way out
    _elsewhere: ClassVar[Mapping[str, str]] = {}  # settings of other libraries → the way out
    _counters: ClassVar[frozenset[str]] = frozenset()  # set in every step: not looked at

    def __dir__(self) -> list[str]:
        return sorted({*dir(type(self)), *self.__dict__})

    @classmethod
    def _taken(
        cls, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
        """The arguments of a call as ``__init__`` has them, where others are customary too.

        And attributes that the object has beside them.
        """
        return args, kwargs, {}

    def __setattr__(self, name: str, value: Any) -> None:
        if name[0] == "_" or name in self._counters or not self._ready:
            set_directly(self, name, value)
        else:
            self._assign(name, value, sys._getframe(1))

    def _assign(self, name: str, value: Any, frame: Any) -> None:
        cls, ours = type(self), is_ours(frame.f_globals.get("__name__", ""))
        if ours:  # the package itself knows what it does
            object.__setattr__(self, name, value)
            return
        setter = getattr(cls, f"_set_{name}", None)
        stated = inspect.getattr_static(cls, name, None)
        if setter is not None:
            setter(self, value)
        elif isinstance(stated, property):
            if stated.fset is None:
                raise AttributeError(self._refusal(name, _first_line(stated.__doc__)))
            object.__setattr__(self, name, value)
        elif reason := _reason(cls, name):
            raise AttributeError(self._refusal(name, reason))
        elif name in self.__dict__ and name in settings_of(cls):
            self._reset(name, value)
        elif name in self.__dict__:
            object.__setattr__(self, name, value)
        elif callable(stated) or isinstance(stated, (classmethod, staticmethod)):
            raise AttributeError(
                f"{self._called()}: {name} is a method. To change what it does, write a subclass "
                "that defines it."
            )
        elif stated is not None:
            raise AttributeError(self._refusal(name, "it belongs to the class"))
        elif not is_ours(cls.__module__) and frame.f_locals.get("self") is self:
            object.__setattr__(self, name, value)  # its own business
        else:
            raise AttributeError(self._unknown(name))

    # ---- what a family of classes may define ---------------------------------------------

    def _called(self) -> str:
        """How messages call the object."""
        return type(self).__name__

    def _settings(self) -> dict[str, Any]:
        """The arguments of ``__init__`` that make this object again."""
        return {k: self.__dict__[k] for k in settings_of(type(self)) if k in self.__dict__}

    def _accept(self, name: str, fresh: Any) -> None:
        """Raises where ``name`` cannot be as in ``fresh`` any more."""

    def _has_changed(self, name: str) -> None:
        """Called after a setting was changed; an error takes the change back."""

    # ---- how it is done --------------------------------------------------------------------

    def _reset(self, name: str, value: Any) -> None:
        """``name`` as ``__init__`` would have it, and what ``__init__`` derives from it."""
        settings = self._settings()
        fresh = from_settings(type(self), {**settings, name: value})
        self._accept(name, fresh)
        same = vars(from_settings(type(self), settings))
        new = {
            k: v
            for k, v in vars(fresh).items()
            if k == name or (isinstance(v, PLAIN) and k in same and v != same[k])
        }
        before = {k: self.__dict__[k] for k in new if k in self.__dict__}
        self.__dict__.update(new)
        try:
            self._has_changed(name)
        except GlassnetError:
            self.__dict__.update(before)
            raise

    def _refusal(self, name: str, reason: str) -> str:
        return f"{self._called()}: {name} cannot be set: {reason}."

    def _unknown(self, name: str) -> str:
        cls = type(self)
        known = public_names(self)
        near = closest(name, [*settings_of(cls), *known])
        if near is not None:
            hint = f"Did you mean {near!r}?"
        else:
            hint = f"What can be set: {', '.join(sorted(self._settable(known)))}."
        if not is_ours(cls.__module__):
            hint += f" An attribute of your own is set in __init__ first: self.{name} = None."
        return f"{self._called()} has no attribute {name!r}. {hint}"

    def _settable(self, known: Iterable[str]) -> list[str]:
        cls = type(self)
        return [
            name
            for name in known
            if hasattr(cls, f"_set_{name}")
            or (name in self.__dict__ and not _reason(cls, name))
            or getattr(inspect.getattr_static(cls, name, None), "fset", None) is not None
        ]


def is_ours(module: str) -> bool:
    """Whether a module is glassnet's own."""
    return module == "glassnet" or module.startswith("glassnet.")


def settings_of(cls: type) -> tuple[str, ...]:
    """The arguments of ``__init__``, those that ``**kwargs`` hands on to a parent as well.

    >>> class Parent:
    ...     def __init__(self, a, b=1): ...
    >>> class Child(Parent):
    ...     def __init__(self, c, **rest): ...
    >>> settings_of(Child)
    ('c', 'a', 'b')
    """
    if cls in _settings_of:
        return _settings_of[cls]
    found: dict[str, None] = {}
    for base in cls.__mro__:
        init = base.__dict__.get("__init__")
        if init is None or base is object:
            continue
        parameters = list(inspect.signature(init).parameters.values())[1:]
        found |= {
            p.name: None for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        }
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    _settings_of[cls] = tuple(found)
    return _settings_of[cls]


def from_settings(cls: type[Any], settings: Mapping[str, Any]) -> Any:
    """An object of a class from its settings by name.

    A subclass may give its parent one of them itself, ``super().__init__(units, activation="relu",
    **more)``: that one is left out.
    """
    given = dict(settings)
    while True:
        try:
            return cls(**given)
        except TypeError as error:
            twice = TWICE.search(str(error))
            if twice is None or twice[1] not in given:
                raise
            del given[twice[1]]


def defaults_of(cls: type) -> dict[str, Any]:
    """The arguments of ``__init__`` that need not be given, and what they are then."""
    found: dict[str, Any] = {}
    for base in cls.__mro__:
        init = base.__dict__.get("__init__")
        if init is not None and base is not object:
            parameters = inspect.signature(init).parameters.values()
            given = {p.name: p.default for p in parameters if p.default is not p.empty}
            found = {**given, **found}
    return found


def public_names(thing: object) -> list[str]:
    """What can be read of it by a public name."""
    names = [name.removeprefix("_set_") for name in dir(type(thing))]
    return sorted({name for name in [*names, *vars(thing)] if name[:1] != "_"})


def closest(name: str, known: Iterable[str]) -> str | None:
    """The name among ``known`` that was probably meant."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def write_into(place: np.ndarray[Any, Any], value: Any, called: str) -> None:
    """Copy ``value`` into an array that others look at.

    Raises:
        ShapeError: another shape; it says which.
        ConfigError: not numbers.
    """
    if value is place:
        return  # W -= … hands the same array back
    import numpy as np  # takes time, and the command line's help needs none of it

    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise ConfigError(f"{called}: expected numbers, got an array of {array.dtype}.")
    if array.shape != place.shape:
        raise ShapeError(
            f"{called} has shape {place.shape}, but an array of shape {array.shape} was to take "
            "its place."
        )
    place[...] = array


def _reason(cls: type, name: str, table: str = "_fixed") -> str | None:
    for base in cls.__mro__:
        fixed = base.__dict__.get(table, {})
        if name in fixed:
            return str(fixed[name])
    return None


def _first_line(text: str | None) -> str:
    line = (text or "it is computed").strip().splitlines()[0].rstrip(".")
    return f"it is computed ({line})" if text else line


def check_call(cls: type, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """TypeError where ``__init__`` does not take these arguments: which, and what it does take."""
    own = inspect.signature(inspect.getattr_static(cls, "__init__"))
    signature = own.replace(parameters=list(own.parameters.values())[1:])
    known = settings_of(cls)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    for name, value in kwargs.items():
        if name in known or takes_any:
            continue
        way, near = _reason(cls, name, "_elsewhere"), closest(name, known)
        if way is not None:
            hint = way.format(value=value)
        elif near is not None:
            hint = f"Did you mean {near!r}?"
        else:
            hint = f"Its settings are {', '.join(known)}." if known else "It has no settings."
        raise TypeError(f"{cls.__name__} has no setting {name!r}. {hint}") from None
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        taken = [p for p in signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]
        order = ", ".join(p.name for p in taken)
        raise TypeError(f"{cls.__name__}: {error}. In order: {order}.") from None
