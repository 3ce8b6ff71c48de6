"""A network out of a ``.keras`` or ``.h5`` file, read without Keras and without trust."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from glassnet._core.formats import Config
from glassnet._core.optional import require
from glassnet._core.storage import PathLike
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.keras import h5
from glassnet.interop.keras.hdf5 import Weights
from glassnet.interop.keras.words import check_axis, layer_from_keras
from glassnet.interop.keras.writer import EXTRA, group_names
from glassnet.interop.reading import (
    MAX_BYTES,
    MAX_LAYERS,
    Shape,
    assemble,
    of_file,
    pass_through,
    plain,
    read_bytes,
    weight_shapes,
)
from glassnet.layers.formats import KerasLayer, Part
from glassnet.model import Sequential

MAX_MEMBERS = 1000
MAX_JSON = 16 << 20
# What members may unpack to: weights hardly shrink, and Keras does not try.
MAX_GROWTH = 20

PARTS = ("config.json", "metadata.json", "model.weights.h5")


def from_keras(path: PathLike, *, max_bytes: int = MAX_BYTES) -> Sequential:
    """The network in a ``.keras`` file (Keras 3) or an ``.h5`` file (Keras 2 and 3).

    Read are sequential networks, and functional ones that are one chain, of the layers that
    glassnet has; DepthwiseConv2D and SeparableConv2D as the convolutions that they are; and
    ReLU, LeakyReLU, ELU, Softmax. Images have their channels last. Optimizer and loss are not
    read: call ``compile``. Nothing in the file is run: there is no way in for Lambda layers or
    custom objects.

    Raises:
        FileNotFoundError: there is no such file.
        FileFormatError: damaged, too large, built to harm, or other layers (named).
        MissingDependencyError: the package h5py is not installed.
    """
    return read(path, max_bytes)[0]


def read(path: PathLike, max_bytes: int = MAX_BYTES) -> tuple[Sequential, about.Notes]:
    """The network, and what the file says beside it."""
    require("h5py", extra=EXTRA)
    data = read_bytes(path, "Keras", max_bytes)
    damage = (
        zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError, RuntimeError,
        LookupError, TypeError, AttributeError,
    )  # fmt: skip
    with of_file(path, *damage):
        old = data.startswith(h5.SIGNATURE)
        if old:
            weights = data
            with Weights(data) as file:
                config, said = h5.description(file)
        else:
            members = unpack(data, max_bytes)
            config = _json(members, "config.json")
            said = about.checked(_json(members, "metadata.json").get(about.KEY, {}))
            if "model.weights.h5" not in members:
                raise FileFormatError("it has no model.weights.h5, as Keras 3 writes it")
            weights = members["model.weights.h5"]
        chain = _chain(config)
        input_shape = _input_shape(config["config"], chain)
        layers = [entry for entry in chain if entry.get("class_name") != "InputLayer"]
        read = _layers(layers, input_shape, said.get("layers"))
        wanted = _wanted(read, input_shape)
        with Weights(weights) as file:
            _fill(file, wanted, (h5.places if old else _places)(file, layers))
        parts = [part for there in read for _, part in there]
        model = assemble(parts, input_shape, dtype=_dtype(chain))
        name = config["config"].get("name")
        model.name = plain(name, 200) if isinstance(name, str) else model.name
        about.tell(model, said)
    return model, said


def unpack(data: bytes, max_bytes: int = MAX_BYTES) -> dict[str, bytes]:
    """The three parts of a ``.keras`` file, in memory; nothing is written anywhere.

    Raises:
        FileFormatError: paths that climb, names twice, or more than it should unpack to.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = archive.infolist()
        if len(found) > MAX_MEMBERS:
            raise FileFormatError(f"it has {len(found):,} members; a .keras file has three")
        names = [info.filename for info in found]
        for name in names:
            if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
                raise FileFormatError(f"it has a member {name[:100]!r}, a path that climbs out")
            if names.count(name) > 1:
                raise FileFormatError(f"it has two members called {name[:100]!r}")
        return {info.filename: _member(archive, info, len(data), max_bytes)
                for info in found if info.filename in PARTS}  # fmt: skip


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int, max_bytes: int) -> bytes:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileFormatError(f"its {info.filename} is packed in a way that Keras does not use")
    limit = MAX_JSON
    if not info.filename.endswith(".json"):
        limit = min(max_bytes, MAX_GROWTH * size + (1 << 20))
    with archive.open(info) as file:  # what the directory says of the size is not believed
        content = file.read(limit + 1)
    if len(content) > limit:
        raise FileFormatError(f"its {info.filename} unpacks to more than {limit:,} bytes")
    return content


def _json(members: dict[str, bytes], name: str) -> Config:
    if name not in members:
        raise FileFormatError(f"it has no {name}, as Keras 3 writes it")
    found = json.loads(members[name])
    if not isinstance(found, dict):
        raise FileFormatError(f"its {name} is no JSON object")
    return found


# ---- the layers --------------------------------------------------------------------------


def _chain(config: Config) -> list[Config]:
    """The layers in the order in which the data flows."""
    kind, inner = config.get("class_name"), config.get("config")
    if kind not in ("Sequential", "Functional", "Model") or not isinstance(inner, dict):
        raise FileFormatError(
            f"it holds a {str(kind)[:60]!r}; read are Sequential, and Functional if it is a chain"
        )
    chain = inner.get("layers")
    if not isinstance(chain, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("config"), dict) for entry in chain
    ):
        raise FileFormatError("its list of layers is damaged")
    if len(chain) > MAX_LAYERS:
        raise FileFormatError(f"it has {len(chain):,} layers; at most {MAX_LAYERS} are read")
    if kind != "Sequential":
        _refuse_branches(chain, inner["output_layers"])
    return chain


def _refuse_branches(chain: list[Config], outputs: list[Any]) -> None:
    before: str | None = None
    for entry in chain:
        sources = list(_sources(entry.get("inbound_nodes", [])))
        if sources != ([] if before is None else [before]):
            raise FileFormatError(
                f"its layer {str(entry.get('name'))[:60]!r} does not read the layer before it "
                "alone; a functional model is read if it is one chain"
            )
        before = str(entry.get("name"))
    ends = outputs if outputs and isinstance(outputs[0], list) else [outputs]
    if [str(end[0]) for end in ends if end] != [before]:
        raise FileFormatError("it has other outputs than that of its last layer")


def _sources(value: Any, depth: int = 0) -> Iterator[str]:
    """The layers that an ``inbound_nodes`` names."""
    if depth > 10:
        return
    if isinstance(value, list) and list(map(type, value[:3])) == [str, int, int]:
        yield value[0]  # as Keras 2 writes it
    elif isinstance(value, dict):
        history = value.get("keras_history")
        if isinstance(history, list) and history:
            yield str(history[0])
        else:
            for inner in value.values():
                yield from _sources(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _sources(inner, depth + 1)


def _input_shape(config: Config, chain: list[Config]) -> Shape:
    said = [entry["config"].get("batch_shape") for entry in chain[:1]]
    said += [entry["config"].get("batch_input_shape") for entry in chain[:1]]
    said.append(config.get("build_input_shape"))
    for shape in said:
        if isinstance(shape, list) and len(shape) > 1:
            if not all(type(size) is int and size > 0 for size in shape[1:]):
                raise FileFormatError(
                    f"its input has the shape {shape[:8]}; sizes after the first must be fixed"
                )
            return tuple(shape[1:])
    raise FileFormatError("it does not say the shape of its input: build the model, then save it")


def _dtype(chain: list[Config]) -> str:
    """What it computes in: the one type that all layers have."""
    kinds = set()
    for entry in chain:
        spec = entry["config"].get("dtype", "float32")
        kinds.add(str(spec.get("config", {}).get("name")) if isinstance(spec, dict) else str(spec))
    kinds = kinds or {"float32"}
    if len(kinds) > 1 or not kinds <= {"float32", "float64"}:
        raise FileFormatError(
            f"it computes in {', '.join(sorted(kinds))}; read are networks in float32 or float64"
        )
    return kinds.pop()


def _layers(
    entries: list[Config], input_shape: Shape, own_names: Any
) -> list[list[tuple[KerasLayer, Part]]]:
    """For each layer of Keras those that compute it here, with their shapes."""
    named = entries
    if isinstance(own_names, list) and len(own_names) == len(entries):  # before they were Latin
        named = [{**e, "config": {**e["config"], "name": n}} for e, n in zip(entries, own_names)]
    read = []
    flowing = input_shape
    for entry in named:
        found = layer_from_keras(str(entry.get("class_name")), entry["config"], flowing)
        read.append([(there, Part(there.layer)) for there in found])
        for there in found:
            flowing = pass_through(there.layer, flowing)
        check_axis(found[0].layer, entry["config"])
    return read


def _wanted(read: list[list[tuple[KerasLayer, Part]]], input_shape: Shape) -> list[Wanted]:
    """The weights of the network, and which one of the file's each is."""
    where = {}
    for number, found in enumerate(read):
        position = 0
        for there, part in found:
            for name, theirs in there.weights.items():
                shape = there.stored.get(name)
                where[id(part), name] = (number, position, theirs), shape
                position += 1
    parts = [part for found in read for _, part in found]
    wanted = []
    for part, name, shape in weight_shapes(parts, input_shape):
        place, stored = where.get((id(part), name), (None, None))
        wanted.append(Wanted(part, name, shape, place, stored or shape))
    return wanted


class Wanted(NamedTuple):
    """A weight of a layer: its shape, and where Keras has it, in what shape."""

    part: Part
    name: str
    shape: Shape
    place: tuple[int, int, str] | None
    stored: Shape


def _fill(file: Weights, wanted: list[Wanted], places: Callable[[int, int, str], str]) -> None:
    for part, name, shape, place, stored in wanted:
        if place is not None:
            part.weights[name] = file.read(places(*place), stored).reshape(shape)
        else:  # a normalization without scale or center: γ = 1, β = 0
            part.weights[name] = np.full(shape, 1.0 if name == "gamma" else 0.0, np.float32)


def _places(_: Weights, entries: list[Config]) -> Callable[[int, int, str], str]:
    """(the layer's number, the weight's number in it, …) → where the weight lies."""
    groups = group_names([str(entry.get("class_name")) for entry in entries])
    return lambda layer, weight, _: f"layers/{groups[layer]}/vars/{weight}"
