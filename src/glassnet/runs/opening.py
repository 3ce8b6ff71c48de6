"""A network out of whatever holds one: a model file, the folder of a run, a file of others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassnet import interop
from glassnet._core import custom as own
from glassnet._core.storage import PathLike, is_ours
from glassnet.interop.formats import readable
from glassnet.model import Sequential
from glassnet.runs.folder import SEARCH, SETTINGS, RunFolder


def load(path: PathLike, custom: Mapping[str, Any] | None = None) -> Sequential:
    """The network in ``path``, whatever that is.

    A file of ``model.save`` or a checkpoint; the folder of a run, as runs/digits; or a file of
    another library: ONNX, Keras, PyTorch's weights with glassnet's description, the pickle of
    Deep Learning from Scratch. Nothing in it is run. Networks of others are not compiled, unless
    the file says how.

    Args:
        custom: classes and functions of your own by name, if they are not registered.

    Raises:
        FileNotFoundError: there is no such file or folder.
        FileFormatError: damaged, truncated, foreign, or a folder without a run.
        UnknownNameError: a kind that is neither glassnet's nor yours.
        MissingDependencyError: a package that the format needs is not installed.
    """
    place = Path(path)
    if (place / SETTINGS).is_file() or (place / SEARCH).is_file():
        with own.named(custom):
            return RunFolder.open(place).model()
    if place.is_file() and _is_of_others(place):
        return interop.import_model(place)[0]
    return Sequential.load(place, custom)


def _is_of_others(place: Path) -> bool:
    suffix = place.suffix.lower()
    if suffix == ".safetensors":
        return not is_ours(place)
    return any(suffix in (f.suffix, *f.others) for f in readable().values())
