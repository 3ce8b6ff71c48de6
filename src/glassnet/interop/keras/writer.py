"""A network as a ``.keras`` or ``.h5`` file, written without Keras."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from glassnet._core.formats import Config
from glassnet._core.optional import require
from glassnet._core.storage import PathLike, atomic_write
from glassnet._core.strict_json import to_json
from glassnet.interop import about
from glassnet.interop.formats import FORMATS
from glassnet.interop.keras import h5
from glassnet.interop.keras.words import (
    layer_from_keras,
    layer_to_keras,
    names_for_keras,
    piece_to_keras,
    pieces_of,
    readers,
    wrapped,
)
from glassnet.layers import Layer
from glassnet.layers.formats import KerasPiece
from glassnet.model import Sequential

EXTRA = "keras-files"  # brings h5py
VERSION = "3.15.1"  # of Keras, whose files these are


def to_keras(model: Sequential, path: PathLike, *, notes: about.Notes | None = None) -> None:
    """Write ``model`` as a file that ``keras.models.load_model`` opens.

    The suffixes ``.h5`` and ``.hdf5`` choose the older of Keras's two formats, all others
    ``.keras``. Keras itself is not needed. In Keras, call ``compile`` before you go on training.
    Labels and the preprocessing of a table have no place there: they are kept for glassnet only.

    Args:
        notes: plain JSON to keep in the file.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer or activation that Keras does not have (named, with those it has).
        MissingDependencyError: the package h5py is not installed.
    """
    model.need_built("to_keras")
    dtype = model.dtype.name
    stack = by_depth(layers_of(model.layers, dtype))
    own = [one.name for one in stack]
    names = names_for_keras([model.name, "input_layer", *own])
    written = [
        layer_to_keras(one.layer, name, dtype)
        if one.piece is None
        else piece_to_keras(one.piece, name, dtype)
        for one, name in zip(stack, names[2:])
    ]
    config = _config(model, names, stack, written)
    said = {**about.describe(model, notes), "layers": own}
    if Path(path).suffix.lower() in FORMATS["keras"].others:
        data = h5.written(config, said, VERSION, _by_keras_names(stack, written))
        with atomic_write(path) as file:
            file.write(data)
        return
    # Keras does not read what it does not know in metadata.json.
    metadata = {"keras_version": VERSION, about.KEY: said}
    members = {
        "metadata.json": to_json(metadata).encode(),
        "config.json": to_json(config).encode(),
        "model.weights.h5": _weights(stack, written, names[0]),
    }
    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)  # no time of today: the same bytes


class Written(NamedTuple):
    """A layer as Keras has it, and those whose outputs it reads, by their numbers.

    A block is its layers, and an Add or an Average, which is written for the block itself. What
    Keras does not have as one layer is several pieces.
    """

    layer: Layer
    sources: tuple[int, ...]
    name: str
    piece: KerasPiece | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of its output."""
        return (self.layer.output_shape or ()) if self.piece is None else self.piece.shape


INPUT = -1  # the number of the input


def layers_of(
    layers: Sequence[Layer], dtype: str, before: int = INPUT, offset: int = 0
) -> list[Written]:
    """The layers that are written, in the order of the data; the shape of the input stands apart.

    Args:
        before: the number of the one whose output the first reads; offset: that of the first.
    """
    found: list[Written] = []
    for layer in layers:
        if layer.kind == "input":
            continue
        ends = []
        for stack in _stacks(layer):
            inner = layers_of(stack, dtype, before, offset + len(found))
            found += inner
            ends.append(offset + len(found) - 1 if inner else before)
        around = () if layer.wiring == "parallel" else (before,)
        gets, pieces, begin = (*around, *ends), pieces_of(layer, dtype), offset + len(found)
        if not pieces:
            found.append(Written(layer, gets, layer.name))
        for i, piece in enumerate(pieces):
            reads = tuple(gets[-1 - r] if r < 0 else begin + r for r in piece.reads)
            name = layer.name if i == len(pieces) - 1 else f"{layer.name}_{i}"
            found.append(Written(layer, reads, name, piece))
        before = offset + len(found) - 1
    return found


def by_depth(stack: list[Written]) -> list[Written]:
    """In the order that Keras gives them: the farthest from the output first.

    It counts its groups of weights in that order.  A row of layers is in it already.
    """
    depth = [0] * len(stack)
    for i in range(len(stack) - 1, -1, -1):
        for source in stack[i].sources:
            if source != INPUT:
                depth[source] = max(depth[source], depth[i] + 1)
    order = sorted(range(len(stack)), key=lambda i: -depth[i])
    place = {INPUT: INPUT} | {i: at for at, i in enumerate(order)}
    return [stack[i]._replace(sources=tuple(place[s] for s in stack[i].sources)) for i in order]


def _stacks(layer: Layer) -> list[list[Layer]]:
    """The rows of layers in a block that begin at its input."""
    if layer.wiring == "parallel":
        return [member.sublayers() for member in layer.sublayers()]
    return [layer.sublayers()] if layer.sublayers() else []


def _config(
    model: Sequential, names: list[str], stack: list[Written], written: list[Config]
) -> Config:
    assert model.input_shape is not None
    dtype = model.dtype.name
    shape = [None, *model.input_shape]
    first = {"batch_shape": shape, "dtype": dtype, "sparse": False, "name": names[1]}
    entries = [wrapped("InputLayer", first), *written]
    settings: Config = {"name": names[0], "trainable": True, "dtype": dtype, "layers": entries}
    if all(len(one.sources) == 1 for one in stack):
        sequential = wrapped("Sequential", {**settings, "build_input_shape": shape}, "keras")
        return sequential | {"build_config": {"input_shape": shape}, "compile_config": None}

    def tensor(number: int) -> Config:
        """What layer ``number`` gives."""
        made = model.input_shape if number == INPUT else stack[number].shape
        return {
            "class_name": "__keras_tensor__",
            "config": {
                "shape": [None, *(made or ())],
                "dtype": dtype,
                "keras_history": [names[number + 2], 0, 0],
            },
        }

    entries[0] |= {"name": names[1], "inbound_nodes": []}
    for entry, one, name in zip(entries[1:], stack, names[2:]):
        tensors = [tensor(number) for number in one.sources]
        arguments = [tensors] if len(tensors) > 1 else tensors
        entry |= {"name": name, "inbound_nodes": [{"args": arguments, "kwargs": {}}]}
    del settings["dtype"]
    settings["input_layers"] = [names[1], 0, 0]
    settings["output_layers"] = [names[-1], 0, 0]
    # the one class that Keras keeps under no public name
    functional = wrapped("Functional", settings, "keras.src.models.functional")
    return functional | {"registered_name": "Functional", "compile_config": None}


def snake_case(class_name: str) -> str:
    """As Keras names the groups: ``BatchNormalization`` → ``batch_normalization``.

    >>> snake_case("LeakyReLU"), snake_case("GlobalMaxPooling2D")
    ('leaky_re_lu', 'global_max_pooling2d')
    """
    out = ""
    for i, letter in enumerate(class_name):
        before, after = class_name[i - 1 : i], class_name[i + 1 : i + 2]
        starts = letter.isupper() and i > 0 and (before.islower() or after.islower())
        out += ("_" if starts else "") + letter.lower()
    return out


def group_names(class_names: list[str]) -> list[str]:
    """The group of each layer: its class, and a number from the second on."""
    seen: dict[str, int] = {}
    names = []
    for class_name in class_names:
        name = snake_case(class_name)
        count = seen.get(name, 0)
        seen[name] = count + 1
        names.append(f"{name}_{count}" if count else name)
    return names


def _weights(stack: list[Written], written: list[Config], name: str) -> bytes:
    h5py = require("h5py", extra=EXTRA)
    out = io.BytesIO()
    groups = group_names([entry["class_name"] for entry in written])
    with h5py.File(out, "w") as file:
        file.create_group("vars").attrs["name"] = name
        for (own, weights), group in zip(_by_keras_names(stack, written), groups):
            variables = file.create_group(f"layers/{group}/vars")
            variables.attrs["name"] = own
            for i, array in enumerate(weights.values()):
                variables.create_dataset(str(i), data=np.ascontiguousarray(array))
    return out.getvalue()


def _by_keras_names(stack: list[Written], written: list[Config]) -> list[h5.LayerWeights]:
    """The weights of each layer as they are read again: Keras's names, order and shapes."""
    found = []
    for (layer, _, _, piece), entry in zip(stack, written):
        if piece is not None:
            found.append((entry["config"]["name"], dict(piece.weights)))
            continue
        own = [] if layer.sublayers() else layer.weights()
        weights = {weight.name: getattr(layer, weight.name) for weight in own}
        if entry["class_name"] in readers():
            (there,) = layer_from_keras(
                entry["class_name"], entry["config"], layer.input_shape or ()
            )
            weights = {
                theirs: weights[ours].reshape(there.stored.get(ours, weights[ours].shape))
                for ours, theirs in there.weights.items()
            }
        found.append((entry["config"]["name"], weights))
    return found
