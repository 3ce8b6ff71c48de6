"""Arrays out of an HDF5 file that nobody vouches for.

Only the places that a network needs are looked at, whatever else the file holds. Links to
other places or files, arrays in other files, and arrays that are smaller in the file than in
memory are refused before anything of them is read.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import numpy as np

from glassnet._core.optional import require
from glassnet._core.types import Array
from glassnet.errors import FileFormatError

MAX_GROUPS = 20  # of one layer


class Weights:
    """An HDF5 file in memory, to read arrays of known places and shapes from."""

    def __init__(self, data: bytes) -> None:
        self.h5py = require("h5py", extra="keras-files")
        self.left = len(data)  # all arrays together cannot be larger than the file
        try:
            self.file = self.h5py.File(io.BytesIO(data), "r")
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise FileFormatError(f"is damaged: no whole HDF5 file ({error})") from None

    def __enter__(self) -> Weights:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.file.close()

    def read(self, place: str, shape: tuple[int, ...]) -> Array:
        """The floats at ``place``, which must have this shape.

        Raises:
            FileFormatError: not there, another shape or type, or not plainly in this file.
        """
        with self._damage_at(place):
            return self._array(self._at(place), place, shape)

    def text(self, name: str) -> str | None:
        """The attribute of the file that is one text; None if there is none of the name.

        Raises:
            FileFormatError: it is something else. (Many texts could all be one of the whole
            file's length.)
        """
        with self._damage_at(name):
            if name not in self.file.attrs:
                return None
            found = self.h5py.h5a.open(self.file.id, name.encode())
            is_text = found.dtype.kind == "S" or self.h5py.check_string_dtype(found.dtype)
            if found.shape != () or not is_text or found.get_storage_size() > self.left:
                raise FileFormatError(f"its {name} is no text")
            value = self.file.attrs[name]
            return value.decode() if isinstance(value, bytes) else str(value)

    def arrays(self, place: str) -> dict[str, str]:
        """The arrays in the group at ``place`` and in its groups: name without ":0" → place.

        Raises:
            FileFormatError: there is no such group, or more in it than one layer has.
        """
        found: dict[str, str] = {}
        waiting, seen = [place], 0
        with self._damage_at(place):
            while waiting:
                here = waiting.pop()
                inside = self._at(here)
                if isinstance(inside, self.h5py.Dataset):
                    name = here.rpartition("/")[2].removesuffix(":0")
                    if name in found:
                        raise FileFormatError(f"its weights have more than one {name} at {place}")
                    found[name] = here
                    continue
                seen += 1
                if seen > MAX_GROUPS or len(inside) > MAX_GROUPS:
                    raise FileFormatError(f"its weights have more in {place} than a layer has")
                waiting += [f"{here}/{name}" for name in inside]
        return found

    @contextmanager
    def _damage_at(self, place: str) -> Iterator[None]:
        try:
            yield
        except FileFormatError:
            raise
        except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            raise FileFormatError(f"its weights are damaged at {place} ({error})") from None

    def _at(self, place: str) -> Any:
        found: Any = self.file
        for name in place.split("/"):
            found = self._inside(found, name, place)
        return found

    def _inside(self, group: Any, name: str, place: str) -> Any:
        if not isinstance(group, self.h5py.Group):
            raise FileFormatError(f"its weights have no {place}")
        link = group.get(name, getlink=True) if name in group.keys() else None  # noqa: SIM118
        if link is None:
            raise FileFormatError(f"its weights have no {place}")
        if not isinstance(link, self.h5py.HardLink):
            raise FileFormatError(
                f"its weights have a link at {place} that leads elsewhere, which is not followed"
            )
        return group[name]

    def _array(self, found: Any, place: str, shape: tuple[int, ...]) -> Array:
        if not isinstance(found, self.h5py.Dataset):
            raise FileFormatError(f"its weights have a group at {place}, not an array")
        if found.shape != shape:
            raise FileFormatError(
                f"its weights have an array of shape {found.shape} at {place}; its layers need "
                f"{shape}"
            )
        if found.dtype.kind != "f" or found.dtype.itemsize > 8:
            raise FileFormatError(f"its weights have {found.dtype} at {place}, not floats")
        size = math.prod(shape) * found.dtype.itemsize
        self.left -= size
        elsewhere = bool(found.external) or found.is_virtual or found.chunks is not None
        if elsewhere or self.left < 0 or found.id.get_storage_size() < size:
            raise FileFormatError(
                f"its weights have an array at {place} that does not lie in the file as it is "
                "(external, virtual, in chunks, or larger than the file)"
            )
        array: Array = found[()]
        return array.astype(np.float32) if array.dtype.itemsize < 4 else array
