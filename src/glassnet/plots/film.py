"""A descent as a film: a GIF whose landscape is drawn once and whose points move."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glassnet._core.storage import atomic_write
from glassnet.calculus import Descent
from glassnet.errors import ConfigError
from glassnet.plots import landscape, style
from glassnet.plots.descents import draw_curve
from glassnet.plots.landscape import Function, Range
from glassnet.plots.paths import inside, path_of, paths_of, window

Pixels = NDArray[np.uint8]  # (height, width, 3)


def descent_animation(
    f: Function,
    runs: Descent | Mapping[str, Descent],
    path: str | os.PathLike[str],
    x0_range: Range | None = None,
    x1_range: Range | None = None,
    *,
    frames_per_second: int = 8,
    frames: int = 60,
    title: str | None = None,
) -> Path:
    """Write one or several descents as a film (GIF) that runs for ever; returns its path.

    Args:
        f: what was descended, of a point (2,) or a number (then one descent only).
        path: where to write, ``….gif``; all of it or nothing.
        frames: at most this many pictures: of longer paths, every so many steps.

    Raises:
        ConfigError: another suffix, no descents, no pictures.
        OSError: the file cannot be written; what was there before is still whole.
    """
    target = Path(path)
    if target.suffix.lower() != ".gif":
        raise ConfigError(f"{target.name}: an animation is written as GIF; name it so.")
    if frames < 2 or frames_per_second < 1:
        raise ConfigError(f"{frames} frames at {frames_per_second} a second make no film.")
    advance, last = _film(f, runs, x0_range, x1_range, title)
    steps = np.unique(np.linspace(0, last, min(frames, last + 1)).round().astype(int))
    pictures = [advance(int(step)) for step in steps]
    table = _palette(pictures[-1])
    first, *others = [_indexed(picture, table) for picture in pictures]
    milliseconds = [round(1000 / frames_per_second)] * len(pictures)
    milliseconds[-1] += 1500  # rest at the end
    content = io.BytesIO()
    first.save(content, format="GIF", save_all=True, append_images=others,
               duration=milliseconds, loop=0, optimize=False)  # fmt: skip
    with atomic_write(target) as file:
        file.write(content.getvalue())
    return target


def _film(
    f: Function, runs: Any, x0_range: Range | None, x1_range: Range | None, title: str | None
) -> tuple[Callable[[int], Pixels], int]:
    """What draws the picture of a step, and the last step."""
    if isinstance(runs, Descent) and path_of(runs).shape[1] == 1:
        runs = {"": runs}
        paths = {"": path_of(runs[""])}
        function = landscape.as_function(f, 1)
    else:
        runs = {"": runs} if isinstance(runs, Descent) else dict(runs)
        paths = paths_of(runs)
        function = landscape.as_function(f, 2)
    figure, ax = style.figure_and_axes(None, 7.2, 6.0)
    figure.set_dpi(100)
    flat = next(iter(paths.values())).shape[1] == 1
    if flat:
        draw_curve(ax, function, paths[""], x0_range, dots=False)
        trails = {"": np.column_stack([paths[""][:, 0], runs[""].values])}
    else:
        ends = window(list(paths.values()), x0_range, x1_range)
        landscape.contours(ax, function, ends[0], ends[1])
        trails = {label: inside(trail, ends) for label, trail in paths.items()}
    artists = {}
    for index, label in enumerate(trails):
        color = style.line_color(index)
        (line,) = ax.plot([], [], "-o", color=color, linewidth=1.8, markersize=3, zorder=3)
        (head,) = ax.plot([], [], style.class_marker(index), color=color, markersize=11,
                          markeredgecolor=style.PAPER, markeredgewidth=1.4, zorder=4,
                          label=label or None)  # fmt: skip
        artists[label] = line, head
    if len(trails) > 1:
        style.legend(ax, loc="best")
    name = landscape.name_of(function)
    style.label(ax, title=title or (name if name == "f" else f"f = {name}"))
    clock = ax.annotate("step", (0.985, 0.03), xycoords="axes fraction", ha="right", fontsize=12,
                        color=style.INK)  # fmt: skip
    style.finish(figure)
    # The landscape is drawn once; each picture puts only what moves on top of it.
    moving = [clock, *(artist for pair in artists.values() for artist in pair)]
    for artist in moving:
        artist.set_animated(True)
    canvas: Any = figure.canvas  # of Agg, whose methods have no types
    canvas.draw()
    stage = canvas.copy_from_bbox(figure.bbox)

    def advance(step: int) -> Pixels:
        for label, trail in trails.items():
            line, head = artists[label]
            shown = trail[: step + 1]
            line.set_data(shown[:, 0], shown[:, 1])
            head.set_data(shown[-1:, 0], shown[-1:, 1])
        clock.set_text(f"step {step}")
        canvas.restore_region(stage)
        for artist in moving:
            ax.draw_artist(artist)
        return np.array(canvas.buffer_rgba())[:, :, :3]

    return advance, max(run.steps for run in runs.values())


def _palette(picture: Pixels) -> NDArray[np.int64]:
    """The 256 colours of a film, one table for all pictures: no flicker, small files.

    The 200 that cover most, exactly (the paper, the bands of height, the lines), and grid
    points of the colour cube for what lies between them at edges.
    """
    found, counts = np.unique(_packed(picture), return_counts=True)
    exact = _unpacked(found[np.argsort(counts)[::-1][: 256 - 27]])
    cube = np.stack(np.meshgrid(*[[0, 128, 255]] * 3), axis=-1).reshape(-1, 3)
    return np.concatenate([exact, cube]).astype(np.int64)


def _indexed(picture: Pixels, table: NDArray[np.int64]) -> Image.Image:
    """The picture with each colour replaced by the nearest of the table."""
    height, width, _ = picture.shape
    found, where = np.unique(_packed(picture), return_inverse=True)
    distances = ((_unpacked(found)[:, np.newaxis] - table) ** 2).sum(axis=2)
    nearest = distances.argmin(axis=1).astype(np.uint8)
    image = Image.frombytes("P", (width, height), nearest[where.ravel()].tobytes())
    image.putpalette(table.astype(np.uint8).tobytes())
    return image


def _packed(picture: Pixels) -> NDArray[np.int64]:
    """Each pixel as one number (sorting numbers is 10 times faster than sorting rows)."""
    red, green, blue = np.moveaxis(picture.reshape(-1, 3).astype(np.int64), 1, 0)
    return red << 16 | green << 8 | blue


def _unpacked(colors: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=1)
