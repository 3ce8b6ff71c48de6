"""Dropout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from glassnet._core.attributes import set_directly
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.layers.base import Layer, Shape
from glassnet.layers.dropout.kernels import dropout
from glassnet.layers.windows import check_image

BITS = 16


class DropoutSaved(NamedTuple):
    """The random numbers u of the last forward, 0 … 2¹⁶ - 1: what lies below threshold is 0."""

    u: Array


class Dropout(Layer):
    """Sets a random share of its inputs to zero while training, and nothing afterwards.

    y = x·m / (1 - rate), with m = 1 where a uniform random number u ≥ rate, else 0, so that
    the expected y is x (Srivastava et al., 2014, in the inverted form).  The u come from the
    model's generator, 16 bits each: the rate is a multiple of 2⁻¹⁶, and exact as that.
    """

    kind: ClassVar[str] = "dropout"
    random_in_training = True
    same_places = True

    _elsewhere: ClassVar[Mapping[str, str]] = {
        "noise_shape": "For whole channels there are SpatialDropout2D and SpatialDropout1D.",
        "seed": "It is the network's: Sequential(layers, seed={value!r}).",
    }

    def __init__(self, rate: float, name: str | None = None) -> None:
        super().__init__(name)
        self.rate = number("Dropout", "rate", rate, minimum=0.0, below=1.0)
        self.threshold = min(round(self.rate * 2**BITS), 2**BITS - 1)
        self._saved: Array | None = None  # u of the last forward; None: nothing was dropped

    @property
    def saved(self) -> DropoutSaved | None:
        return None if self._saved is None else DropoutSaved(self._saved)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        if not training or self.rate == 0.0:
            set_directly(self, "_saved", None)
            return x
        u = self._draw(x)
        set_directly(self, "_saved", u)
        return self._drop(x, u, self.work.array("y", x.shape, x.dtype))

    def _draw(self, x: Array) -> Array:
        """u, for each number of x."""
        # bytes of the generator: a third of the time of its floats
        return np.frombuffer(self.rng.bytes(2 * x.size), np.uint16).reshape(x.shape)

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            return dy
        return self._drop(dy, self._saved, self.work.array("dx", dy.shape, dy.dtype))

    def _drop(self, x: Array, u: Array, out: Array) -> Array:
        rows = len(x), -1
        keep = 1 - self.threshold / 2**BITS
        source = np.ascontiguousarray(x).reshape(rows)
        dropout(source, u.reshape(rows), self.threshold, 1 / keep, out.reshape(rows))
        return out

    def config(self) -> dict[str, Any]:
        return {"rate": self.rate}


class SpatialDropout(Dropout):
    """What the two below have in common: one random number for each channel of a sample."""

    def output_for(self, input_shape: Shape) -> Shape:
        check_image(self.title, input_shape, self.rank)
        return input_shape

    def _draw(self, x: Array) -> Array:
        n, *places, channels = x.shape
        drawn = super()._draw(np.empty((n, channels), np.uint8))
        one_for_each = drawn.reshape(n, *(1 for _ in places), channels)
        return np.ascontiguousarray(np.broadcast_to(one_for_each, x.shape))


class SpatialDropout2D(SpatialDropout):
    """Sets whole channels of an image to zero while training (Tompson et al., 2015).

    Neighbouring pixels say nearly the same, and :class:`Dropout` on one of them hides nothing.

    Shapes: x and y (n, rows, columns, channels).
    """

    kind: ClassVar[str] = "spatial_dropout2d"
    random_in_training = True
    rank: ClassVar[int] = 2


class SpatialDropout1D(SpatialDropout):
    """Sets whole channels of a series (n, steps, channels) to zero while training."""

    kind: ClassVar[str] = "spatial_dropout1d"
    random_in_training = True
    rank: ClassVar[int] = 1
