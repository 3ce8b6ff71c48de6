"""A network out of ``torch.nn.Sequential``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from glassnet.errors import ConfigError, FileFormatError
from glassnet.interop import counterparts, writing
from glassnet.interop.reading import assemble
from glassnet.interop.torch.modules import Words, own_modules, torch
from glassnet.layers import Layer, Residual
from glassnet.layers.formats import Part, add_activation
from glassnet.model import Sequential

Module = Any  # torch.nn.Module; PyTorch is not needed to read this file


def from_torch(module: Module, input_shape: tuple[int, ...] | int | None = None) -> Sequential:
    """The network of a ``torch.nn.Sequential``, with copies of its weights.

    Args:
        input_shape: of one sample; by default the inputs of the first layer that says them.

    Raises:
        ConfigError: a module that glassnet has no layer for (named, with those it has), or
            weights that it cannot take.
        MissingDependencyError: PyTorch is not installed.
    """
    if not isinstance(module, torch().nn.Sequential):
        raise ConfigError(
            f"from_torch takes a torch.nn.Sequential, got {type(module).__name__}: what another "
            "module does between its layers cannot be seen from outside. Put the layers into a "
            "Sequential."
        )
    try:
        parts = _read(module, [])
        shape = (input_shape,) if isinstance(input_shape, int) else input_shape
        model = assemble(parts, shape if shape is not None else _first_shape(parts))
    except FileFormatError as error:
        raise ConfigError(f"from_torch: {error}.") from None
    for layer in model.all_layers():
        if len(layer.input_shape or ()) > 1 and _along_channels(layer):
            raise ConfigError(
                f"from_torch: {layer.title} works on samples of shape {layer.input_shape}: PyTorch "
                "has their channels first, glassnet last. Put a Flatten before it."
            )
    return model


def _along_channels(layer: Layer) -> bool:
    formats = writing.formats_of(type(layer))
    mixes = layer.function is not None and not layer.function.elementwise
    return mixes or (formats is not None and formats.channels_first)


def _read(modules: Iterable[Module], parts: list[Part]) -> list[Part]:
    """Append what the modules are, an activation in the layer before it."""
    layers, functions = writing.readers("torch"), counterparts.table("torch")
    known = {*layers, *functions}
    for module in modules:
        name = type(module).__name__
        own = type(module) is own_modules().get(name)
        if own and name == "ResidualModule":
            inner = _read(module, [])
            block = Residual([part.layer for part in inner])
            weights = {f"{p.layer.name}/{key}": w for p in inner for key, w in p.weights.items()}
            parts.append(Part(block, weights))
        elif type(module) is torch().nn.Sequential:
            _read(module, parts)
        elif not (own or type(module).__module__.startswith("torch.nn.")) or name not in known:
            raise ConfigError(
                f"from_torch: the module {name} has no layer in glassnet that computes the same. "
                f"Supported are {', '.join(sorted(known))}."
            )
        elif name in layers:
            parts += layers[name](Words(), module)
        else:
            given = {key: getattr(module, key) for key in counterparts.settings_of("torch", name)}
            add_activation(parts, counterparts.read("torch", name, given))
    return parts


def _first_shape(parts: list[Part]) -> tuple[int, ...]:
    for part in parts:
        for name, array in part.weights.items():
            if name.rpartition("/")[2] in ("W", "gamma"):  # has a row or a number for each input
                return array.shape[:1]
        if part.layer.kind == "reshape":
            break
    raise ConfigError("from_torch: no layer says the shape of a sample: pass input_shape=(…).")
