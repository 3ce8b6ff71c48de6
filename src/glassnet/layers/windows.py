"""Windows that move over an image or a series: how many there are, and where they lie.

Convolution and pooling ask the same here.  A series of shape (steps, channels) is computed as an
image of one row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from glassnet._core.settings import whole_number
from glassnet.errors import ConfigError, ShapeError

PADDINGS = ("valid", "same")


@dataclass(frozen=True)
class Windows:
    """The windows along one axis.

    Window i reads the places i·stride - before + j·dilation, for j = 0 … size - 1.

    Attributes:
        length: how many places the axis has.
        size: how many of them one window reads.
        stride: from one window to the next.
        dilation: from one place of a window to the next.
        same: pad with zeros, so that there is a window for each stride-th place; what is uneven
            goes to the end, as in Keras and TensorFlow (PyTorch's padding=1 is for both ends).
            Otherwise ("valid") only whole windows count, and what is left at the end is not read.
    """

    length: int
    size: int
    stride: int = 1
    dilation: int = 1
    same: bool = False

    @property
    def span(self) -> int:
        """From the first place of a window to behind its last."""
        return (self.size - 1) * self.dilation + 1

    @property
    def count(self) -> int:
        """How many windows: ⌈length/stride⌉, or ⌊(length - span)/stride⌋ + 1."""
        if self.same:
            return -(-self.length // self.stride)
        return (self.length - self.span) // self.stride + 1

    @property
    def padding(self) -> tuple[int, int]:
        """How many zeros stand before the first place and behind the last."""
        if not self.same:
            return 0, 0
        total = max((self.count - 1) * self.stride + self.span - self.length, 0)
        return total // 2, total - total // 2

    def place(self, window: int, at: int) -> int | None:
        """Which place a window reads with its ``at``-th number; None where padding lies."""
        place = window * self.stride - self.padding[0] + at * self.dilation
        return place if 0 <= place < self.length else None

    def readers(self, place: int) -> list[tuple[int, int]]:
        """The windows that read a place, in their order, each with the ``at`` it reads it by."""
        found = []
        for at in reversed(range(self.size)):
            window, between = divmod(place + self.padding[0] - at * self.dilation, self.stride)
            if not between and 0 <= window < self.count:
                found.append((window, at))
        return found


Place = tuple[int, ...]  # one number for each axis


def read_by(windows: Sequence[Windows], window: Place) -> Iterator[tuple[Place, Place | None]]:
    """What one window reads: each place in it, row by row, and the place that lies there.

    None where padding lies.

    >>> list(read_by([Windows(3, 3, same=True)], (0,)))
    [((0,), None), ((1,), (0,)), ((2,), (1,))]
    """
    for at in product(*(range(axis.size) for axis in windows)):
        there = [axis.place(p, a) for axis, p, a in zip(windows, window, at)]
        inside = tuple(place for place in there if place is not None)
        yield at, inside if len(inside) == len(at) else None


def readers_of(windows: Sequence[Windows], place: Place) -> list[tuple[Place, Place]]:
    """The windows that read one place, and where in them it lies.

    >>> readers_of([Windows(4, 2)], (1,))
    [((0,), (1,)), ((1,), (0,))]
    """
    along = [axis.readers(there) for axis, there in zip(windows, place)]
    return [(tuple(p for p, _ in pair), tuple(a for _, a in pair)) for pair in product(*along)]


def sizes(owner: str, name: str, value: Any, rank: int, minimum: int = 1) -> tuple[int, ...]:
    """The setting as one whole number for each axis: ``3`` is ``(3, 3)``.

    Raises:
        ConfigError: neither a whole number nor ``rank`` of them, or too small.
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != rank:
            one = f"{owner}: {name} is {value!r}, but must be one whole number."
            more = (
                f"{owner}: {name} is {value!r}, but must be one whole number or {rank} of them, "
                "(rows, columns)."
            )
            raise ConfigError(more if rank > 1 else one)
        return tuple(whole_number(owner, name, each, minimum=minimum) for each in value)
    return (whole_number(owner, name, value, minimum=minimum),) * rank


def padding_word(owner: str, value: Any, rank: int) -> str:
    """``"valid"`` or ``"same"``.

    Raises:
        ConfigError: another word, or a number as PyTorch takes it.
    """
    if isinstance(value, str) and value.lower() in PADDINGS:
        return value.lower()
    if rank == 2:
        size = value if isinstance(value, int) or _is_pair(value) else 1
        way = f"put ZeroPadding2D({size!r}) before it"
    else:
        way = "pass np.pad(x, ((0, 0), (before, after), (0, 0)))"
    raise ConfigError(
        f"{owner}: padding is {value!r}, but must be 'valid' (none) or 'same'. For a number of "
        f"zeros on each side {way}."
    )


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, int) for v in value)


def word_for(
    lengths: Sequence[int],
    size: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    before: Sequence[int],
    counts: Sequence[int],
) -> str | None:
    """The padding with which there are ``counts`` windows, and ``before`` zeros before the first.

    None if it is neither of the two: zeros around the image come from a ZeroPadding2D then.

    >>> word_for((28,), (3,), (1,), (1,), before=(1,), counts=(28,))
    'same'
    """
    for word in PADDINGS:
        axes = [Windows(*one, word == "same") for one in zip(lengths, size, strides, dilation)]
        if [(axis.padding[0], axis.count) for axis in axes] == list(zip(before, counts)):
            return word
    return None


def check_image(title: str, shape: tuple[int, ...], rank: int) -> None:
    """Raises ShapeError unless ``shape`` is that of one sample with ``rank`` axes and channels."""
    if len(shape) == rank + 1:
        return
    form = "(rows, columns, channels)" if rank == 2 else "(steps, channels)"
    if len(shape) == rank:
        way = f"Put Reshape({(*shape, 1)}) before it, or pass x[..., None]."
    elif len(shape) == 1:
        way = f"Put Reshape({_square(shape[0]) or form}) before it."
    else:
        way = f"It works on {'images' if rank == 2 else 'series'}."
    raise ShapeError(f"{title}: one sample has shape {shape}, but must be {form}. {way}")


def _square(size: int) -> tuple[int, int, int] | None:
    """The square image of so many numbers, gray or of three colors: 784 is (28, 28, 1)."""
    for channels in (1, 3):
        side = math.isqrt(size // channels)
        if side > 1 and side * side * channels == size:
            return side, side, channels
    return None


def refuse_channels_first(title: str, shape: tuple[int, ...]) -> None:
    """Raises ShapeError if samples of this shape are square pictures, their channels first.

    (3, 32, 32) could be an image of 3 rows with 32 channels, but nobody has such.  Asked of what
    a network takes in only: within it there are such shapes.
    """
    if len(shape) == 3 and shape[0] in (1, 3) and shape[1] == shape[2] > 4:
        raise ShapeError(
            f"{title}: samples of shape {shape} have their channels first, it seems, and glassnet "
            "has them last: (rows, columns, channels). Pass np.moveaxis(x, 1, -1), of shape "
            f"(n, {shape[1]}, {shape[2]}, {shape[0]})."
        )


def windows_along(
    title: str,
    shape: tuple[int, ...],
    size: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    dilation: tuple[int, ...] | None = None,
    otherwise: str = "",
) -> tuple[Windows, ...]:
    """The windows over one sample of ``shape``, along each axis but the channels.

    Args:
        otherwise: what else may be meant where they do not fit, for the error.

    Raises:
        ShapeError: a window is larger than what it reads.
    """
    found = tuple(
        Windows(length, one, stride, step, padding == "same")
        for length, one, stride, step in zip(shape, size, strides, dilation or (1,) * len(size))
    )
    if any(axis.count < 1 for axis in found):
        spans = "×".join(str(axis.span) for axis in found)
        lengths = "×".join(str(axis.length) for axis in found)
        first = (
            " If its channels come first: glassnet has them last; pass np.moveaxis(x, 1, -1)."
            if shape[0] in (1, 3) and len(shape) == 3 and shape[-1] > 4
            else ""
        )
        raise ShapeError(
            f"{title}: a window of {spans} is larger than its input of {lengths}.{first} Use a "
            f"smaller one, padding='same', or fewer poolings before it.{otherwise}"
        )
    return found
