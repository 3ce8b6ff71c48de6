"""What the layers that change the light of images have in common."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from glassnet._core.team import parts_of, share_out
from glassnet._core.types import Array
from glassnet.layers.augmentation import kernels
from glassnet.layers.augmentation.base import OverImages, TintedSaved
from glassnet.layers.augmentation.settings import spread
from glassnet.layers.augmentation.settings import value_range as _value_range


class Tinting(OverImages):
    """Those that change how bright the pixels are.

    y = x·factor + offset, cut off at the two ends of value_range.  Where that cuts, dL/dx is 0.
    """

    def __init__(self, factor: tuple[float, float], value_range: Any, name: str | None) -> None:
        super().__init__(name)
        self.factor = factor
        self.value_range = _value_range(type(self).__name__, value_range)
        self._warned = False

    def change(self, x: Array, y: Array) -> TintedSaved:
        self._warn_of_range(x)
        n, _, _, channels = x.shape
        source, out = x.reshape(n, -1, channels), y.reshape(n, -1, channels)
        inside = self.work.array("inside", source.shape, np.dtype(np.bool_))
        drawn, ends = self.uniform(n, *self.ends), self.value_range
        factor, offset = np.ones(n), np.empty((n, channels))

        def part(some: slice, _: int, __: int) -> None:
            self.tints(source[some], drawn[some], factor[some], offset[some])
            kernels.tint(source[some], factor[some], offset[some], *ends, out[some], inside[some])

        share_out(n, parts_of(n, 0), part)
        return TintedSaved(factor, offset, inside.reshape(x.shape))

    def in_words(self) -> list[str]:
        return [spread(self.ends)]

    @property
    def ends(self) -> tuple[float, float]:
        """Between which numbers is drawn."""
        raise NotImplementedError  # both kinds define it

    def tints(self, x: Array, drawn: Array, factor: Array, offset: Array) -> None:
        """Write the factor and the offset of each image.  x: (n, pixels, channels)"""
        raise NotImplementedError  # both kinds define it

    def change_back(self, dy: Array, dx: Array) -> None:
        n, _, _, channels = dy.shape
        form = n, -1, channels
        saved, source, out = self._saved, dy.reshape(form), dx.reshape(form)
        inside, shared = saved.inside.reshape(form), self.shared(saved.factor)
        share_out(
            n,
            parts_of(n, 0),
            lambda some, _, __: kernels.tint_back(
                source[some], inside[some], saved.factor[some], shared[some], out[some]
            ),
        )

    def shared(self, factor: Array) -> Array:
        """How much of the mean of dL/dy each pixel gets."""
        return np.zeros_like(factor)

    def _warn_of_range(self, x: Array) -> None:
        """Once, where pixels go from 0 to 1 and the range says 255, Keras's default."""
        if not self._warned and self.value_range[1] >= 100.0 and x.max() <= 1.0:
            low, high = self.value_range
            warnings.warn(
                f"{self.title}: value_range is ({low:g}, {high:g}), but the images lie between "
                f"{x.min():g} and {x.max():g}: give value_range=(0, 1).",
                stacklevel=2,
            )
        self._warned = True
