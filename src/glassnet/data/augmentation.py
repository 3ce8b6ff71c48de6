"""Small random changes of images while a network learns: each epoch sees other ones.

A shifted or turned digit is the same digit: a network that has seen many of them learns what
does not change, and is better on new images.

An output pixel (p, q) is read where it came from, around the middle (cy, cx) of the image:

    u = p - cy - dy,  v = q - cx - dx
    row    = cy + (u·cos θ + v·sin θ)/s
    column = cx + (v·cos θ - u·sin θ)/s

with the shift (dy, dx), the angle θ and the zoom s; between four pixels, by the distance to
each (bilinear); 0 outside the image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from glassnet._core.habits import unknown
from glassnet._core.jit import kernel
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.data.batches import ArrayBatches, Batch
from glassnet.errors import ConfigError, ShapeError, UnknownNameError

DRAWS = 5  # random numbers for each image: angle, zoom, two shifts, mirrored or not


@dataclass(frozen=True)
class Augmentation:
    """What may be done to an image, at random, each time that it is learned from.

    Args:
        shift: up and down, left and right, by up to so many pixels.
        rotation: to either side by up to so many degrees.
        zoom: larger or smaller by up to this share: 0.1 is 90 % … 110 %.
        flip: left and right exchanged, for every other image.

    Shifts alone go by whole pixels, so that no pixel is mixed with its neighbours.

    >>> Augmentation.parse("shift=2,rotation=10")
    Augmentation(shift=2.0, rotation=10.0, zoom=0.0, flip=False)

    Raises:
        ConfigError: negative or not a number; a zoom of 1 or more.
    """

    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    flip: bool = False

    def __post_init__(self) -> None:
        for name, ends in (
            ("shift", {}),
            ("rotation", {"maximum": 180.0}),
            ("zoom", {"below": 1.0}),
        ):
            value = number("augmentation", name, getattr(self, name), minimum=0.0, **ends)
            object.__setattr__(self, name, value)
        if not isinstance(self.flip, bool | np.bool_):
            raise ConfigError(f"augmentation: flip is {self.flip!r}, but must be True or False.")

    @classmethod
    def parse(cls, text: str) -> Augmentation:
        """The augmentation of a text such as ``shift=2,rotation=10,zoom=0.1,flip``; or none.

        Raises:
            UnknownNameError: another word; names the closest.
            ConfigError: not a number.
        """
        known = [f.name for f in fields(cls)]
        given: dict[str, Any] = {}
        for part in text.split(",") if text.strip() not in ("", "none") else ():
            name, _, value = (piece.strip() for piece in part.partition("="))
            if name not in known:
                raise UnknownNameError(unknown("augmentation", name, known))
            if name == "flip" and not value:
                given[name] = True
                continue
            try:
                given[name] = float(value)
            except ValueError:
                raise ConfigError(
                    f"augmentation {part.strip()!r}: expected a number, as in shift=2,rotation=10, "
                    "or flip alone."
                ) from None
        return cls(**given)

    def __str__(self) -> str:
        """As :meth:`parse` reads it."""
        parts = [
            f"{f.name}={getattr(self, f.name):g}"
            for f in fields(self)
            if f.name != "flip" and getattr(self, f.name)
        ]
        return ",".join([*parts, *(["flip"] if self.flip else [])]) or "none"

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        """The images (n, rows, columns) or (n, rows, columns, channels), each changed.

        Raises:
            ShapeError: no images.
        """
        images = np.asarray(images)
        check_images(images)
        return self.apply(images, rng.random((len(images), DRAWS)), np.empty_like(images))

    def apply(self, images: Array, draws: Array, out: Array) -> Array:
        """The same, by random numbers (n, 5) from 0 to 1 that were drawn before, into ``out``."""
        places = self._places(draws, images.shape[1], images.shape[2])
        channels = (*images.shape[:3], -1)
        half = 0.0 if images.dtype.kind == "f" else 0.5  # bytes are rounded
        warp(images.reshape(channels), places, half, out.reshape(channels))
        return out

    def _places(self, draws: Array, rows: int, columns: int) -> Array:
        """For each image a, b, c, d, e, f: pixel (p, q) comes from row a·p + b·q + c, column
        d·p + e·q + f."""
        signed = 2.0 * draws[:, :4].astype(np.float64) - 1.0
        angle = np.deg2rad(self.rotation * signed[:, 0])
        scale = 1.0 + self.zoom * signed[:, 1]
        moved = self.shift * signed[:, 2:4]
        if not self.rotation and not self.zoom:
            whole = int(self.shift)
            moved = np.floor(draws[:, 2:4] * (2.0 * whole + 1.0)) - whole
        cy, cx = (rows - 1) / 2, (columns - 1) / 2
        dy, dx = cy + moved[:, 0], cx + moved[:, 1]
        cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
        places = np.empty((len(draws), 6))
        places[:, 0], places[:, 1] = cos, sin
        places[:, 2] = cy - cos * dy - sin * dx
        places[:, 3], places[:, 4] = -sin, cos
        places[:, 5] = cx + sin * dy - cos * dx
        if self.flip:  # q becomes columns - 1 - q
            turned = draws[:, 4] < 0.5
            for b, c in ((1, 2), (4, 5)):
                places[turned, c] += places[turned, b] * (columns - 1)
                places[turned, b] *= -1.0
        return places


class AugmentedBatches:
    """Batches of images, each image changed at random: a source for ``fit``.

        batches = AugmentedBatches(x, y, Augmentation(shift=2, rotation=10), batch_size=128)
        model.fit(batches, epochs=10, validation_data=(x_val, y_val))

    The random numbers of an epoch are drawn at its beginning, from the generator that shuffles:
    the same seed gives the same images, and a resumed training goes on with those that it would
    have seen.

    Args:
        x: (n, rows, columns) or (n, rows, columns, channels), bytes or floats.
        y: (n,) or (n, outputs).
        augmentation: what may be done to an image.
        sample_weight: (n,) or None.
        batch_size: samples in a batch.

    Raises:
        ShapeError: no images; lengths that differ.
        ConfigError, DataError: as of :class:`ArrayBatches`.
    """

    def __init__(
        self,
        x: Array,
        y: Array,
        augmentation: Augmentation,
        sample_weight: Array | None = None,
        *,
        batch_size: int = 32,
    ) -> None:
        x, y = np.asarray(x), np.asarray(y)
        check_images(x)
        if not isinstance(augmentation, Augmentation):
            raise ConfigError(
                f"AugmentedBatches: augmentation is {augmentation!r}, but must be an Augmentation, "
                "as in Augmentation(shift=2)."
            )
        self.augmentation = augmentation
        self.batches = ArrayBatches(x, y, sample_weight, batch_size=batch_size)

    @property
    def n_samples(self) -> int:
        """The number of samples in an epoch."""
        return self.batches.n_samples

    @property
    def steps_per_epoch(self) -> int:
        """The number of batches in an epoch."""
        return self.batches.steps_per_epoch

    def epoch(self, rng: np.random.Generator, skip: int = 0) -> Iterator[Batch]:
        """The batches of one epoch, without the first ``skip``."""
        plain = self.batches.epoch(rng, skip)
        draws = rng.random((self.n_samples, DRAWS), np.float32)
        return self._changed(plain, draws[skip * self.batches.batch_size :])

    def _changed(self, plain: Iterator[Batch], draws: Array) -> Iterator[Batch]:
        out, done = None, 0
        for batch in plain:
            out = np.empty_like(batch.x) if out is None else out[: batch.size]
            chosen = draws[done : done + batch.size]
            done += batch.size
            yield batch._replace(x=self.augmentation.apply(batch.x, chosen, out))


def check_images(x: Array) -> None:
    """Raises ShapeError unless ``x`` is images, as bytes or floats."""
    if x.ndim not in (3, 4):
        raise ShapeError(
            f"augmentation: x has shape {x.shape}, but images are (n, rows, columns) or "
            "(n, rows, columns, channels). Rows of pixels can be reshaped, as in "
            "x.reshape(-1, 28, 28)."
        )
    if x.dtype.kind != "f" and x.dtype != np.uint8:
        raise ShapeError(
            f"augmentation: images are bytes (uint8) or floats, but x is {x.dtype}. Pass "
            "x.astype('float32')."
        )


@kernel
def warp(x: Array, places: Array, half: float, out: Array) -> None:
    """out[i, p, q] = x[i] at row a·p + b·q + c and column d·p + e·q + f, bilinear, 0 outside.

    x, out: (n, rows, columns, channels)  places: (n, 6): a … f  half: added before bytes are cut
    """
    n, rows, columns, channels = x.shape
    zero = out.dtype.type(0)
    for i in range(n):
        a, b, c = places[i, 0], places[i, 1], places[i, 2]
        d, e, f = places[i, 3], places[i, 4], places[i, 5]
        for p in range(rows):
            for q in range(columns):
                row = a * p + b * q + c
                column = d * p + e * q + f
                if row <= -1.0 or row >= rows or column <= -1.0 or column >= columns:
                    for k in range(channels):
                        out[i, p, q, k] = zero
                    continue
                r, s = int(row + 1.0) - 1, int(column + 1.0) - 1  # ⌊row⌋, ⌊column⌋
                down, right = row - r, column - s
                inside = 0 <= r < rows - 1 and 0 <= s < columns - 1
                for k in range(channels):
                    if inside:
                        above = (1.0 - right) * x[i, r, s, k] + right * x[i, r, s + 1, k]
                        below = (1.0 - right) * x[i, r + 1, s, k] + right * x[i, r + 1, s + 1, k]
                        value = (1.0 - down) * above + down * below
                    else:
                        value = 0.0
                        for m in range(max(r, 0), min(r + 2, rows)):
                            for j in range(max(s, 0), min(s + 2, columns)):
                                share = (down if m > r else 1.0 - down) * (
                                    right if j > s else 1.0 - right
                                )
                                value += share * x[i, m, j, k]
                    out[i, p, q, k] = out.dtype.type(value + half)
