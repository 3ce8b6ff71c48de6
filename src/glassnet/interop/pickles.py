"""Pickles that are not trusted: NumPy arrays in dicts, lists and tuples, nothing else."""

from __future__ import annotations

import os
import pickle
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import FileFormatError
from glassnet.interop.pickle_machine import Machine, RefusedError, kind_of
from glassnet.interop.reading import read_bytes

MAX_BYTES = 1 << 30  # of the file, and of all arrays in it together
DLFS_FILE = "sample_weight.pkl"  # as the book calls its trained network


_DAMAGED = (
    pickle.UnpicklingError, struct.error, EOFError,
    ValueError, TypeError, LookupError, OverflowError, AttributeError,
)  # fmt: skip


def load_pickle(path: str | os.PathLike[str], max_bytes: int = MAX_BYTES) -> Any:
    """What the pickle holds: numbers, text, bytes, dicts, lists, tuples and NumPy arrays.

    Any protocol from 0 to 5, arrays written by NumPy 1 or 2.

    Args:
        max_bytes: the largest file to read, and the most memory for its arrays.

    Raises:
        FileFormatError: the pickle wants anything else (it is named), is truncated, is no
            pickle, or is too large. Nothing of it has run.
        OSError: the file cannot be read.
    """
    place = Path(path)
    data = read_bytes(place, "pickle", max_bytes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in text of protocol 0
            return Machine(data, max_bytes).run()
    except RefusedError as error:
        raise FileFormatError(f"{place}: {error}") from None
    except _DAMAGED as error:
        raise FileFormatError(f"{place}: not a pickle, or a damaged one ({error}).") from error


def find_dlfs_network(*folders: str | os.PathLike[str] | None) -> Path | None:
    """The book's ``sample_weight.pkl`` in one of the folders, in GLASSNET_DATA's, or here."""
    for folder in (*folders, os.environ.get("GLASSNET_DATA"), "."):
        if folder and (place := Path(folder).expanduser() / DLFS_FILE).is_file():
            return place
    return None


def load_dlfs_network(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """The weights of a network as *Deep Learning from Scratch* stores them.

    Convolutions come first: their kernels are (filters, channels, rows, columns), and the matrix
    behind them has a row for each number of the image, channel after channel.

    Returns:
        {"W1": (n_in, n1), "b1": (n1,), "W2": (n1, n2), …}: in the order of the layers.

    Raises:
        FileFormatError: as ``load_pickle``; or not such weights.
    """
    found = load_pickle(path)
    if not isinstance(found, dict) or not found:
        raise FileFormatError(f"{path}: holds {kind_of(found)}, not a dict of W1, b1, W2, b2 …")
    layers = len(found) // 2
    names = [f"{letter}{n}" for n in range(1, layers + 1) for letter in "Wb"]
    if set(names) != set(found):
        shown = ", ".join(map(repr, list(found)[:8]))
        raise FileFormatError(f"{path}: its names are {shown}; expected W1, b1, W2, b2 …")
    before = None  # what the layer before gives: units, or channels with …
    images = True  # … images as long as there were only convolutions
    for n in range(1, layers + 1):
        W, b = found[f"W{n}"], found[f"b{n}"]
        convolves = images and isinstance(W, np.ndarray) and W.ndim == 4
        for name, array, ndim in ((f"W{n}", W, 4 if convolves else 2), (f"b{n}", b, 1)):
            if not isinstance(array, np.ndarray) or array.dtype.kind != "f" or array.ndim != ndim:
                raise FileFormatError(f"{path}: {name} is {kind_of(array)}, not {ndim}-D floats.")
            if not np.isfinite(array).all():
                raise FileFormatError(f"{path}: {name} is not finite everywhere.")
        inputs, outputs = (W.shape[1], W.shape[0]) if convolves else W.shape
        flattens = images and not convolves and before is not None
        fits = before is None or (not inputs % max(before, 1) if flattens else inputs == before)
        if outputs != b.shape[0] or not fits:
            kind = "channels" if images else "units"
            raise FileFormatError(
                f"{path}: W{n} {W.shape} and b{n} {b.shape} do not fit each other"
                + (f", or the {before} {kind} before them." if before is not None else ".")
            )
        before, images = outputs, convolves
    return {name: found[name] for name in names}
