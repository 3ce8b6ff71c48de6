"""Arrays out of an HDF5 file that nobody vouches for.

Only the places that a network needs are looked at, whatever else the file holds. Links to
other places or files, arrays in other files, and arrays that are smaller in the file than in
memory are refused before anything of them is read.
"""

from __future__ import annotations

import io
import math
from types import TracebackType
from typing import Any

import numpy as np

from glassnet._core.optional import require
from glassnet._core.types import Array
from glassnet.errors import FileFormatError


class Weights:
    """An HDF5 file in memory, to read arrays of known places and shapes from."""

    def __init__(self, data: bytes) -> None:
        self.h5py = require("h5py", extra="keras-files")
        self.left = len(data)  # all arrays together cannot be larger than the file
        try:
            self.file = self.h5py.File(io.BytesIO(data), "r")
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise FileFormatError(f"its weights are no whole HDF5 file ({error})") from None

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
        found: Any = self.file
        try:
            for name in place.split("/"):
                found = self._inside(found, name, place)
            return self._array(found, place, shape)
        except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, FileFormatError):
                raise
            raise FileFormatError(f"its weights are damaged at {place} ({error})") from None

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
