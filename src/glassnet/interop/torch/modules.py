"""A network as ``torch.nn.Sequential``.

PyTorch keeps the weights of a linear layer as (outputs, inputs), the transpose of W, those of a
convolution as (filters, channels, rows, columns), and its momentum of batch normalization is 1 -
glassnet's.  Images have their channels first there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from glassnet import activations
from glassnet._core.formats import Config
from glassnet._core.optional import require
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.interop.counterparts import refused
from glassnet.interop.reading import pass_through
from glassnet.interop.torch.layout import SAME, Layout, layouts, to_first
from glassnet.interop.writing import formats_of, writer
from glassnet.layers import LAYERS, Layer
from glassnet.layers.formats import Part
from glassnet.model import Sequential

Module = Any  # torch.nn.Module; PyTorch is not needed to read this file
FORMAT = "PyTorch"


def torch() -> Any:
    """The package, or the pip command that brings it."""
    return require("torch", extra="torch")


# ---- out ---------------------------------------------------------------------------------


def to_torch(model: Sequential) -> Module:
    """The ``torch.nn.Sequential`` that computes the same, with copies of the weights.

    It comes in evaluation mode; ``module.train()`` switches dropout on. Loss functions of
    PyTorch that contain the softmax (``CrossEntropyLoss``) want ``module[:-1]``.

    A network of convolutions or pooling takes images with their channels first, as PyTorch has
    them: ``module(torch.tensor(np.moveaxis(x, -1, 1)))``. What comes out as images has them first.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer or activation that PyTorch does not have (named).
        MissingDependencyError: PyTorch is not installed.
    """
    model.need_built("to_torch")
    made = torch().nn.Sequential(*_modules(model.layers))
    made = made.double() if model.dtype == np.float64 else made.float()
    tensors = {k: torch().from_numpy(v) for k, v in state_dict(model.layers).items()}
    # BatchNorm counts its batches, which glassnet does not
    counts = {k: v for k, v in made.state_dict().items() if k.endswith("num_batches_tracked")}
    made.load_state_dict({**tensors, **counts})
    for _, layer, module in _with_modules(model.layers, made):
        if not layer.trainable:
            module.requires_grad_(False)
    return made.eval()


def state_dict(layers: list[Layer], around: Layout = SAME) -> dict[str, Array]:
    """The weights by PyTorch's names, in its shapes; contiguous copies.

    >>> from glassnet import Sequential, layers
    >>> model = Sequential([layers.Dense(3, "relu"), layers.Dense(1)], seed=0)
    >>> model.build((2,))
    >>> {name: array.shape for name, array in state_dict(model.layers).items()}
    {'0.weight': (3, 2), '0.bias': (3,), '2.weight': (1, 3), '2.bias': (1,)}
    """
    found: dict[str, Array] = {}
    for place in places(layers, around):
        layer, prefix = place.layer, place.own
        inner = state_dict(layer.sublayers(), place.layout)
        found |= {f"{prefix}.{name}": array for name, array in inner.items()}
        for weight, theirs in weight_names(layer).items():
            array = to_first(layer, weight, place.layout)
            found[f"{prefix}.{theirs}"] = (array.T if array.ndim == 2 else array).copy(order="C")
    return found


def weight_names(layer: Layer) -> dict[str, str]:
    """Our name → PyTorch's, of the weights of the layer itself."""
    formats = formats_of(type(layer))
    if formats is None or layer.sublayers():
        return {}
    return {weight.name: formats.torch_weights[weight.name] for weight in layer.weights()}


class Place(NamedTuple):
    """A layer in the ``nn.Sequential``.

    Attributes:
        number: of its first module; own: of the one that has its weights.
        layout: how what it gets lies there.
        modules: class names and settings.
    """

    number: int
    own: int
    layer: Layer
    layout: Layout
    modules: list[tuple[str, Config]]


def places(layers: list[Layer], around: Layout = SAME) -> Iterator[Place]:
    """Each layer that becomes a module or more.

    Args:
        around: of the block that the layers stand in.
    """
    lying = layouts(layers, around)
    number = 0
    for layer, here, behind in zip(layers, lying, lying[1:]):
        words = Words(behind_first=behind.first)
        modules: list[tuple[str, Config]] = writer(layer, "torch", FORMAT)(words, layer)
        # zeros that stand before a convolution are a module without weights
        before = next((i for i, (name, _) in enumerate(modules) if "ZeroPad" not in name), 0)
        if modules:
            yield Place(number, number + before, layer, here, modules)
        number += len(modules)


@dataclass
class Words:
    """What PyTorch calls things, and its tensors as arrays.

    Attributes:
        behind_first: what comes out has its channels first in PyTorch.
        parts: what was read so far.
        start: the shape of a sample of the network that is read; None if nobody said it.
    """

    behind_first: bool = False
    parts: list[Part] = field(default_factory=list)
    start: tuple[int, ...] | None = None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape here of a sample that the module gets which is read now."""
        if self.start is None:
            raise ConfigError(
                "from_torch: no layer says how large the images are: pass input_shape=(rows, "
                "columns, channels), or (steps, channels) of a series."
            )
        shape = self.start
        for part in self.parts:
            shape = pass_through(part.layer, shape)
        return shape

    def shape_behind(self, shape: tuple[int, ...], read: bool = False) -> tuple[int, ...]:
        """The shape of what comes out, with its channels first if PyTorch has them so.

        Args:
            read: the other way: ``shape`` is PyTorch's.
        """
        if not self.behind_first:
            return shape
        return (*shape[1:], shape[0]) if read else (shape[-1], *shape[:-1])

    def activation(self, layer: Layer, f: activations.Activation) -> list[tuple[str, Config]]:
        """The modules of the activation ``f`` of ``layer``: class names and settings."""
        if f.torch is None:
            raise refused(layer, f, FORMAT, [g for g in activations.each() if g.torch])
        return [(f.torch.name, f.torch.written(f))]

    def array(self, tensor: Any) -> Array:
        """A copy of a tensor.

        Raises:
            ConfigError: it holds no floats.
        """
        if tensor.dtype not in (torch().float32, torch().float64, torch().float16):
            raise ConfigError(
                f"from_torch: weights of {tensor.dtype}; expected float32 or float64. Call "
                "module.float()."
            )
        array: Array = tensor.detach().cpu().numpy()
        return array.copy()


def _modules(layers: list[Layer], around: Layout = SAME) -> list[Module]:
    made = []
    for place in places(layers, around):
        inner = _modules(place.layer.sublayers(), place.layout)
        for name, settings in place.modules:
            kind = own_modules().get(name) or getattr(torch().nn, name)
            made.append(kind(*inner, **settings))
    return made


def _with_modules(
    layers: list[Layer], made: Module, around: Layout = SAME
) -> Iterator[tuple[int, Layer, Module]]:
    for place in places(layers, around):
        layer, module = place.layer, made[place.own]
        yield place.own, layer, module
        yield from _with_modules(layer.sublayers(), module, place.layout)


# ---- modules that PyTorch does not have --------------------------------------------------


@cache
def own_modules() -> dict[str, type]:
    """The classes that layers bring along, such as y = x·scale + offset, by their names."""
    makers = [getattr(formats_of(kind), "torch_module", None) for kind in LAYERS.values()]
    found = {kind.__name__: kind for kind in (make(torch().nn) for make in makers if make)}
    for name, kind in found.items():
        kind.__module__, kind.__qualname__ = __name__, name  # so that torch.save finds them
    return found


def __getattr__(name: str) -> Any:
    if name.endswith("Module") and name in own_modules():  # where pickles look for them
        return own_modules()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
