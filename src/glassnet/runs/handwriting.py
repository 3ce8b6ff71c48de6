"""A picture from a file, made to look like the images that were learned from.

For images with colours, the middle of the picture, as small as they are. For grey ones it is ink
on paper, made as MNIST was (LeCun, Cortes, Burges 1998): grey, light ink on dark ground, the ink
fitted into a box with its aspect kept, and its centre of mass moved to the middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from glassnet._core.types import Array
from glassnet.data.image_reading import (
    DEEP,
    ENOUGH,
    MAX_PIXELS,
    TooLargeError,
    deep,
    enough,
    on_paper,
    opened,
    reduced,
    upright,
)
from glassnet.errors import DataError, FileFormatError

# The side of the box that the ink fills, as a share of the picture's: MNIST has 20 of 28
# pixels; the 8×8 digits and the clothes of Fashion-MNIST fill the whole.
BOX = {"mnist": 20 / 28}
FAINT = 0.2  # ink below this share of the darkest is paper
LARGE = 4096  # pixels of a side, which of a larger JPEG are enough


def read_image(path: str | Path, shape: tuple[int, ...], white: int, name: str = "") -> Array:
    """The picture in a file as (height, width) bytes from 0 (ground) to ``white`` (ink).

    A picture that has that size already is only inverted if its ground is light. Of three
    channels it is (height, width, 3), red, green and blue as they are.

    Args:
        shape: height and width of the training images, and channels if they have colours.
        white: their largest value.
        name: of the data set that was learned from.

    Raises:
        FileNotFoundError, FileFormatError: no picture there.
        DataError: nothing is drawn on it.
    """
    if len(shape) == 3 and shape[2] == 3:
        return _coloured(Path(path), shape[0], shape[1])
    shape = shape[:2]
    grey = _ink(_grey(Path(path)), path)
    if grey.shape != shape:
        height, width = shape
        grey = _centred(_fitted(grey, shape, BOX.get(name, 1.0)), height, width)
    picture: Array = np.rint(grey / grey.max() * white).astype(np.uint8)
    return picture


def _coloured(path: Path, height: int, width: int) -> Array:
    """The middle of the picture, as much of it as has the right aspect, in (height, width, 3)."""
    with _opened(path) as picture:
        paper = on_paper(picture).convert("RGB")
    fitted = ImageOps.fit(paper, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(fitted, np.uint8)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The picture in a file, upright.

    Raises:
        FileNotFoundError, FileFormatError: no picture there, or too large a one.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file.")
    try:
        with opened(path) as image:
            enough(image, LARGE, LARGE, "RGB")
            yield reduced(upright(image), ENOUGH)
    except TooLargeError as error:
        raise FileFormatError(
            f"{path}: has {error}, more than {MAX_PIXELS:,}. Make it smaller."
        ) from None
    except FileFormatError as error:
        raise FileFormatError(f"{path}: not a picture that can be read ({error}).") from None


def _grey(path: Path) -> Array:
    """Brightness from 0 to 1."""
    with _opened(path) as picture:
        if picture.mode.startswith(DEEP):  # 16 and 32 bits
            return deep(picture)
        return np.asarray(on_paper(picture).convert("L"), np.float64) / 255.0


def _ink(grey: Array, path: str | Path) -> Array:
    """How much ink is at each pixel, from 0 to 1: the ground is what most of the border shows."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ground = float(np.median(border))
    ink = ground - grey if ground > 0.5 * (grey.min() + grey.max()) else grey - ground
    ink = np.clip(ink, 0.0, None)
    if ink.max() < 0.05:
        raise DataError(f"{path}: nothing is drawn on it: it has the same grey everywhere.")
    ink /= ink.max()
    return ink


def _fitted(ink: Array, shape: tuple[int, ...], share: float) -> Array:
    """The ink alone, scaled to touch a box of ``share`` of the picture."""
    drawn = ink > FAINT
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    ink = np.where(drawn, ink, 0.0)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = min(share * shape[0] / ink.shape[0], share * shape[1] / ink.shape[1])
    size = [max(1, min(round(n * scale), limit)) for n, limit in zip(ink.shape, shape)]
    picture = Image.fromarray(ink.astype(np.float32))
    fitted = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)  # averages downwards
    return np.clip(np.asarray(fitted, np.float64), 0.0, 1.0)


def _centred(ink: Array, height: int, width: int) -> Array:
    """``ink`` in a frame, its centre of mass as near to the middle as it goes."""
    frame = np.zeros((height, width))
    total = ink.sum()
    corner = []
    for axis, side in enumerate((height, width)):
        mass = ink.sum(axis=1 - axis)
        centre = float((mass * (np.arange(len(mass)) + 0.5)).sum() / total)
        corner.append(min(max(round(side / 2 - centre), 0), side - len(mass)))
    top, left = corner
    frame[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return frame
