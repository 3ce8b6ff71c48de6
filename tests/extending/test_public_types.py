"""Every class of glassnet in a public signature can be imported from a public module."""

import importlib
import inspect
import typing

import glassnet

MODULES = [
    "activations", "calculus", "callbacks", "data", "distribute", "errors", "explain",
    "initializers", "interop", "layers", "losses", "metrics", "optimizers", "plots", "schedules",
    "sklearn", "tabular", "verify",
]  # fmt: skip


def exported():
    found = {}
    for name in MODULES:
        module = importlib.import_module(f"glassnet.{name}")
        listed = getattr(module, "__all__", None) or dir(module)
        for one in listed:
            if not one.startswith("_"):
                found[f"{name}.{one}"] = getattr(module, one)
    for one in dir(glassnet):
        if not one.startswith("_"):
            found[one] = getattr(glassnet, one)
    return found


def signatures(thing):
    """The functions of a class or function that a user may call."""
    if inspect.isclass(thing):
        for name, member in inspect.getmembers(thing):
            if (name == "__init__" or not name.startswith("_")) and callable(member):
                yield member
            if isinstance(member, property) and not name.startswith("_"):
                yield member.fget
    elif inspect.isfunction(thing):
        yield thing


def classes_in(hint):
    protocol = getattr(hint, "_is_protocol", False)  # what fits one need not name it
    if inspect.isclass(hint) and not typing.get_args(hint) and not protocol:
        yield hint
    for part in typing.get_args(hint):
        yield from classes_in(part)


def hidden():
    public = exported()
    known = {id(thing) for thing in public.values()}
    found = {}
    for name, thing in public.items():
        if not (getattr(thing, "__module__", "") or "").startswith("glassnet"):
            continue
        for function in signatures(thing):
            try:
                hints = typing.get_type_hints(function)
            except (NameError, TypeError, AttributeError):
                continue
            for hint in hints.values():
                for cls in classes_in(hint):
                    if cls.__module__.startswith("glassnet.") and id(cls) not in known:
                        found.setdefault(f"{cls.__module__}.{cls.__qualname__}", name)
    return found


def test_the_types_of_public_signatures_are_public():
    assert hidden() == {}
