"""A picture of a digit from a file, made to look like the images that were learned from.

As MNIST was made (LeCun, Cortes, Burges 1998): grey, light ink on dark ground, the ink fitted
into a box with its aspect kept, and its centre of mass moved to the middle.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from glassnet._core.types import Array
from glassnet.errors import DataError, FileFormatError

# The side of the box that the ink fills, as a share of the picture's: MNIST has 20 of 28
# pixels; the 8×8 digits and the clothes of Fashion-MNIST fill the whole.
BOX = {"mnist": 20 / 28}
FAINT = 0.2  # ink below this share of the darkest is paper
MAX_PIXELS = 50_000_000
# What Pillow raises for a file that is no picture, or a damaged or a monstrous one.
BOMB = Image.DecompressionBombError
UNREADABLE = (UnidentifiedImageError, OSError, SyntaxError, ValueError, BOMB)


def read_image(path: str | Path, shape: tuple[int, ...], white: int, name: str = "") -> Array:
    """The picture in a file as (height, width) bytes from 0 (ground) to ``white`` (ink).

    A picture that has that size already is only inverted if its ground is light.

    Args:
        shape: height and width of the training images.
        white: their largest value.
        name: of the data set that was learned from.

    Raises:
        FileNotFoundError, FileFormatError: no picture there.
        DataError: nothing is drawn on it.
    """
    grey = _ink(_grey(Path(path)), path)
    if grey.shape != shape:
        height, width = shape
        grey = _centred(_fitted(grey, shape, BOX.get(name, 1.0)), height, width)
    picture: Array = np.rint(grey / grey.max() * white).astype(np.uint8)
    return picture


def _grey(path: Path) -> Array:
    """Brightness from 0 to 1; what is transparent counts as white paper."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file.")
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise FileFormatError(
                    f"{path}: has {opened.width}×{opened.height} pixels, more than "
                    f"{MAX_PIXELS:,}. Make it smaller."
                )
            upright = ImageOps.exif_transpose(opened)
            if upright.mode.startswith(("I", "F")):  # 16 and 32 bits
                deep = np.asarray(upright, np.float64)
                top = 65535.0 if deep.max() > 255 else 255.0
                return deep / top
            paper = Image.new("RGBA", upright.size, "white")
            paper.alpha_composite(upright.convert("RGBA"))
            return np.asarray(paper.convert("L"), np.float64) / 255.0
    except FileFormatError:
        raise
    except UNREADABLE as error:
        raise FileFormatError(f"{path}: not a picture that can be read ({error}).") from None


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
