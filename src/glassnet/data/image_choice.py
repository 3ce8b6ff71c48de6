"""Which size and which colour the images of a folder are learned in, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from glassnet.data.image_files import ImageFiles, Read, headers
from glassnet.data.image_reading import Aspect, Header
from glassnet.data.image_walk import Found, Tree

CUSTOMARY = (64, 48, 32, 28, 24, 16)  # sides; the largest is quick to learn from on two cores
WHOLE = 96  # images of one size are left as they are if their longer side is at most this
ASPECTS: dict[Aspect, str] = {
    "crop": "the aspect is kept and the middle cut out",
    "pad": "the aspect is kept, with black beside the image",
    "stretch": "the aspect is not kept",
}


LOOKED_AT = 64  # images, to choose a size; and of those in colour, to see whether they show any
NO_COLOUR = 8  # of 255: how far apart red, green and blue of grey may be, after JPEG


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
        why = f"half of them have a shorter side of {shorter} or more (size=128 takes another)"
        if side == CUSTOMARY[0]:
            why = (
                f"half of them have a shorter side of {shorter} or more, and {side} is learned "
                "from quickly (size=128 takes another)"
            )
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


def read_as_suits(
    tree: Tree, size: tuple[int, int] | None, color: bool | None, aspect: Aspect, room: int
) -> tuple[Chosen, Read]:
    """Size and colour, and the images read so, those that cannot be read leaving the tree.

    The headers of some say what will suit all, and most often it does; else they are read again.
    No pixels are kept where they would take more than ``room``.
    """
    some = tree.files[:: max(1, len(tree.files) // LOOKED_AT)]
    told = _told(some) or _told(tree.files)
    chosen = _chosen(told, size, color, aspect)
    while True:
        files = ImageFiles(chosen.size, 3 if chosen.color else 1, aspect)
        read = files.read(tree.files, keep=len(tree.files) * prod(files.shape) <= room)
        tree.files = [tree.files[i] for i in read.good]
        tree.troubles += read.troubles
        used = chosen
        chosen = _chosen(list(zip(tree.files, read.heads)), size, color, aspect)
        if (chosen.size, chosen.color) == (used.size, used.color):
            return chosen, read
        del read  # before there is another one


def _told(files: Sequence[Found]) -> list[tuple[Found, Header]]:
    """Files with their headers, of those that have one."""
    return [(file, head) for file, head in zip(files, headers(files)) if head is not None]


def _chosen(
    told: Sequence[tuple[Found, Header]],
    size: tuple[int, int] | None,
    color: bool | None,
    aspect: Aspect,
) -> Chosen:
    """Size and colour."""
    heads = [head for _, head in told] or [Header(16, 16, False)]
    coloured = [file for file, head in told if not head.grey]
    looked_at = coloured[:: max(1, len(coloured) // LOOKED_AT)][:LOOKED_AT]
    no_colour = False
    if color is None and looked_at:
        seen = ImageFiles((16, 16), 3).read(looked_at).x.astype(np.int16)
        no_colour = bool(len(seen) and np.ptp(seen, axis=-1).max() <= NO_COLOUR)
    return choose(heads, size, color, aspect, no_colour)
