"""Files: written whole or not at all, read without trust.

A model is one safetensors file: the weights as named tensors that other libraries can
read, everything else as JSON in the file's metadata.  Nothing in it is ever executed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import safetensors
import safetensors.numpy

from glassnet._core import locked
from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import ConfigError, FileFormatError

PathLike = str | os.PathLike[str]

FORMAT = "glassnet"
VERSION = 1
SIZE, ALIGNED = 8, 8  # bytes: of a safetensors file's first number; its numbers begin at a multiple
LONGEST_HEAD = 100_000_000  # bytes, as safetensors has it
LONGEST = 230  # bytes of a name that its part-file begins with


def is_path(word: str) -> bool:
    """Whether a word can only be meant as a path: it has a separator or an ending.

    >>> is_path("photos/cats"), is_path("flowers.csv"), is_path("iris")
    (True, True, False)
    """
    return bool(Path(word).suffix) or any(sign in word for sign in "/\\")


@contextlib.contextmanager
def atomic_write(path: PathLike) -> Iterator[IO[bytes]]:
    """A file to write to that becomes ``path`` only when all of it is on the disk.

    It is written beside its place under another name, synced, and renamed.  When anything
    fails (a full disk, Ctrl-C), the old file is still whole and nothing new is left behind.
    What a killed process left behind is removed by the next one that writes the same file.  A
    symbolic link stays one: what it names is replaced.

    Raises:
        ConfigError: a pipe, a device, a socket.
    """
    path = Path(path)
    refuse_special(path)
    if path.is_symlink():
        path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _named(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        handle, temporary = _beside(path)
        held = locked.kept(handle)  # until it has its name
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
        finally:
            held()
    _sync_folder(path.parent)


def refuse_special(path: PathLike) -> None:
    """Raises ConfigError where ``path`` is a pipe, a device or a socket: none is ever replaced."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):  # there is none; what else is wrong, writing says
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise ConfigError(
            f"{path}: is no file but a pipe, a device or a socket, which is not replaced. Choose "
            "the name of a file."
        )


_swept: set[Path] = set()  # what this process has looked beside for remains
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_swept.clear)  # one killed before may have left some


def _beside(path: Path) -> tuple[int, str]:
    """A new file beside ``path``, held by this process while it writes, and its name."""
    start = f".{path.name}".encode(errors="surrogateescape")[:LONGEST]  # a name has 255 bytes
    prefix = start.decode(errors="ignore") + "."
    if path.absolute() not in _swept:
        _swept.add(path.absolute())
        for entry in list(path.parent.iterdir()):
            if entry.name.startswith(prefix) and entry.suffix == ".part":
                locked.remove_abandoned(entry)
    while True:
        handle, temporary = tempfile.mkstemp(prefix=prefix, suffix=".part", dir=path.parent)
        locked.hold(handle)
        if os.name == "nt" or os.fstat(handle).st_nlink:
            return handle, temporary
        os.close(handle)  # another process took it for abandoned before it was held


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
    """Write arrays and a JSON description as one safetensors file."""
    metadata = {"format": FORMAT, "version": str(VERSION), "contents": to_json(contents)}
    data = safetensors_of(tensors, metadata)
    with atomic_write(path) as file:
        file.write(data)


def safetensors_of(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Arrays as a safetensors file: the same bytes each time.

    safetensors itself writes the metadata in another order each time, and silently the wrong bytes
    of a transposed view (``ascontiguousarray``).
    """
    whole = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    head, numbers = _parted(safetensors.numpy.save(whole))
    text = to_json({"__metadata__": metadata, **head}).encode()
    text += b" " * (-len(text) % ALIGNED)
    return b"".join((len(text).to_bytes(SIZE, "little"), text, numbers))


def _parted(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """The JSON that a whole safetensors file begins with, and the numbers behind it."""
    end = SIZE + int.from_bytes(data[:SIZE], "little")
    return json.loads(data[SIZE:end]), memoryview(data)[end:]


def refuse_no_file(path: PathLike, what: str, way_out: str = "") -> None:
    """Raises FileFormatError for a pipe, a device or a socket: reading one may wait for ever."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):  # reading it says why
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise FileFormatError(
            f"{path}: is a pipe, a device or a socket; expected a {what} file.{way_out}"
        )


def read_safetensors(path: PathLike) -> tuple[dict[str, Array], dict[str, str]]:
    """The arrays and the metadata of a safetensors file, of whomever.

    Its bytes are read and not mapped: what another program then does to the file harms nobody.

    Raises:
        OSError: there is no such file, or it may not be read.
        FileFormatError: truncated, or none.
    """
    refuse_no_file(path, "safetensors")
    data = Path(path).read_bytes()
    try:
        tensors = safetensors.numpy.load(data)
        metadata = _parted(data)[0].get("__metadata__") or {}
    except (safetensors.SafetensorError, KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"{path}: not a whole safetensors file ({error}).") from None
    return tensors, metadata


def is_ours(path: PathLike) -> bool:
    """Whether :func:`write_tensors` wrote the file, or it is too damaged to tell."""
    refuse_no_file(path, "safetensors")
    with Path(path).open("rb") as file:
        size = int.from_bytes(file.read(SIZE), "little")
        if size > LONGEST_HEAD:
            return True
        try:
            head = json.loads(file.read(size))
        except (ValueError, RecursionError):
            return True
    notes = head.get("__metadata__") if isinstance(head, dict) else None
    return notes.get("format") == FORMAT if isinstance(notes, dict) else isinstance(head, list)


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
        tensors, metadata = read_safetensors(path)
    except FileFormatError as error:
        raise FileFormatError(
            f"{error} It is truncated or foreign; "
            "expected a file that model.save() wrote. Those of others are known by their suffix, "
            'as in glassnet.load("model.onnx").'
        ) from None
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
    try:
        contents = json.loads(metadata["contents"])
    except (KeyError, ValueError, RecursionError) as error:
        raise FileFormatError(f"{path}: its description is damaged ({error}).") from None
    if not isinstance(contents, dict):
        raise FileFormatError(f"{path}: its description is damaged (expected a JSON object).")
    return tensors, contents
