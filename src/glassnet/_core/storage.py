"""Files: written whole or not at all, read without trust.

A model is one safetensors file: the weights as named tensors that other libraries can
read, everything else as JSON in the file's metadata.  Nothing in it is ever executed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import safetensors
import safetensors.numpy

from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import FileFormatError

PathLike = str | os.PathLike[str]

FORMAT = "glassnet"
VERSION = 1


@contextlib.contextmanager
def atomic_write(path: PathLike) -> Iterator[IO[bytes]]:
    """A file to write to that becomes ``path`` only when all of it is on the disk.

    It is written beside its place under another name, synced, and renamed.  When anything
    fails (a full disk, Ctrl-C), the old file is still whole and nothing new is left behind.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _named(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        handle, temporary = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".part", dir=path.parent
        )
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o666 & ~_umask())  # mkstemp makes it private
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let what the system says be about ``path``: a full disk names nothing, else the name beside.

    Its number, and so its kind, stays: ``PermissionError`` and the like.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None or not str(error.filename or ".part").endswith(".part"):
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last through a power cut, where the system offers that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_text(path: PathLike, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all."""
    with atomic_write(path) as file:
        file.write(text.encode())


def write_tensors(path: PathLike, tensors: Mapping[str, Array], contents: dict[str, Any]) -> None:
    """Write arrays and a JSON description as one safetensors file.

    ``ascontiguousarray``: safetensors silently writes the wrong bytes of a transposed view.
    """
    whole = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    metadata = {"format": FORMAT, "version": str(VERSION), "contents": to_json(contents)}
    data = safetensors.numpy.save(whole, metadata)
    with atomic_write(path) as file:
        file.write(data)


def is_ours(path: PathLike) -> bool:
    """Whether :func:`write_tensors` wrote the file, or it is too damaged to tell."""
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            return (file.metadata() or {}).get("format") == FORMAT
    except safetensors.SafetensorError:
        return True


def read_tensors(path: PathLike, what: str = "model") -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays and the description that :func:`write_tensors` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        FileFormatError: truncated, foreign, or written by a newer version.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such {what} file.")
    if path.is_dir():
        raise FileFormatError(
            f"{path}: is a folder; expected a {what} file."
            + (" The network of a run: glassnet.load(folder)." if what == "model" else "")
        )
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise FileFormatError(
                    f"{path}: a safetensors file, but not a {what} of glassnet (it carries no "
                    "network). Load its weights into a model with model.load_weights(path)."
                )
            if not metadata.get("version", "").isdigit() or int(metadata["version"]) > VERSION:
                raise FileFormatError(
                    f"{path}: has format version {metadata.get('version')!r}, this glassnet reads "
                    f"up to {VERSION}. Upgrade with pip install -U glassnet."
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  no dict
    except safetensors.SafetensorError as error:
        raise FileFormatError(
            f"{path}: not a whole safetensors file ({error}). It is truncated or foreign; "
            "expected a file that model.save() wrote. Those of others are known by their suffix, "
            'as in glassnet.load("model.onnx").'
        ) from None
    try:
        contents = json.loads(metadata["contents"])
    except (KeyError, ValueError, RecursionError) as error:
        raise FileFormatError(f"{path}: its description is damaged ({error}).") from None
    if not isinstance(contents, dict):
        raise FileFormatError(f"{path}: its description is damaged (expected a JSON object).")
    return tensors, contents
