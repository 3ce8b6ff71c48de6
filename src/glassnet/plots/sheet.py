"""A picture of many small pictures, laid out in inches from the upper left corner.

Images, words and keys are put where they belong, and drawn together on one axes: a subplot for
each of hundreds of feature maps takes seconds.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from glassnet._core.types import Array
from glassnet.plots import style

MARGIN = 0.18
KEY = 1.1  # inches of a key


class Sheet:
    """Collects what is drawn; :meth:`figure` draws it.

    Args:
        width: inches.
    """

    def __init__(self, width: float, title: str, subtitle: str | None = None) -> None:
        self.width = width
        self.bottom = MARGIN  # how far down something was put
        self._put: list[Callable[[Axes], Any]] = []
        for text, size, bold in ((title, 13.0, True), (subtitle, 10.0, False)):
            if text:
                color = style.INK if bold else style.FAINT
                self.paragraph(MARGIN, self.bottom, text, size, bold=bold, color=color)
        self.bottom += 0.14

    def paragraph(
        self, left: float, top: float, text: str, size: float = 10.0, *, room: float | None = None,
        **look: Any,
    ) -> None:  # fmt: skip
        """Text broken to fit into ``room`` inches, or into the sheet."""
        room = self.width - left - MARGIN if room is None else room
        factor = 1.06 if look.get("bold") else 0.93  # of style.inches, which is for any letters
        wide = style.inches(text, size) * factor
        letters = max(12, int(len(text) * room / max(wide, 0.1)))
        for line in textwrap.wrap(text, letters):
            self.text(left, top, line, size, **look)
            top += size * 1.35 / 72

    def text(
        self, left: float, top: float, text: str, size: float = 9.5, *, align: str = "left",
        color: str = style.INK, bold: bool = False, middle: bool = False,
    ) -> None:  # fmt: skip
        """One line; ``align`` and ``middle`` say which part of it lies at (left, top)."""
        look: dict[str, Any] = {
            "ha": align, "va": "center" if middle else "top", "fontsize": size, "color": color,
            "fontweight": "bold" if bold else "normal",
        }  # fmt: skip
        self._put.append(lambda ax: ax.text(left, top, text, **look))
        self._reach(top + size * 1.35 / 72 * (0.5 if middle else 1))

    def image(
        self, left: float, top: float, width: float, height: float, pixels: Array, *,
        cmap: str | Colormap | None = None, norm: Normalize | None = None, smooth: bool = False,
        alpha: Any = None, frame: bool = False,
    ) -> None:  # fmt: skip
        """Pixels (rows, columns) by a colour scale, or (rows, columns, 3 or 4) as they are."""
        extent = (left, left + width, top + height, top)
        way = "bilinear" if smooth else "nearest"

        def draw(ax: Axes) -> None:
            drawn = ax.imshow(
                pixels, cmap=cmap, norm=norm, extent=extent, interpolation=way, alpha=alpha,
                aspect="auto", zorder=1,
            )  # fmt: skip
            drawn.set_clip_on(True)

        self._put.append(draw)
        if frame:
            self.frame(left, top, width, height, color=style.GRID, line=0.6)
        self._reach(top + height)

    def frame(
        self, left: float, top: float, width: float, height: float, *, color: str, line: float = 1.2
    ) -> None:
        """The edge of a box."""
        look: dict[str, Any] = {"fill": False, "edgecolor": color, "linewidth": line, "zorder": 3}
        self._put.append(lambda ax: ax.add_patch(Rectangle((left, top), width, height, **look)))

    def key(
        self, left: float, top: float, cmap: str | Colormap, norm: Normalize, width: float = KEY
    ) -> None:
        """A strip of the colour scale with its ends, and 0 where it lies between."""
        low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
        steps = np.linspace(low, high, 128)[None]
        self.image(left, top, width, 0.1, steps, cmap=cmap, norm=norm)
        ends = [(0.0, low, "left"), (width, high, "right")]
        if low < 0 < high and width >= 0.9:
            ends.append((width * -low / (high - low), 0.0, "center"))
        for along, value, align in ends:
            self.text(
                left + along, top + 0.13, number(value), 8, align=align, color=style.FAINT
            )  # fmt: skip

    def figure(self) -> Figure:
        """The sheet, as high as what was put on it."""
        height = self.bottom + MARGIN
        made = style.figure(self.width, height)
        made.set_layout_engine("none")
        ax = style.bare(made.add_axes((0.0, 0.0, 1.0, 1.0)))
        for draw in self._put:
            draw(ax)
        ax.set_xlim(0, self.width)
        ax.set_ylim(height, 0)
        return style.finish(made)

    def _reach(self, bottom: float) -> None:
        self.bottom = max(self.bottom, bottom)


def number(value: float) -> str:
    """A number at the end of a scale, short.

    >>> number(-0.0), number(12.3456), number(0.00012)
    ('0', '12.3', '0.00012')
    """
    return f"{value + 0.0:.3g}"


def amounts(values: Array) -> tuple[Any, Normalize]:
    """The scale of values: amounts from 0 up, or signed ones as far below 0 as above."""
    finite = values[np.isfinite(values)]
    if finite.size and finite.min() < 0:
        return style.DIVERGING, style.symmetric(finite)
    largest = float(finite.max()) if finite.size else 0.0
    return style.SEQUENTIAL, Normalize(0.0, largest or 1.0)
