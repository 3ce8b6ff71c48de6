"""A network as ``torch.nn.Sequential``.

PyTorch keeps the weights of a linear layer as (outputs, inputs), the transpose of W, and its
momentum of batch normalization is 1 - glassnet's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.formats import Config
from glassnet._core.optional import require
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.interop.counterparts import refused
from glassnet.interop.writing import formats_of, writer
from glassnet.layers import LAYERS, Layer
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


def state_dict(layers: list[Layer]) -> dict[str, Array]:
    """The weights by PyTorch's names, in its shapes; contiguous copies.

    >>> from glassnet import Sequential, layers
    >>> model = Sequential([layers.Dense(3, "relu"), layers.Dense(1)], seed=0)
    >>> model.build((2,))
    >>> {name: array.shape for name, array in state_dict(model.layers).items()}
    {'0.weight': (3, 2), '0.bias': (3,), '2.weight': (1, 3), '2.bias': (1,)}
    """
    found: dict[str, Array] = {}
    for prefix, layer in places(layers):
        inner = state_dict(layer.sublayers())
        found |= {f"{prefix}.{name}": array for name, array in inner.items()}
        for weight, theirs in weight_names(layer).items():
            array = getattr(layer, weight)
            found[f"{prefix}.{theirs}"] = (array.T if array.ndim == 2 else array).copy(order="C")
    return found


def weight_names(layer: Layer) -> dict[str, str]:
    """Our name → PyTorch's, of the weights of the layer itself."""
    formats = formats_of(type(layer))
    if formats is None or layer.sublayers():
        return {}
    return {weight.name: formats.torch_weights[weight.name] for weight in layer.weights()}


def places(layers: list[Layer]) -> Iterator[tuple[int, Layer]]:
    """Each layer, and the number of its module in the ``nn.Sequential``."""
    number = 0
    for layer in layers:
        count = len(_kinds(layer))
        if count:
            yield number, layer
        number += count


class Words:
    """What PyTorch calls things, and its tensors as arrays."""

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


def _kinds(layer: Layer) -> list[tuple[str, Config]]:
    """The modules of one layer: class names and their settings."""
    kinds: list[tuple[str, Config]] = writer(layer, "torch", FORMAT)(Words(), layer)
    return kinds


def _modules(layers: list[Layer]) -> list[Module]:
    made = []
    for layer in layers:
        inner = _modules(layer.sublayers())
        for name, settings in _kinds(layer):
            kind = own_modules().get(name) or getattr(torch().nn, name)
            made.append(kind(*inner, **settings))
    return made


def _with_modules(layers: list[Layer], made: Module) -> Iterator[tuple[int, Layer, Module]]:
    for number, layer in places(layers):
        yield number, layer, made[number]
        yield from _with_modules(layer.sublayers(), made[number])


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
