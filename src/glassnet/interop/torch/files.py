"""Weights as PyTorch names and shapes them, in files. PyTorch is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from glassnet._core.channels import kernel_from_first, rows_from_first
from glassnet._core.storage import PathLike, atomic_write, safetensors_of
from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.formats import FORMATS
from glassnet.interop.reading import MAX_BYTES, check_weight, of_file, weight_shapes
from glassnet.interop.torch import archive, bare
from glassnet.interop.torch.layout import SAME, Layout, features_of
from glassnet.interop.torch.modules import places, state_dict, weight_names
from glassnet.interop.torch.tensors import (
    COUNTER,
    in_number_order,
    names_of_modules,
    read_tensors,
)
from glassnet.layers import Layer, from_config
from glassnet.layers.formats import Part
from glassnet.model import Sequential


def save_torch_weights(
    model: Sequential, path: PathLike, *, notes: about.Notes | None = None
) -> None:
    """Write the weights as the ``state_dict`` of ``to_torch(model)``.

    In PyTorch: ``module.load_state_dict(safetensors.torch.load_file(path))``. The suffixes
    ``.pt`` and ``.pth`` choose PyTorch's own format: ``module.load_state_dict(torch.load(path))``.

    Args:
        notes: plain JSON to keep in the file.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer or activation that PyTorch does not have (named).
    """
    model.need_built("save_torch_weights")
    tensors = {k: np.ascontiguousarray(v) for k, v in state_dict(model.layers).items()}
    said = {**about.describe(model, notes), "model": model.get_config()}
    if Path(path).suffix.lower() in FORMATS["torch"].others:
        data = archive.written(tensors, to_json(said))
    else:
        data = safetensors_of(tensors, {"format": "pt", about.KEY: to_json(said)})
    with atomic_write(path) as file:
        file.write(data)


def load_torch_weights(
    model: Sequential,
    path: PathLike,
    *,
    modules: Sequence[str] | None = None,
    max_bytes: int = MAX_BYTES,
) -> None:
    """Put the weights of a PyTorch ``state_dict`` into ``model``.

    The file is one of safetensors, or of ``torch.save`` (``.pt``, ``.pth``), of which nothing is
    run. The names are those of ``to_torch(model)``, or numbered ones in the same order, those of
    convolutions and of linear layers each for themselves: ``conv1.weight, conv2.weight,
    fc1.weight``. For others, ``modules`` says which is which.

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
            return Sequential.load(path), {}  # a model of glassnet itself
        said = about.from_text(metadata.get(about.KEY))
        config = said.get("model")
        alone = None if isinstance(config, dict) else bare.told(tensors)
    if alone is not None:
        raise bare.WeightsAloneError(f"{path}: {alone}.", tensors)
    with of_file(path, ValueError, TypeError, LookupError):
        model = _build(config, sum(array.size for array in tensors.values()))
        fill(model, tensors)
        about.tell(model, said)
    return model, said


def _build(config: Any, numbers: int) -> Sequential:
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


# ---- which is which ----------------------------------------------------------------------


def fill(
    model: Sequential, tensors: dict[str, Array], modules: Sequence[str] | None = None
) -> None:
    """Check all tensors, then copy them."""
    found = {k: v for k, v in tensors.items() if k.rpartition(".")[2] != COUNTER}
    wanted = _wanted(model.layers)
    theirs = {name: name for name in wanted}  # the name in to_torch(model) → that in the file
    if modules is not None or set(found) != set(wanted):
        axes = {name: model.parameters.view(w.ours).ndim for name, w in wanted.items()}
        theirs = _matched(axes, found, modules)
    ready: dict[str, Array] = {}
    for there, (ours, image) in wanted.items():
        name = theirs[there]
        array = found[name]
        view = model.parameters.view(ours)
        said = name
        if view.ndim > 1:
            if array.dtype.kind != "f" or array.ndim != view.ndim:
                raise FileFormatError(
                    f"{name} has shape {array.shape}, expected {_KINDS[view.ndim]} of floats"
                )
            array = array.T if view.ndim == 2 else kernel_from_first(array)
            said += " (transposed)" if view.ndim == 2 else " (with its filters last)"
        check_weight(said, array, view.shape)
        ready[ours] = array if image is None else rows_from_first(array, image)
    for ours, array in ready.items():
        model.parameters.view(ours)[...] = array


_KINDS = {2: "a matrix", 3: "a kernel of three axes", 4: "a kernel of four axes"}


class Wanted(NamedTuple):
    """A weight: our parameter, and the flattened image that it has rows for, if any."""

    ours: str
    image: tuple[int, ...] | None


def _wanted(
    layers: list[Layer], around: str = "", prefix: str = "", lies: Layout = SAME
) -> dict[str, Wanted]:
    """PyTorch's name → our parameter: {"0.weight": "dense/W", …}."""
    names: dict[str, Wanted] = {}
    for place in places(layers, lies):
        layer, here = place.layer, f"{prefix}{place.own}."
        path = f"{around}{layer.name}/"
        names |= _wanted(layer.sublayers(), path, here, place.layout)
        for ours, theirs in weight_names(layer).items():
            image = place.layout.rows if ours in features_of(layer) else None
            names[f"{here}{theirs}"] = Wanted(f"{path}{ours}", image)
    return names


def _matched(
    wanted: dict[str, int], found: dict[str, Array], modules: Sequence[str] | None
) -> dict[str, str]:
    """The name of each weight in ``to_torch(model)`` → the name in the file.

    Module by module in their order.

    Args:
        wanted: how many axes each weight has.
    """
    own = names_of_modules(wanted)
    theirs = names_of_modules(found)
    axes = {name: array.ndim for name, array in found.items()}
    order = (
        list(modules)
        if modules is not None
        else _in_order(_kinds(theirs, axes), _kinds(own, wanted))
    )
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
            pairs[f"{ours}.{name}"] = f"{module}.{name}"
    return pairs


Kind = tuple[int, tuple[str, ...]]  # how many axes its weight has, and what it has


def _kinds(modules: dict[str, list[str]], axes: dict[str, int]) -> dict[str, Kind]:
    """What tells modules apart: a convolution's weight has more axes than a linear layer's."""
    return {
        module: (axes.get(f"{module}.weight", 0), tuple(sorted(names)))
        for module, names in modules.items()
    }


def _in_order(found: dict[str, Kind], wanted: dict[str, Kind]) -> list[str]:
    """The modules of the file in the order of ours: by their numbers, of each kind for itself.

    >>> line, conv = (2, ("bias", "weight")), (4, ("bias", "weight"))
    >>> found = {"fc1": line, "conv10": conv, "conv2": conv}
    >>> _in_order(found, {"0": conv, "2": conv, "5": line})
    ['conv2', 'conv10', 'fc1']
    """
    if in_number_order(found) is not None:  # all of one word
        return in_number_order(found) or []
    kinds = set(wanted.values())
    apart = {kind: in_number_order([n for n, k in found.items() if k == kind]) for kind in kinds}
    counts = {kind: list(wanted.values()).count(kind) for kind in kinds}
    known = {kind: names for kind, names in apart.items() if names is not None}
    if len(known) < len(kinds) or {k: len(n) for k, n in known.items()} != counts:
        raise FileFormatError(
            f"its modules are called {', '.join(sorted(found)[:8])}, which does not say in what "
            "order they come. Pass modules=[…], one for each layer with weights"
        )
    return [known[kind].pop(0) for kind in wanted.values()]
