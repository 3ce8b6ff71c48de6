"""What all pictures share: colours, second signs, fonts, sizes, and saving.

Colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart. Each has
a second sign (the marker's shape, the line's dashes) that also survives a greyscale print.
Nothing here reads or changes matplotlib's global state beyond its list of fonts: no pyplot (but
see ``showing``), no ``rcParams``, so figures can be drawn in several threads at once.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib.util
import io
import textwrap
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.legend import Legend
from matplotlib.text import Text

from glassnet._core.registry import lookup
from glassnet._core.storage import PathLike, atomic_write
from glassnet.errors import ConfigError
from glassnet.plots import showing

INK = "#1F2328"  # text
FAINT = "#6B7280"  # second-rank text, zero lines
GRID = "#E5E7EB"
PAPER = "#FFFFFF"

OKABE_ITO = (
    "#0072B2",  # blue
    "#E69F00",  # orange
    "#009E73",  # green
    "#D55E00",  # vermilion
    "#CC79A7",  # purple
    "#56B4E9",  # sky
    "#F0E442",  # yellow
    "#000000",  # black
)
# Yellow is too pale for a thin line on white.
LINE_COLORS = tuple(c for c in OKABE_ITO if c != "#F0E442")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))

# Signed values: orange below zero, blue above, paper at zero; ends equally dark (L* = 40).
DIVERGING = LinearSegmentedColormap.from_list(
    "glassnet_diverging", ["#9C4600", "#DE8A3A", "#FAF9F5", "#5BA3D0", "#00659E"]
)
# Amounts from zero up: the upper half of the same scale.
SEQUENTIAL = LinearSegmentedColormap.from_list(
    "glassnet_sequential", ["#FAF9F5", "#5BA3D0", "#00659E", "#003A5C"]
)

FORMATS = {".png": "png", ".svg": "svg", ".pdf": "pdf"}
DPI = 160  # 8 inches wide: 1280 pixels

# Fonts that have Korean, the best first.
KOREAN = (
    "Apple SD Gothic Neo", "Malgun Gothic", "Pretendard", "Noto Sans KR", "Noto Sans CJK KR",
    "Noto Sans CJK JP",  # one file for all of CJK; matplotlib may list only its first face
    "Source Han Sans KR", "Source Han Sans K", "Spoqa Han Sans Neo", "SUIT", "IBM Plex Sans KR",
    "NanumGothic", "Nanum Gothic", "NanumBarunGothic", "NanumSquare", "Gothic A1", "KoPubDotum",
    "AppleGothic", "Dotum", "Gulim", "UnDotum", "Baekmuk Dotum", "Noto Sans Mono CJK KR",
    "D2Coding", "Noto Serif KR", "Noto Serif CJK KR", "Noto Serif CJK JP", "NanumMyeongjo",
    "AppleMyungjo", "Batang", "UnBatang", "Arial Unicode MS", "Droid Sans Fallback",
)  # fmt: skip


def class_color(index: int) -> str:
    """The colour of class ``index``; the eight repeat, with other markers."""
    return OKABE_ITO[index % len(OKABE_ITO)]


def class_marker(index: int) -> str:
    """The marker of class ``index``: (colour, marker) is unique for 64 classes."""
    return MARKERS[(index + index // len(OKABE_ITO)) % len(MARKERS)]


def line_color(index: int) -> str:
    """The colour of curve ``index``."""
    return LINE_COLORS[index % len(LINE_COLORS)]


def line_style(index: int) -> Any:
    """The dashes of curve ``index``: (colour, dashes) is unique for 28 curves."""
    return DASHES[index % len(DASHES)]


def symmetric(values: Any) -> TwoSlopeNorm:
    """The scale of ``DIVERGING`` for signed values: as far below zero as above."""
    finite = np.asarray(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    largest = largest or 1.0
    return TwoSlopeNorm(vcenter=0.0, vmin=-largest, vmax=largest)


@functools.cache
def fonts() -> tuple[str, ...]:
    """DejaVu Sans (comes with matplotlib), then a font that has Korean.

    The system's, also where it was installed after Matplotlib made its list of fonts; where
    there is none, the NanumGothic of the package ``koreanize-matplotlib``.
    """
    for add in (None, _installed_since, _packaged):
        if add is not None:
            _add_fonts(add())
        listed = {f.name for f in font_manager.fontManager.ttflist if Path(f.fname).exists()}
        korean = [name for name in KOREAN if name in listed]
        if korean:
            _give_bold(korean[0])
            return ("DejaVu Sans", korean[0])
    return ("DejaVu Sans",)


def _installed_since() -> set[str]:
    """The system's font files that are not in Matplotlib's list, which it keeps for ever."""
    known = {font.fname for font in font_manager.fontManager.ttflist}
    return set(font_manager.findSystemFonts()) - known


def _packaged() -> list[str]:
    """Font files only: to import the package would change Matplotlib's settings."""
    package = importlib.util.find_spec("koreanize_matplotlib")
    folders = [] if package is None else package.submodule_search_locations or []
    names = ("NanumGothic.ttf", "NanumGothicBold.ttf")
    files = [Path(folder, "fonts", name) for folder in folders for name in names]
    return [str(file) for file in files if file.exists()]


def _add_fonts(files: Iterable[str]) -> None:
    for file in files:
        with contextlib.suppress(Exception):  # whatever a damaged font may raise
            font_manager.fontManager.addfont(file)


def _give_bold(name: str) -> None:
    """Let the heaviest face of a font stand for a bold one, if it has none.

    Otherwise Matplotlib takes the same face and complains; it takes 600 for NanumGothic's bold.
    """
    fonts = font_manager.fontManager.ttflist
    faces = [font for font in fonts if font.name == name and font.style == "normal"]
    weights = [font_manager.weight_dict.get(str(f.weight), f.weight) for f in faces]
    if faces and 700 not in weights:
        fonts.append(dataclasses.replace(faces[int(np.argmax(weights))], weight=700))


def has_korean() -> bool:
    """Whether a font that has Korean is there."""
    return len(fonts()) > 1


class Picture(Figure):
    """A matplotlib Figure that shows itself in a notebook, without pyplot."""

    def _repr_png_(self) -> bytes:
        return _render(self, "png", DPI)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """For a notebook, before pyplot's own way: shown once, and not again as its cell ends."""
        showing.withdraw(self)
        return {"image/png": self._repr_png_()}


def figure(width: float = 8.0, height: float = 5.0) -> Picture:
    """An empty figure (inches) whose layout keeps labels apart."""
    new = Picture(figsize=(width, height), dpi=DPI, facecolor=PAPER, edgecolor=PAPER)
    new.set_layout_engine("constrained", w_pad=0.1, h_pad=0.1, wspace=0.02, hspace=0.02)
    FigureCanvasAgg(new)
    return new


def figure_and_axes(
    ax: Axes | None, width: float = 8.0, height: float = 5.0
) -> tuple[Figure, Axes]:
    """The caller's axes and their figure, or new ones of the given size (inches)."""
    if ax is not None:
        return root_figure(ax), ax
    new = figure(width, height)
    return new, dress(new.add_subplot())


def root_figure(ax: Axes) -> Figure:
    """The figure that ``ax`` finally lies in (it may lie in a subfigure)."""
    found = ax.get_figure(root=True)
    assert found is not None  # axes always have one
    return found


def dress(ax: Axes, grid: bool = True) -> Axes:
    """Light grid behind, two spines, quiet ticks."""
    ax.set_facecolor(PAPER)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(FAINT)
        spine.set_linewidth(0.8)
    ax.tick_params(which="both", colors=FAINT, labelcolor=INK, labelsize=10)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(True, color=GRID, linewidth=0.8, linestyle="-")
    else:
        ax.grid(False)
    return ax


def bare(ax: Axes) -> Axes:
    """No ticks, no grid, no spines: for images and drawings."""
    ax.set_facecolor(PAPER)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


def label(
    ax: Axes,
    title: str | None = None,
    x: str | None = None,
    y: str | None = None,
    subtitle: str | None = None,
    room: float = 0.0,
) -> Axes:
    """Title and subtitle (at the left, lines broken to fit) and names of the axes, where given.

    ``room``: points to leave free between the axes and the title.
    """
    below = 10.0 + room
    if subtitle:
        lines = wrap(subtitle, ax, letter=0.56 * 10)
        below += 14.0 * (lines.count("\n") + 1)
        place: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
        ax.annotate(lines, (0, 1), (0, 8 + room), fontsize=10, color=FAINT, **place)
    if title is not None:
        broken = wrap(title, ax, letter=0.68 * 13)
        ax.set_title(broken, loc="left", fontsize=13, fontweight="bold", color=INK, pad=below)
    if x is not None:
        ax.set_xlabel(x, fontsize=11, color=INK)
    if y is not None:
        ax.set_ylabel(y, fontsize=11, color=INK)
    return ax


def heading(whole: Figure, title: str | None, caption: str | None = None) -> None:
    """Title above and caption below of a figure with several panels, at its left."""
    for text, size, put in ((title, 13.0, whole.suptitle), (caption, 10.0, whole.supxlabel)):
        if not text:
            continue
        wide = inches(text, size) * (0.95 if put == whole.suptitle else 0.9)
        letters = max(16, int(len(text) * (whole.get_figwidth() - 0.3) / max(wide, 0.1)))
        made = put(textwrap.fill(text, letters), x=0.01, ha="left", fontsize=size)
        made.set_color(INK if put == whole.suptitle else FAINT)
        made.set_fontweight("bold" if put == whole.suptitle else "normal")


def wrap(text: str, ax: Axes, letter: float) -> str:
    """``text`` broken into lines that, from the left of ``ax``, stay in its columns and figure.

    ``letter``: the mean width of a letter in points.
    """
    if "$" in text:  # a formula is not broken
        return text
    spec = ax.get_subplotspec()
    share = len(spec.colspan) / spec.get_gridspec().ncols if spec else 1.0
    available = root_figure(ax).get_figwidth() * share - 0.6
    # so wide are the text's letters, Korean among them, beside those of English
    wide = inches(text) / inches("m" * len(text)) if text else 1.0
    width = max(16, int(available * 72 / (letter * wide)))
    return "\n".join(textwrap.fill(line, width) for line in text.split("\n"))


def shorten(text: object, width: int) -> str:
    """``text`` in at most ``width`` letters; … stands for what was taken from its middle.

    >>> shorten("a very long name of class 12", 14)
    'a very…ass 12'
    """
    whole = str(text)
    if len(whole) <= width:
        return whole
    tail = (width - 1) // 2
    return f"{whole[: width - 1 - tail].rstrip()}…{whole[len(whole) - tail :].lstrip()}"


def inches(text: str, size: float = 10.0) -> float:
    """The width of a line of ``text``, about: a letter is 0.6 of its size wide, a Korean one 1."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return (0.6 * (len(text) - wide) + wide) * size / 72


def percent(share: float, _: object = None) -> str:
    """A share as a tick of an axis in %, without needless zeros."""
    return f"{100 * share:.6g}"


def legend(ax: Axes, outside: bool = False, **options: Any) -> Legend:
    """The legend inside (``loc`` as matplotlib) or to the right of the axes."""
    if outside:
        options = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0} | options
    options = {"loc": "upper right", "fontsize": 10, "labelcolor": INK} | options
    options = {"frameon": not outside, "framealpha": 0.9, "edgecolor": GRID} | options
    made = ax.legend(**options)
    made.get_frame().set_facecolor(PAPER)
    return made


def color_key(ax: Axes, drawn: ScalarMappable, name: str, **options: Any) -> Colorbar:
    """The key of a colour scale, to the right of ``ax``."""
    options = {"aspect": 28, "pad": 0.02, "panchor": False} | options
    key = root_figure(ax).colorbar(drawn, ax=ax, **options)
    key.set_label(name, fontsize=11, color=INK)
    set_fonts(key.ax.yaxis.label)
    key.outline.set_visible(False)
    key.ax.tick_params(colors=FAINT, labelcolor=INK, labelsize=10)
    return key


def finish(drawn: Figure | Axes) -> Figure:
    """Give every text that needs them the Korean fonts; returns the figure. A plot's last line."""
    whole = drawn if isinstance(drawn, Figure) else root_figure(drawn)
    for text in whole.texts:  # the title of several panels is one of them
        set_fonts(text)
    for ax in whole.axes if isinstance(drawn, Figure) else [drawn]:
        # Not findobj: that would make every tick of every axis, which takes longer than drawing.
        named = [ax.xaxis.label, ax.yaxis.label, *ax.texts]
        named += [child for child in ax.get_children() if isinstance(child, Text)]  # titles
        for key in (ax.get_legend(), *whole.legends):
            named += [] if key is None else [*key.get_texts(), key.get_title()]
        for text in named:
            set_fonts(text)
    if isinstance(whole, Picture):
        showing.offer(whole)
    return whole


def set_fonts(text: Text) -> None:
    """Give a text the fonts, if it has other letters than ASCII: looking up two takes time."""
    if not text.get_text().isascii():
        text.set_fontfamily(list(fonts()))


def save(figure: Figure, path: PathLike, dpi: float = DPI) -> Path:
    """Write a figure as PNG, SVG or PDF, by the file's suffix; all of it or nothing.

    Raises:
        UnknownNameError: another suffix.
        ConfigError: not a figure.
        OSError: the file cannot be written; what was there before is still whole.

    >>> save(figure(), "curve.gif")
    Traceback (most recent call last):
    glassnet.errors.UnknownNameError: unknown picture format '.gif': did you mean '.svg'? \
Known are .png, .svg, .pdf.
    """
    if not isinstance(figure, Figure):
        raise ConfigError(f"save: expected a figure of glassnet.plots, got {figure!r}.")
    target = Path(path)
    kind = lookup("picture format", FORMATS, target.suffix.lower())
    content = _render(figure, kind, dpi)
    with atomic_write(target) as file:
        file.write(content)
    return target


def _render(figure: Figure, kind: str, dpi: float) -> bytes:
    content = io.BytesIO()
    if kind == "png":
        _write_png(figure, content, dpi)
    else:
        undated: dict[str, dict[str, Any]] = {
            "svg": {"Date": None},
            "pdf": {"CreationDate": None},
        }
        figure.savefig(content, format=kind, dpi=dpi, metadata=undated[kind])
    return content.getvalue()


def _write_png(figure: Figure, file: io.BytesIO, dpi: float) -> None:
    """The picture of ``figure.savefig``, which draws twice, first for the layout: in 0.7 of it.

    Packed in half the time of the usual level 6; the files are a sixth larger.
    """
    canvas, own_dpi = figure.canvas, figure.dpi
    try:
        figure.dpi = dpi
        drawn: Any = FigureCanvasAgg(figure)  # Matplotlib says no types
        drawn.draw()
        packed = {"compress_level": 3}
        imsave(file, drawn.buffer_rgba(), format="png", dpi=dpi, pil_kwargs=packed)
    finally:
        figure.dpi = own_dpi
        figure.set_canvas(canvas)
