"""Which size and which colour the images of a folder are learned in, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.data.image_reading import Aspect, Header

CUSTOMARY = (64, 48, 32, 28, 24, 16)  # sides; the largest is quick to learn from on two cores
WHOLE = 96  # images of one size are left as they are if their longer side is at most this
ASPECTS: dict[Aspect, str] = {
    "crop": "the aspect is kept and the middle cut out",
    "pad": "the aspect is kept, with black beside the image",
    "stretch": "the aspect is not kept",
}


@dataclass(frozen=True)
class Chosen:
    """Size and colour, and the line that says so."""

    size: tuple[int, int]
    color: bool
    line: str


def choose(
    headers: Sequence[Header],
    size: tuple[int, int] | None,
    color: bool | None,
    aspect: Aspect,
    all_grey: bool,
) -> Chosen:
    """The size and colour for images of these sizes.

    Args:
        size, color: what the user has chosen.
        all_grey: whether images in colour that were looked at show nothing but grey.

    Images of one size that are small stay as they are. Others become squares: the largest customary
    side that is not above the median of their shorter sides, so that most are made smaller and few
    larger.
    """
    sides = np.array([found[:2] for found in headers])
    one_size = bool((sides == sides[0]).all())
    shorter = int(np.median(sides.min(axis=1)))
    if size is not None:
        chosen, why = size, "as asked for"
    elif one_size and sides[0].max() <= WHOLE and sides[0].min() >= 4:
        chosen, why = (int(sides[0, 0]), int(sides[0, 1])), "as they all are"
    else:
        side = next((side for side in CUSTOMARY if side <= shorter), max(4, shorter))
        chosen = (side, side)
        why = f"half of them have a shorter side of {shorter} or more"
        if side == CUSTOMARY[0]:
            why += f", and {side} is learned from quickly"
        why += " (size=128 takes another)" if size is None else ""
    grey = sum(found[2] for found in headers)
    if color is not None:
        picked, because = color, "as asked for"
    elif grey == len(headers):
        picked, because = False, "as they are"
    elif all_grey:
        picked, because = False, "for they show no colour"
    else:
        picked = True
        because = "as they are" if not grey else f"though {grey:,} are grey"
    line = f"{pixels(chosen)} pixels, {why}; {'in colour' if picked else 'in grey'}, {because}"
    scaled = int((sides != np.array(chosen)).any(axis=1).sum())
    if scaled:
        low, high = sides[sides.prod(axis=1).argmin()], sides[sides.prod(axis=1).argmax()]
        span = pixels(low) if one_size else f"{pixels(low)} to {pixels(high)}"
        line += f"; {scaled:,} of {len(sides):,} are scaled, from {span}: {ASPECTS[aspect]}"
    return Chosen(chosen, picked, line)


def pixels(size: Sequence[int]) -> str:
    """``48×64``: height times width."""
    return f"{size[0]:,}×{size[1]:,}"
