"""A drawing, and the small picture that a network is given of it.

A network knows digits that fill their picture in one certain way, so a drawing is brought
into that form first, as the makers of the data did it:

- MNIST (LeCun, Cortes, Burges 1998): fitted into 20×20 pixels with its aspect kept, and laid
  into 28×28 so that its centre of mass is in the middle.
- The 8×8 digits (Alpaydin, Kaynak 1998): a bitmap of 32×32 that the digit fills from top to
  bottom, each pixel the share of ink in a block of 4×4.

Strokes are lines, so they are moved and scaled as lines and drawn again in the small picture:
nothing is blurred by enlarging, and a pen that is much finer or broader than those of the
people who wrote the data is brought to theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.vision.forms import FORMS as FORMS
from glassnet.vision.forms import Form as Form

FINE = 4  # each pixel is the mean of FINE × FINE finer ones
LOOK = 128  # pixels along the side on which a drawing is measured


@dataclass(frozen=True)
class Stroke:
    """A line of a pen, or of a rubber.

    Attributes:
        points: (n, 2), x to the right and y down, the square of paper from 0 to 1.
        width: of the line, as a share of the paper's side.
        erases: takes ink away.
    """

    points: Array
    width: float
    erases: bool = False


def picture(strokes: Sequence[Stroke], form: Form, ground: Array | None = None) -> Array:
    """The picture (side, side) of a drawing, from 0 (paper) to 1 (ink).

    Args:
        ground: a picture that is drawn on; then the strokes stay where they are, for it is
            in its form already.
    """
    if ground is not None:
        return inked(strokes, form.side, ground)
    fitted = fit(strokes, form)
    return np.zeros((form.side, form.side)) if fitted is None else inked(fitted, form.side)


def fit(strokes: Sequence[Stroke], form: Form) -> list[Stroke] | None:
    """The strokes where ``form`` wants them; None if there is no ink."""
    corners = _corners(strokes)
    if corners is None:
        return None
    low, high = corners
    height, width = form.box
    pen = max(s.width for s in strokes if not s.erases)
    # All in pixels of the picture from here. Ink is broader than its lines by the pen's width,
    # and the pen is scaled otherwise than the lines.
    new_pen = float(np.clip(pen / (high - low).max() * height, *form.pen))
    lines = np.maximum(high - low - pen, 1e-3)
    room = np.array([width - new_pen, height - new_pen])
    scale = np.minimum(room / lines, room[1] / lines[1])
    if form.mass:
        scale = np.full(2, (room / lines).min())
    fitted = _moved(strokes, (low + high) / 2, scale / form.side, new_pen / pen / form.side)
    if form.mass:
        fitted = _moved(fitted, _mass(inked(fitted, form.side)), np.ones(2), 1.0)
    return fitted


def _moved(strokes: Sequence[Stroke], middle: Array, scale: Array, pen: float) -> list[Stroke]:
    """x → 1/2 + (x - middle)·scale: ``middle`` goes to the middle of the picture."""
    return [Stroke(0.5 + (s.points - middle) * scale, s.width * pen, s.erases) for s in strokes]


def inked(
    strokes: Sequence[Stroke], side: int, ground: Array | None = None, fine: int = FINE
) -> Array:
    """The strokes drawn one over the other on (side, side) pixels, 0 to 1."""
    n = side * fine
    paper = np.zeros((n, n)) if ground is None else np.kron(ground, np.ones((fine, fine)))
    for stroke in strokes:
        ink = _line(stroke, n)
        paper = paper * (1 - ink) if stroke.erases else np.maximum(paper, ink)
    blocks: Array = paper.reshape(side, fine, side, fine).mean(axis=(1, 3))
    return blocks


def _line(stroke: Stroke, n: int) -> Array:
    """How much of each of n×n pixels a stroke covers: 1 within half its width of the line."""
    nearest = np.full((n, n), np.inf)
    points = stroke.points * n - 0.5  # so that pixel i lies at i
    half = max(stroke.width * n / 2, 0.5)  # no finer than a pixel
    reach = half + 1
    for a, b in list(pairwise(points)) or [(points[0], points[0])]:
        x0, y0 = np.maximum(np.floor(np.minimum(a, b) - reach), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(np.maximum(a, b) + reach) + 1, n).astype(int)
        if x0 >= x1 or y0 >= y1:
            continue
        x, y = np.arange(x0, x1)[None, :], np.arange(y0, y1)[:, None]
        part = nearest[y0:y1, x0:x1]
        np.minimum(part, _distance(x, y, a, b), out=part)
    covered: Array = np.clip(half + 0.5 - nearest, 0.0, 1.0)
    return covered


def _distance(x: Array, y: Array, a: Array, b: Array) -> Array:
    """From (x, y) to the line between a and b: to the nearest of its points a + t·(b - a)."""
    along = b - a
    length = float(along @ along)
    t: Any = 0.0
    if length > 0:
        t = np.clip(((x - a[0]) * along[0] + (y - a[1]) * along[1]) / length, 0.0, 1.0)
    distance: Array = np.hypot(x - a[0] - t * along[0], y - a[1] - t * along[1])
    return distance


def _corners(strokes: Sequence[Stroke]) -> tuple[Array, Array] | None:
    """The upper left and the lower right corner of the ink; None if there is none."""
    if not any(s.erases for s in strokes):
        if not strokes:
            return None
        low = np.min([s.points.min(axis=0) - s.width / 2 for s in strokes], axis=0)
        high = np.max([s.points.max(axis=0) + s.width / 2 for s in strokes], axis=0)
        return low, high
    drawn = inked(strokes, LOOK, fine=1) > 0.5  # what the rubber has left
    if not drawn.any():
        return None
    used = [np.flatnonzero(drawn.any(axis=axis)) for axis in (0, 1)]  # columns are x, rows y
    return np.array([u[0] for u in used]) / LOOK, np.array([u[-1] + 1 for u in used]) / LOOK


def _mass(ink: Array) -> Array:
    """The centre of mass, (x, y) from 0 to 1."""
    place = (np.arange(len(ink)) + 0.5) / len(ink)
    total = ink.sum() or 1.0
    mass: Array = np.array([ink.sum(axis=0) @ place, ink.sum(axis=1) @ place]) / total
    return mass
