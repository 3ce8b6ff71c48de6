"""Which inputs spoke for an answer, and which against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet.errors import DataError, ShapeError
from glassnet.plots import inputs, style

MOST_BARS = 20


def attribution_image(
    picture: ArrayLike, maps: Mapping[str, ArrayLike], title: str | None = None
) -> Figure:
    """The picture, and beside it what each pixel did: blue spoke for the answer, orange against.

    Args:
        picture: (height, width) or (height, width, channels).
        maps: name → a number for each pixel, of the picture's shape; of colours the sum counts.

    Raises:
        ShapeError: a map of another shape.
    """
    image = np.asarray(picture, dtype=np.float64)
    if image.ndim not in (2, 3):
        raise ShapeError(f"the picture has shape {image.shape}; expected (height, width[, 3]).")
    figure = style.figure(3.1 * (1 + len(maps)) + 0.4, 3.7)
    panels = figure.subplots(1, 1 + len(maps), squeeze=False)[0]
    shown = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    if shown.ndim == 3:
        span = shown.max() - shown.min()
        shown = (shown - shown.min()) / (span or 1.0)
    style.bare(panels[0]).imshow(shown, cmap="gray", interpolation="nearest")
    style.label(panels[0], "input")
    for ax, (name, values) in zip(panels[1:], maps.items()):
        array = np.asarray(values, dtype=np.float64)
        if array.shape != image.shape:
            raise ShapeError(f"{name}: shape {array.shape}, but the picture has {image.shape}.")
        flat = array.sum(axis=2) if array.ndim == 3 else array
        drawn = style.bare(ax).imshow(
            flat, cmap=style.DIVERGING, norm=style.symmetric(flat), interpolation="nearest"
        )
        style.label(ax, name)
        bar = figure.colorbar(drawn, ax=ax, orientation="horizontal", shrink=0.8, aspect=25)
        bar.ax.tick_params(labelsize=8, colors=style.FAINT, labelcolor=style.INK)
        largest = float(np.abs(flat).max()) or 1.0
        bar.set_ticks([-largest, 0.0, largest])
        bar.set_ticklabels([f"{-largest:.2g}", "0", f"{largest:.2g}"])
        bar.outline.set_visible(False)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, color=style.INK)
    return style.finish(figure)


def attribution_bars(
    names: Sequence[str],
    values: Mapping[str, ArrayLike],
    title: str | None = None,
    most: int = MOST_BARS,
) -> Figure:
    """A bar for each feature, to the right if it spoke for the answer; one panel for each way.

    Of more than ``most`` features those are drawn that matter most in the last panel.

    Raises:
        DataError: no features.
        ShapeError: not one number for each feature.
    """
    arrays = {key: inputs.numbers(v, key).reshape(-1) for key, v in values.items()}
    if not arrays:
        raise DataError("there are no values to draw.")
    for key, array in arrays.items():
        if len(array) != len(names):
            raise ShapeError(f"{key}: {len(array)} numbers for {len(names)} features.")
    last = list(arrays.values())[-1]
    order = np.argsort(-np.abs(last), kind="stable")[:most][::-1]
    figure = style.figure(4.2 * len(arrays) + 1.5, 1.3 + 0.3 * len(order))
    panels = figure.subplots(1, len(arrays), sharey=True, squeeze=False)[0]
    places = np.arange(len(order))
    for ax, (key, array) in zip(panels, arrays.items()):
        chosen = array[order]
        norm = style.symmetric(chosen)
        colors = [style.OKABE_ITO[0] if v >= 0 else style.OKABE_ITO[3] for v in chosen]
        style.dress(ax).barh(places, chosen, color=colors, height=0.7)
        ax.axvline(0, color=style.FAINT, linewidth=0.8)
        ax.set_xlim(float(norm.vmin or -1) * 1.08, float(norm.vmax or 1) * 1.08)
        ax.grid(False, axis="y")
        style.label(ax, key, "against the answer  ←  0  →  for it")
    panels[0].set_yticks(places, [names[i] for i in order])
    words = title or ""
    if len(order) < len(names):
        words += f"  (the {len(order)} that matter most of {len(names)})"
    if words:
        figure.suptitle(words, x=0.01, ha="left", fontsize=12, color=style.INK)
    return style.finish(figure)
