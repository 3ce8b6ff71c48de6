"""What each layer makes of an image, one row of maps for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet import vision
from glassnet.errors import ShapeError
from glassnet.model import Sequential
from glassnet.plots import style
from glassnet.plots.pixels import pixels
from glassnet.plots.sheet import KEY, MARGIN, Sheet, amounts
from glassnet.plots.words import say
from glassnet.vision import FeatureMaps, Stage
from glassnet.vision.named import image_shape_of
from glassnet.vision.subject import Known

CELL = 0.72  # inches
GAP = 0.07
BARS = 40  # numbers of a row that are drawn
MOST = 6  # images side by side


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
    """Images on their way through the network: the maps of each layer, the answer last.

    Each layer has a scale of its own, the same for all images: from 0 up where nothing is negative,
    as behind ReLU; else blue above 0 and orange below. What a layer without rows and columns gives
    is a strip of numbers.

    Args:
        image: one, or several (n, …) side by side, as the network reads them.
        layers: the names of those to show; all that compute something new if not given.
        data: the data set that they are from: names of the classes, shape of the images.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.
        limit: at most so many maps of a layer, of several images together: those that give most,
            under their numbers, counted from 0; the row says how many there are.

    Raises:
        NotBuiltError: the model has no parameters yet.
        UnknownNameError: no such layer.
        ShapeError: no image, one of another size, or more than six.
    """
    given = np.asarray(image)
    shape = image_shape_of(model, image_shape or (None if data is None else data.image_shape))
    one = given.size == np.prod(shape)
    images = [given] if one else list(given)
    if len(images) > MOST:
        raise ShapeError(
            f"feature_maps: {len(images)} images came; more than {MOST} side by side are too small "
            f"to see. Pass x[:{MOST}], or one."
        )
    found = [
        vision.feature_maps(model, each, layers, data=data, image_shape=image_shape)
        for each in images
    ]
    return drawn(found, limit=limit, title=title)


def drawn(found: Sequence[FeatureMaps], *, limit: int = 12, title: str | None = None) -> Figure:
    """The picture of feature maps that were computed, of one or several images."""
    limit = max(3, limit // len(found))
    most = max((min(limit, s.numbers.shape[2]) for s in found[0].stages if s.is_maps), default=6)
    each = max(most * (CELL + GAP) - GAP, 7.0 / len(found))
    lefts = [MARGIN + i * (each + 0.3) for i in range(len(found))]
    words = _answer(found[0]) if len(found) == 1 else say("one scale for each layer")
    heading = say("What each layer makes of the image")
    sheet = Sheet(lefts[-1] + each + MARGIN, title or heading, words)
    shown = pixels(np.stack([one.image for one in found]))
    rows, columns = found[0].image.shape[:2]
    top = sheet.bottom + _head(sheet, say("input"), f"{rows}×{columns}", sheet.bottom)
    height = CELL * 1.5 * float(np.clip(rows / columns, 0.3, 2.0))
    for left, one, pixel in zip(lefts, found, shown.images):
        sheet.image(
            left, top, CELL * 1.5, height, pixel, cmap=shown.cmap, norm=shown.norm, frame=True
        )  # fmt: skip
        if len(found) > 1:
            beside = left + CELL * 1.5 + 0.12
            sheet.paragraph(beside, top + 0.05, _answer(one), 9.5, room=each - CELL * 1.5 - 0.15)
    for number in range(len(found[0].stages)):
        stages = [one.stages[number] for one in found]
        answers = None
        if number == len(found[0].stages) - 1 and found[0].labels is not None:
            answers = Answers(found[0].labels, found[0].probability is not None)
        if stages[0].is_maps:
            _maps(sheet, stages, lefts, limit)
        else:
            _strips(sheet, stages, lefts, each, answers)
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


def _maps(sheet: Sheet, stages: Sequence[Stage], lefts: Sequence[float], limit: int) -> None:
    rows, columns, channels = stages[0].numbers.shape
    cmap, norm = amounts(np.stack([stage.numbers for stage in stages]))
    words = say("{n:,} maps of {rows}×{columns}", n=channels, rows=rows, columns=columns)
    if channels > limit:
        words += say(", the {n} that give most", n=limit)
    strongest = np.max([np.abs(s.numbers).max(axis=(0, 1)) for s in stages], axis=0)
    shown = np.sort(np.argsort(-strongest, kind="stable")[:limit])
    top = sheet.bottom + 0.16
    top += _head(sheet, _name(stages[0]), words, top, (cmap, norm)) + 0.02
    height = CELL * float(np.clip(rows / columns, 0.3, 2.0))
    for start, stage in zip(lefts, stages):
        for i, k in enumerate(shown):
            left = start + i * (CELL + GAP)
            one = stage.numbers[..., k]
            sheet.image(left, top, CELL, height, one, cmap=cmap, norm=norm, frame=True)
            number, below = str(k), top + height + 0.02
            sheet.text(left + CELL / 2, below, number, 7.5, align="center", color=style.FAINT)


def _strips(
    sheet: Sheet, stages: Sequence[Stage], lefts: Sequence[float], room: float,
    answers: Answers | None,
) -> None:  # fmt: skip
    """Numbers side by side; the answers with their classes and shares below."""
    values = np.stack([stage.numbers.reshape(-1) for stage in stages])
    cmap, norm = amounts(values)
    count = values.shape[1]
    most = min(count, BARS // len(stages))
    words = say("{n:,} numbers", n=count) + (say(", the first {n}", n=most) if most < count else "")
    top = sheet.bottom + 0.16
    top += _head(sheet, _name(stages[0]), words, top, (cmap, norm)) + 0.02
    side = min(CELL, room / most - 0.03)
    high = min(side, 0.34)
    named = answers is not None and count <= 20 and side > 0.25
    for start, row in zip(lefts, values[:, :most]):
        for i, value in enumerate(row):
            left = start + i * (side + 0.03)
            cell = np.array([[value]])
            sheet.image(left, top, side, high, cell, cmap=cmap, norm=norm, frame=True)
            if answers is None or not named:
                continue
            middle, letters = left + side / 2, max(2, int(side / (8.5 * 0.62 / 72)))
            name = style.shorten(str(answers.labels[i]), letters)
            sheet.text(middle, top + high + 0.03, name, 8.5, align="center")
            share = f"{value:.0%}" if answers.shares else f"{value:.2g}"
            sheet.text(middle, top + high + 0.19, share, 8, align="center", color=style.FAINT)


def _name(stage: Stage) -> str:
    return " + ".join(stage.parts)


def _answer(found: FeatureMaps) -> str:
    answer = found.answer
    if found.probability is None:
        text = f"{answer:.4g}" if isinstance(answer, float) else str(answer)
        return say("answer: {answer}", answer=text)
    return say("answer: {answer} ({p:.1%})", answer=answer, p=found.probability)
