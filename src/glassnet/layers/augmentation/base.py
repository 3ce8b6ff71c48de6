"""What the layers that change images have in common: identity but in training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from glassnet._core.attributes import set_directly
from glassnet._core.settings import number
from glassnet._core.team import parts_of, share_out
from glassnet._core.types import Array
from glassnet.layers.augmentation import kernels
from glassnet.layers.augmentation.settings import FILL_MODES, INTERPOLATIONS, spread, word
from glassnet.layers.base import Layer, Shape
from glassnet.layers.windows import check_image


class MovedSaved(NamedTuple):
    """What was drawn for each image, and where its pixels are read: see ``places``."""

    drawn: Array
    places: Array


class TintedSaved(NamedTuple):
    """Each pixel times ``factor`` plus ``offset``, and where that lay within the range."""

    factor: Array
    offset: Array
    inside: Array


class NoiseSaved(NamedTuple):
    """The normal numbers that were added, before they were multiplied by stddev."""

    noise: Array


class Augmenting(Layer):
    """What all of them have in common: in training each image is changed, else y = x."""

    random_in_training = True
    augments = True
    same_places = True
    _elsewhere: ClassVar[Mapping[str, str]] = {
        "seed": "It is the network's: Sequential(layers, seed={value!r})."
    }

    @property
    def saved(self) -> Any:
        return self._saved

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        if not training or not len(x):
            set_directly(self, "_saved", None)
            return x
        y = self.work.array("y", x.shape, x.dtype)
        set_directly(self, "_saved", self.change(np.ascontiguousarray(x), y))
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None or not need_dx:
            return dy if need_dx else None
        dx = self.work.array("dx", dy.shape, dy.dtype)
        self.change_back(np.ascontiguousarray(dy), dx)
        return dx

    def change(self, x: Array, y: Array) -> Any:
        """Draw, write the changed images into y, and return what backward reads."""
        raise NotImplementedError  # every kind defines it

    def change_back(self, dy: Array, dx: Array) -> None:
        """From dL/dy to dL/dx."""
        raise NotImplementedError  # every kind defines it

    def uniform(self, n: int, low: float, high: float) -> Array:
        """One number for each of n images, between low and high."""
        return low + (high - low) * self.rng.random(n)


class OverImages(Augmenting):
    """Those that need images."""

    rank: ClassVar[int] = 2

    def output_for(self, input_shape: Shape) -> Shape:
        check_image(self.title, input_shape, 2)
        return input_shape


class Moving(OverImages):
    """Those that read each pixel of an image somewhere else in it.

    y[p, q] = x[row, column], between pixels by ``interpolation``, outside by ``fill_mode``:

        reflect    (d c b a | a b c d | d c b a)
        constant   (k k k k | a b c d | k k k k), k the fill_value
        wrap       (a b c d | a b c d | a b c d)
        nearest    (a a a a | a b c d | d d d d)

    backward gives each pixel of x dL/dy times the share with which it was read.
    """

    along_axes: ClassVar[bool] = True  # a row of y comes from one row of x, or between two

    def __init__(
        self, fill_mode: str, interpolation: str, fill_value: float, name: str | None
    ) -> None:
        super().__init__(name)
        owner = type(self).__name__
        self.fill_mode = word(owner, "fill_mode", fill_mode, FILL_MODES)
        self.interpolation = word(owner, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = number(owner, "fill_value", fill_value)

    def in_words(self) -> list[str]:
        names = ("height_factor", "width_factor", "factor")
        found = {name: getattr(self, name, None) for name in names}
        said = [
            f"{name.rpartition('factor')[0].rstrip('_')} {spread(ends)}".strip()
            for name, ends in found.items()
            if ends is not None
        ]
        return [*said, self.fill_mode, *(["nearest pixel"] * (self.interpolation == "nearest"))]

    def draw(self, n: int) -> Array:
        """What is done to each of n images: (n, numbers)."""
        raise NotImplementedError  # every kind defines it

    def places_of(self, drawn: Array, rows: int, columns: int) -> Array:
        """Where the pixels of y are read: (n, 6), as of ``kernels``."""
        raise NotImplementedError  # every kind defines it

    def change(self, x: Array, y: Array) -> MovedSaved:
        n, rows, columns, _ = x.shape
        drawn = self.draw(n)
        places = self.places_of(drawn, rows, columns)
        source, out, nearest = x.reshape(n, -1), y.reshape(n, -1), self.interpolation == "nearest"
        move = kernels.warp_axes if self.along_axes else kernels.warp
        mode, fill = FILL_MODES[self.fill_mode], self.fill_value

        def part(some: slice, _: int, __: int) -> None:
            move(source[some], places[some], rows, columns, mode, nearest, fill, out[some])

        share_out(n, parts_of(n, 0), part)
        return MovedSaved(drawn, places)

    def change_back(self, dy: Array, dx: Array) -> None:
        n, rows, columns, _ = dy.shape
        places, mode = self._saved.places, FILL_MODES[self.fill_mode]
        source, out, nearest = dy.reshape(n, -1), dx.reshape(n, -1), self.interpolation == "nearest"

        def part(some: slice, _: int, __: int) -> None:
            kernels.warp_back(source[some], places[some], rows, columns, mode, nearest, out[some])

        share_out(n, parts_of(n, 0), part)
