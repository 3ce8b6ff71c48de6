"""The event files that TensorBoard reads, written without TensorBoard.

A file is a row of records; a record is one message of TensorFlow's protocol buffer ``Event``
(tensorflow/core/util/event.proto and framework/summary.proto), of which a handful of fields
are written here.
"""

from __future__ import annotations

import functools
import os
import socket
import struct
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from glassnet._core.storage import PathLike
from glassnet._core.types import Array

BINS = 30  # of a histogram, as many as TensorBoard shows


class EventFile:
    """A new event file in ``folder``; each record is on its way to the disk when it is written.

    Raises:
        OSError: the folder or the file cannot be written.
    """

    def __init__(self, folder: PathLike) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        # TensorBoard reads the files in the order of their names: the time to the nanosecond
        name = f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}.{os.getpid()}.v2"
        self.path = Path(folder) / name
        self._file = self.path.open("xb")
        self._write(_text(3, "brain.Event:2"))

    def begin(self, step: int) -> None:
        """Training begins at ``step``: what earlier files say of it and after is void."""
        self._write(_whole(2, step), _part(7, _whole(1, 1)))  # SessionLog, START

    def scalar(self, name: str, value: float, step: int) -> None:
        """One number of a curve."""
        with np.errstate(over="ignore"):  # too large for float32 is shown as infinite
            short = np.float32(value)
        self._summary(name, struct.pack("<Bf", 2 << 3 | 5, short), step)

    def histogram(self, name: str, values: Array, step: int) -> None:
        """How numbers are spread; those that are not finite are left out."""
        values = values[np.isfinite(values)].astype(np.float64)
        if values.size == 0:
            return
        counts, edges = np.histogram(values, BINS)
        with np.errstate(over="ignore"):
            squares = np.square(values).sum()
        numbers = (values.min(), values.max(), values.size, values.sum(), squares)
        fields = [_double(i, float(v)) for i, v in enumerate(numbers, start=1)]
        fields += [_part(6, edges[1:].tobytes()), _part(7, counts.astype(np.float64).tobytes())]
        self._summary(name, _part(5, b"".join(fields)), step)

    def close(self) -> None:
        """No more records."""
        self._file.close()

    def _summary(self, name: str, value: bytes, step: int) -> None:
        self._write(_whole(2, step), _part(5, _part(1, _text(1, name) + value)))

    def _write(self, *fields: bytes) -> None:
        self._file.write(record(_double(1, time.time()) + b"".join(fields)))
        self._file.flush()


# ---- records ---------------------------------------------------------------------------


def record(data: bytes) -> bytes:
    """Length, its checksum, the data, their checksum."""
    length = struct.pack("<Q", len(data))
    return length + _masked(length) + data + _masked(data)


def _masked(data: bytes) -> bytes:
    c = crc32c(data)
    return struct.pack("<I", ((c >> 15 | c << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def crc32c(data: bytes) -> int:
    """The checksum of Castagnoli's polynomial (RFC 3720, appendix B.4).

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    table, c = _crc_table(), 0xFFFFFFFF
    for byte in data:
        c = table[(c ^ byte) & 0xFF] ^ c >> 8
    return c ^ 0xFFFFFFFF


@functools.cache
def _crc_table() -> list[int]:
    def entry(c: int) -> int:
        for _ in range(8):
            c = c >> 1 ^ (0x82F63B78 if c & 1 else 0)
        return c

    return [entry(i) for i in range(256)]


# ---- fields of a protocol buffer: number·8 + wire type, then the value -------------------


def _whole(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return struct.pack("<Bd", field << 3 | 1, value)


def _part(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _text(field: int, text: str) -> bytes:
    return _part(field, text.encode())


def _varint(value: int) -> bytes:
    """Seven bits in a byte, the lowest first; the eighth says that more follow."""
    return bytes(_sevens(value))


def _sevens(value: int) -> Iterable[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value
