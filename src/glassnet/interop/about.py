"""What a file says beside the network, so that a network that comes back is complete.

The formats of others have no place for labels, preprocessing or the loss, but each has a
place for text. There glassnet puts one JSON object; other programs pass over it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.strict_json import to_json
from glassnet.data.kept import preprocessing_from
from glassnet.data.target import label_text
from glassnet.errors import ConfigError, FileFormatError, GlassnetError
from glassnet.interop.reading import plain
from glassnet.model import Sequential

KEY = "glassnet"  # under which the text lies
STORED = "stored_shape"  # a note: the shape of a sample in the file, where it is another one
BEHIND = "left_out"  # a note: what reads the network's answer in the file, and is left out
MAX_TEXT = 16 << 20
VERSION = 1

Notes = dict[str, Any]


@dataclass(frozen=True)
class Labels:
    """What the outputs are called.

    Attributes:
        names: one for each class, in the order of the outputs.
        threshold: of a single output: above it, the answer is the second class.
    """

    names: tuple[str, ...]
    threshold: float = 0.5


def labels_of(model: Sequential, class_names: Sequence[str] | None = None) -> Labels | None:
    """The names of the classes, if the network chooses among classes and they are known.

    Args:
        class_names: instead of what the model knows.

    Raises:
        ConfigError: not as many names as there are classes.
    """
    names: tuple[str, ...] | None = None
    if class_names is not None:
        names = tuple(map(str, class_names))
    elif model.preprocessing is not None:
        names = model.preprocessing.target.class_names
    elif model.classes is not None:
        names = tuple(label_text(label) for label in model.classes.tolist())
    if names is None:
        return None
    count = max(2, model.outputs)
    if len(names) != count:
        raise ConfigError(f"class_names has {len(names)} names, but there are {count} classes.")
    return Labels(names, 0.5 if model.objective is None else model.loss.threshold)


def describe(model: Sequential, notes: Notes | None = None) -> Notes:
    """The labels, the preprocessing and the loss of ``model``, and the caller's own notes."""
    config = model.get_config()
    kept = {name: config[name] for name in ("name", "classes", "compile", "preprocessing")}
    return {"format": VERSION, **kept, "notes": notes or {}}


def to_text(model: Sequential, notes: Notes | None = None) -> str:
    """:func:`describe` as JSON."""
    return to_json(describe(model, notes))


def from_text(text: str | None) -> Notes:
    """The object that :func:`to_text` wrote; empty for a file that another program made.

    Raises:
        FileFormatError: too long, or no JSON object, or of a newer version.
    """
    if not text:
        return {}
    if len(text) > MAX_TEXT:
        raise FileFormatError(f"its description takes more than {MAX_TEXT >> 20} MB")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"its description is damaged ({error})") from None
    return checked(found)


def checked(found: Any) -> Notes:
    """``found``, if it is such an object."""
    if not isinstance(found, dict) or not isinstance(found.get("notes", {}), dict):
        raise FileFormatError("its description is damaged (expected a JSON object)")
    version = found.get("format", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise FileFormatError(
            f"its description has format {version!r}, this glassnet reads up to {VERSION}. "
            "Upgrade with pip install -U glassnet"
        )
    return found


def preprocessing_of(found: Notes) -> Any:
    """What was learned from a table or of images, if the file has it."""
    config = found.get("preprocessing")
    return None if config is None else preprocessing_from(config)


def tell(model: Sequential, found: Notes) -> None:
    """Give ``model`` what the file says of it.

    Raises:
        FileFormatError: it does not fit the network.
    """
    try:
        rows = preprocessing_of(found)
        if rows is not None and model.input_shape != rows.shape:
            raise FileFormatError(
                f"its preprocessing makes samples of shape {rows.shape}, but the network takes "
                f"{model.input_shape}"
            )
        model.preprocessing = rows
        if found.get("classes") is not None:
            model.classes = _classes(found["classes"], max(2, model.outputs))
        if isinstance(found.get("name"), str):
            model.name = plain(found["name"], 200) or model.name
        if found.get("compile") is not None:
            learning = found["compile"]
            model.compile(learning["optimizer"], learning["loss"], learning["metrics"])
    except FileFormatError:
        raise
    except (GlassnetError, KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"its description does not fit the network ({error})") from None


def _classes(labels: Any, count: int) -> Any:
    plain = isinstance(labels, list) and all(
        isinstance(label, (str, int, float, bool)) for label in labels
    )
    if not plain or len(labels) != count:
        raise FileFormatError(f"its description must name {count} classes")
    return np.asarray(labels)
