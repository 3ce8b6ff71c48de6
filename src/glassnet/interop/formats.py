"""Every format by name: its suffix, who writes it and who reads it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet._core.registry import lookup
from glassnet.errors import ConfigError

if TYPE_CHECKING:
    from glassnet._core.storage import PathLike
    from glassnet.model import Sequential


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        suffix: by which it is guessed; others: further suffixes that mean it.
        what: in a few words.
        writer, reader: "module:function"; "" where there is none.
        labelled: whether the writer takes class_names; noted: whether it takes notes.
    """

    suffix: str
    what: str
    writer: str = ""
    reader: str = ""
    labelled: bool = False
    noted: bool = False
    others: tuple[str, ...] = ()


FORMATS = {
    "onnx": Format(
        ".onnx", "ONNX, opset 17", "onnx.writer:to_onnx", "onnx.reader:read",
        labelled=True, noted=True,
    ),
    "keras": Format(
        ".keras", "a model of Keras 3", "keras.writer:to_keras", "keras.reader:read", noted=True,
        others=(".h5", ".hdf5"),
    ),
    "torch": Format(
        ".safetensors", "the weights as PyTorch names and shapes them",
        "torch.files:save_torch_weights", "torch.files:read", noted=True,
        others=(".pt", ".pth"),
    ),
    "python": Format(
        ".py", "one Python file that needs nothing", "source.python:to_python", labelled=True
    ),
    "html": Format(
        ".html", "one HTML file that needs nothing", "source.html:to_html", labelled=True
    ),
    "c": Format(".c", "one C99 file that needs nothing", "source.c:to_c", labelled=True),
    "dlfs": Format(".pkl", "the pickle of Deep Learning from Scratch", reader="dlfs:read"),
}  # fmt: skip


def writable() -> dict[str, Format]:
    """The formats that a network can be written in."""
    return {name: found for name, found in FORMATS.items() if found.writer}


def readable() -> dict[str, Format]:
    """The formats that a network can be read from."""
    return {name: found for name, found in FORMATS.items() if found.reader}


def export_model(
    model: Sequential,
    path: PathLike,
    format: str | None = None,
    *,
    class_names: Sequence[str] | None = None,
    notes: dict[str, Any] | None = None,
) -> str:
    """Write ``model`` in the format that the suffix says; returns the format's name.

    Args:
        format: instead of the suffix: one of ``FORMATS``.
        class_names: the labels, for the formats that have a place for them.
        notes: plain JSON to keep in the file, for the formats that have a place for it.

    Raises:
        UnknownNameError: no such format.
        ConfigError: a suffix of no format, or a layer that the format cannot have.
        MissingDependencyError: a package is not installed (says which).
    """
    name, found = _chosen(path, format, writable())
    if Path(path).is_dir():
        raise ConfigError(f"{path}: is a folder; expected the name of the file to write.")
    settings: dict[str, Any] = {}
    if found.labelled:
        settings["class_names"] = class_names
    if found.noted:
        settings["notes"] = notes
    _function(found.writer)(model, path, **settings)
    return name


def import_model(path: PathLike, format: str | None = None) -> tuple[Sequential, dict[str, Any]]:
    """The network in a file of the format that the suffix says, and the notes kept with it.

    Where the file has samples in another order of axes, the note ``stored_shape`` says in which.

    Args:
        format: instead of the suffix: one of ``FORMATS``.

    Raises:
        UnknownNameError, ConfigError: no such format, or one that cannot be read.
        FileNotFoundError: there is no such file.
        FileFormatError: damaged, built to harm, or a network of other layers (named).
        MissingDependencyError: a package is not installed (says which).
    """
    _, found = _chosen(path, format, readable())
    model, said = _function(found.reader)(path)
    return model, said.get("notes", {})


def _chosen(path: PathLike, name: str | None, known: dict[str, Format]) -> tuple[str, Format]:
    if name is not None:
        return name, lookup("format", known, name)
    suffix = Path(path).suffix.lower()
    for guess, found in known.items():
        if suffix in (found.suffix, *found.others):
            return guess, found
    listed = ", ".join(
        f"{suffix} ({guess})"
        for guess, found in known.items()
        for suffix in (found.suffix, *found.others)
    )
    raise ConfigError(f"{path}: its suffix is that of no format. Known are {listed}.")


def _function(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"glassnet.interop.{module}"), name)
