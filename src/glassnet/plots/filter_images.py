"""What the filters of a layer look for, before and after learning."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet import vision
from glassnet._core.types import Array
from glassnet.model import Sequential
from glassnet.plots import style
from glassnet.plots.sheet import MARGIN, Sheet
from glassnet.plots.words import say
from glassnet.vision import Filters

CHANNELS = 12  # of a filter of a deeper layer
GAP = 0.07


def filters(
    model: Sequential,
    layer: str | None = None,
    *,
    before: bool | Sequential = True,
    image_shape: tuple[int, ...] | None = None,
    limit: int = 32,
    title: str | None = None,
) -> Figure:
    """The filters of a layer as images, and beside them what they were before learning.

    Blue: where the input is bright, the filter gives more; orange: less; one scale for all. Filters
    over red, green and blue are shown in these colours, 0 as grey. Of a deeper layer each row is
    one filter, with its kernel for each channel. Weights of dense units that read pixels are images
    too.

    Args:
        layer: its name; the first with filters if not given.
        before: the network before learning; True: made anew by its seed, if it has one; False:
            leave that out.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.
        limit: at most so many filters; the subtitle says how many there are.

    Raises:
        NotBuiltError: the model has no weights yet.
        UnknownNameError: no such layer.
        ConfigError: a layer without filters.
        ShapeError: the inputs are no images.
    """
    first = vision.untrained(model) if before is True else before or None
    found = vision.filters(model, layer, before=first, image_shape=image_shape)
    return drawn(found, limit=limit, title=title)


def drawn(found: Filters, *, limit: int = 32, title: str | None = None) -> Figure:
    """The picture of filters that were read."""
    W = found.weights[:limit]
    both = [W] if found.before is None else [found.before[:limit], W]
    norm = style.symmetric(np.concatenate([part.ravel() for part in both]))
    deep = W.shape[3] > 1 and not (found.of_image and W.shape[3] == 3)
    blocks = [_Kernels(part) if deep else _Images(part, norm, len(both)) for part in both]
    left = 0.42 if deep else 0.0
    side_by_side = sum(left + block.width + 0.5 for block in blocks) - 0.5
    width = max(6.4, 2 * MARGIN + side_by_side)
    sheet = Sheet(width, title or _title(found), _words(found, limit))
    names = [say("before learning"), say("after learning")] if len(both) > 1 else [""]
    x, top = MARGIN, sheet.bottom
    for name, block in zip(names, blocks):
        if name:
            sheet.text(x + left, top, name, 10.5, bold=True)
        block.put(sheet, x + left, top + (0.26 if name else 0.0), norm)
        x += left + block.width + 0.5
    if not found.of_image or W.shape[3] != 3:
        sheet.key(MARGIN + left, sheet.bottom + 0.16, style.DIVERGING, norm, 2.0)
    else:
        edge = float(norm.vmax or 1.0)
        sheet.text(
            MARGIN, sheet.bottom + 0.12,
            say("Colours: red, green and blue weights from {low:.2g} to {high:.2g}; grey is 0.",
                low=-edge, high=edge), 9, color=style.FAINT,
        )  # fmt: skip
    return sheet.figure()


class _Images:
    """A picture for each filter, several in a row."""

    def __init__(self, W: Array, norm: Any, blocks: int) -> None:
        self.W = W
        most = 6 if blocks > 1 else 10
        self.across = min(most, len(W))
        tall = float(np.clip(W.shape[1] / W.shape[2], 0.2, 5.0))
        self.cell = 0.85 if max(W.shape[1:3]) > 9 else 0.68
        self.height = self.cell * tall
        self.width = self.across * (self.cell + GAP) - GAP

    def put(self, sheet: Sheet, left: float, top: float, norm: Any) -> None:
        for i, kernel in enumerate(self.W):
            x = left + (i % self.across) * (self.cell + GAP)
            y = top + (i // self.across) * (self.height + 0.24)
            if kernel.shape[2] == 3:
                pixels, cmap = np.clip(0.5 + kernel / (2 * norm.vmax), 0, 1), None
            else:
                pixels, cmap = kernel[..., 0], style.DIVERGING
            sheet.image(
                x, y, self.cell, self.height, pixels, cmap=cmap,
                norm=norm if cmap else None, frame=True,
            )  # fmt: skip
            sheet.text(
                x + self.cell / 2, y + self.height + 0.03, str(i), 8, align="center",
                color=style.FAINT,
            )  # fmt: skip


class _Kernels:
    """A row for each filter, with a kernel for each channel."""

    def __init__(self, W: Array) -> None:
        self.W = W
        self.cell = 0.36
        self.height = self.cell * float(np.clip(W.shape[1] / W.shape[2], 0.2, 5.0))
        self.width = min(CHANNELS, W.shape[3]) * (self.cell + 0.04) - 0.04

    def put(self, sheet: Sheet, left: float, top: float, norm: Any) -> None:
        for k in range(min(CHANNELS, self.W.shape[3])):
            x = left + k * (self.cell + 0.04) + self.cell / 2
            sheet.text(x, top, str(k), 8, align="center", color=style.FAINT)
        top += 0.17
        for i, kernel in enumerate(self.W):
            y = top + i * (self.height + 0.04)
            sheet.text(
                left - 0.08, y + self.height / 2, str(i), 8, align="right", color=style.FAINT,
                middle=True,
            )  # fmt: skip
            for k in range(min(CHANNELS, kernel.shape[2])):
                x = left + k * (self.cell + 0.04)
                sheet.image(
                    x, y, self.cell, self.height, kernel[..., k], cmap=style.DIVERGING, norm=norm,
                    frame=True,
                )  # fmt: skip


def _title(found: Filters) -> str:
    if found.dense:
        return say("What each unit looks for")
    return say("What each filter looks for")


def _words(found: Filters, limit: int) -> str:
    n, rows, columns, channels = found.weights.shape
    one = "{layer}: {n:,} units over {rows}×{columns} pixels" if found.dense else (
        "{layer}: {n:,} filters of {rows}×{columns}"
    )  # fmt: skip
    said = say(one, layer=found.layer, n=n, rows=rows, columns=columns)
    deep = channels > 1 and not (found.of_image and channels == 3)
    if deep:
        said += say("; a row for each filter, a column for each of {n:,} channels", n=channels)
    if deep and channels > CHANNELS:
        said += say(" (the first {n} are shown)", n=CHANNELS)
    if n > limit:
        said += say("; the first {n} filters are shown", n=limit)
    if found.before is None:
        return said
    return said + say("; one scale for both")
