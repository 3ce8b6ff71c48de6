"""How the pixels of images are shown: colours as they are, ink dark on paper."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.colors import Normalize

from glassnet._core.types import Array


class Pixels(NamedTuple):
    """Images ready to draw, all on one scale.

    Attributes:
        images: (n, rows, columns), or (n, rows, columns, 3) from 0 to 1.
        cmap, norm: of grey ones; None of colours.
    """

    images: Array
    cmap: str | None
    norm: Normalize | None


def pixels(images: Array) -> Pixels:
    """Images (n, rows, columns, channels) as they are drawn.

    Of one channel: light on a dark ground, as handwriting is stored, is ink, and drawn dark on
    paper; others as they are. Of three: red, green and blue. Of others: their mean.
    """
    x = np.asarray(images, np.float64)
    if x.shape[3] == 3:
        low, high = _range(x)
        return Pixels(np.clip((x - low) / (high - low), 0, 1), None, None)
    grey = x[..., 0] if x.shape[3] == 1 else x.mean(axis=3)
    low, high = _range(grey)
    return Pixels(grey, "gray_r" if _on_dark(grey, low, high) else "gray", Normalize(low, high))


def faded(picture: Pixels, index: int) -> Array:
    """An image as (rows, columns, 3), paler and without its colours: the ground for a map."""
    one = picture.images[index]
    if one.ndim == 3:
        grey = one @ np.array([0.299, 0.587, 0.114])
    else:
        assert picture.norm is not None
        grey = np.asarray(picture.norm(one), np.float64)
        grey = 1 - grey if picture.cmap == "gray_r" else grey
    return np.repeat((0.25 + 0.7 * np.clip(grey, 0, 1))[..., None], 3, axis=2)


def _range(x: Array) -> tuple[float, float]:
    """0 … 1 or 0 … 255 where the numbers are such, else from the smallest to the largest."""
    finite = x[np.isfinite(x)]
    low = min(0.0, float(finite.min())) if finite.size else 0.0
    high = float(finite.max()) if finite.size else 1.0
    if low == 0.0:
        high = 1.0 if 0.2 < high <= 1.0 else 255.0 if 64 < high <= 255 else high
    return low, high if high > low else low + 1.0


def _on_dark(grey: Array, low: float, high: float) -> bool:
    """Whether the edges of the images are nearly all as dark as can be: ink on a ground."""
    edge = np.concatenate([grey[:, 0].ravel(), grey[:, -1].ravel(), grey[:, :, 0].ravel(),
                           grey[:, :, -1].ravel()])  # fmt: skip
    return bool(np.median(edge) <= low + 0.02 * (high - low))
