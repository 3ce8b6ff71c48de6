"""Many files of images, read by as many threads as there are cores (Pillow lets go of Python)."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import stat
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from glassnet._core.team import cores
from glassnet._core.types import Array
from glassnet.data.image_names import spelled
from glassnet.data.image_reading import (
    MAX_BYTES,
    Aspect,
    Header,
    TooLargeError,
    header,
    pixels,
    with_header,
)
from glassnet.data.image_walk import Found, Trouble
from glassnet.errors import DataError, FileFormatError

Given = TypeVar("Given")
Made = TypeVar("Made")
DENIED = "may not be read"
PIECE = 16  # files that a thread takes at once


@dataclass
class Read:
    """What came of some files.

    Attributes:
        x: bytes (n, height, width, channels), of those that could be read.
        good: their numbers among the files.
        heads: their headers.
        exact, seen: a number for the bytes of each file, and one for its pixels: those of copies
            are the same.
        troubles: of the others.
    """

    x: Array
    good: NDArray[np.int64]
    heads: list[Header]
    exact: NDArray[np.uint64]
    seen: NDArray[np.uint64]
    troubles: list[Trouble] = field(default_factory=list)


@dataclass(frozen=True)
class ImageFiles:
    """Reads files at one size."""

    size: tuple[int, int]
    channels: int
    aspect: Aspect = "crop"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one image."""
        return (*self.size, self.channels)

    def one(self, path: str) -> tuple[Array, Header, int, int]:
        """An image, its header, and the numbers of its file and its pixels.

        Raises:
            FileFormatError: it cannot be read.
        """
        content = content_of(path)
        found, head = with_header(content, self.size, self.channels, self.aspect)
        return found, head, digest(content), digest(found)

    def read(self, files: Sequence[Found], keep: bool = True) -> Read:
        """All that can be read, in their order.

        Args:
            keep: False reads them all, but keeps no pixels.
        """
        x = np.empty((len(files) if keep else 0, *self.shape), np.uint8)
        good: list[int] = []
        heads: list[Header] = []
        numbers: list[tuple[int, int]] = []
        troubles: list[Trouble] = []
        for i, found in enumerate(in_threads(self._tried, files)):
            if isinstance(found, Trouble):
                troubles.append(found)
                continue
            if keep:
                x[len(good)] = found[0]
            good.append(i)
            heads.append(found[1])
            numbers.append(found[2:])
        hashed = np.array(numbers, np.uint64).reshape(-1, 2)
        kept = x[: len(good)] if keep else x
        return Read(kept, np.array(good, np.int64), heads, hashed[:, 0], hashed[:, 1], troubles)

    def again(self, paths: Sequence[str]) -> Array:
        """Images that are known to be good.

        Raises:
            DataError: one that has changed since.
        """
        x = np.empty((len(paths), *self.shape), np.uint8)
        for i, found in enumerate(in_threads(self.known, paths)):
            x[i] = found
        return x

    def known(self, path: str) -> Array:
        """An image that could be read before.

        Raises:
            DataError: it has changed since.
        """
        try:
            return pixels(content_of(path), self.size, self.channels, self.aspect)
        except FileFormatError as error:
            raise DataError(
                f"{spelled(path)} has changed since the folder was looked over ({error}): put it "
                "back, or begin anew"
            ) from None

    def _tried(self, file: Found) -> tuple[Array, Header, int, int] | Trouble:
        try:
            return self.one(file.path)
        except FileFormatError as error:
            return trouble(file, error)


def headers(files: Sequence[Found]) -> list[Header | None]:
    """The header of each file; None where it has none."""

    def tried(file: Found) -> Header | None:
        try:
            with _regular(file.path) as content:
                return header(content)
        except FileFormatError:
            return None

    return list(in_threads(tried, files))


def trouble(file: Found, error: FileFormatError) -> Trouble:
    """What is the matter with a file."""
    if isinstance(error, TooLargeError):
        return Trouble("too large", file.shown, str(error))
    if str(error) == DENIED:
        return Trouble("unreadable", file.shown)
    return Trouble("damaged", file.shown, str(error))


def content_of(path: str) -> bytes:
    """The bytes of a file.

    Raises:
        FileFormatError: it is none, or cannot be read.
        TooLargeError: too many.
    """
    with _regular(path) as file:
        return file.read()


@contextlib.contextmanager
def _regular(path: str) -> Iterator[BinaryIO]:
    """A file that is one, and not too large."""
    try:
        with open(path, "rb", opener=_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise FileFormatError("no file")
            if status.st_size > MAX_BYTES:
                raise TooLargeError(f"a file of {status.st_size:,} bytes")
            if not status.st_size:
                raise FileFormatError("empty")
            yield file
    except PermissionError:
        raise FileFormatError(DENIED) from None
    except OSError as error:
        raise FileFormatError((error.strerror or str(error)).lower()) from None


def _at_once(path: str, flags: int) -> int:
    """Opens without waiting for somebody at the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def digest(content: Any) -> int:
    """64 bits that tell contents apart (BLAKE2)."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")


def in_threads(
    make: Callable[[Given], Made], given: Sequence[Given], pieces_ahead: int = 4
) -> Iterator[Made]:
    """``make`` of each, in their order, made by all cores and never far ahead."""
    workers = cores()
    pieces = (given[i : i + PIECE] for i in range(0, len(given), PIECE))

    def work(piece: Sequence[Given]) -> list[Made]:
        return [make(each) for each in piece]

    with warnings.catch_warnings(), ThreadPoolExecutor(workers, "glassnet-images") as pool:
        warnings.simplefilter("ignore")  # Pillow's, of what is said by a line of ours
        waiting = [
            pool.submit(work, piece) for piece in itertools.islice(pieces, workers * pieces_ahead)
        ]
        try:
            while waiting:
                yield from waiting.pop(0).result()
                waiting += [pool.submit(work, piece) for piece in itertools.islice(pieces, 1)]
        finally:
            for future in waiting:
                future.cancel()


def in_place(x: Array, parts: Sequence[NDArray[np.int64]]) -> list[Array]:
    """The rows of each part as a view: ``x`` itself is put into their order, without a copy.

    >>> [part.tolist() for part in in_place(np.array([5, 6, 7]), [np.array([2]), np.array([0, 1])])]
    [[7], [5, 6]]
    """
    source = np.concatenate(parts)
    rest = np.setdiff1d(np.arange(len(x)), source)
    source = np.concatenate([source, rest])  # row i comes from row source[i]
    done = np.zeros(len(x), bool)
    for start in np.flatnonzero(source != np.arange(len(x))):
        if done[start]:
            continue
        first, place = x[start].copy(), int(start)
        while source[place] != start:
            x[place] = x[source[place]]
            done[place] = True
            place = int(source[place])
        x[place] = first
        done[place] = True
    ends = np.cumsum([0, *map(len, parts)])
    return [x[begin:end] for begin, end in itertools.pairwise(ends)]
