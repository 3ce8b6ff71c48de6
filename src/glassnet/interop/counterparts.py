"""The activations in other libraries: what each is called there, and which one a name means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from glassnet import activations
from glassnet.activations import Activation
from glassnet.activations.counterpart import Counterpart
from glassnet.errors import ConfigError, FileFormatError
from glassnet.interop.writing import cannot
from glassnet.layers import Layer

Library = Literal["keras_layers", "torch", "onnx"]


def table(library: Library) -> dict[str, list[tuple[Activation, Counterpart]]]:
    """Each name that the library has for activations, and which they may be."""
    named: dict[str, list[tuple[Activation, Counterpart]]] = {}
    for f in activations.each():
        own = getattr(f, library)
        for there in own if isinstance(own, tuple) else [own] if own else []:
            named.setdefault(there.name, []).append((f, there))
    return named


def settings_of(library: Library, name: str) -> set[str]:
    """The settings of a function there that say which function it is."""
    return {key for _, there in table(library)[name] for key in (*there.settings, *there.fixed)}


def read(library: Library, name: str, given: Mapping[str, Any]) -> Activation:
    """The activation that the library calls ``name``, with these settings of it.

    Raises:
        FileFormatError: with these settings it is none of glassnet's.
        ConfigError: a setting out of its range.
    """
    candidates = table(library)[name]
    for f, there in candidates:
        found: Activation | None = there.read(f, given)
        if found is not None:
            return found
    fixed = dict.fromkeys(key for _, there in candidates for key in there.fixed)
    came = ", ".join(f"{key} {given[key]}" for key in fixed if key in given)
    expected = " or ".join(there.expected() for _, there in candidates)
    raise FileFormatError(f"{name} with {came} is not read; expected {expected}")


def refused(layer: Layer, f: Activation, library: str, known: Iterable[Activation]) -> ConfigError:
    """The error for an activation that the library does not have; says which it has."""
    why = f"{library} has no activation {f.name!r}"
    return cannot(layer, library, why, [g.name for g in known])
