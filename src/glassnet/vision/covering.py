"""How much an answer falls when parts of what it was given for are covered."""

from __future__ import annotations

import math

import numpy as np

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.model import Sequential
from glassnet.model.evaluation import predictions
from glassnet.vision.subject import Subject, counted, outputs_and_logits

ROWS = 1024  # covered copies that go through the network at once
NUMBERS = 20_000_000  # outputs of all layers for them
PLACES = 1024  # of an image that are covered one after the other

Shape = tuple[int, ...]


def fall(
    model: Sequential, x: Array, empty: Array, subject: Subject, shape: Shape | None, side: int,
    stride: int = 1, scores: bool = False,
) -> Array:  # fmt: skip
    """How much the answer's number falls when each input is covered, in the shape of ``x``.

    Args:
        x, empty: one sample, and what stands for "not there".
        shape: of an image, with its ``side`` × ``side`` pixels around a place covered at once;
            None: each number for itself.
        stride: from one place of an image to the next; the pixels between have the same number.
        scores: of what comes before the last activation. A probability of nearly 1 or 0 hardly
            moves, its score does.
    """
    if shape is None:
        places = list(np.ndindex(x.shape))
    else:
        rows, columns = (range(0, size, stride) for size in shape[:2])
        places = [(i, j) for i in rows for j in columns]

    def asked(rows: Array) -> Array:
        if scores:
            logits = outputs_and_logits(model, rows.astype(model.dtype))[1]
            return subject.sign * logits[:, subject.column].astype(np.float64)
        return counted(model, _answers(model, rows), subject)

    plain = asked(x[np.newaxis])[0]
    windows = [place if shape is None else covered(place, side, stride) for place in places]
    form = x.shape if shape is None else shape
    there = (x != empty).reshape(form)
    moves = [i for i, window in enumerate(windows) if there[window].any()]  # paper stays paper
    size = max(1, min(ROWS, NUMBERS // max(1, model.outputs_each)))
    fallen = np.zeros(len(places))
    for start in range(0, len(moves), size):
        part = moves[start : start + size]
        copies = np.repeat(x[np.newaxis], len(part), axis=0)
        for row, i in zip(copies, part):
            row.reshape(form)[windows[i]] = empty.reshape(form)[windows[i]]
        fallen[part] = plain - asked(copies)
    if shape is None:
        return fallen.reshape(x.shape)
    coarse = fallen.reshape(len(rows), len(columns))
    plane = coarse.repeat(stride, axis=0).repeat(stride, axis=1)[: shape[0], : shape[1]]
    if len(shape) == 3:  # the whole colour is covered at once
        plane = np.repeat(plane[..., np.newaxis], shape[2], axis=2)
    return plane.reshape(x.shape)


def covered(place: tuple[int, int], side: int, stride: int) -> tuple[slice, slice]:
    """The square of pixels around the block of pixels that begins at ``place``."""
    middle = [i + stride // 2 for i in place]
    top, left = (max(0, i - side // 2) for i in middle)
    bottom, right = (i + (side + 1) // 2 for i in middle)
    return slice(top, bottom), slice(left, right)


def side_of(given: int | None, shape: Shape | None, who: str) -> int:
    """The side of the square that is covered: 1 up to 100 pixels, else a ninth of the image.

    Raises:
        ConfigError: no whole number, or a square for what is no image.
    """
    if shape is None:
        if given not in (None, 1):
            raise ConfigError("patch: only the pixels of an image have neighbours to cover.")
        return 1
    if given is None:
        ninth = round(min(shape[:2]) / 9)
        return 1 if shape[0] * shape[1] <= 100 else max(3, ninth + 1 - ninth % 2)
    return whole_number(who, "patch", given)


def stride_of(shape: Shape | None) -> int:
    """So far apart that an image has some thousand places at most."""
    return 1 if shape is None else math.ceil(math.sqrt(shape[0] * shape[1] / PLACES))


def _answers(model: Sequential, rows: Array) -> Array:
    """The outputs of rows that are floats, also where the network reads bytes."""
    return predictions(model, rows.astype(model.dtype), checked=True)
