"""The tensors in a file of PyTorch's weights, and the modules that their names tell of."""

from __future__ import annotations

import json
import re
import struct
import zipfile
from collections.abc import Iterable
from typing import Any

import safetensors
import safetensors.numpy

from glassnet._core.storage import PathLike
from glassnet._core.types import Array
from glassnet.interop.reading import MAX_BYTES, of_file, read_bytes
from glassnet.interop.torch import archive

COUNTER = "num_batches_tracked"  # of PyTorch's batch normalization; glassnet has no use for it


def read_tensors(path: PathLike, max_bytes: int = MAX_BYTES) -> tuple[dict[str, Array], Any]:
    """The arrays of a file of safetensors or of PyTorch, and its metadata."""
    data = read_bytes(path, "PyTorch", max_bytes)
    if archive.is_archive(data):
        with of_file(path, zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError,
                     LookupError, TypeError, struct.error):  # fmt: skip
            return archive.read(data)
    with of_file(path, safetensors.SafetensorError, KeyError, TypeError, ValueError):
        tensors = safetensors.numpy.load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])  # it is checked now
    return tensors, header.get("__metadata__") or {}


def names_of_modules(tensors: Iterable[str]) -> dict[str, list[str]]:
    """The module of each tensor → the tensors in it: {"conv1": ["weight", "bias"], …}."""
    found: dict[str, list[str]] = {}
    for name in tensors:
        module, _, own = name.rpartition(".")
        found.setdefault(module, []).append(own)
    return found


def in_number_order(names: Iterable[str]) -> list[str] | None:
    """Modules that differ in one number only, by that number; None for others."""
    split = {name: re.split(r"(\d+)", name) for name in names}
    numbers = {name: [int(n) for n in parts[1::2]] for name, parts in split.items()}
    words = {tuple(parts[::2]) for parts in split.values()}
    if len(words) > 1 or len({tuple(n[:-1]) for n in numbers.values()}) > 1:
        return None
    return sorted(split, key=lambda name: numbers[name])
