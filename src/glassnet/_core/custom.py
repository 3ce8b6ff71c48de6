"""Kinds of a user's own: classes and functions that are found again by name.

Each family of kinds (layers, activations, losses …) has a catalogue of its own kinds, which are
glassnet's.  What a user registers lies beside it here, and ``registry.lookup`` asks here for the
names that are in no catalogue.
"""

from __future__ import annotations

import contextlib
import copy
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar, overload

from glassnet._core.attributes import is_ours, settings_of
from glassnet._core.guards import refuse_taken_settings
from glassnet.errors import ConfigError

T = TypeVar("T", bound="type[Any] | Callable[..., Any]")


@dataclass(frozen=True)
class Family:
    """One kind of kinds.

    Attributes:
        name: as messages call one of them: "layer".
        base: what all of them are.
        attribute: where a class says its name in saved files: ``kind`` or ``name``.
        catalogue: glassnet's own by name, classes or values.
        values: whether ``get`` gives values without state, made once (activations, losses).
        from_function: makes one of a plain function, if that is possible.
    """

    name: str
    base: type[Any]
    catalogue: Mapping[str, Any]
    attribute: str = "name"
    values: bool = False
    from_function: Callable[[Any], Any] | None = None
    own: dict[str, Any] = field(default_factory=dict)  # what users registered


FAMILIES: dict[str, Family] = {}
FUNCTIONS: dict[str, Any] = {}  # registered functions: of whatever family they are asked for in
_loading: ContextVar[Mapping[str, Any] | None] = ContextVar("_loading", default=None)


def family(
    name: str,
    base: type[Any],
    catalogue: Mapping[str, Any],
    *,
    attribute: str = "name",
    values: bool = False,
    from_function: Callable[[Any], Any] | None = None,
) -> Family:
    """State a family; the module of its catalogue does."""
    FAMILIES[name] = Family(name, base, catalogue, attribute, values, from_function)
    return FAMILIES[name]


def find(kind: str, name: str) -> Any:
    """What a user calls ``name`` among the ``kind``, as its catalogue would hold it; or None."""
    found = FAMILIES.get(kind)
    if found is None:
        return None
    for table in (_loading.get() or {}, found.own, FUNCTIONS):
        if name in table:
            return _entry(found, table[name])
    return None


def names(kind: str) -> list[str]:
    """What users registered for a family."""
    found = FAMILIES.get(kind)
    if found is None:
        return []
    return [*found.own, *(FUNCTIONS if found.from_function is not None else ())]


def _entry(family: Family, thing: Any) -> Any:
    """``thing`` as the catalogue of the family holds its things; None if it is none of them.

    Of a family whose things have a state, what is no class becomes a new object each time.
    """
    if isinstance(thing, type):
        if not issubclass(thing, family.base):
            return None
        return thing() if family.values else thing
    if isinstance(thing, family.base):
        return thing if family.values else copy.copy(thing)
    return family.from_function(thing) if callable(thing) and family.from_function else None


def made_of(kind: str, spec: Any) -> Any:
    """What stands for a kind without being one: a class with its defaults, a plain function.

    None for anything else, such as a name.
    """
    found = FAMILIES[kind]
    if isinstance(spec, type):
        return spec() if issubclass(spec, found.base) else None
    return _entry(found, spec) if callable(spec) and not isinstance(spec, found.base) else None


def function_name(function: Any, kind: str = "") -> str:
    """The name that a function was registered by, or its own.

    Where glassnet has a ``kind`` of that name, as it has a tanh beside NumPy's, "own_" before it.
    """
    values = [entry for family in FAMILIES.values() for entry in family.own.items()]
    for name, known in (*FUNCTIONS.items(), *values):
        if function is known or (
            getattr(type(known), "of_function", False) and function is known.function
        ):
            return name
    name = str(getattr(function, "__name__", None) or type(function).__name__)
    return f"own_{name}" if kind and name in FAMILIES[kind].catalogue else name


# ---- registering ---------------------------------------------------------------------------


@overload
def register(thing: T, /) -> T: ...
@overload
def register(thing: T, /, name: str) -> T: ...
@overload
def register(thing: str | None = None, /, *, name: str | None = None) -> Callable[[T], T]: ...
def register(thing: Any = None, /, name: str | None = None) -> Any:
    """Let glassnet find a class or a function of your own by name.

    As a decorator, with or without a name, or as a call.  What it is follows from what it
    inherits from: a layer, an activation, a loss, an optimizer, a metric, a schedule, an
    initializer or a model.  A plain function is taken for what it is used as.

    >>> from glassnet import Sequential, layers, register
    >>> @register("doubled")
    ... class Doubled(layers.Layer):
    ...     def forward(self, x, training=False):
    ...         return 2 * self.take_input(x)
    ...
    ...     def backward(self, dy, need_dx=True):
    ...         return 2 * dy
    >>> layers.from_config({"layer": "doubled"}).forward([[1.0, 2.0]])
    array([[2., 4.]])

    Raises:
        ConfigError: a name of glassnet's own, one that stands for something else already, or
            a thing that is none of these.
    """
    if thing is None or isinstance(thing, str):
        chosen = name if thing is None else thing
        return lambda decorated: _register(decorated, chosen)
    return _register(thing, name)


def _register(thing: Any, name: str | None) -> Any:
    found = family_of(thing)
    if found is None:
        if isinstance(thing, type) or not callable(thing):
            raise ConfigError(
                f"register: {_called(thing)} is no kind that glassnet knows. Inherit from "
                f"{', '.join(sorted(f.base.__name__ for f in FAMILIES.values()))}, or give a "
                "plain function."
            )
        chosen = name or thing.__name__
        if chosen == "<lambda>":
            raise ConfigError("register: a lambda has no name. Give one: register(f, name='…').")
        for other in FAMILIES.values():
            if other.from_function is not None:
                _refuse_taken(other, chosen, other.own, thing)
        _refuse_same(chosen, FUNCTIONS, thing)
        FUNCTIONS[chosen] = thing
        return thing
    chosen = name or name_of(found, thing)
    if isinstance(thing, type) and _stands_in_glassnet(thing):
        raise ConfigError(
            f"register: {thing.__name__} is glassnet's own, and found by name already: "
            f"{name_of(found, thing)!r}."
        )
    _refuse_taken(found, chosen, found.own, thing)
    if isinstance(thing, type):
        _refuse_without_defaults(found, thing)
    if name is not None and isinstance(thing, type):
        setattr(thing, found.attribute, name)
    found.own[chosen] = thing
    return thing


def _stands_in_glassnet(cls: type[Any]) -> bool:
    """Whether it is one of our classes; those of the examples in docstrings are not."""
    module = sys.modules.get(cls.__module__)
    return is_ours(cls.__module__) and getattr(module, cls.__qualname__, None) is cls


def family_of(thing: Any) -> Family | None:
    """Which family a class, or a value, belongs to."""
    cls = thing if isinstance(thing, type) else type(thing)
    return next((f for f in FAMILIES.values() if issubclass(cls, f.base)), None)


def name_of(family: Family, thing: Any) -> str:
    """Its name in saved files."""
    return str(getattr(thing, family.attribute))


def _refuse_taken(family: Family, name: str, table: Mapping[str, Any], thing: Any) -> None:
    if not isinstance(name, str) or not name or "/" in name:
        raise ConfigError(f"register: the name {name!r} is no text without '/', as in 'mine'.")
    if name in family.catalogue:
        raise ConfigError(
            f"register: {name!r} is glassnet's own {family.name}. Give {_called(thing)} another "
            'name: register("…").'
        )
    _refuse_same(name, table, thing)


def _refuse_without_defaults(family: Family, cls: type[Any]) -> None:
    """An activation or a loss can be had by its name alone, so its settings have defaults."""
    if not family.values:
        return
    try:
        cls()
    except TypeError as error:
        raise ConfigError(
            f"register: {cls.__name__}() cannot be made ({error}). Give every setting of "
            f"{'an' if family.name[0] in 'aeiou' else 'a'} {family.name} a default."
        ) from None


def _refuse_same(name: str, table: Mapping[str, Any], thing: Any) -> None:
    """A second thing of the same name is refused, but not the same one defined again."""
    other = table.get(name, thing)
    if _place(other) != _place(thing):
        raise ConfigError(
            f"register: {name!r} stands for {_called(other)} already. Give {_called(thing)} "
            'another name: register("…").'
        )


def _place(thing: Any) -> tuple[Any, ...]:
    """Where it was defined; a lambda, of which one line may hold several, by what it does."""
    if getattr(type(thing), "of_function", False):
        thing = thing.function
    named = thing if hasattr(thing, "__qualname__") else type(thing)
    code = getattr(thing, "__code__", None) if named.__qualname__.endswith("<lambda>") else None
    does = () if code is None else (code.co_code, code.co_consts)
    return named.__module__, named.__qualname__, *does


def _called(thing: Any) -> str:
    return str(getattr(thing, "__qualname__", None) or repr(thing))


def fields_of(thing: Any) -> dict[str, Any]:
    """The settings of a value without state: the fields of its dataclass.

    Raises:
        ConfigError: a class of a user's with an ``__init__`` whose arguments are no fields: they
            would be lost in a copy and in a file.
    """
    stated = {f.name for f in fields(thing) if f.init} if is_dataclass(thing) else set()
    lost = [name for name in settings_of(type(thing)) if name not in stated]
    if lost:
        raise ConfigError(
            f"{type(thing).__name__}: the setting {lost[0]!r} would be lost in a copy or a file. "
            f"Write @dataclass(frozen=True) above the class, and '{lost[0]}: float = …' in it."
        )
    return {name: getattr(thing, name) for name in settings_of(type(thing))}


def lost_setting(cls: type[Any], name: str) -> str:
    """What is said where an argument of ``__init__`` is kept under no attribute of its name."""
    return (
        f"{cls.__name__}: __init__ takes {name!r}, but there is no attribute of that name, so a "
        f"copy or a file would lose it. Write self.{name} = {name} in __init__."
    )


# ---- classes of one's own ------------------------------------------------------------------


def state_name(cls: type[Any], family: str, attribute: str = "name") -> None:
    """See that a new class has a name of its own: a subclass is never taken for its parent.

    Called by the bases when a class is defined.  Without a name in its body it is called as
    the class is.

    Raises:
        ConfigError: a class of a user's that takes the name of one of glassnet's, or with a
            setting that is called as something of its base.
    """
    if is_ours(cls.__module__):
        return
    if attribute not in cls.__dict__:
        setattr(cls, attribute, cls.__name__)
    name, found = cls.__dict__[attribute], FAMILIES.get(family)
    if found is not None and isinstance(name, str) and name in found.catalogue:
        raise ConfigError(
            f"class {cls.__name__}: {name!r} is the name of glassnet's own {family}, and a file "
            f'would bring that one back. Give it another: {attribute} = "…" in the class.'
        )
    if found is not None:
        refuse_taken_settings(cls, found.base)


def not_inherited(cls: type[Any], said: Mapping[str, Any]) -> None:
    """Put ``said`` in place of what a class of a user's would inherit.

    What is said of a parent (its formula, its name in other formats, a faster way to compute
    it) need not hold for a subclass.
    """
    if not is_ours(cls.__module__):
        for name, value in said.items():
            if name not in vars(cls):
                setattr(cls, name, value)


def is_known(family: Family, thing: Any) -> bool:
    """Whether a file can name the thing: its class is in the catalogue, or registered.

    For what was made of a plain function, its class says nothing of which one: the function is
    asked for.
    """
    name, cls = name_of(family, thing), type(thing)
    if getattr(cls, "of_function", False):
        return FUNCTIONS.get(name) is thing.function or family.own.get(name) == thing
    if family.name == "metric":
        name = str(cls.name)  # whatever it is called in the history
    entries = (family.catalogue.get(name), family.own.get(name))
    return is_ours(cls.__module__) or any(e is cls or type(e) is cls for e in entries)


def refuse_unknown_kinds(things: Iterable[Any], what: str) -> None:
    """Raises ConfigError for the first thing that ``load`` could not make again."""
    for thing in things:
        found = family_of(thing)
        if found is None or is_known(found, thing):
            continue
        function = getattr(thing, "function", None) if getattr(thing, "of_function", 0) else None
        own = type(thing).__name__ if function is None else function_name(function)
        raise ConfigError(
            f"{what}: the {found.name} {own!r} is your own, and nobody could load the file. "
            f"Register it first: glassnet.register({own}), or @glassnet.register above its "
            "definition."
        )


def own(things: Iterable[Any]) -> dict[str, Any]:
    """Those that only this process knows, by name: ``named(own(…))`` lets them be made again."""
    found: dict[str, Any] = {}
    for thing in things:
        family = family_of(thing)
        if family is not None and not is_known(family, thing):
            wraps = getattr(type(thing), "of_function", False)
            found[name_of(family, thing)] = thing if wraps else type(thing)
    return found


def inside(thing: Any) -> list[Any]:
    """The kinds that an object holds as its settings: a layer's activation, a rate's schedule."""
    held = list(vars(thing).values()) if hasattr(thing, "__dict__") else []
    kinds = [value for value in held if family_of(value) is not None]
    return [deeper for value in kinds for deeper in (value, *inside(value))]


@contextlib.contextmanager
def named(things: Mapping[str, Any] | None) -> Iterator[None]:
    """While it lasts, these names are known: ``custom=`` of ``load``.

    Raises:
        ConfigError: not a dict of classes and functions by name, or a name of glassnet's own.
    """
    if not things:
        yield
        return
    if not isinstance(things, Mapping):
        raise ConfigError(
            f"custom: expected a dict, as in {{'mine': Mine}}, got {type(things).__name__}."
        )
    for name, thing in things.items():
        found = family_of(thing)
        if found is None and (isinstance(thing, type) or not callable(thing)):
            raise ConfigError(f"custom: {name!r} is {thing!r}, no class or function for a kind.")
        if found is not None and name in found.catalogue:
            raise ConfigError(f"custom: {name!r} is glassnet's own {found.name}.")
        if found is not None and found.attribute == "kind" and not isinstance(thing, type):
            cls = type(thing).__name__
            raise ConfigError(f"custom: {name!r} is one {found.name}. Give its class: {cls}.")
    token = _loading.set({**(_loading.get() or {}), **things})
    try:
        yield
    finally:
        _loading.reset(token)
