"""Pictures side by side: a strip of images, and the gallery of mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import ShapeError
from glassnet.plots import inputs, style

_LETTERS = 13  # of a caption, under a picture of one inch


def image_strip(
    images: ArrayLike,
    captions: Sequence[Any] | None = None,
    *,
    shape: tuple[int, ...] | None = None,
    columns: int = 10,
    limit: int = 100,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Images in rows, each with its caption: grey ones dark on paper, colour ones as they are.

    All share one grey scale, from the smallest value (or 0) to the largest.

    Args:
        images: (n, height, width), (n, height, width, 3) or rows of pixels (n, pixels).
        captions: one for each image, such as its class.
        shape: of rows of pixels that are not square.
        limit: draw at most so many; the rest is counted in the subtitle.

    Raises:
        ShapeError: no such images, or not one caption for each.
    """
    pictures = inputs.images(images, shape)
    if captions is not None and len(captions) != len(pictures):
        raise ShapeError(f"{len(captions)} captions for {len(pictures)} images: pass one for each.")
    texts = None if captions is None else [style.shorten(text, _LETTERS) for text in captions]
    subtitle = None
    if len(pictures) > limit:
        subtitle = f"the first {limit:,} of {len(pictures):,}"
    figure, ax_ = _lay_out(pictures[:limit], texts, columns, 1, ax, title, subtitle)
    return style.finish(figure if ax is None else ax_)


def mistakes(
    images: ArrayLike,
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    probabilities: ArrayLike | None = None,
    class_names: Sequence[Any] | None = None,
    files: Sequence[str] | None = None,
    shape: tuple[int, ...] | None = None,
    columns: int = 8,
    limit: int = 40,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The images that were answered wrongly, with their true and their predicted class.

    Args:
        images: all images, as for ``image_strip``.
        y_true, y_pred: all labels (n,), right ones too.
        probabilities: of the classes (n, k), or of the answer (n,): the surest mistakes first.
        files: their names, each below its picture.

    Raises:
        ShapeError: not as many labels as images.
        LabelError: a label outside ``class_names``.
    """
    every = np.asarray(images)
    inputs.images(every[:1], shape)  # refuses what is no picture; all, as floats, take 8 times more
    true = inputs.labels(y_true, len(every), "y_true")
    predicted = inputs.labels(y_pred, len(every), "y_pred")
    index, names = inputs.classes(np.concatenate([_single(true), _single(predicted)]), class_names)
    true_index, predicted_index = np.split(index, 2)
    wrong = np.flatnonzero(true_index != predicted_index)
    sureness = _sureness(probabilities, predicted_index)
    order = "the first"
    if sureness is not None:
        wrong = wrong[np.argsort(-sureness[wrong], kind="stable")]
        order = "the surest"
    share = len(wrong) / len(every)
    heading = title or f"{len(wrong):,} of {len(every):,} wrong ({share:.2%})"
    if not len(wrong):
        figure, ax_ = style.figure_and_axes(ax, 6.0, 0.9)
        style.label(style.bare(ax_), heading, subtitle="no mistakes to show")
        return style.finish(figure if ax is None else ax_)
    shown = wrong[:limit]
    texts = [_caption(names[true_index[i]], names[predicted_index[i]]) for i in shown]
    if sureness is not None:
        texts = [f"{text}\n{sureness[i]:.0%} sure" for text, i in zip(texts, shown)]
    if files is not None:
        texts = [f"{text}\n{style.shorten(files[i], _LETTERS)}" for text, i in zip(texts, shown)]
    subtitle = "true class → answer"
    if len(wrong) > limit:
        subtitle += f"; {order} {limit} are shown"
    lines_each = max(text.count("\n") + 1 for text in texts)
    pictures = inputs.images(every[shown], shape)
    figure, ax_ = _lay_out(pictures, texts, columns, lines_each, ax, heading, subtitle)
    return style.finish(figure if ax is None else ax_)


def _lay_out(
    pictures: NDArray[np.float64],
    captions: Sequence[str] | None,
    columns: int,
    lines: int,
    ax: Axes | None,
    title: str | None,
    subtitle: str | None,
) -> tuple[Figure, Axes]:
    """Cells one inch wide on one axes, in inches from its upper left corner."""
    n = len(pictures)
    across = max(1, min(columns, n))
    rows = -(-n // across)
    tall = float(np.clip(pictures.shape[1] / pictures.shape[2], 0.2, 5.0))
    gap = 0.16
    below = gap + (0.0 if captions is None else 0.17 * lines + 0.05)
    width, height = across * (1 + gap) - gap, rows * (tall + below)
    head = 0.75 if subtitle else 0.55 if title else 0.1
    figure, ax_ = style.figure_and_axes(ax, max(width + 0.4, 4.6), height + head)
    style.bare(ax_)
    low, high = _grey_range(pictures)
    for i, picture in enumerate(pictures):
        left, top = (i % across) * (1 + gap), (i // across) * (tall + below)
        ax_.imshow(
            picture if picture.ndim == 2 else np.clip((picture - low) / (high - low), 0, 1),
            cmap="gray_r",
            vmin=low,
            vmax=high,
            extent=(left, left + 1, top + tall, top),
            interpolation="nearest",
        )
        if captions is not None:
            ax_.text(
                left + 0.5, top + tall + 0.04, captions[i], ha="center", va="top", fontsize=9.5,
                color=style.INK, linespacing=1.15,
            )  # fmt: skip
    ax_.set_xlim(0, max(width, 4.2 if ax is None else 0))
    ax_.set_ylim(height, 0)
    ax_.set_aspect("equal", anchor="NW")
    style.label(ax_, title, subtitle=subtitle)
    return figure, ax_


def _grey_range(pictures: NDArray[np.float64]) -> tuple[float, float]:
    finite = pictures[np.isfinite(pictures)]
    low = min(0.0, float(finite.min())) if finite.size else 0.0
    high = float(finite.max()) if finite.size else 1.0
    return low, high if high > low else low + 1.0


def _caption(true: str, predicted: str) -> str:
    """One line for digits, two for words."""
    first, second = (style.shorten(name, _LETTERS - 2) for name in (true, predicted))
    return f"{first}{' ' if max(len(first), len(second)) <= 3 else chr(10)}→ {second}"


def _single(y: NDArray[Any]) -> NDArray[Any]:
    return y.argmax(axis=1) if y.ndim == 2 else y


def _sureness(
    probabilities: ArrayLike | None, predicted: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """The probability of each answer (n,)."""
    if probabilities is None:
        return None
    given = inputs.numbers(probabilities, "probabilities")
    if len(given) != len(predicted) or given.ndim > 2:
        raise ShapeError(
            f"probabilities have shape {given.shape}; expected ({len(predicted)}, classes) or "
            f"({len(predicted)},)."
        )
    return given.max(axis=1) if given.ndim == 2 else given
