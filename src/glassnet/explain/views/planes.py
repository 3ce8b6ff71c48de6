"""The numbers of an array as they lie: of images and kernels one plane of rows and columns each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from glassnet._core.types import Array
from glassnet.explain.data import Quantity

PLANES = 2  # of an array that are shown


class Plane(NamedTuple):
    """A part of an array that can be shown in rows and columns.

    Attributes:
        title: which part; empty where it is all there is.
        places: the index of each number in the array, (rows, columns) of flat indices.
        cut: whether there are numbers beside these.
    """

    title: str
    places: Array
    cut: bool


def planes_of(q: Quantity, rows: int, columns: int) -> list[Plane]:
    """At most ``rows`` × ``columns`` of each of the first planes.

    Of an image the part with the largest |number|: the corners of images are mostly empty.
    """
    flat = np.arange(q.value.size).reshape(q.shape)
    if q.axes.count("row") + q.axes.count("column") < 2:
        whole = flat.reshape(-1, flat.shape[-1]) if flat.ndim > 1 else flat.reshape(1, -1)
        part = whole[:rows, :columns]
        return [Plane("", part, part.size < whole.size)]
    return list(_of_images(q, flat, rows, columns))


def _of_images(q: Quantity, flat: Array, rows: int, columns: int) -> Iterator[Plane]:
    both = [q.axes.index("row"), q.axes.index("column")]
    others = [axis for axis in range(flat.ndim) if axis not in both]
    sizes = [flat.shape[axis] for axis in others]
    count = int(np.prod(sizes))
    for number in range(min(count, PLANES)):
        at = np.unravel_index(number, sizes) if sizes else ()
        index: list[slice | int] = [slice(None)] * flat.ndim
        for axis, i in zip(others, at):
            index[axis] = int(i)
        plane = flat[tuple(index)]
        part, span = _part(q.value.ravel()[plane], rows, columns)
        names = [f"{q.axes[axis]} {int(i) + 1}" for axis, i in zip(others, at)]
        title = ", ".join(names) + span
        yield Plane(title, plane[part], plane[part].size < plane.size or count > 1)


def _part(plane: Array, rows: int, columns: int) -> tuple[tuple[slice, slice], str]:
    size = np.nan_to_num(np.abs(plane.astype(np.float64)), nan=np.inf)
    at = np.unravel_index(int(size.argmax()), size.shape)
    slices = []
    for i, n, most in zip(at, plane.shape, (rows, columns)):
        first = max(0, min(int(i) - most // 2, n - most))
        slices.append(slice(first, min(first + most, n)))
    if plane[slices[0], slices[1]].size == plane.size:
        return (slices[0], slices[1]), ""
    spans = [f"{word}s {s.start + 1}–{s.stop}" for word, s in zip(("row", "column"), slices)]
    return (slices[0], slices[1]), f": {', '.join(spans)}"
