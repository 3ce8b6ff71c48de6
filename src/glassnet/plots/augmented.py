"""What augmentation does to images: each as it is, and beside it what a network learns from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet import layers
from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers import Layer
from glassnet.model import Sequential
from glassnet.plots import style
from glassnet.plots.pixels import pixels
from glassnet.plots.sheet import MARGIN, Sheet
from glassnet.plots.words import say

CELL = 0.95  # inches
GAP = 0.1
LABEL = 0.95  # inches for the name of a class
LETTERS = 11

Changes = Sequential | Layer | Sequence[Layer] | str


def augmentation(
    images: ArrayLike,
    changes: Changes,
    *,
    captions: Sequence[Any] | None = None,
    draws: int = 6,
    seed: int = 0,
    title: str | None = None,
) -> Figure:
    """Images one below the other, each as it is and as it may be changed in training.

    To judge whether a 6 is still a 6: an image that a person would no longer name teaches a
    network what is wrong.

    Args:
        images: (n, rows, columns) or (n, rows, columns, channels), as the network reads them.
        changes: a network with layers that change images; or such layers; or words, as in
            "shift=2,rotation=10", for images from 0 to 1, or bytes.
        captions: one for each image, such as its class.
        draws: how often each is changed.
        seed: another one draws others.

    Raises:
        ConfigError: nothing changes the images.
        ShapeError: no images, or not one caption for each.
    """
    x = _images(images)
    if captions is not None and len(captions) != len(x):
        raise ShapeError(f"{len(captions)} captions for {len(x)} images: pass one for each.")
    stack = front_of(changes, x)
    drawn = changed(x, stack, whole_number("augmentation", "draws", draws), seed)
    kinds = [type(layer).__name__ for layer in stack if layer.augments]
    n, across, rows, columns, channels = drawn.shape
    given = pixels(drawn[:, 0])  # paper and ink are those of the images themselves
    low, high = min(0.0, float(drawn[:, 0].min())), max(1.0, float(drawn[:, 0].max()))
    drawn = np.clip(drawn, low, high)  # noise goes beyond
    shown = pixels(drawn.reshape(n * across, rows, columns, channels))._replace(cmap=given.cmap)
    left = MARGIN + (0.0 if captions is None else LABEL)
    width = left + across * (CELL + GAP) + GAP + MARGIN
    sheet = Sheet(max(width, 5.2), title or say("What augmentation does"), ", ".join(kinds))
    tall = CELL * float(np.clip(rows / columns, 0.3, 3.0))
    top = sheet.bottom
    sheet.text(left, top, say("the image"), 9.5, color=style.FAINT)
    sheet.text(left + CELL + 3 * GAP, top, say("what is learned from"), 9.5, color=style.FAINT)
    for i in range(n):
        top = sheet.bottom + GAP
        if captions is not None:
            name = style.shorten(captions[i], LETTERS)
            sheet.text(MARGIN, top + tall / 2, name, 10.5, bold=True, middle=True)
        for j in range(across):
            along = left + j * (CELL + GAP) + (2 * GAP if j else 0.0)
            one = shown.images[i * across + j]
            sheet.image(along, top, CELL, tall, one, cmap=shown.cmap, norm=shown.norm, frame=True)
    return sheet.figure()


def front_of(changes: Changes, images: Array) -> list[Layer]:
    """Fresh copies of the layers up to the last that changes images.

    Raises:
        ConfigError: there is none.
    """
    if isinstance(changes, str):
        shape = images.shape[1:]
        scaled = [layers.Rescaling(1 / 255)] if images.dtype == np.uint8 else []
        given: list[Layer] = [*scaled, *layers.augment(changes, shape)]
    elif isinstance(changes, Layer):
        given = [changes]
    else:
        given = list(changes.layers if isinstance(changes, Sequential) else changes)
    last = max((i for i, layer in enumerate(given) if layer.augments), default=None)
    if last is None:
        raise ConfigError(
            "augmentation: nothing here changes images while it trains. Give layers that do, as in "
            "layers.RandomRotation(0.03), or words, as in 'shift=2,rotation=10'."
        )
    return [layers.from_config(layer.get_config()) for layer in given[: last + 1]]


def changed(images: Array, stack: Sequence[Layer], draws: int, seed: int = 0) -> Array:
    """Each image as it is and as the layers change it, ``draws`` times.

    Returns:
        (n, 1 + draws, rows, columns, channels)
    """
    rng = np.random.default_rng(seed)
    shape: tuple[int, ...] = images.shape[1:]
    if len(shape) == 3 and shape[-1] == 1 and _reads_without_channel(stack):
        shape, images = shape[:2], images[..., 0]
    for layer in stack:
        layer.build(shape, rng)
        assert layer.output_shape is not None
        shape = layer.output_shape
    results = []
    for training in (False, *([True] * draws)):
        x: Array = images if images.dtype == np.uint8 else images.astype(np.float32)
        for layer in stack:
            x = layer.forward(x, training)
        results.append(np.array(x, np.float32))
    return np.stack(results, axis=1)


def _reads_without_channel(stack: Sequence[Layer]) -> bool:
    """Whether the first layer gives images of one channel the axis for it."""
    return isinstance(getattr(stack[0], "target_shape", None), tuple)


def _images(images: ArrayLike) -> Array:
    """(n, rows, columns, channels)"""
    x = np.asarray(images)
    if x.ndim == 3:
        x = x[..., None]
    if x.ndim != 4 or not x.size:
        raise ShapeError(
            f"augmentation: images have shape {np.shape(images)}; expected (n, rows, columns) or "
            "(n, rows, columns, channels). Rows of pixels can be reshaped, as in "
            "x.reshape(-1, 28, 28)."
        )
    return x
