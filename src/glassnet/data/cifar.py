"""CIFAR-10: 50,000 + 10,000 colour pictures of 32×32 pixels in ten classes.

One archive with six files, which are read inside it: nothing is unpacked onto the disk. It is
taken from a folder that has it (or the six files), or else downloaded once, checked by SHA-256,
and kept in the user's cache folder.

A file is a row of records of 3,073 bytes:

    byte 0        the class, 0 … 9
    1,024 bytes   red, row by row
    1,024 bytes   green
    1,024 bytes   blue

Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009).
"""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from glassnet._core.types import Array
from glassnet.data.dataset import Dataset
from glassnet.data.mnist import cache_folder, named_folder
from glassnet.errors import DataError, DownloadError, FileFormatError

SIDE = 32
PIXELS = SIDE * SIDE * 3
RECORD = 1 + PIXELS
MAX_RECORDS = 10_000  # in one of the six files
ARCHIVE = "cifar-10-binary.tar.gz"
INSIDE = "cifar-10-batches-bin"
TRAINING = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
TEST = "test_batch.bin"
PARTS = (*TRAINING, TEST)
FOLDERS = (INSIDE, "cifar10", f"cifar10/{INSIDE}", "cifar-10", "CIFAR10")
OTHER_VERSIONS = ("cifar-10-batches-py", "cifar-10-python.tar.gz", "cifar-10-batches-mat")
MAX_DOWNLOAD = 192 << 20  # bytes; the archive has 170,052,171
MAX_UNPACKED = 256 << 20  # the six files have 184 MB
PIECE = 1 << 20

Take = Callable[[str, IO[bytes], int], None]  # name, content and size of a file


@dataclass(frozen=True)
class Archive:
    """Where the archive is found on the net, and how it is known."""

    mirrors: tuple[str, ...]
    sha256: str

    def check(self, path: Path) -> None:
        """Refuse a file that is not the published one."""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
        if digest.hexdigest() != self.sha256:
            raise DownloadError(
                f"the checksum does not match: SHA-256 is {digest.hexdigest()}, "
                f"expected {self.sha256}"
            )


CIFAR10 = Archive(
    mirrors=(
        "https://www.cs.toronto.edu/~kriz/",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
    ),
    sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
)
CLASS_NAMES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip


def cifar10(*, data_dir: str | Path | None = None) -> Dataset:
    """Small colour pictures (Krizhevsky 2009). x: (50000, 32, 32, 3) uint8, channels last.

    Raises:
        DataError: ``data_dir`` has neither the archive nor the six files.
        DownloadError: they are nowhere here, and no mirror delivers them.
        FileFormatError: a file is damaged or foreign.
    """
    found = find(data_dir)
    if found is None:
        found = _cached()
        try:
            return _dataset(found)
        except FileFormatError:  # damaged on this disk since it was checked: fetch it again
            found.unlink()
            found = _cached()
    return _dataset(found)


def find(data_dir: str | Path | None) -> Path | None:
    """The archive, or the folder with the six files, where the user named one that has them.

    Raises:
        DataError: the folder does not exist, or has neither.
    """
    named = named_folder(data_dir)
    if named is None:
        return None
    origin, root = named
    fullest: list[str] = []
    for folder in (root, *(root / sub for sub in FOLDERS)):
        if (folder / ARCHIVE).is_file():
            return folder / ARCHIVE
        there = [part for part in PARTS if (folder / part).is_file()]
        if len(there) == len(PARTS):
            return folder
        fullest = max(fullest, there, key=len)
    if data_dir is None and not fullest:
        return None  # a folder for other sets: go on to the cache
    missing = ", ".join(part for part in PARTS if part not in fullest)
    other = next(
        (
            name
            for name in OTHER_VERSIONS
            if any((root / s / name).exists() for s in ("", *FOLDERS))
        ),
        None,
    )
    raise DataError(
        f"{origin} names {str(root)!r}, but CIFAR-10 is not there: expected {ARCHIVE}, or its "
        f"files (missing {missing})"
        + (f"; {other} is another version: the binary one is read here" if other else "")
    )


def _cached() -> Path:
    path = cache_folder() / "cifar10" / ARCHIVE
    if path.exists():
        return path
    from glassnet.data.download import download

    try:
        return download(
            [mirror + ARCHIVE for mirror in CIFAR10.mirrors],
            path,
            check=CIFAR10.check,
            max_bytes=MAX_DOWNLOAD,
        )
    except DownloadError as error:
        raise DownloadError(
            f"{error}\nTry again later (what arrived is kept), or download {ARCHIVE} by hand from "
            f"{CIFAR10.mirrors[0]}, and name the folder that it lies in with --data-dir, data_dir= "
            "or the environment variable GLASSNET_DATA"
        ) from None


def _dataset(found: Path) -> Dataset:
    parts: dict[str, tuple[Array, Array]] = {}

    def take(name: str, file: IO[bytes], size: int) -> None:
        parts[name] = _records(file, size, f"{found}: {name}")

    if found.is_dir():
        for name in PARTS:
            path = found / name
            with path.open("rb") as file:
                take(name, file, path.stat().st_size)
    else:
        _walk(found, take)
    images = np.concatenate([parts[name][0] for name in TRAINING])
    labels = np.concatenate([parts[name][1] for name in TRAINING])
    return Dataset(
        name="cifar10",
        x=images,
        y=labels,
        x_test=parts[TEST][0],
        y_test=parts[TEST][1],
        class_names=CLASS_NAMES,
        description="colour pictures of animals and vehicles, 32×32 pixels",
        image_shape=(SIDE, SIDE, 3),
        image_max=255,
    )


def _walk(archive: Path, take: Take) -> None:
    """Show ``take`` each of the six files, as it passes by.

    Members are known by their names alone; what else is in the archive, or pretends to lie
    elsewhere, is passed over, and never more than ``MAX_UNPACKED`` bytes are unpacked.
    """
    wanted = {f"{INSIDE}/{name}": name for name in PARTS}
    try:
        with gzip.open(archive) as unpacked:
            stream: Any = _Limited(unpacked, archive)
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                _members(tar, wanted, archive, take)
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileFormatError(f"{archive}: damaged or truncated archive ({error})") from None
    if wanted:
        raise FileFormatError(f"{archive}: has no {', '.join(wanted)}")


def _members(tar: tarfile.TarFile, wanted: dict[str, str], archive: Path, take: Take) -> None:
    """Take each that is wanted, and cross it out; stop after the last."""
    for member in tar:
        name = wanted.pop(member.name.removeprefix("./"), None)
        if name is None:
            continue
        content = tar.extractfile(member) if member.isreg() else None
        if content is None:
            raise FileFormatError(f"{archive}: {member.name} is not a file")
        take(name, content, member.size)
        if not wanted:
            return


class _Limited:
    """A file that gives no more than ``MAX_UNPACKED`` bytes, and those piece by piece."""

    def __init__(self, file: gzip.GzipFile, archive: Path) -> None:
        self.file, self.archive, self.left = file, archive, MAX_UNPACKED

    def read(self, size: int) -> bytes:
        if size > self.left:
            raise FileFormatError(f"{self.archive}: unpacks to more than {MAX_UNPACKED:,} bytes")
        self.left -= size
        return self.file.read(size)


def _records(file: IO[bytes], size: int, what: str) -> tuple[Array, Array]:
    """Images (n, 32, 32, 3) and labels (n,) of one file of ``size`` bytes."""
    n, rest = divmod(size, RECORD)
    if rest or not 1 <= n <= MAX_RECORDS:
        raise FileFormatError(
            f"{what}: has {size:,} bytes; expected 1 to {MAX_RECORDS:,} records of {RECORD:,}"
        )
    content = file.read(size)
    if len(content) < size:
        raise FileFormatError(f"{what}: truncated after {len(content):,} of {size:,} bytes")
    records = np.frombuffer(content, np.uint8).reshape(n, RECORD)
    labels = records[:, 0].astype(np.int64)
    if labels.max() > 9:
        raise FileFormatError(f"{what}: expected classes 0 to 9, got {labels.max()}")
    planes = records[:, 1:].reshape(n, 3, SIDE, SIDE)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), labels
