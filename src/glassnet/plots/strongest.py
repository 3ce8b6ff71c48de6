"""What each unit answers most to: pieces of images, the strongest first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet import vision
from glassnet._core.types import Array
from glassnet.model import Sequential
from glassnet.plots import style
from glassnet.plots.pixels import Pixels, pixels
from glassnet.plots.sheet import MARGIN, Sheet, number
from glassnet.plots.words import say
from glassnet.vision import Spot, Strongest
from glassnet.vision.named import image_shape_of

CELL = 0.8  # inches
GAP = 0.09
WHOLE = 0.25  # fields of so large a share of an image's area are shown in the whole image


def strongest_patches(
    model: Sequential,
    x: ArrayLike,
    layer: str | None = None,
    units: Sequence[int] | None = None,
    *,
    top: int = 9,
    image_shape: tuple[int, ...] | None = None,
    title: str | None = None,
) -> Figure:
    """What the units of a layer answer most to in the images ``x``: a row for each.

    Of a small receptive field the piece of the image that the unit saw, with what lies beyond the
    image's edge left white; of a large one the image, and the field as a frame in it, what lies
    outside paler. Under each the number that the unit gave, and which image it was.

    Args:
        x: images (n, …) as the network reads them, such as the held-out ones.
        layer: its name; if not given the last convolution, of a network without one the first
            layer with weights.
        units: numbers of filters or of dense units, counted from 0; the first twelve if not given.
        top: how many images for each.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.

    Raises:
        NotBuiltError: the model has no parameters yet.
        UnknownNameError: no such layer.
        ConfigError: a unit that the layer does not have.
        ShapeError, DataError: no images, or of another size.
    """
    images = np.asarray(x)
    found = vision.strongest(model, images, layer, units, top=top, image_shape=image_shape)
    shape = image_shape_of(model, image_shape)
    used = sorted({spot.sample for spots in found.spots for spot in spots})
    chosen = images[used].reshape(len(used), *shape) if used else np.zeros((0, *shape))
    return drawn(found, dict(zip(used, chosen)), title=title)


def drawn(found: Strongest, images: dict[int, Array], *, title: str | None = None) -> Figure:
    """The picture of the strongest places, of images by their number, (rows, columns, channels)."""
    most = max([1, *(len(spots) for spots in found.spots)])
    left = MARGIN + 0.62
    width = max(6.4, left + MARGIN + most * (CELL + GAP) - GAP)
    sheet = Sheet(width, title or say("What each unit answers most to"), _words(found))
    samples = list(images)
    shown = pixels(np.stack([images[i] for i in samples])) if samples else None
    whole = _shows_whole(found)
    for unit, spots in zip(found.units, found.spots):
        top = sheet.bottom + 0.1
        if not spots or shown is None:
            words = say("gives the same for all images")
            sheet.text(MARGIN, top + 0.12, str(unit), 11, bold=True, middle=True)
            sheet.text(left, top + 0.12, words, 9.5, middle=True, color=style.FAINT)
            continue
        sheet.text(MARGIN, top + CELL / 2, str(unit), 11, bold=True, middle=True)
        for column, spot in enumerate(spots):
            x = left + column * (CELL + GAP)
            draw = _whole if whole else _patch
            draw(sheet, shown, samples.index(spot.sample), spot, found.frame, x, top)
            caption = f"{number(spot.value)}  #{spot.sample}"
            sheet.text(
                x + CELL / 2, top + CELL + 0.03, caption, 7.5, align="center", color=style.FAINT
            )  # fmt: skip
    return sheet.figure()


def _shows_whole(found: Strongest) -> bool:
    spot = next((s for spots in found.spots for s in spots), None)
    if spot is None:
        return False
    rows, columns = spot.field.image_shape[:2]
    return found.frame[0] * found.frame[1] >= WHOLE * rows * columns


def _patch(
    sheet: Sheet, shown: Pixels, index: int, spot: Spot, frame: tuple[int, int], x: float, y: float
) -> None:
    """The piece that the unit saw, as large as the largest field of the layer."""
    image = shown.images[index]
    top, left, bottom, right = spot.field.box
    missing = [frame[0] - (bottom - top), frame[1] - (right - left)]
    # what the edge cuts off is missing above or left where the field begins at 0
    above = missing[0] if top == 0 else 0
    before = missing[1] if left == 0 else 0
    height, width = _fit(frame)
    one = height / frame[0]
    sheet.image(
        x + (CELL - width) / 2 + before * one, y + (CELL - height) / 2 + above * one,
        (right - left) * one, (bottom - top) * one, image[top:bottom, left:right], cmap=shown.cmap,
        norm=shown.norm,
    )  # fmt: skip
    sheet.frame(
        x + (CELL - width) / 2, y + (CELL - height) / 2, width, height, color=style.GRID, line=0.8
    )


def _whole(
    sheet: Sheet, shown: Pixels, index: int, spot: Spot, frame: tuple[int, int], x: float, y: float
) -> None:
    """The image with the field as a frame, paler outside."""
    image = shown.images[index]
    height, width = _fit(image.shape[:2])
    left, top = x + (CELL - width) / 2, y + (CELL - height) / 2
    one = height / image.shape[0]
    sheet.image(left, top, width, height, image, cmap=shown.cmap, norm=shown.norm, frame=True)
    if spot.field.mask.all():
        return
    veil = np.ones((*image.shape[:2], 4))
    veil[..., 3] = np.where(spot.field.mask, 0.0, 0.65)
    sheet.image(left, top, width, height, veil)
    first, before, last, behind = spot.field.box
    sheet.frame(
        left + before * one, top + first * one, (behind - before) * one, (last - first) * one,
        color=style.OKABE_ITO[3], line=1.3,
    )  # fmt: skip


def _fit(shape: tuple[int, ...]) -> tuple[float, float]:
    """Height and width in a cell, with square pixels."""
    largest = max(shape[:2])
    return CELL * shape[0] / largest, CELL * shape[1] / largest


def _words(found: Strongest) -> str:
    rows, columns = found.frame
    sees = say("{layer}: each sees {rows}×{columns} pixels.", layer=found.layer, rows=rows,
               columns=columns)  # fmt: skip
    under = say("Under each the number that it gave, and which of {n:,} images (#).",
                n=found.samples)  # fmt: skip
    said = f"{sees} {under}"
    if len(found.units) < found.count:
        said += " " + say(
            "{n} of {count:,} units are shown.", n=len(found.units), count=found.count
        )
    return said
