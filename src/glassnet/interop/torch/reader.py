"""A network out of ``torch.nn.Sequential``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from glassnet.errors import ConfigError, FileFormatError
from glassnet.interop import counterparts, writing
from glassnet.interop.reading import assemble, weight_shapes
from glassnet.interop.torch.layout import turn_rows
from glassnet.interop.torch.modules import Words, own_modules, torch
from glassnet.layers import LAYERS, Ensemble, Residual
from glassnet.layers.catalog import beside
from glassnet.layers.formats import Part, add_activation
from glassnet.model import Sequential

Module = Any  # torch.nn.Module; PyTorch is not needed to read this file


def from_torch(module: Module, input_shape: tuple[int, ...] | int | None = None) -> Sequential:
    """The network of a ``torch.nn.Sequential``, with copies of its weights.

    The network takes images with their channels last, (n, rows, columns, channels), where
    convolution and pooling of PyTorch take them first.

    Args:
        input_shape: of one sample; by default the inputs of the first layer that says them. Of
            images and series it must be said, as glassnet has it, ``(28, 28, 1)``, or as the
            module does, ``(1, 28, 28)``: the first layer says how many channels there are.

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
    modules = list(_flat(module))
    shape = (input_shape,) if isinstance(input_shape, int) else input_shape
    first = _channels_first(modules, None if shape is None else len(shape))
    if shape is not None and first[0]:
        shape = _channels_last(tuple(shape), modules)
    try:
        parts = _read(modules, first, shape)
        if shape is None:
            if first[0]:
                Words().input_shape  # noqa: B018  says that it is missing
            shape = _first_shape(parts)
        if shape is None:
            raise ConfigError(
                "from_torch: no layer says the shape of a sample: pass input_shape=(…)."
            )
        for _ in weight_shapes(parts, shape):  # gives the layers their shapes
            pass
        turn_rows(parts)
        model = assemble(parts, shape)
    except FileFormatError as error:
        raise ConfigError(f"from_torch: {error}.") from None
    for layer in model.all_layers():
        mixes = layer.function is not None and not layer.function.elementwise
        if mixes and len(layer.input_shape or ()) > 1:
            raise ConfigError(
                f"from_torch: {layer.title} works on samples of shape {layer.input_shape}: PyTorch "
                "has their channels first, glassnet last. Put a Flatten before it."
            )
    return model


def _flat(modules: Iterable[Module]) -> Iterator[Module]:
    """The modules, those of a Sequential in its place."""
    for module in modules:
        if type(module) is torch().nn.Sequential:
            yield from _flat(module)
        else:
            yield module


def _names_first() -> set[str]:
    """The modules that work along channels, which come first."""
    found = (getattr(beside(kind, "formats"), "READERS", None) for kind in LAYERS.values())
    return {name for readers in found if readers is not None for name in readers.channels_first}


def _channels_first(
    modules: Sequence[Module], axes: int | None, around: bool = False
) -> list[bool]:
    """Whether what each module gets, and the last one gives, has its channels first.

    As in ``layout.py``, but before the layers are known: the shapes depend on it.

    Args:
        axes: of a sample; None if nobody said it.
        around: whether what the block gets has, in which the modules stand.
    """
    names = _names_first()
    found: list[bool] = []
    begin, wide = 0, axes is not None and axes > 1
    ends = [i for i, m in enumerate(modules) if type(m).__name__ in ("Flatten", "Unflatten")]
    for end in [*ends, len(modules)]:
        is_around = around and (begin == 0 or end == len(modules))
        inside = {type(m).__name__ for m in _deep(modules[begin:end])}
        # a BatchNorm1d works along the channels of series, and along features
        first = is_around or bool(inside & names) or (wide and "BatchNorm1d" in inside)
        found += [first] * (end + 1 - begin)
        begin = end + 1
        wide = end < len(modules) and type(modules[end]).__name__ == "Unflatten"
    return found


def _deep(modules: Iterable[Module]) -> Iterator[Module]:
    """The modules, and those inside blocks."""
    blocks = [own_modules()[name] for name in ("ResidualModule", "EnsembleModule")]
    for module in modules:
        yield module
        if type(module) in blocks:
            yield from _deep(_flat(module))


def _channels_last(shape: tuple[int, ...], modules: Sequence[Module]) -> tuple[int, ...]:
    """The shape of a sample as glassnet has it, if the first layer tells that it came otherwise."""
    for module in modules:
        for name in ("in_channels", "num_features"):
            channels = getattr(module, name, None)
            if channels is not None:
                other = len(shape) > 1 and shape[0] == channels != shape[-1]
                return (*shape[1:], shape[0]) if other else shape
    return shape


def _read(
    modules: Sequence[Module], first: Sequence[bool], shape: tuple[int, ...] | None
) -> list[Part]:
    """What the modules are, an activation in the layer before it."""
    layers, functions = writing.readers("torch"), counterparts.table("torch")
    known = {*layers, *functions}
    words = Words(start=shape)
    parts = words.parts
    for module, here, behind in zip(modules, first, first[1:]):
        words.behind_first = behind
        if words.start is None and not first[0]:
            words.start = _first_shape(parts)
        name = type(module).__name__
        own = type(module) is own_modules().get(name)
        if own and name in ("ResidualModule", "EnsembleModule"):
            around = None if shape is None else words.input_shape
            stacks = [module] if name == "ResidualModule" else list(module)
            inner = [_inside(stack, around, here) for stack in stacks]
            if name == "ResidualModule":
                parts.append(_residual(inner[0]))
            else:
                parts.append(_ensemble(inner, module.weights))
        elif not (own or type(module).__module__.startswith("torch.nn.")) or name not in known:
            raise ConfigError(
                f"from_torch: the module {name} has no layer in glassnet that computes the same. "
                f"Supported are {', '.join(sorted(known))}."
            )
        elif name in layers:
            parts += layers[name](words, module)
        else:
            given = {key: getattr(module, key) for key in counterparts.settings_of("torch", name)}
            add_activation(parts, counterparts.read("torch", name, given))
    return parts


def _inside(stack: Module, shape: tuple[int, ...] | None, first: bool) -> list[Part]:
    """What the modules in a block are, which gets samples of this shape."""
    modules = list(_flat(stack if isinstance(stack, torch().nn.Sequential) else [stack]))
    return _read(
        modules, _channels_first(modules, None if shape is None else len(shape), first), shape
    )


def _residual(inner: list[Part]) -> Part:
    block = Residual([part.layer for part in inner])
    return Part(block, {f"{p.layer.name}/{key}": w for p in inner for key, w in p.weights.items()})


def _ensemble(members: list[list[Part]], weights: Sequence[float]) -> Part:
    ensemble = Ensemble([[part.layer for part in inner] for inner in members], weights)
    named = {
        f"{member.name}/{p.layer.name}/{key}": w
        for member, inner in zip(ensemble.members, members)
        for p in inner
        for key, w in p.weights.items()
    }
    return Part(ensemble, named)


def _first_shape(parts: list[Part]) -> tuple[int, ...] | None:
    """The shape of a row that the first layer with weights says."""
    for part in parts:
        if part.layer.declared_input_shape is not None:
            return part.layer.declared_input_shape
        for name, array in part.weights.items():
            if name.rpartition("/")[2] in ("W", "gamma"):  # has a row or a number for each input
                return array.shape[:1]
        if part.layer.kind == "reshape":
            break
    return None
