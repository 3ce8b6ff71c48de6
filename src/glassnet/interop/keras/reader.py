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
from glassnet.interop.keras.words import check_axis, layer_from_keras, name_as_given
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
from glassnet.layers import Residual
from glassnet.layers.formats import Part
from glassnet.model import Sequential

MAX_MEMBERS = 1000
MAX_DEPTH = 20  # of blocks inside blocks
MAX_JSON = 16 << 20
# What members may unpack to: weights hardly shrink, and Keras does not try.
MAX_GROWTH = 20

PARTS = ("config.json", "metadata.json", "model.weights.h5")


def from_keras(path: PathLike, *, max_bytes: int = MAX_BYTES) -> Sequential:
    """The network in a ``.keras`` file (Keras 3) or an ``.h5`` file (Keras 2 and 3).

    Read are sequential networks, and functional ones that are one chain, also with ways around
    some layers that end in an Add, of the layers that glassnet has; DepthwiseConv2D and
    SeparableConv2D as the convolutions that they are; and ReLU, LeakyReLU, ELU, Softmax. Images
    have their channels last. Optimizer and loss are not read: call ``compile``. Nothing in the
    file is run: there is no way in for Lambda layers or custom objects.

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
        entries = _entries(config)
        input_shape = _input_shape(config["config"], entries)
        steps = _steps(config, entries)
        found = _read(steps, _named(entries, said.get("layers")), input_shape)
        wanted = _wanted(found, input_shape)
        with Weights(weights) as file:
            _fill(file, wanted, (h5.places if old else _places)(file, entries))
        parts = [one.part for one in found]
        model = assemble(parts, input_shape, dtype=_dtype(entries))
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


class Block(NamedTuple):
    """A way around some layers: the number of the Add that ends it, and what is inside."""

    end: int
    inside: list[Step]


Step = int | Block  # a layer, by its number in the file


def _entries(config: Config) -> list[Config]:
    """The layers as the file has them."""
    kind, inner = config.get("class_name"), config.get("config")
    if kind not in ("Sequential", "Functional", "Model") or not isinstance(inner, dict):
        raise FileFormatError(
            f"it holds a {str(kind)[:60]!r}; read are Sequential, and Functional if it is a chain"
        )
    entries = inner.get("layers")
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("config"), dict) for entry in entries
    ):
        raise FileFormatError("its list of layers is damaged")
    if len(entries) > MAX_LAYERS:
        raise FileFormatError(f"it has {len(entries):,} layers; at most {MAX_LAYERS} are read")
    return entries


def _steps(config: Config, entries: list[Config]) -> list[Step]:
    """The layers in the order in which the data flows, without the input."""
    is_input = [entry.get("class_name") == "InputLayer" for entry in entries]
    if config.get("class_name") == "Sequential":
        return [i for i, told in enumerate(is_input) if not told]
    if is_input.count(True) != 1:
        raise FileFormatError(f"it has {is_input.count(True)} inputs; a Sequential has one")
    ends = config["config"]["output_layers"]
    ends = ends if ends and isinstance(ends[0], list) else [ends]
    if len(ends) != 1:
        raise FileFormatError(f"it has {len(ends)} other outputs than that of its last layer")
    flow = _Flow(entries)
    steps = flow.walk(is_input.index(True), flow.number(ends[0][0]), 0)
    if flow.walked != len(entries) - 1:
        raise FileFormatError("it has other outputs than that of its last layer")
    return steps


class _Flow:
    """Which layer reads which, in a functional model."""

    def __init__(self, entries: list[Config]) -> None:
        self.entries = entries
        self.numbers = {str(entry.get("name")): i for i, entry in enumerate(entries)}
        self.sources = [
            [self.number(name) for name in _sources(entry.get("inbound_nodes", []))]
            for entry in entries
        ]
        self.readers: list[list[int]] = [[] for _ in entries]
        for i, sources in enumerate(self.sources):
            for source in dict.fromkeys(sources):
                self.readers[source].append(i)
        self.walked = 0

    def number(self, name: Any) -> int:
        """The layer's place in the file."""
        if str(name) not in self.numbers:
            raise FileFormatError(f"it has no layer {str(name)[:60]!r}, which is read")
        return self.numbers[str(name)]

    def walk(self, value: int, end: int, depth: int, leave_out: int | None = None) -> list[Step]:
        """The steps behind ``value`` up to ``end``."""
        if depth > MAX_DEPTH:
            raise FileFormatError(f"it has blocks more than {MAX_DEPTH} deep in each other")
        steps: list[Step] = []
        while value != end:
            readers = [i for i in self.readers[value] if i != leave_out]
            leave_out = None
            self.walked += 1
            if self.walked > len(self.entries):  # a circle
                raise self._no_chain(value)
            block = self._block(value, readers, depth)
            if block is not None:
                steps.append(block)
                value = block.end
            elif len(readers) == 1 and self.sources[readers[0]] == [value]:
                value = readers[0]
                steps.append(value)
            else:
                raise self._no_chain(readers[0] if readers else value)
        return steps

    def _block(self, value: int, readers: list[int], depth: int) -> Block | None:
        """An Add of ``value`` and of what was made of it."""
        for i in readers if len(readers) == 2 else []:
            sources = self.sources[i]
            if (
                self.entries[i].get("class_name") == "Add"
                and len(set(sources)) == len(sources) == 2
                and value in sources
            ):
                (other,) = (source for source in sources if source != value)
                return Block(i, self.walk(value, other, depth + 1, leave_out=i))
        return None

    def _no_chain(self, number: int) -> FileFormatError:
        return FileFormatError(
            f"its layer {str(self.entries[number].get('name'))[:60]!r} does not read the layer "
            "before it alone; a functional model is read if it is one chain, with ways around "
            "some layers that end in an Add"
        )


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


class Found(NamedTuple):
    """A layer, and where its weights are: our name → which weight of the file, its shape there."""

    part: Part
    weights: dict[str, tuple[tuple[int, int, str], Shape | None]]


def _read(steps: list[Step], entries: list[Config], shape: Shape) -> list[Found]:
    """The layers that compute the steps; they have their shapes."""
    found: list[Found] = []
    for step in steps:
        if isinstance(step, Block):
            made = _block(step, entries, shape)
        else:
            made = _layers(step, entries[step], shape)
        for one in made:
            shape = pass_through(one.part.layer, shape)
        if isinstance(step, int):
            check_axis(made[0].part.layer, entries[step]["config"])
        found += made
    return found


def _layers(number: int, entry: Config, shape: Shape) -> list[Found]:
    """What computes one layer of Keras: nearly always one."""
    found, position = [], 0
    for there in layer_from_keras(str(entry.get("class_name")), entry["config"], shape):
        weights = {}
        for name, theirs in there.weights.items():
            weights[name] = (number, position, theirs), there.stored.get(name)
            position += 1
        found.append(Found(Part(there.layer), weights))
    return found


def _block(block: Block, entries: list[Config], shape: Shape) -> list[Found]:
    """y = x + what is inside"""
    inner = _read(block.inside, entries, shape)
    name = entries[block.end]["config"].get("name")
    layer = Residual([one.part.layer for one in inner])
    name_as_given(layer, name)
    weights = {
        f"{one.part.layer.name}/{weight}": place
        for one in inner
        for weight, place in one.weights.items()
    }
    return [Found(Part(layer), weights)]


def _named(entries: list[Config], own_names: Any) -> list[Config]:
    """The layers under the names that glassnet had for them, before they were Latin."""
    layers = [entry for entry in entries if entry.get("class_name") != "InputLayer"]
    if not isinstance(own_names, list) or len(own_names) != len(layers):
        return entries
    names = iter(own_names)
    return [
        entry
        if entry.get("class_name") == "InputLayer"
        else {**entry, "config": {**entry["config"], "name": next(names)}}
        for entry in entries
    ]


def _wanted(found: list[Found], input_shape: Shape) -> list[Wanted]:
    """The weights of the network, and which one of the file's each is."""
    where = {id(one.part): one.weights for one in found}
    wanted = []
    for part, name, shape in weight_shapes([one.part for one in found], input_shape):
        place, stored = where[id(part)].get(name, (None, None))
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
            one = name.rpartition("/")[2] == "gamma"
            part.weights[name] = np.full(shape, 1.0 if one else 0.0, np.float32)


def _places(_: Weights, entries: list[Config]) -> Callable[[int, int, str], str]:
    """(the layer's number, the weight's number in it, …) → where the weight lies."""
    groups = group_names([str(entry.get("class_name")) for entry in entries])
    return lambda layer, weight, _: f"layers/{groups[layer]}/vars/{weight}"
