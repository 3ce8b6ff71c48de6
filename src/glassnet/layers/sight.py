"""Which places of its input a layer reads: the receptive field of one layer.

Places are given along each axis of a sample without the batch, sorted: of an image (rows,
columns, channels).  ``Layer.reads`` goes one layer down; from layer to layer that is the receptive
field of a unit (Luo, Li, Urtasun and Zemel, 2016).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from glassnet._core.types import Array
from glassnet.layers.windows import Windows

Places = tuple[Array, ...]


def everything(shape: Sequence[int]) -> Places:
    """Every place of a sample of this shape."""
    return tuple(np.arange(size) for size in shape)


def within(windows: Windows, outputs: Array) -> Array:
    """The places that these windows read along their axis, without those of the padding.

    Window i reads i·stride - before + j·dilation.

    >>> within(Windows(5, 3, same=True), np.array([0, 1]))
    array([0, 1, 2])
    """
    first = np.asarray(outputs)[:, None] * windows.stride - windows.padding[0]
    return kept(first + np.arange(windows.size) * windows.dilation, windows.length)


def kept(places: Array, length: int) -> Array:
    """Those places that lie on an axis of this length, each once."""
    found = np.unique(places)
    return found[(found >= 0) & (found < length)]


def of_windows(windows: Iterable[Windows], places: Places, channels: Array) -> Places:
    """Along each axis what its windows read, and these channels."""
    return (*(within(axis, one) for axis, one in zip(windows, places)), channels)


def folded(places: Places, shape: Sequence[int], other: Sequence[int]) -> Places:
    """The same numbers of a sample, its ``shape`` changed to another: Flatten and Reshape.

    Where they do not fill rows and columns of it, the smallest box that holds them.

    >>> folded((np.array([3, 5]),), (6,), (3, 2))
    (array([1, 2]), array([1]))
    """
    flat = np.ravel_multi_index(np.ix_(*places), tuple(shape)).ravel()
    return tuple(np.unique(axis) for axis in np.unravel_index(flat, tuple(other)))


def joined(ways: Sequence[Places]) -> Places:
    """What any of several ways reads, along each axis."""
    return tuple(np.unique(np.concatenate(axis)) for axis in zip(*ways))
