"""The ``.h5`` files of Keras 2 and 3: one HDF5 file that holds the description and the weights.

The description is a text of the file, ``model_config``.  The weights of a layer lie in
``model_weights/NAME`` under the names that Keras gave them: ``…/kernel``, or ``…/kernel:0``.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet._core.formats import Config
from glassnet._core.optional import require
from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.keras.hdf5 import Weights

SIGNATURE = b"\x89HDF\r\n\x1a\n"

LayerWeights = tuple[str, dict[str, Array]]  # a layer's name, and its weights by Keras's names


def description(file: Weights) -> tuple[Config, about.Notes]:
    """The network as Keras describes it, in the words of Keras 3; and what glassnet says.

    Raises:
        FileFormatError: weights alone, or a damaged description.
    """
    text = file.text("model_config")
    if text is None:
        raise FileFormatError(
            "it holds weights alone, which do not say what network they belong to. In Keras save "
            "the whole model: model.save('model.keras')"
        )
    if len(text) > about.MAX_TEXT:
        raise FileFormatError(f"its description takes more than {about.MAX_TEXT >> 20} MB")
    config = json.loads(text)
    if not isinstance(config, dict):
        raise FileFormatError("its description is no JSON object")
    if isinstance(config.get("config"), list):  # Keras before 2.2.3
        config["config"] = {"layers": config["config"]}
    for entry in config["config"]["layers"]:
        settings = entry["config"]
        if entry["class_name"] == "LeakyReLU" and "alpha" in settings:  # Keras 2's name of it
            settings["negative_slope"] = settings.pop("alpha")
    return config, about.from_text(file.text(about.KEY))


def places(file: Weights, chain: Sequence[Config]) -> Callable[[int, int, str], str]:
    """(the layer's number, …, Keras's name of a weight) → where the weight lies."""
    known: dict[int, dict[str, str]] = {}

    def place(layer: int, _: int, weight: str) -> str:
        settings = chain[layer]["config"]
        group = f"model_weights/{settings.get('name')}"
        found = known.setdefault(layer, file.arrays(group))
        # a depthwise kernel is called so in Keras 2, and plainly kernel in Keras 3
        return found.get(weight) or found.get(f"depthwise_{weight}") or f"{group}/{weight}"

    return place


def written(
    config: Config, said: about.Notes, version: str, layers: Sequence[LayerWeights]
) -> bytes:
    """The file, as Keras 3 writes it."""
    h5py = require("h5py", extra="keras-files")
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file.attrs["model_config"] = to_json(config)
        file.attrs[about.KEY] = to_json(said)
        file.attrs["keras_version"] = version
        group = file.create_group("model_weights")
        group.attrs["keras_version"] = version
        group.attrs["layer_names"] = _texts([name for name, _ in layers])
        for name, weights in layers:
            own = group.create_group(name)
            own.attrs["weight_names"] = _texts([f"{name}/{weight}" for weight in weights])
            for weight, array in weights.items():
                own.create_dataset(f"{name}/{weight}", data=np.ascontiguousarray(array))
    return out.getvalue()


def _texts(names: list[str]) -> Any:
    return np.array([name.encode() for name in names], "S") if names else np.zeros(0)
