"""Weights as PyTorch names and shapes them, in a safetensors file. PyTorch is not needed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from glassnet._core.storage import PathLike, atomic_write
from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.reading import MAX_BYTES, check_weight, of_file, read_bytes, weight_shapes
from glassnet.interop.torch.modules import places, state_dict, weight_names
from glassnet.layers import Layer, from_config
from glassnet.layers.formats import Part
from glassnet.model import Sequential

COUNTER = "num_batches_tracked"  # of PyTorch's batch normalization; glassnet has no use for it


def save_torch_weights(
    model: Sequential, path: PathLike, *, notes: about.Notes | None = None
) -> None:
    """Write the weights as the ``state_dict`` of ``to_torch(model)``.

    In PyTorch: ``module.load_state_dict(safetensors.torch.load_file(path))``.

    Args:
        notes: plain JSON to keep in the file.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer or activation that PyTorch does not have (named).
    """
    model.need_built("save_torch_weights")
    # safetensors silently writes the wrong bytes of a transposed view
    tensors = {k: np.ascontiguousarray(v) for k, v in state_dict(model.layers).items()}
    said = {**about.describe(model, notes), "model": model.get_config()}
    data = safetensors.numpy.save(tensors, {"format": "pt", about.KEY: to_json(said)})
    with atomic_write(path) as file:
        file.write(data)


def load_torch_weights(
    model: Sequential,
    path: PathLike,
    *,
    modules: Sequence[str] | None = None,
    max_bytes: int = MAX_BYTES,
) -> None:
    """Put the weights of a PyTorch ``state_dict`` in safetensors into ``model``.

    The names are those of ``to_torch(model)``, or numbered ones in the same order, such as
    ``fc1.weight, fc2.weight``. For others, ``modules`` says which is which.

    Args:
        modules: the names of PyTorch's modules, one for each layer that has weights, in the
            order of the layers: ``["encoder", "head"]``.

    Raises:
        FileFormatError: damaged; names that do not tell their order; weights that do not fit.
            The model is left as it was.
        NotBuiltError: the network has no parameters yet.
    """
    model.need_built("load_torch_weights")
    tensors, _ = read_tensors(path, max_bytes)
    with of_file(path):
        fill(model, tensors, modules)


def read(path: PathLike, max_bytes: int = MAX_BYTES) -> tuple[Sequential, about.Notes]:
    """The network in a file of :func:`save_torch_weights`, and what it says beside it."""
    tensors, metadata = read_tensors(path, max_bytes)
    with of_file(path, ValueError, TypeError, LookupError):
        if metadata.get("format") == "glassnet":
            raise FileFormatError("a model of glassnet itself: glassnet.load(path)")
        said = about.from_text(metadata.get(about.KEY))
        config = said.get("model")
        if not isinstance(config, dict):
            raise FileFormatError(
                "weights alone, which do not say what network they belong to. In Python: build "
                "the network, then glassnet.interop.load_torch_weights(model, path)"
            )
        model = _build(config, sum(array.size for array in tensors.values()))
        fill(model, tensors)
        about.tell(model, said)
    return model, said


def _build(config: dict[str, Any], numbers: int) -> Sequential:
    """The network, if it has no more parameters than the file has numbers."""
    plain = {**config, "input_shape": None, "compile": None, "preprocessing": None}
    plain["classes"] = None
    shape = config.get("input_shape")
    layers = config.get("layers")
    if not isinstance(shape, list) or not all(type(n) is int and n > 0 for n in shape):
        raise FileFormatError("its description does not say the shape of a sample")
    if not isinstance(layers, list):
        raise FileFormatError("its description has no layers")
    probe = [Part(from_config(layer)) for layer in layers]
    count = sum(int(np.prod(s, dtype=object)) for _, _, s in weight_shapes(probe, tuple(shape)))
    if count > numbers:
        raise FileFormatError(f"its network has {count:,} numbers, but {numbers:,} are in the file")
    model = Sequential.from_config(plain)
    model.build(tuple(shape))
    return model


def read_tensors(path: PathLike, max_bytes: int = MAX_BYTES) -> tuple[dict[str, Array], Any]:
    """The arrays of a safetensors file, and its metadata."""
    data = read_bytes(path, "safetensors", max_bytes)
    with of_file(path, safetensors.SafetensorError, KeyError, TypeError, ValueError):
        tensors = safetensors.numpy.load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])  # it is checked now
    return tensors, header.get("__metadata__") or {}


# ---- which is which ----------------------------------------------------------------------


def fill(
    model: Sequential, tensors: dict[str, Array], modules: Sequence[str] | None = None
) -> None:
    """Check all tensors, then copy them."""
    found = {k: v for k, v in tensors.items() if k.rpartition(".")[2] != COUNTER}
    wanted = _wanted(model.layers)
    theirs = {ours: name for name, ours in wanted.items()}  # our parameter → PyTorch's name
    if modules is not None or set(found) != set(wanted):
        theirs = _matched(wanted, found, modules)
    ready: dict[str, Array] = {}
    for ours, name in theirs.items():
        array = found[name]
        view = model.parameters.view(ours)
        if view.ndim == 2:
            if array.dtype.kind != "f" or array.ndim != 2:
                raise FileFormatError(
                    f"{name} has shape {array.shape}, expected a matrix of floats"
                )
            array = array.T
        check_weight(name + (" (transposed)" if view.ndim == 2 else ""), array, view.shape)
        ready[ours] = array
    for ours, array in ready.items():
        model.parameters.view(ours)[...] = array


def _wanted(layers: list[Layer], around: str = "", prefix: str = "") -> dict[str, str]:
    """PyTorch's name → our parameter: {"0.weight": "dense/W", …}."""
    names: dict[str, str] = {}
    for number, layer in places(layers):
        path = f"{around}{layer.name}/"
        names |= _wanted(layer.sublayers(), path, f"{prefix}{number}.")
        for ours, theirs in weight_names(layer).items():
            names[f"{prefix}{number}.{theirs}"] = f"{path}{ours}"
    return names


def _matched(
    wanted: dict[str, str], found: dict[str, Array], modules: Sequence[str] | None
) -> dict[str, str]:
    """Our parameter → the name in the file, module by module in their order."""
    own: dict[str, list[str]] = {}
    for name in wanted:
        own.setdefault(name.rpartition(".")[0], []).append(name.rpartition(".")[2])
    theirs: dict[str, list[str]] = {}
    for name in found:
        theirs.setdefault(name.rpartition(".")[0], []).append(name.rpartition(".")[2])
    order = list(modules) if modules is not None else _in_order(list(theirs))
    if len(order) != len(own) or set(order) != set(theirs):
        raise FileFormatError(
            f"it has the modules {', '.join(sorted(theirs)[:8]) or 'none'}; the network has "
            f"{len(own)} layers with weights, and needs as many (as in {', '.join(own)})"
        )
    pairs: dict[str, str] = {}
    for ours, module in zip(own, order):
        if set(own[ours]) != set(theirs[module]):
            raise FileFormatError(
                f"{module!r} has {', '.join(sorted(theirs[module]))}; the layer in its place has "
                f"{', '.join(sorted(own[ours]))}"
            )
        for name in own[ours]:
            pairs[wanted[f"{ours}.{name}"]] = f"{module}.{name}"
    return pairs


def _in_order(names: list[str]) -> list[str]:
    """Modules that differ in one number only, by that number.

    >>> _in_order(["fc10", "fc2"])
    ['fc2', 'fc10']
    """
    split = {name: re.split(r"(\d+)", name) for name in names}
    numbers = {name: [int(n) for n in parts[1::2]] for name, parts in split.items()}
    words = {tuple(parts[::2]) for parts in split.values()}
    if len(words) > 1 or len({tuple(n[:-1]) for n in numbers.values()}) > 1:
        raise FileFormatError(
            f"its modules are called {', '.join(sorted(names)[:8])}, which does not say in what "
            "order they come. Pass modules=[…], one for each layer with weights"
        )
    return sorted(names, key=lambda name: numbers[name])
