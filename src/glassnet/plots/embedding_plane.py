"""Images as points of the plane, as near as what the network has made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet import vision
from glassnet._core.types import Array
from glassnet.model import Sequential
from glassnet.plots import inputs, style
from glassnet.plots.data import class_legend, legend_width, scatter_classes
from glassnet.plots.pixels import pixels
from glassnet.plots.words import say
from glassnet.vision import Embedding
from glassnet.vision.named import image_shape_of

PICTURES = 250  # that are drawn as images
THUMB = 0.22  # inches


def embedding(
    model: Sequential,
    x: ArrayLike,
    y: ArrayLike | None = None,
    *,
    layer: str | None = None,
    way: Literal["pca", "tsne"] = "pca",
    images: bool = False,
    class_names: Sequence[Any] | None = None,
    image_shape: tuple[int, ...] | None = None,
    seed: int = 0,
    most: int | None = None,
    title: str | None = None,
) -> Figure:
    """What the network has made of the images before its last layer, in the plane.

    Args:
        x: images (n, …) as the network reads them, such as the held-out ones.
        y: their classes (n,), which give the points their colours and markers.
        layer: what this one gives; if not given, what the last layer with weights reads.
        way: "pca", the two directions of largest variance; "tsne", neighbours stay neighbours.
        images: draw the images instead of points, some hundred of them.
        class_names: of the numbers in ``y``.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.
        seed: of t-SNE, and of which images are taken of many.
        most: images; 2,000, for t-SNE 1,000, if not given.

    Raises:
        NotBuiltError: the model has no parameters yet.
        UnknownNameError: no such layer, or no such way.
        ShapeError, DataError: not images of the network's size; fewer than three.
    """
    given = np.asarray(x)
    found = vision.embedding(model, given, layer=layer, way=way, seed=seed, most=most)
    shown = None
    if images:
        shape = image_shape_of(model, image_shape)
        shown = given[found.samples].reshape(-1, *shape)
    labels = None if y is None else inputs.labels(y, len(given))[found.samples]
    return drawn(found, labels, class_names=class_names, images=shown, title=title)


def drawn(
    found: Embedding, y: Array | None = None, *, class_names: Sequence[Any] | None = None,
    images: Array | None = None, title: str | None = None,
) -> Figure:  # fmt: skip
    """The picture of an embedding; y and images: of its points, in their order."""
    index, names = (np.zeros(len(found.points), np.int64), [""])
    if y is not None:
        index, names = inputs.classes(y, class_names, len(found.points))
    room = legend_width(names) if y is not None else 0.0
    height = 4.2
    if images is not None:  # which are not to be stretched: the axes are as high as the points are
        across, up = np.ptp(found.points, axis=0) + 1e-12
        height = float(np.clip(5.0 * up / across, 2.0, 6.0))
    figure, ax = style.figure_and_axes(None, room + 6.2, height + 1.4)
    words = _words(found)
    if images is None:
        scatter_classes(ax, found.points, index, names)
    else:
        words += " " + _pictures(ax, found.points, index if y is not None else None, names, images)
    if y is not None:
        class_legend(ax, names)
    ax.set_aspect("equal", adjustable="datalim" if images is None else "box")
    first, second = _axes(found)
    if found.way == "tsne":
        ax.set_xticks([])
        ax.set_yticks([])
    style.label(ax, title or say("What the network has made of the images"), first, second, words)
    return style.finish(figure)


def _pictures(
    ax: Axes, points: Array, index: Array | None, names: Sequence[str], images: Array
) -> str:
    """Images at their points; those that would lie on one before are left out."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = float((high - low).max()) or 1.0
    side = span * THUMB / 5.0
    shown = pixels(images)
    kept: list[int] = []
    for i, point in enumerate(points):
        near = np.abs(points[kept] - point).max(axis=1, initial=0, where=True) if kept else []
        if len(kept) < PICTURES and not any(np.asarray(near) < side * 0.8):
            kept.append(i)
    for i in kept:
        x, y = points[i]
        box = (x - side / 2, x + side / 2, y - side / 2, y + side / 2)
        ax.imshow(shown.images[i], cmap=shown.cmap, norm=shown.norm, extent=box, zorder=3,
                  interpolation="nearest", aspect="auto")  # fmt: skip
        if index is not None:
            edge = _edge(int(index[i]))
            ax.plot(np.take(box, [0, 1, 1, 0, 0]), np.take(box, [2, 2, 3, 3, 2]), zorder=4, **edge)
    if index is not None:
        for k, name in enumerate(names):
            ax.plot([], [], label=style.shorten(name, 24), **_edge(k))
    ax.set_xlim(low[0] - side, high[0] + side)
    ax.set_ylim(low[1] - side, high[1] + side)
    return say("{n} of {total:,} images are drawn, where there is room.", n=len(kept),
               total=len(points))  # fmt: skip


def _edge(number: int) -> dict[str, Any]:
    """The edge of an image of class ``number``: the eight colours repeat, with other dashes."""
    dashes = style.DASHES[number // len(style.OKABE_ITO) % len(style.DASHES)]
    return {"color": style.class_color(number), "linestyle": dashes, "linewidth": 1.4}


def _words(found: Embedding) -> str:
    where = (
        "{n:,} numbers that {layer} reads" if found.reads else "{n:,} numbers that {layer} gives"
    )
    said = say(where, n=found.features, layer=found.layer)
    said += ", " + (say("t-SNE: only near points tell something") if found.way == "tsne" else "PCA")
    if len(found.samples) < found.total:
        said += "; " + say("{n:,} of {total:,} images", n=len(found.samples), total=found.total)
    return said + "."


def _axes(found: Embedding) -> tuple[str, str]:
    if found.explained is None:
        return "", ""
    first, second = found.explained
    return (
        say("first direction ({share:.0%} of the variance)", share=first),
        say("second direction ({share:.0%})", share=second),
    )
