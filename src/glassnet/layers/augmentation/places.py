"""Where the pixels of moved images are read: six numbers for each image.

Pixel (p, q) comes from row a·p + b·q + c, column d·p + e·q + f.
"""

from __future__ import annotations

import numpy as np

from glassnet._core.types import Array


def zoomed(scale: Array, rows: int, columns: int, shift: Array | None = None) -> Array:
    """row = cy + scale·(p - cy) - shift, and the same of columns.

    scale, shift: (n, 2), of rows and of columns
    """
    middle = np.array([(rows - 1) / 2, (columns - 1) / 2])
    begin = middle * (1.0 - scale) - (0.0 if shift is None else shift)
    places = np.zeros((len(scale), 6))
    places[:, [0, 4]], places[:, [2, 5]] = scale, begin
    return places


def turned(angle: Array, rows: int, columns: int) -> Array:
    """row = cy + (p - cy)·cos θ + (q - cx)·sin θ, column = cx - (p - cy)·sin θ + (q - cx)·cos θ."""
    cy, cx = (rows - 1) / 2, (columns - 1) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack(
        [cos, sin, cy - cy * cos - cx * sin, -sin, cos, cx + cy * sin - cx * cos], axis=1
    )


def mirrored(flips: Array, mode: str, rows: int, columns: int) -> Array:
    """row = rows - 1 - p of a flipped image, or the same of columns, or both."""
    scale, shift = np.ones((len(flips), 2)), np.zeros((len(flips), 2))
    axes = [axis for axis, without in enumerate(("horizontal", "vertical")) if mode != without]
    for axis in axes:
        scale[flips, axis] = -1.0
    return zoomed(scale, rows, columns, shift)


def read_from(places: Array, p: int, q: int, nearest: bool) -> list[tuple[int, int, float]]:
    """The pixels (row, column, share) that pixel (p, q) of one image is made of, those outside of
    the image as well; shares of 0 are left out.

    places: (6,)
    """
    a, b, c, d, e, f = places.tolist()
    row, column = a * p + b * q + c, d * p + e * q + f
    if nearest:
        row, column = np.floor(row + 0.5), np.floor(column + 0.5)
    r, s = int(np.floor(row)), int(np.floor(column))
    v, h = row - r, column - s
    four = [(r, s, (1 - v) * (1 - h)), (r, s + 1, (1 - v) * h),
            (r + 1, s, v * (1 - h)), (r + 1, s + 1, v * h)]  # fmt: skip
    return [pixel for pixel in four if pixel[2]]
