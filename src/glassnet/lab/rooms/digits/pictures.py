"""The pictures of digits that can be learned from: the 8×8 digits always, MNIST where it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from glassnet import data
from glassnet._core.types import Array
from glassnet.data import mnist
from glassnet.lab.rooms.digits.drawing import FORMS, Form
from glassnet.lab.session.saved_data import is_here

COPIES = 4  # changed copies of each picture


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures in rows of bytes, 0 is paper and ``white`` is ink.

    Attributes:
        x, y, x_test, y_test: (n, side²) uint8 and (n,) the digits.
    """

    name: str
    x: Array
    y: Array
    x_test: Array
    y_test: Array
    white: int
    form: Form

    def test_picture(self, index: int) -> Array:
        """A picture of the test part, (side, side) from 0 to 1."""
        side = self.form.side
        pixels: Array = self.x_test[index].reshape(side, side) / self.white
        return pixels

    def rows(self, pictures: Array) -> Array:
        """Pictures (n, side, side) from 0 to 1 as this data set has them."""
        rows: Array = np.rint(pictures.reshape(len(pictures), -1) * self.white)
        return rows.astype(np.uint8)


def mnist_is_here(data_dir: str | None) -> bool:
    """Whether the files of MNIST are on this machine; the lab downloads nothing."""
    return is_here(mnist.MNIST, data_dir)


@cache
def load(name: str, data_dir: str | None = None) -> Pictures:
    """The data set called ``name``: "digits" or "mnist".

    Read once for all pages; whoever gets it changes nothing in it.
    """
    dataset = data.load(name, data_dir=data_dir) if name == "mnist" else data.load(name)
    assert dataset.x_test is not None and dataset.y_test is not None
    assert dataset.image_max is not None
    x: Array = dataset.x.reshape(len(dataset.x), -1)
    x_test: Array = dataset.x_test.reshape(len(dataset.x_test), -1)
    for array in (x, dataset.y, x_test, dataset.y_test):
        array.setflags(write=False)
    return Pictures(name, x, dataset.y, x_test, dataset.y_test, dataset.image_max, FORMS[name])


def with_copies(digits: Pictures, seed: int) -> tuple[Array, Array]:
    """The training pictures, and ``COPIES`` of each that are a little changed.

    Hands lean, stretch and press otherwise than those of the 43 people who wrote the 8×8
    digits. A copy is p → A·p + s with A close to 1 and s below half a pixel, and the ink a
    little stronger or weaker. Of 210 drawings by lines like a hand's, networks of 64 units read
    91 instead of 87 % so, and 97.5 instead of 96.0 % of the test part. Shifts by whole pixels
    made it worse (77 instead of 84 %, of an earlier form of the drawings). MNIST, with 60,000
    pictures by 500 people, needs none: 100 % of the drawings.
    """
    rng = np.random.default_rng(seed)
    side = digits.form.side
    pictures = digits.x.reshape(-1, side, side) / digits.white
    parts = [digits.x]
    parts += [digits.rows(_changed(pictures, rng)) for _ in range(COPIES)]
    return np.concatenate(parts), np.tile(digits.y, len(parts))


def _changed(pictures: Array, rng: np.random.Generator) -> Array:
    """Each picture leaned, stretched, shifted and inked in its own way."""
    from scipy.ndimage import map_coordinates

    n, side, _ = pictures.shape
    middle = (side - 1) / 2
    across, down = np.exp(rng.normal(0, [[0.12], [0.07]], (2, n))).reshape(2, n, 1, 1)
    lean = rng.normal(0, 0.12, (n, 1, 1))
    shift_x, shift_y = rng.uniform(-0.35, 0.35, (2, n, 1, 1))
    place = np.arange(side) - middle
    rows, columns = place[:, None], place[None, :]
    y = down * rows + shift_y
    x = across * columns + lean * rows + shift_x
    ink = np.exp(rng.normal(0.05, 0.2, n)).reshape(n, 1, 1)
    places = np.broadcast_arrays(np.arange(n)[:, None, None], y + middle, x + middle)
    # Bilinear between the pixels; outside of the picture is paper.
    moved = map_coordinates(pictures, places, order=1, mode="grid-constant")
    changed: Array = np.clip(ink * moved, 0, 1)
    return changed
