"""The IDX format of MNIST: a short header, then the numbers.

    byte 0, 1   zero
    byte 2      type: 8 uint8, 9 int8, 11 int16, 12 int32, 13 float32, 14 float64
    byte 3      number of dimensions d
    4·d bytes   the dimensions, uint32, most significant byte first
    the rest    the numbers, row by row, most significant byte first

Source: Y. LeCun, C. Cortes, C. Burges, The MNIST Database.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from glassnet._core.storage import refuse_no_file
from glassnet._core.types import Array
from glassnet.errors import FileFormatError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MAX_BYTES = 256 << 20  # MNIST has 47 MB; nobody's header makes us take more than this
PIECE = 1 << 20


def read_idx(path: Path, *, max_bytes: int = MAX_BYTES) -> Array:
    """The array in an IDX file, plain or gzip-compressed.

    Memory is taken piece by piece as the file delivers, and never more than ``max_bytes``.

    Raises:
        FileFormatError: foreign, truncated, longer than its header says, or too large.
    """
    with _content(path) as file:
        return _read(file, path, max_bytes)


def content_sha256(path: Path, *, max_bytes: int = MAX_BYTES) -> str:
    """The SHA-256 of what is in the file, unpacked if it is gzip-compressed.

    Raises:
        FileFormatError: a damaged gzip file, or more than ``max_bytes`` in it.
    """
    digest, total = hashlib.sha256(), 0
    with _content(path) as file:
        while piece := file.read(PIECE):
            total += len(piece)
            if total > max_bytes:
                raise FileFormatError(f"{path}: unpacks to more than {max_bytes:,} bytes")
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def _content(path: Path) -> Iterator[BinaryIO]:
    """The file, unpacked if its first bytes are those of gzip."""
    refuse_no_file(path, "data")
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            yield file
            return
        try:
            with gzip.open(file) as unpacked:
                yield cast(BinaryIO, unpacked)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise FileFormatError(f"{path}: damaged or truncated gzip file ({error})") from None


def _read(file: BinaryIO, path: Path, max_bytes: int) -> Array:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES or not 1 <= head[3] <= 8:
        raise FileFormatError(
            f"{path}: not an IDX file; it begins with {head.hex(' ') or 'nothing'}, "
            "expected 00 00, a type of 08 to 0e and 1 to 8 dimensions"
        )
    dtype, ndim = np.dtype(TYPES[head[2]]), head[3]
    sizes = file.read(4 * ndim)
    if len(sizes) < 4 * ndim:
        raise FileFormatError(f"{path}: truncated in the header")
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    expected = math.prod(shape) * dtype.itemsize
    room = math.prod(filter(None, shape)) * dtype.itemsize  # NumPy wants it beside an axis of 0 too
    if room > max_bytes:
        raise FileFormatError(
            f"{path}: the header promises an array of shape {shape}, {room:,} bytes; "
            f"at most {max_bytes:,} are accepted"
        )
    data = bytearray()
    while len(data) < expected and (piece := file.read(min(PIECE, expected - len(data)))):
        data += piece
    if len(data) < expected:
        raise FileFormatError(
            f"{path}: truncated; the header promises {expected:,} bytes of data, "
            f"the file has {len(data):,}"
        )
    if file.read(1):
        raise FileFormatError(f"{path}: longer than the {expected:,} bytes its header promises")
    array = np.frombuffer(data, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)
