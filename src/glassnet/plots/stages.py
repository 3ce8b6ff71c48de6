"""What each layer makes of an image, one row of maps for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet import vision
from glassnet.model import Sequential
from glassnet.plots import style
from glassnet.plots.pixels import pixels
from glassnet.plots.sheet import KEY, MARGIN, Sheet, amounts
from glassnet.plots.words import say
from glassnet.vision import FeatureMaps, Stage
from glassnet.vision.subject import Known

CELL = 0.72  # inches
GAP = 0.07
BARS = 40  # numbers of a row that are drawn


class Answers(NamedTuple):
    """The classes that the last numbers stand for, and whether they are probabilities."""

    labels: tuple[Any, ...]
    shares: bool


def feature_maps(
    model: Sequential,
    image: ArrayLike,
    layers: Iterable[str] | None = None,
    *,
    data: Known | None = None,
    image_shape: tuple[int, ...] | None = None,
    limit: int = 12,
    title: str | None = None,
) -> Figure:
    """An image on its way through the network: the maps of each layer, the answer last.

    Each row has a scale of its own: from 0 up where nothing is negative, as behind ReLU; else blue
    above 0 and orange below. What a layer without rows and columns gives is a strip of numbers.

    Args:
        image: one, as the network reads it.
        layers: the names of those to show; all that compute something new if not given.
        data: the data set that it is from: names of the classes, shape of the images.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.
        limit: at most so many maps of a layer; the row says how many there are.

    Raises:
        NotBuiltError: the model has no parameters yet.
        UnknownNameError: no such layer.
        ShapeError: no image, several, or one of another size.
    """
    found = vision.feature_maps(model, image, layers, data=data, image_shape=image_shape)
    return drawn(found, limit=limit, title=title)


def drawn(found: FeatureMaps, *, limit: int = 12, title: str | None = None) -> Figure:
    """The picture of feature maps that were computed."""
    widest = max([6, *(min(limit, s.numbers.shape[2]) for s in found.stages if s.is_maps)])
    width = 2 * MARGIN + max(7.0, widest * (CELL + GAP) - GAP)
    sheet = Sheet(width, title or say("What each layer makes of the image"), _answer(found))
    shown = pixels(found.image[None])
    rows, columns = found.image.shape[:2]
    top = sheet.bottom + _head(sheet, say("input"), f"{rows}×{columns}", sheet.bottom)
    height = CELL * 1.5 * float(np.clip(rows / columns, 0.3, 2.0))
    sheet.image(
        MARGIN, top, CELL * 1.5, height, shown.images[0], cmap=shown.cmap, norm=shown.norm,
        frame=True,
    )  # fmt: skip
    for number, stage in enumerate(found.stages):
        last = number == len(found.stages) - 1
        answers = None
        if last and found.labels is not None:
            answers = Answers(found.labels, found.probability is not None)
        (_maps if stage.is_maps else _strip)(sheet, stage, limit, answers)
    return sheet.figure()


def _head(sheet: Sheet, name: str, words: str, top: float, key: Any = None) -> float:
    """The name of a row, what it is, and its scale; how high that is."""
    sheet.text(MARGIN, top, name, 10.5, bold=True)
    beside = MARGIN + style.inches(name, 10.5) * 1.12 + 0.12
    sheet.text(beside, top + 0.015, words, 9.5, color=style.FAINT)
    if key is not None:
        room = beside + style.inches(words, 9.5)
        sheet.key(max(room, sheet.width - MARGIN - KEY), top + 0.03, *key)
    return 0.3


def _maps(sheet: Sheet, stage: Stage, limit: int, _: Answers | None) -> None:
    maps = stage.numbers
    rows, columns, channels = maps.shape
    cmap, norm = amounts(maps)
    words = say("{n:,} maps of {rows}×{columns}", n=channels, rows=rows, columns=columns)
    if channels > limit:
        words += say(", the first {n}", n=limit)
    top = sheet.bottom + 0.16
    top += _head(sheet, _name(stage), words, top, (cmap, norm)) + 0.02
    height = CELL * float(np.clip(rows / columns, 0.3, 2.0))
    for k in range(min(limit, channels)):
        left = MARGIN + k * (CELL + GAP)
        sheet.image(left, top, CELL, height, maps[..., k], cmap=cmap, norm=norm, frame=True)


def _strip(sheet: Sheet, stage: Stage, _: int, answers: Answers | None) -> None:
    """Numbers side by side; the answers with their classes and shares below."""
    values = stage.numbers.reshape(-1)
    cmap, norm = amounts(values)
    words = say("{n:,} numbers", n=len(values))
    if len(values) > BARS:
        words += say(", the first {n}", n=BARS)
    top = sheet.bottom + 0.16
    top += _head(sheet, _name(stage), words, top, (cmap, norm)) + 0.02
    shown = values[:BARS]
    names = [] if answers is None or len(values) > 20 else [str(label) for label in answers.labels]
    form = ".1%" if answers is not None and answers.shares else ".2g"
    letters = max(map(len, names), default=0)
    side = min(CELL, (sheet.width - 2 * MARGIN) / len(shown) - 0.03)
    for i, value in enumerate(shown):
        left = MARGIN + i * (side + 0.03)
        sheet.image(
            left, top, side, min(side, 0.34), np.array([[value]]), cmap=cmap, norm=norm, frame=True
        )  # fmt: skip
        if names:
            room = max(2, int(side / (8.5 * 0.6 / 72)))
            under = style.shorten(names[i], room) if letters > room else names[i]
            sheet.text(left + side / 2, top + min(side, 0.34) + 0.03, under, 8.5, align="center")
            share = format(float(value), form)
            below = top + min(side, 0.34) + 0.19
            sheet.text(left + side / 2, below, share, 8, align="center", color=style.FAINT)


def _name(stage: Stage) -> str:
    return " + ".join(stage.parts)


def _answer(found: FeatureMaps) -> str:
    answer = found.answer
    if found.probability is None:
        text = f"{answer:.4g}" if isinstance(answer, float) else str(answer)
        return say("answer: {answer}", answer=text)
    return say("answer: {answer} ({p:.1%})", answer=answer, p=found.probability)
