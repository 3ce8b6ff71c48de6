"""What moved an answer, beside the image and over it: occlusion, gradients, Grad-CAM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet import vision
from glassnet._core.types import Array
from glassnet.model import Sequential
from glassnet.plots import style
from glassnet.plots.pixels import faded, pixels
from glassnet.plots.sheet import MARGIN, Sheet
from glassnet.plots.words import say
from glassnet.vision import GradCam, Occlusion, Saliency
from glassnet.vision.image import Seen
from glassnet.vision.subject import Known

SIDE = 2.0  # inches of an image
GAP = 0.28

Map = tuple[str, Array, bool]  # what it is, the numbers, whether they are drawn over the image


def occlusion(
    model: Sequential, image: ArrayLike, about: Any = None, *, data: Known | None = None,
    image_shape: tuple[int, ...] | None = None, patch: int | None = None, stride: int | None = None,
    baseline: ArrayLike | None = None, title: str | None = None,
) -> Figure:  # fmt: skip
    """How much the answer falls where the image is covered: blue where it needs what is there.

    Args:
        about: the class, or a list of classes: a row for each, on one scale. The network's answer
            if not given.

    The others, and what is raised: as of :func:`glassnet.vision.occlusion`.
    """
    found = [
        vision.occlusion(model, image, one, data=data, image_shape=image_shape, patch=patch,
                         stride=stride, baseline=baseline)
        for one in _each(about)
    ]  # fmt: skip
    return drawn_occlusion(found, title=title)


def saliency(
    model: Sequential, image: ArrayLike, about: Any = None, *, data: Known | None = None,
    image_shape: tuple[int, ...] | None = None, title: str | None = None,
) -> Figure:  # fmt: skip
    """Which pixels the score of a class answers to: the size of the gradient, and × the input.

    Args:
        about: the class, or a list of classes: a row for each, on one scale. The network's answer
            if not given.

    The others, and what is raised: as of :func:`glassnet.vision.saliency`.
    """
    found = [
        vision.saliency(model, image, one, data=data, image_shape=image_shape)
        for one in _each(about)
    ]
    return drawn_saliency(found, title=title)


def grad_cam(
    model: Sequential, image: ArrayLike, about: Any = None, *, layer: str | None = None,
    data: Known | None = None, image_shape: tuple[int, ...] | None = None, title: str | None = None,
) -> Figure:  # fmt: skip
    """Where a layer finds what speaks for a class: as its map has it, and over the image.

    Args:
        about: the class, or a list of classes: a row for each, on one scale. The network's answer
            if not given.
        layer: whose maps; the last convolution if not given.

    The others, and what is raised: as of :func:`glassnet.vision.grad_cam`.
    """
    found = [
        vision.grad_cam(model, image, one, layer=layer, data=data, image_shape=image_shape)
        for one in _each(about)
    ]
    return drawn_grad_cam(found, title=title)


def drawn_occlusion(found: Sequence[Occlusion], *, title: str | None = None) -> Figure:
    """The picture of what was covered, a row for each class."""
    one = found[0]
    words = say(
        "covered {n}×{n} pixels at a time; blue: the answer falls without them", n=one.patch
    )
    number = "fall of the score" if one.probability is None else "fall of the probability"
    name = say(number)
    rows = [[(name, each.fall, False), (say("over the image"), each.fall, True)] for each in found]
    return _drawn(found, rows, title or say("Which parts the answer needs"), words)


def drawn_saliency(found: Sequence[Saliency], *, title: str | None = None) -> Figure:
    """The picture of the gradients, a row for each class."""
    words = say("how the score of the class answers to a small change of each pixel")
    rows = [
        [
            (say("size of the gradient"), each.size, False),
            (say("gradient × input"), each.times_input, False),
        ]
        for each in found
    ]
    return _drawn(found, rows, title or say("Which pixels the score answers to"), words)


def drawn_grad_cam(found: Sequence[GradCam], *, title: str | None = None) -> Figure:
    """The picture of the maps, a row for each class."""
    rows, columns = found[0].map.shape
    words = say("Grad-CAM of {layer}, {rows}×{columns} places", layer=found[0].layer, rows=rows,
                columns=columns)  # fmt: skip
    maps = [
        [(say("for the class"), each.map, False), (say("over the image"), each.on_image, True)]
        for each in found
    ]
    return _drawn(found, maps, title or say("Where it finds what speaks for a class"), words)


# ---- laying out ----------------------------------------------------------------------------------


def _each(about: Any) -> list[Any]:
    if isinstance(about, (list, tuple)):
        return list(about) or [None]
    return [about]


def _drawn(found: Sequence[Seen], rows: Sequence[list[Map]], title: str, words: str) -> Figure:
    """A row for each class: the image, its maps; each column of maps on one scale."""
    image = found[0].image
    height = SIDE * float(np.clip(image.shape[0] / image.shape[1], 0.3, 2.0))
    across = 1 + len(rows[0])
    width = 2 * MARGIN + across * (SIDE + GAP) - GAP
    sheet = Sheet(width, title, words)
    shown = pixels(image[None])
    scales = [_scale(np.stack([row[k][1] for row in rows])) for k in range(len(rows[0]))]
    for one, row in zip(found, rows):
        top = sheet.bottom + (0.05 if one is found[0] else 0.26)
        sheet.paragraph(MARGIN, top, _about(one), 10.5, bold=True)
        top = sheet.bottom + 0.06
        for k, name in enumerate([say("input"), *(name for name, _, _ in row)]):
            left = MARGIN + k * (SIDE + GAP)
            sheet.text(left, top, name, 9.5, color=style.FAINT)
        top += 0.22
        sheet.image(
            MARGIN, top, SIDE, height, shown.images[0], cmap=shown.cmap, norm=shown.norm, frame=True
        )  # fmt: skip
        for k, ((_, values, over), (cmap, norm)) in enumerate(zip(row, scales)):
            left = MARGIN + (k + 1) * (SIDE + GAP)
            if over:
                ground = faded(shown, 0)
                sheet.image(left, top, SIDE, height, _blended(ground, values, cmap, norm))
            else:
                sheet.image(left, top, SIDE, height, values, cmap=cmap, norm=norm)
                if not values.any():
                    sheet.text(
                        left + SIDE / 2, top + height / 2, say("nothing"), 9.5, align="center",
                        middle=True, color=style.FAINT,
                    )  # fmt: skip
            sheet.frame(left, top, SIDE, height, color=style.GRID, line=0.8)
    bottom = sheet.bottom + 0.12
    for k, (cmap, norm) in enumerate(scales):
        if not rows[0][k][2]:  # what lies over the image has the scale of the map beside it
            sheet.key(MARGIN + (k + 1) * (SIDE + GAP), bottom, cmap, norm, SIDE)
    return sheet.figure()


def _scale(values: Array) -> tuple[Any, Normalize]:
    if values.min() < 0:
        return style.DIVERGING, style.symmetric(values)
    return style.SEQUENTIAL, Normalize(0.0, float(values.max()) or 1.0)


def _blended(ground: Array, values: Array, cmap: Any, norm: Normalize) -> Array:
    """The map over the pale image: the farther from 0, the less of the image is seen."""
    share = np.abs(np.asarray(values)) / (float(norm.vmax or 1.0) or 1.0)
    alpha = np.clip(0.85 * share**0.7, 0, 0.85)[..., None]
    colours = cmap(norm(values))[..., :3]
    mixed: Array = (1 - alpha) * ground + alpha * colours
    return mixed


def _about(one: Seen) -> str:
    if one.probability is None:
        return str(one.about)
    if one.about == one.answer:
        return say("answer: {answer} ({p:.1%})", answer=one.answer, p=one.probability)
    return say("for {about} ({p:.1%}); answer: {answer}", about=one.about, p=one.probability,
               answer=one.answer)  # fmt: skip
