"""What every writer does: look a layer's writer up, or say what cannot be written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from glassnet.activations import Activation
from glassnet.errors import ConfigError
from glassnet.layers import Layer

T = TypeVar("T")


def entry(table: Mapping[str, T], layer: Layer, format_name: str) -> T:
    """The writer for this kind of layer.

    Raises:
        ConfigError: the format has no word for it; says what it has.
    """
    if layer.kind in table:
        return table[layer.kind]
    raise cannot(layer, format_name, f"{format_name} has no such layer", table)


def cannot(layer: Layer, format_name: str, why: str, supported: Iterable[str]) -> ConfigError:
    """The error for a layer that cannot be written."""
    return ConfigError(
        f"{layer.title}: cannot be written for {format_name}: {why}. "
        f"Supported are {', '.join(supported)}."
    )


def activation_entry(
    table: Mapping[str, T], layer: Layer, activation: Activation, format_name: str
) -> T:
    """The writer for the activation of ``layer``.

    Raises:
        ConfigError: the format has no such function; says which it has.
    """
    if activation.name in table:
        return table[activation.name]
    why = f"{format_name} has no activation {activation.name!r}"
    raise cannot(layer, format_name, why, table)
