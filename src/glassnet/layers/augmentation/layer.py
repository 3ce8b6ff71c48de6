"""Layers that change images at random while a network trains, and do nothing afterwards.

They have the names, settings and defaults of Keras 3.  Images come as (n, rows, columns,
channels).  What happens to each image is drawn before, in the order of the images and from the
model's generator; then the images are changed side by side on all cores: the same seed gives the
same bits on any number of cores.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from glassnet._core.settings import number
from glassnet._core.team import parts_of, share_out
from glassnet._core.types import Array
from glassnet.layers.augmentation import kernels
from glassnet.layers.augmentation.base import Augmenting, MovedSaved, Moving, NoiseSaved, OverImages
from glassnet.layers.augmentation.places import mirrored, turned, zoomed
from glassnet.layers.augmentation.settings import FLIPS, Factor, factor, pair, word
from glassnet.layers.augmentation.tinting import Tinting

_factor = factor  # arguments have its name


class RandomTranslation(Moving):
    """Shifts each image down and to the right by random shares of its height and width.

    y[p, q] = x[p - dy, q - dx], dy = height_factor·rows, dx = width_factor·columns, each factor
    drawn evenly between its two ends.  Of one number f the ends are -f and f.

    Args:
        height_factor: down; from -1 to 1.
        width_factor: to the right; from -1 to 1.
        fill_mode, interpolation, fill_value: see ``Moving``.  With "nearest" images move by whole
            pixels.

    >>> RandomTranslation(0.1, 0.2).height_factor
    (-0.1, 0.1)

    Source: keras.layers.RandomTranslation (Keras 3).
    """

    kind: ClassVar[str] = "random_translation"

    def __init__(
        self, height_factor: Factor, width_factor: Factor, fill_mode: str = "reflect",
        interpolation: str = "bilinear", fill_value: float = 0.0, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(fill_mode, interpolation, fill_value, name)
        self.height_factor = factor("RandomTranslation", "height_factor", height_factor)
        self.width_factor = factor("RandomTranslation", "width_factor", width_factor)

    def draw(self, n: int) -> Array:
        """(n, 2): shares of the height and of the width."""
        down, right = self.uniform(n, *self.height_factor), self.uniform(n, *self.width_factor)
        return np.stack([down, right], axis=1)

    def places_of(self, drawn: Array, rows: int, columns: int) -> Array:
        return zoomed(np.ones_like(drawn), rows, columns, drawn * (rows, columns))


class RandomZoom(Moving):
    """Makes what each image shows smaller (factor above 0) or larger (below 0), at random.

    y[p, q] = x[cy + (1 + h)·(p - cy), cx + (1 + w)·(q - cx)] around the middle (cy, cx), with h
    drawn evenly between the ends of height_factor and w between those of width_factor.

    Args:
        height_factor: above -1, up to 1; 0.1 is 90 % … 110 % of the height.
        width_factor: the same; None: as the height, so that the proportions stay.
        fill_mode, interpolation, fill_value: see ``Moving``.

    Source: keras.layers.RandomZoom (Keras 3).
    """

    kind: ClassVar[str] = "random_zoom"

    def __init__(
        self, height_factor: Factor, width_factor: Factor | None = None,
        fill_mode: str = "reflect", interpolation: str = "bilinear", fill_value: float = 0.0,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(fill_mode, interpolation, fill_value, name)
        self.height_factor = factor("RandomZoom", "height_factor", height_factor, None, -1.0)
        self.width_factor = (
            None
            if width_factor is None
            else factor("RandomZoom", "width_factor", width_factor, None, -1.0)
        )

    def draw(self, n: int) -> Array:
        """(n, 2): by how much more of the height and of the width is seen."""
        h = self.uniform(n, *self.height_factor)
        w = h if self.width_factor is None else self.uniform(n, *self.width_factor)
        return np.stack([h, w], axis=1)

    def places_of(self, drawn: Array, rows: int, columns: int) -> Array:
        return zoomed(1.0 + drawn, rows, columns)


class RandomRotation(Moving):
    """Turns each image around its middle, counter-clockwise by a random angle.

        row    = cy + (p - cy)·cos θ + (q - cx)·sin θ
        column = cx - (p - cy)·sin θ + (q - cx)·cos θ

    with θ = 2π·f and f drawn evenly between the ends of the factor.

    Args:
        factor: a share of a full turn, from -1 to 1: 10 / 360 is up to ten degrees to each side.
        fill_mode, interpolation, fill_value: see ``Moving``.

    Source: keras.layers.RandomRotation (Keras 3).
    """

    kind: ClassVar[str] = "random_rotation"
    along_axes = False

    def __init__(
        self, factor: Factor, fill_mode: str = "reflect", interpolation: str = "bilinear",
        fill_value: float = 0.0, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(fill_mode, interpolation, fill_value, name)
        self.factor = _factor("RandomRotation", "factor", factor)

    def draw(self, n: int) -> Array:
        """(n, 1): shares of a full turn."""
        return self.uniform(n, *self.factor)[:, None]

    def places_of(self, drawn: Array, rows: int, columns: int) -> Array:
        return turned(2.0 * np.pi * drawn[:, 0], rows, columns)


class RandomFlip(OverImages):
    """Mirrors every other image, at random.

    Args:
        mode: "horizontal" (left and right change places), "vertical" (top and bottom), or
            "horizontal_and_vertical": as in Keras one draw decides over both, so that an image is
            turned by 180° or stays.

    Source: keras.layers.RandomFlip (Keras 3).
    """

    kind: ClassVar[str] = "random_flip"

    def __init__(self, mode: str = "horizontal_and_vertical", name: str | None = None) -> None:
        super().__init__(name)
        self.mode = word("RandomFlip", "mode", mode, FLIPS)

    def in_words(self) -> list[str]:
        return [self.mode.replace("_", " ")]

    def change(self, x: Array, y: Array) -> MovedSaved:
        flips = self.rng.random(len(x)) <= 0.5
        self._mirror(x, flips, y)
        return MovedSaved(flips[:, None], mirrored(flips, self.mode, *x.shape[1:3]))

    def change_back(self, dy: Array, dx: Array) -> None:
        self._mirror(dy, self._saved.drawn[:, 0], dx)

    def _mirror(self, x: Array, flips: Array, out: Array) -> None:
        n, rows, columns, _ = x.shape
        ways = self.mode != "vertical", self.mode != "horizontal"
        source, to = x.reshape(n, -1), out.reshape(n, -1)
        share_out(
            n,
            parts_of(n, 0),
            lambda some, _, __: kernels.mirror(
                source[some], flips[some], rows, columns, *ways, to[some]
            ),
        )


class RandomContrast(Tinting):
    """Brings the pixels of each image closer to their mean, or away from it, at random.

    y = (x - m)·f + m, cut off at the ends of value_range, with m the mean of the image's channel
    and f drawn evenly from 1 - lower to 1 + upper.

    Args:
        factor: (lower, upper), each from 0 to 1; one number is both, as Keras's documentation
            says (its code, up to 3.15 at least, then takes 0 for the lower one).
        value_range: black and white: (0, 255) by default as in Keras, (0, 1) for scaled images.

    Source: keras.layers.RandomContrast (Keras 3).
    """

    kind: ClassVar[str] = "random_contrast"

    def __init__(
        self, factor: Factor, value_range: Any = (0, 255), name: str | None = None
    ) -> None:
        ends = pair("RandomContrast", "factor", factor) or (factor, factor)
        lower, upper = (
            number("RandomContrast", "factor", end, minimum=0.0, maximum=1.0) for end in ends
        )
        super().__init__((lower, upper), value_range, name)

    @property
    def ends(self) -> tuple[float, float]:
        return 1.0 - self.factor[0], 1.0 + self.factor[1]

    def tints(self, x: Array, drawn: Array, factor: Array, offset: Array) -> None:
        kernels.means(x, offset)
        factor[:] = drawn
        offset *= (1.0 - drawn)[:, None]

    def shared(self, factor: Array) -> Array:
        return 1.0 - factor


class RandomBrightness(Tinting):
    """Makes each image brighter or darker, at random.

    y = x + f·(white - black), cut off at black and white, the ends of value_range, with f drawn
    evenly between the ends of the factor.

    Args:
        factor: from -1 to 1.
        value_range: black and white: (0, 255) by default as in Keras, (0, 1) for scaled images.

    Source: keras.layers.RandomBrightness (Keras 3).
    """

    kind: ClassVar[str] = "random_brightness"

    def __init__(
        self, factor: Factor, value_range: Any = (0, 255), name: str | None = None
    ) -> None:
        super().__init__(_factor("RandomBrightness", "factor", factor), value_range, name)

    @property
    def ends(self) -> tuple[float, float]:
        return self.factor

    def tints(self, x: Array, drawn: Array, factor: Array, offset: Array) -> None:
        low, high = self.value_range
        offset[:] = ((high - low) * drawn)[:, None]


class GaussianNoise(Augmenting):
    """Adds noise to every number: y = x + stddev·ε, ε normal with mean 0 and deviation 1.

    For inputs of any shape.  The noise is not cut off: y may lie outside of the range of x.

    Args:
        stddev: from 0 to 1.

    Source: keras.layers.GaussianNoise (Keras 3).
    """

    kind: ClassVar[str] = "gaussian_noise"

    def __init__(self, stddev: float, name: str | None = None) -> None:
        super().__init__(name)
        self.stddev = number("GaussianNoise", "stddev", stddev, minimum=0.0, maximum=1.0)

    def in_words(self) -> list[str]:
        return [f"stddev {self.stddev:g}"]

    def change(self, x: Array, y: Array) -> NoiseSaved:
        noise = self.work.array("noise", x.shape, x.dtype)
        n, parts = len(x), parts_of(len(x), 0)
        # a generator of its own for each part of the batch: the parts do not ask for the cores
        seeds = self.rng.integers(2**63, size=parts)
        scale = x.dtype.type(self.stddev)

        def part(some: slice, number: int, _: int) -> None:
            rng = np.random.Generator(np.random.SFC64(int(seeds[number])))
            rng.standard_normal(noise[some].shape, x.dtype, noise[some])
            np.multiply(noise[some], scale, out=y[some])
            np.add(y[some], x[some], out=y[some])

        share_out(n, parts, part)
        return NoiseSaved(noise)

    def change_back(self, dy: Array, dx: Array) -> None:
        np.copyto(dx, dy)
