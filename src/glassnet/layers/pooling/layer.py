"""Pooling layers: over windows of images and series, and over all of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, ClassVar, NamedTuple

import numpy as np

from glassnet._core.attributes import set_directly
from glassnet._core.team import parts_of, share_out
from glassnet._core.types import Array
from glassnet.layers.base import Layer, Shape
from glassnet.layers.pooling.kernels import (
    average_pool,
    average_pool_backward,
    max_pool,
    max_pool_backward,
)
from glassnet.layers.sight import Places, everything, of_windows
from glassnet.layers.windows import Windows, check_image, padding_word, sizes, windows_along


class MaxPoolingSaved(NamedTuple):
    """The place in its window where each output was found: row·(columns of the window) + column."""

    winner: Array


class GlobalMaxSaved(NamedTuple):
    """Which of the sample's places each output was found at, counted row by row."""

    winner: Array


class Pooling(Layer):
    """What pooling over windows has in common: their size, strides and padding."""

    _fixed: ClassVar[Mapping[str, str]] = {
        "windows": "they follow from the input's shape and the settings",
    }
    _elsewhere: ClassVar[Mapping[str, str]] = {"kernel_size": "It is called pool_size."}

    def __init__(
        self,
        pool_size: int | tuple[int, ...] = 2,
        strides: int | tuple[int, ...] | None = None,
        padding: str = "valid",
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        owner = type(self).__name__
        self.pool_size = sizes(owner, "pool_size", pool_size, self.rank)
        chosen = self.pool_size if strides is None else strides
        self.strides = sizes(owner, "strides", chosen, self.rank)
        self.padding = padding_word(owner, padding, self.rank)
        self.windows: tuple[Windows, ...] = ()

    def output_for(self, input_shape: Shape) -> Shape:
        check_image(self.title, input_shape, self.rank)
        self.windows = windows_along(
            self.title, input_shape, self.pool_size, self.strides, self.padding
        )
        return (*(axis.count for axis in self.windows), input_shape[-1])

    def reads(self, places: Places) -> Places:
        return of_windows(self.windows, places[:-1], places[-1])

    # a series is an image of one row

    def _image(self, x: Array) -> Array:
        return x if self.rank == 2 else x[:, None]

    def _steps(self) -> tuple[int, int, int, int, int, int]:
        """Window, strides and the padding before, rows and columns."""
        row, none = (1,) * (2 - self.rank), (0,) * (2 - self.rank)
        kh, kw = (*row, *self.pool_size)
        sh, sw = (*row, *self.strides)
        top, left = (*none, *(axis.padding[0] for axis in self.windows))
        return kh, kw, sh, sw, top, left

    def _share_out(
        self, kernel: Callable[..., None], x: list[Array], steps: tuple[Any, ...], y: list[Array]
    ) -> None:
        """The kernel for all images, shared out over the cores."""
        x, y = [list(map(self._image, arrays)) for arrays in (x, y)]

        def work(here: slice, part: int, thread: int) -> None:
            kernel(*(array[here] for array in x), *steps, *(array[here] for array in y))

        share_out(len(x[0]), parts_of(len(x[0]), 0), work)

    def _outputs(self, x: Array) -> Array:
        assert self.output_shape is not None
        return self.work.array("y", (len(x), *self.output_shape), x.dtype)

    def _gradients(self, dy: Array) -> Array:
        assert self.input_shape is not None
        return self.work.array("dx", (len(dy), *self.input_shape), dy.dtype)

    def config(self) -> dict[str, Any]:
        return {
            "pool_size": list(self.pool_size),
            "strides": list(self.strides),
            "padding": self.padding,
        }


class MaxPooling(Pooling):
    """y = the largest number of each window; the gradient goes to where it was found."""

    def __init__(
        self,
        pool_size: int | tuple[int, ...] = 2,
        strides: int | tuple[int, ...] | None = None,
        padding: str = "valid",
        name: str | None = None,
    ) -> None:
        super().__init__(pool_size, strides, padding, name)
        self._saved: Array | None = None

    @property
    def saved(self) -> MaxPoolingSaved | None:
        return None if self._saved is None else MaxPoolingSaved(self._saved)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        y = self._outputs(x)
        few = prod(self.pool_size) <= 256
        winner = self.work.array("winner", y.shape, np.dtype(np.uint8 if few else np.int32))
        self._share_out(max_pool, [x], self._steps(), [y, winner])
        set_directly(self, "_saved", winner)
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        if not need_dx:
            return None
        dx = self._gradients(dy)
        self._share_out(max_pool_backward, [dy, self._saved], self._steps()[1:], [dx])
        return dx


class AveragePooling(Pooling):
    """y = the mean of each window; each of its numbers gets an equal share of the gradient."""

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        y = self._outputs(x)
        self._share_out(average_pool, [x], self._steps(), [y])
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self.input_shape is None:
            raise self.no_forward()
        if not need_dx:
            return None
        dx = self._gradients(dy)
        self._share_out(average_pool_backward, [dy], self._steps(), [dx])
        return dx


class MaxPooling2D(MaxPooling):
    """y[p, q, c] = max of x over the window at (p·s, q·s), for each channel.

    Of equal numbers the first wins, row by row, as in TensorFlow and PyTorch; NaN wins over all.
    With padding "same" the window is cut at the edge; nothing outside can win.

    Shapes: x (n, rows, columns, channels), y (n, out rows, out columns, channels), where out is
    ⌊(rows - size)/s⌋ + 1, or with "same" ⌈rows/s⌉.

    Args:
        pool_size: of the window: one number, or (rows, columns).
        strides: from one to the next; None: as large as the window.
        padding: "valid": whole windows only; "same": one for each stride.

    >>> MaxPooling2D(2)(np.arange(4.0).reshape(1, 2, 2, 1)).ravel()
    array([3.])
    """

    kind: ClassVar[str] = "max_pooling2d"
    rank: ClassVar[int] = 2


class MaxPooling1D(MaxPooling):
    """As :class:`MaxPooling2D`, along a series (n, steps, channels)."""

    kind: ClassVar[str] = "max_pooling1d"
    rank: ClassVar[int] = 1


class AveragePooling2D(AveragePooling):
    """y[p, q, c] = the mean of x over the window at (p·s, q·s), for each channel.

    With padding "same" the mean is over the part of the window that lies in the image, as in
    Keras; PyTorch counts the zeros of its padding unless ``count_include_pad=False``.

    Shapes and settings: as in :class:`MaxPooling2D`.

    >>> AveragePooling2D(2)(np.arange(4.0).reshape(1, 2, 2, 1)).ravel()
    array([1.5])
    """

    kind: ClassVar[str] = "average_pooling2d"
    rank: ClassVar[int] = 2


class AveragePooling1D(AveragePooling):
    """As :class:`AveragePooling2D`, along a series (n, steps, channels)."""

    kind: ClassVar[str] = "average_pooling1d"
    rank: ClassVar[int] = 1


class GlobalPooling(Layer):
    """What pooling over the whole of a sample has in common: one number for each channel."""

    _elsewhere: ClassVar[Mapping[str, str]] = {"keepdims": "Put Reshape behind it."}

    def output_for(self, input_shape: Shape) -> Shape:
        check_image(self.title, input_shape, self.rank)
        return input_shape[-1:]

    def reads(self, places: Places) -> Places:
        assert self.input_shape is not None
        return (*everything(self.input_shape[:-1]), places[-1])

    def _places(self, x: Array) -> Array:
        """(n, places, channels)"""
        return x.reshape(len(x), prod(x.shape[1:-1]), x.shape[-1])

    def config(self) -> dict[str, Any]:
        return {}


class GlobalAveragePooling(GlobalPooling):
    """y[c] = the mean of x[…, c] over all places."""

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        y: Array = self._places(x).mean(axis=1)
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self.input_shape is None:
            raise self.no_forward()
        if not need_dx:
            return None
        dx = self.work.array("dx", (len(dy), *self.input_shape), dy.dtype)
        places = prod(self.input_shape[:-1])
        self._places(dx)[...] = (dy * dy.dtype.type(1 / places))[:, None]
        return dx


class GlobalMaxPooling(GlobalPooling):
    """y[c] = the largest x[…, c] of all places; of equal ones the first."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self._saved: Array | None = None

    @property
    def saved(self) -> GlobalMaxSaved | None:
        return None if self._saved is None else GlobalMaxSaved(self._saved)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        places = self._places(x)
        winner = places.argmax(axis=1)
        set_directly(self, "_saved", winner)
        y: Array = np.take_along_axis(places, winner[:, None], 1)[:, 0]
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        if not need_dx:
            return None
        assert self.input_shape is not None
        dx = self.work.array("dx", (len(dy), *self.input_shape), dy.dtype)
        dx[...] = 0
        np.put_along_axis(self._places(dx), self._saved[:, None], dy[:, None], 1)
        return dx


class GlobalAveragePooling2D(GlobalAveragePooling):
    """y[c] = the mean of x[…, c] over all pixels (Lin, Chen and Yan, 2014).

    Shapes: x (n, rows, columns, channels), y (n, channels).

    >>> GlobalAveragePooling2D()(np.arange(4.0).reshape(1, 2, 2, 1))
    array([[1.5]])
    """

    kind: ClassVar[str] = "global_average_pooling2d"
    rank: ClassVar[int] = 2


class GlobalAveragePooling1D(GlobalAveragePooling):
    """As :class:`GlobalAveragePooling2D`, over all steps of a series (n, steps, channels)."""

    kind: ClassVar[str] = "global_average_pooling1d"
    rank: ClassVar[int] = 1


class GlobalMaxPooling2D(GlobalMaxPooling):
    """y[c] = the largest x[…, c] of all pixels; of equal ones the first; NaN wins over all.

    Shapes: x (n, rows, columns, channels), y (n, channels).

    >>> GlobalMaxPooling2D()(np.arange(4.0).reshape(1, 2, 2, 1))
    array([[3.]])
    """

    kind: ClassVar[str] = "global_max_pooling2d"
    rank: ClassVar[int] = 2


class GlobalMaxPooling1D(GlobalMaxPooling):
    """As :class:`GlobalMaxPooling2D`, over all steps of a series (n, steps, channels)."""

    kind: ClassVar[str] = "global_max_pooling1d"
    rank: ClassVar[int] = 1
