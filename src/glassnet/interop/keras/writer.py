"""A network as a ``.keras`` or ``.h5`` file, written without Keras."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

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
    readers,
    wrapped,
)
from glassnet.layers import Layer
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
    names = names_for_keras([model.name, "input_layer", *(x.name for x in layers_of(model))])
    written = [layer_to_keras(*x, model.dtype.name) for x in zip(layers_of(model), names[2:])]
    config = _config(model, names, written)
    said = {**about.describe(model, notes), "layers": [x.name for x in layers_of(model)]}
    if Path(path).suffix.lower() in FORMATS["keras"].others:
        data = h5.written(config, said, VERSION, _by_keras_names(model, written))
        with atomic_write(path) as file:
            file.write(data)
        return
    # Keras does not read what it does not know in metadata.json.
    metadata = {
        "keras_version": VERSION,
        "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S"),
        about.KEY: said,
    }
    members = {
        "metadata.json": to_json(metadata).encode(),
        "config.json": to_json(config).encode(),
        "model.weights.h5": _weights(model, written),
    }
    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def layers_of(model: Sequential) -> list[Layer]:
    """The layers that are written; the shape of the input stands apart."""
    return [layer for layer in model.layers if layer.kind != "input"]


def _config(model: Sequential, names: list[str], written: list[Config]) -> Config:
    assert model.input_shape is not None
    dtype = model.dtype.name
    shape = [None, *model.input_shape]
    first = {"batch_shape": shape, "dtype": dtype, "sparse": False, "name": names[1]}
    return wrapped(
        "Sequential",
        {
            "name": names[0],
            "trainable": True,
            "dtype": dtype,
            "layers": [
                wrapped("InputLayer", first),
                *written,
            ],
            "build_input_shape": shape,
        },
        "keras",
    ) | {"build_config": {"input_shape": shape}, "compile_config": None}


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


def _weights(model: Sequential, written: list[Config]) -> bytes:
    h5py = require("h5py", extra=EXTRA)
    out = io.BytesIO()
    groups = group_names([entry["class_name"] for entry in written])
    with h5py.File(out, "w") as file:
        file.create_group("vars").attrs["name"] = names_for_keras([model.name])[0]
        for (name, weights), group in zip(_by_keras_names(model, written), groups):
            variables = file.create_group(f"layers/{group}/vars")
            variables.attrs["name"] = name
            for i, array in enumerate(weights.values()):
                variables.create_dataset(str(i), data=np.ascontiguousarray(array))
    return out.getvalue()


def _by_keras_names(model: Sequential, written: list[Config]) -> list[h5.LayerWeights]:
    """The weights of each layer as they are read again: Keras's names, order and shapes."""
    found = []
    for layer, entry in zip(layers_of(model), written):
        weights = {weight.name: getattr(layer, weight.name) for weight in layer.weights()}
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
