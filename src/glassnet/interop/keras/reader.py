"""A network out of a ``.keras`` file, read without Keras and without trust."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet._core.formats import Config
from glassnet._core.optional import require
from glassnet._core.storage import PathLike
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.keras.hdf5 import Weights
from glassnet.interop.keras.words import check_axis, layer_from_keras
from glassnet.interop.keras.writer import EXTRA, group_names
from glassnet.interop.reading import (
    MAX_BYTES,
    MAX_LAYERS,
    Shape,
    assemble,
    of_file,
    plain,
    read_bytes,
    weight_shapes,
)
from glassnet.layers.formats import Part
from glassnet.model import Sequential

MAX_MEMBERS = 1000
MAX_JSON = 16 << 20
# What members may unpack to: weights hardly shrink, and Keras does not try.
MAX_GROWTH = 20

PARTS = ("config.json", "metadata.json", "model.weights.h5")


def from_keras(path: PathLike, *, max_bytes: int = MAX_BYTES) -> Sequential:
    """The network in a ``.keras`` file (Keras 3), with its weights.

    Read are sequential networks, and functional ones that are one chain, of Dense, Activation,
    Dropout, BatchNormalization, LayerNormalization, Flatten, Reshape, Rescaling and the layers
    ReLU, LeakyReLU, ELU, Softmax. Optimizer and loss are not: call ``compile``. Nothing in the
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
    data = read_bytes(path, ".keras", max_bytes)
    damage = (
        zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError, RuntimeError,
        LookupError, TypeError, AttributeError,
    )  # fmt: skip
    with of_file(path, *damage):
        members = unpack(data, max_bytes)
        config = _json(members, "config.json")
        said = about.checked(_json(members, "metadata.json").get(about.KEY, {}))
        if "model.weights.h5" not in members:
            raise FileFormatError("it has no model.weights.h5, as Keras 3 writes it")
        chain = _chain(config)
        input_shape = _input_shape(config["config"], chain)
        model = _network(
            chain, input_shape, members["model.weights.h5"], _dtype(chain), said.get("layers")
        )
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
    if kind not in ("Sequential", "Functional") or not isinstance(inner, dict):
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
    if kind == "Functional":
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
    if isinstance(value, dict):
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


def _network(
    chain: list[Config], input_shape: Shape, weights: bytes, dtype: str, own_names: Any
) -> Sequential:
    layers = [entry for entry in chain if entry.get("class_name") != "InputLayer"]
    if isinstance(own_names, list) and len(own_names) == len(layers):  # before they were Latin
        layers = [{**e, "config": {**e["config"], "name": n}} for e, n in zip(layers, own_names)]
    read = []
    for entry in layers:
        layer, names = layer_from_keras(str(entry.get("class_name")), entry["config"])
        read.append((Part(layer), names))
    groups = group_names([str(entry.get("class_name")) for entry in layers])
    parts = [part for part, _ in read]
    where = {id(part): (group, names) for (part, names), group in zip(read, groups)}
    wanted = list(weight_shapes(parts, input_shape))
    for part, entry in zip(parts, layers):
        check_axis(part.layer, entry["config"])
    with Weights(weights) as file:
        for part, name, shape in wanted:
            group, names = where[id(part)]
            if name in names:
                place = f"layers/{group}/vars/{names.index(name)}"
                part.weights[name] = file.read(place, shape)
            else:  # a normalization without scale or center: γ = 1, β = 0
                value = 1.0 if name == "gamma" else 0.0
                part.weights[name] = np.full(shape, value, np.float32)
    return assemble(parts, input_shape, dtype=dtype)
