"""Weights alone: which dense layers they would be, by their shapes.

A ``state_dict`` says nothing of the network around it.  Matrices that fit each other are a chain of
dense layers; which activation stands between them nobody can see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from glassnet import activations
from glassnet._core.storage import PathLike
from glassnet._core.types import Array
from glassnet.activations import Activation
from glassnet.errors import FileFormatError
from glassnet.interop.reading import MAX_BYTES, MAX_LAYERS, assemble, of_file, plain
from glassnet.interop.torch.tensors import (
    COUNTER,
    in_number_order,
    names_of_modules,
    read_tensors,
)
from glassnet.layers import BatchNormalization, Dense, Layer, LayerNormalization
from glassnet.layers.formats import Part, add_activation
from glassnet.layers.normalization.formats import FORMATS as NORMALIZATIONS
from glassnet.model import Sequential

TORCH_EPSILON = 1e-5  # of PyTorch's normalizations, which keep it in no file of weights
NUMBERS = ("weight", "bias", "running_mean", "running_var")


class WeightsAloneError(FileFormatError):
    """Weights that do not say what network they belong to.

    Attributes:
        tensors: them; their names are those of PyTorch's modules.
    """

    def __init__(self, message: str, tensors: Mapping[str, Array]) -> None:
        super().__init__(message)
        self.tensors = tensors


@dataclass(frozen=True)
class Module:
    """One module of PyTorch: a Linear, or a normalization behind one.

    Attributes:
        name: in the file; tensors: what it holds there.
    """

    name: str
    tensors: Mapping[str, Array]

    @property
    def is_linear(self) -> bool:
        return self.tensors["weight"].ndim == 2

    @property
    def sizes(self) -> tuple[int, int]:
        """How many numbers go in and come out."""
        shape = self.tensors["weight"].shape
        return (shape[-1], shape[0]) if self.is_linear else (shape[0], shape[0])


@dataclass(frozen=True)
class Chain:
    """Modules in their order, which fit each other."""

    modules: tuple[Module, ...]

    @property
    def units(self) -> tuple[int, ...]:
        """784, 512, 256, 10: what goes in, and what comes out of each dense layer."""
        dense = [module.sizes for module in self.modules if module.is_linear]
        return (dense[0][0], *(size[1] for size in dense))

    def network(self, hidden: Activation) -> Sequential:
        """The dense layers with ``hidden`` behind each but the last.

        In an ``nn.Sequential`` the numbers tell where: a normalization right behind a linear layer
        comes before the activation, one with a number between them after it.
        """
        parts: list[Part] = []
        last = max(i for i, module in enumerate(self.modules) if module.is_linear)
        for i, module in enumerate(self.modules):
            parts.append(_part(module))
            behind = self.modules[i + 1] if i + 1 < len(self.modules) else None
            if i >= last:
                continue
            if behind is not None and not behind.is_linear and not _gap(module, behind):
                continue  # the activation stands behind the normalization
            if module.is_linear or not (i and _gap(self.modules[i - 1], module)):
                add_activation(parts, hidden)
        return assemble(parts, (self.units[0],))


def from_torch_weights(
    path: PathLike, activation: str | Activation, *, max_bytes: int = MAX_BYTES
) -> Sequential:
    """The dense network that weights alone belong to, by their shapes.

    The file holds a ``state_dict`` (``.pt``, ``.pth``, ``.safetensors``) of linear layers, with
    normalizations behind them, which must fit each other in one way. The last layer gives its
    numbers as they are: PyTorch's losses contain the softmax.

    Args:
        activation: behind each layer but the last, which no such file says.

    Raises:
        FileFormatError: convolutions or others, whose settings are in no such file; layers whose
            order nobody can see.
    """
    tensors, _ = read_tensors(path, max_bytes)
    with of_file(path):
        return chain(tensors).network(activations.get(activation))


def chain(tensors: Mapping[str, Array]) -> Chain:
    """The dense layers in the order in which they fit each other.

    Raises:
        FileFormatError: something else than linear layers and normalizations, or no such order.
    """
    modules = _modules(tensors)
    for order in (in_number_order(modules), _by_sizes(modules), list(modules)):
        found = [modules[name] for name in order or ()]
        if len(found) == len(modules) and _fits(found):
            return Chain(tuple(found))
    raise FileFormatError(
        f"weights alone of {_shown(modules.values())}, which do not say in what order they come. "
        "In Python: build the network, then glassnet.interop.load_torch_weights(model, path, "
        "modules=[…])"
    )


def told(tensors: Mapping[str, Array]) -> str:
    """What weights alone would be, and what is missing."""
    try:
        found = chain(tensors)
    except FileFormatError as error:
        return str(error)
    units = "-".join(map(str, found.units))
    missing, named = " Which activation stands between them they do not say.", "relu"
    if len(found.units) == 2:
        missing, named = "", "linear"
    return (
        f"weights alone, which would be dense layers {units} ({_shown(found.modules)}).{missing} "
        f'In Python: glassnet.interop.from_torch_weights(path, activation="{named}")'
    )


def _modules(tensors: Mapping[str, Array]) -> dict[str, Module]:
    kept = {name: array for name, array in tensors.items() if not name.endswith(COUNTER)}
    named = names_of_modules(kept)
    if len(named) > MAX_LAYERS:
        raise FileFormatError(f"it has {len(named):,} modules; at most {MAX_LAYERS} are read")
    found: dict[str, Module] = {}
    for name, keys in named.items():
        held = {key: kept[f"{name}.{key}" if name else key] for key in keys}
        shape = held["weight"].shape if "weight" in held else ()
        if len(shape) in (3, 4):
            raise FileFormatError(
                f"weights alone of a convolution ({plain(name)}.weight {shape}). Its "
                "strides and padding, and the pooling behind it, are in no file of weights: name "
                "one of glassnet's networks, or in Python build the network, then "
                "glassnet.interop.load_torch_weights(model, path)"
            )
        if len(shape) not in (1, 2) or not set(held) <= set(NUMBERS) or min(shape) < 1:
            raise FileFormatError(
                f"weights alone, of which {plain(name) or 'the whole'} holds "
                f"{plain(', '.join(sorted(held)), 200)}: no linear layer and no normalization. In "
                "Python: build the network, then glassnet.interop.load_torch_weights(model, path)"
            )
        found[name] = Module(name, held)
    if not any(module.is_linear for module in found.values()):
        raise FileFormatError("it holds no weights of a layer")
    return found


def _fits(modules: Sequence[Module]) -> bool:
    if not modules[0].is_linear:
        return False
    return all(a.sizes[1] == b.sizes[0] for a, b in pairwise(modules))


def _by_sizes(modules: Mapping[str, Module]) -> list[str] | None:
    """The only order of linear layers in which each takes what the one before gives."""
    left = {name: module.sizes for name, module in modules.items()}
    if not all(module.is_linear for module in modules.values()):
        return None
    given = [size[1] for size in left.values()]
    begins = [name for name, size in left.items() if size[0] not in given]
    order: list[str] = []
    while len(begins) == 1:
        order.append(begins[0])
        units = left.pop(begins[0])[1]
        begins = [name for name, size in left.items() if size[0] == units]
        inner = [name for name in begins if left[name][1] == units]
        begins = inner if len(inner) == 1 and len(begins) == 2 else begins
    return order if not left else None


def _part(module: Module) -> Part:
    tensors = module.tensors
    if module.is_linear:
        weights = {"W": tensors["weight"].T}
        if "bias" in tensors:
            weights["b"] = tensors["bias"]
        return Part(Dense(len(tensors["weight"]), use_bias="bias" in tensors), weights)
    running = "running_mean" in tensors
    layer: Layer = (
        BatchNormalization(0.9, TORCH_EPSILON) if running else LayerNormalization(TORCH_EPSILON)
    )
    theirs = NORMALIZATIONS[layer.kind].torch_weights
    return Part(layer, {ours: tensors[name] for ours, name in theirs.items() if name in tensors})


def _number(module: Module) -> int | None:
    found = re.findall(r"\d+", module.name)
    return int(found[-1]) if found and len(found[-1]) < 10 else None


def _gap(before: Module, behind: Module) -> bool:
    """Whether a module without weights stands between: nn.Sequential counts them all."""
    a, b = _number(before), _number(behind)
    same = re.sub(r"\d+", "", before.name) == re.sub(r"\d+", "", behind.name)
    return same and a is not None and b is not None and b - a > 1


def _shown(modules: Iterable[Module]) -> str:
    names = [module.name for module in modules]
    return plain(", ".join(names[:8]), 200) + (" …" if len(names) > 8 else "")
