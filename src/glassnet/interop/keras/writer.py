"""A network as a ``.keras`` file, written without Keras."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import numpy as np

from glassnet._core.optional import require
from glassnet._core.storage import PathLike, atomic_write
from glassnet._core.strict_json import to_json
from glassnet.interop import about
from glassnet.interop.keras.words import layer_to_keras, names_for_keras, wrapped
from glassnet.layers import Layer
from glassnet.model import Sequential

EXTRA = "keras-files"  # brings h5py


def to_keras(model: Sequential, path: PathLike, *, notes: about.Notes | None = None) -> None:
    """Write ``model`` as a ``.keras`` file, which ``keras.models.load_model`` opens.

    Keras itself is not needed. In Keras, call ``compile`` before you go on training. Labels
    and the preprocessing of a table have no place there: they are kept for glassnet only.

    Args:
        notes: plain JSON to keep in the file.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer or activation that Keras does not have (named, with those it has).
        MissingDependencyError: the package h5py is not installed.
    """
    model.need_built("to_keras")
    names = names_for_keras([model.name, "input_layer", *(x.name for x in layers_of(model))])
    config = _config(model, names)
    said = {**about.describe(model, notes), "layers": [x.name for x in layers_of(model)]}
    # Keras does not read what it does not know in metadata.json.
    metadata = {
        "keras_version": "3.15.1",
        "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S"),
        about.KEY: said,
    }
    members = {
        "metadata.json": to_json(metadata).encode(),
        "config.json": to_json(config).encode(),
        "model.weights.h5": _weights(model, names),
    }
    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def layers_of(model: Sequential) -> list[Layer]:
    """The layers that are written; the shape of the input stands apart."""
    return [layer for layer in model.layers if layer.kind != "input"]


def _config(model: Sequential, names: list[str]) -> dict[str, Any]:
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
                *(layer_to_keras(*x, dtype) for x in zip(layers_of(model), names[2:])),
            ],
            "build_input_shape": shape,
        },
        "keras",
    ) | {"build_config": {"input_shape": shape}, "compile_config": None}


def snake_case(class_name: str) -> str:
    """As Keras names the groups: ``BatchNormalization`` → ``batch_normalization``.

    >>> snake_case("LeakyReLU"), snake_case("Dense")
    ('leaky_re_lu', 'dense')
    """
    out = ""
    for i, letter in enumerate(class_name):
        before, after = class_name[i - 1 : i], class_name[i + 1 : i + 2]
        starts = letter.isupper() and (
            before.islower() or before.isdigit() or (before.isupper() and after.islower())
        )
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


def _weights(model: Sequential, names: list[str]) -> bytes:
    h5py = require("h5py", extra=EXTRA)
    out = io.BytesIO()
    stack = layers_of(model)
    classes = [layer_to_keras(layer, "", model.dtype.name)["class_name"] for layer in stack]
    with h5py.File(out, "w") as file:
        file.create_group("vars").attrs["name"] = names[0]
        for layer, name, group in zip(stack, names[2:], group_names(classes)):
            variables = file.create_group(f"layers/{group}/vars")
            variables.attrs["name"] = name
            for i, weight in enumerate(layer.weights()):
                array = np.ascontiguousarray(getattr(layer, weight.name))
                variables.create_dataset(str(i), data=array)
    return out.getvalue()
