"""One image out of a file: judged by its header, decoded small, upright, on white, at one size.

The header says how many pixels there are before any of them is unpacked: a file of some kilobytes
that would fill the memory is refused by that. JPEG is decoded at a half, a quarter or an eighth of
its size where that is enough. What is transparent counts as white paper, of several pictures in one
file the first is taken, and 16 bits become 8.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from glassnet._core.storage import refuse_no_file
from glassnet._core.types import Array
from glassnet.errors import FileFormatError

Aspect = Literal["crop", "pad", "stretch"]

# By name, so that Pillow tries none that starts another program, as it does for PostScript.
FORMATS = {
    "PNG": "Png", "JPEG": "Jpeg", "WEBP": "WebP", "GIF": "Gif", "BMP": "Bmp", "TIFF": "Tiff",
    "PPM": "Ppm", "AVIF": "Avif",
}  # fmt: skip
MAX_PIXELS = 50_000_000  # unpacked
MAX_BYTES = 256 << 20  # of a file
ENOUGH = 1024  # pixels of a side, which of a picture that is to be copied are enough
# What Pillow raises for a file that is no picture, or a damaged or a monstrous one.
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
UNREADABLE = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, LookupError, ArithmeticError,
    AttributeError, AssertionError, RuntimeError, MemoryError, struct.error, zlib.error,
)  # fmt: skip
ORIENTATION = 274  # the number of the tag in EXIF
DEEP = ("I", "F")  # how the names of modes with more than 8 bits begin


class TooLargeError(FileFormatError):
    """More pixels or bytes than are unpacked."""


@functools.cache
def formats() -> tuple[str, ...]:
    """Those of :data:`FORMATS` that this Pillow can read."""
    for name in FORMATS.values():
        with contextlib.suppress(ImportError):
            importlib.import_module(f"PIL.{name}ImagePlugin")
    return tuple(name for name in FORMATS if name in Image.OPEN)


class Header(NamedTuple):
    """What a file says of its image before any pixel is unpacked: as it is looked at, upright."""

    height: int
    width: int
    grey: bool

    @classmethod
    def of(cls, image: Image.Image) -> Header:
        """Of an opened image."""
        grey = image.mode in ("1", "L", "LA", "La") or image.mode.startswith(DEEP)
        width, height = image.size
        if orientation(image) >= 5:
            width, height = height, width
        return cls(height, width, grey)


@contextlib.contextmanager
def opened(source: bytes | Path | BinaryIO) -> Iterator[Image.Image]:
    """The picture in a file, or in its bytes; its header is read, its pixels are not.

    Raises:
        FileFormatError: no picture there, or a damaged one; also of what is done inside.
        TooLargeError: too large a one.
    """
    try:
        if isinstance(source, Path):
            refuse_no_file(source, "picture")
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(file, formats=formats()) as image:
            yield image
    except FileFormatError:
        raise
    except BOMB as error:
        pixels = "".join(c for c in str(error).partition("pixels")[0] if c.isdigit())
        raise TooLargeError(f"{int(pixels):,} pixels" if pixels else str(error)) from None
    except UNREADABLE as error:
        raise FileFormatError(_why(error)) from None


def enough(image: Image.Image, width: int, height: int, mode: str) -> None:
    """Before its pixels are unpacked: JPEG near to this size and in this mode ("L", "RGB").

    Raises:
        TooLargeError: it would still be too large.
    """
    full = image.size
    if image.format in ("JPEG", "MPO") and not image.info.get("progressive"):
        image.draft(mode, (width, height))
    if image.width * image.height > MAX_PIXELS:
        raise TooLargeError(f"{full[0]:,}×{full[1]:,} pixels")


def header(source: bytes | Path | BinaryIO) -> Header:
    """Height and width, as it is looked at, and whether it is grey.

    Raises:
        FileFormatError, TooLargeError: as :func:`opened`.
    """
    with opened(source) as image:
        found = Header.of(image)
        enough(image, 1, 1, "RGB")
    return found


def pixels(
    source: bytes | Path | BinaryIO,
    size: tuple[int, int],
    channels: int = 3,
    aspect: Aspect = "crop",
) -> Array:
    """The image as bytes (height, width, channels), red, green and blue or grey, from 0 to 255.

    Args:
        size: height and width.
        channels: 3, or 1 for grey: 0.299·red + 0.587·green + 0.114·blue.
        aspect: "crop" cuts the middle out, as large as it goes; "pad" puts black beside the image;
            "stretch" lets the aspect go.

    Raises:
        FileFormatError, TooLargeError: as :func:`opened`.
    """
    return with_header(source, size, channels, aspect)[0]


def with_header(
    source: bytes | Path | BinaryIO, size: tuple[int, int], channels: int, aspect: Aspect
) -> tuple[Array, Header]:
    """As :func:`pixels`, and the header."""
    mode = "L" if channels == 1 else "RGB"
    side = max(size)  # it may lie on its side
    with opened(source) as image:
        head = Header.of(image)
        enough(image, side, side, mode)
        whole = upright(image)
        if whole.mode not in ("L", "RGB"):
            whole = reduced(whole, max(ENOUGH, 2 * side))
        picture = scaled(plain(whole, mode), size, aspect)
        found = np.asarray(picture, np.uint8)
    return found.reshape(*size, channels), head


def upright(image: Image.Image) -> Image.Image:
    """As it is looked at: cameras note how they were held."""
    image.load()
    return ImageOps.exif_transpose(image) if orientation(image) != 1 else image


def orientation(image: Image.Image) -> int:
    """1 to 8, as EXIF has it; 5 and more lie on their side."""
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except UNREADABLE:
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def reduced(image: Image.Image, most: int) -> Image.Image:
    """A large one with means over squares of pixels, so that no side is far above ``most``.

    What comes next makes copies of 4 and 8 bytes for each pixel; of 50 million, 1.2 GB.
    """
    squares = max(image.size) // most
    if squares < 2:
        return image
    if image.mode not in ("L", "LA", "RGB", "RGBA", "I", "F"):
        deep_one = image.mode.startswith(DEEP)
        bare = (
            image.mode in ("1", "CMYK", "YCbCr", "LAB", "HSV") and "transparency" not in image.info
        )
        image = image.convert("I" if deep_one else "RGB" if bare else "RGBA")
    return image.reduce(squares)


def plain(image: Image.Image, mode: str) -> Image.Image:
    """Grey ("L") or colour ("RGB") of 8 bits, on white where it is transparent."""
    if image.mode == mode and "transparency" not in image.info:
        return image
    if image.mode.startswith(DEEP):
        image = Image.fromarray(np.rint(deep(image) * 255.0).astype(np.uint8))
    elif image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = on_paper(image)
    return image.convert(mode)


def on_paper(picture: Image.Image) -> Image.Image:
    """What is transparent counts as white paper."""
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper


def deep(image: Image.Image) -> Array:
    """Grey of 16 or 32 bits, from 0 to 1."""
    values = np.nan_to_num(np.asarray(image, np.float64))
    most = float(values.max(initial=0.0))
    top = 65535.0 if most > 255 else 1.0 if image.mode == "F" and most <= 1 else 255.0
    clipped: Array = np.clip(values / top, 0.0, 1.0)
    return clipped


def scaled(image: Image.Image, size: tuple[int, int], aspect: Aspect) -> Image.Image:
    """In (height, width); smaller ones are means over the area that each pixel has had."""
    height, width = size
    if image.size == (width, height):
        return image
    if aspect == "pad":
        return ImageOps.pad(image, (width, height), Image.Resampling.BILINEAR)
    box = middle(image.size, (width, height)) if aspect == "crop" else None
    return image.resize((width, height), Image.Resampling.BILINEAR, box, reducing_gap=2.0)


def middle(size: tuple[int, int], wanted: tuple[int, int]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the largest part in the middle with the aspect ``wanted``.

    >>> middle((200, 100), (32, 32))
    (50.0, 0.0, 150.0, 100.0)
    """
    scale = min(size[0] / wanted[0], size[1] / wanted[1])
    width, height = wanted[0] * scale, wanted[1] * scale
    left, top = (size[0] - width) / 2, (size[1] - height) / 2
    return left, top, left + width, top + height


def _why(error: BaseException) -> str:
    """What is wrong with a file, in a few words."""
    said = str(error)
    if isinstance(error, UnidentifiedImageError):
        return "not an image"
    if "truncated" in said or isinstance(error, EOFError):
        return "cut off"
    if isinstance(error, PermissionError):
        return "may not be read"
    return f"damaged: {said or type(error).__name__}".rstrip(".")
