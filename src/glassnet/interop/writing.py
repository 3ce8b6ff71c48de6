"""What a format says of a layer: looked up beside the layer, or the error that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

from glassnet._core.attributes import is_ours
from glassnet.errors import ConfigError
from glassnet.layers import LAYERS, Layer
from glassnet.layers.catalog import beside
from glassnet.layers.formats import Formats, Readers


def formats_of(kind: type[Layer]) -> Formats | None:
    """How a layer of this class is written; None if nothing says so.

    A subclass with a forward of its own computes something else than its kind.  A class outside
    this package says it itself: ``formats = Formats(onnx=…)``.
    """
    own = vars(kind).get("formats")
    if isinstance(own, Formats):
        return own
    parent = LAYERS.get(kind.kind, kind if is_ours(kind.__module__) else None)
    if parent is None or kind.forward is not parent.forward:
        return None
    module = beside(parent, "formats")
    found: Formats | None = getattr(module, "FORMATS", {}).get(kind.kind)
    return found


def writer(layer: Layer, format: str, format_name: str) -> Callable[..., Any]:
    """How ``layer`` is written.

    Args:
        format: the name of it in :class:`Formats`; ``format_name``: in messages.

    Raises:
        ConfigError: the format has no word for it; says what it has.
    """
    formats = formats_of(type(layer))
    write: Callable[..., Any] | None = getattr(formats, format, None)
    if formats is None or write is None:
        error = cannot(layer, format_name, f"{format_name} has no such layer", supported(format))
        if is_ours(type(layer).__module__):
            raise error
        raise ConfigError(
            f"{error} A class of your own says how it is written: formats = Formats({format}=…)."
        )
    if is_ours(type(layer).__module__) or format == "mlp":
        return write
    return partial(_written, write, format_name)


def _written(
    write: Callable[..., Any], format_name: str, engine: Any, layer: Layer, *given: Any
) -> Any:
    """What ``write`` gives back.

    Raises:
        ConfigError: nothing.
    """
    output = write(engine, layer, *given)
    if output is None:
        raise ConfigError(
            f"{layer.title}: its formats gave nothing back (None) for {format_name}; expected "
            "where its output is, as graph.add(…) and source.step(…) say it."
        )
    return output


def supported(format: str) -> list[str]:
    """The kinds of layers that can be written."""
    return [
        name for name, kind in LAYERS.items() if getattr(formats_of(kind), format, None) is not None
    ]


@cache
def readers(format: str) -> dict[str, Callable[..., Any]]:
    """Everything that is read as a layer, by the names of the format."""
    found: dict[str, Callable[..., Any]] = {}
    for module in dict.fromkeys(beside(kind, "formats") for kind in LAYERS.values()):
        found |= getattr(getattr(module, "READERS", Readers()), format)
    return found


def cannot(layer: Layer, format_name: str, why: str, supported: Iterable[str]) -> ConfigError:
    """The error for a layer that cannot be written."""
    return ConfigError(
        f"{layer.title}: cannot be written for {format_name}: {why}. "
        f"Supported are {', '.join(supported)}."
    )
