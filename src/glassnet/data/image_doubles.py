"""Photos that are there more than once: the same bytes, or the same pixels at the size learned.

If one copy is learned from and another judges, the judgement is of a good memory; and a photo in
two classes is wrong in one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glassnet.data.image_walk import Found

SHOWN = 3
FEWEST = 20  # different images, or it is a set of all cases that there are
MOST = 0.05  # share of the images that copies of one may be, for the same reason

Numbers = NDArray[np.int64]


def groups(exact: NDArray[np.uint64], seen: NDArray[np.uint64]) -> Numbers:
    """A number for each image, the same for copies.

    Two files with the same bytes have the same pixels, so the pixels decide; but where one image
    makes a large part of all, as empty ones do, only the same bytes are copies.
    """
    _, number, count = np.unique(seen, return_inverse=True, return_counts=True)
    number = number.reshape(-1).astype(np.int64)
    many = count > max(10, MOST * len(seen))
    if many.any():
        inside = many[number]
        _, own = np.unique(exact[inside], return_inverse=True)
        number[inside] = len(count) + own.reshape(-1)
    return number


def copied(number: Numbers) -> int:
    """How many images are copies of another one."""
    return len(number) - len(np.unique(number))


def said(number: Numbers, files: Sequence[Found], y: Numbers) -> list[str]:
    """What is said of copies; those in two classes by name."""
    count = copied(number)
    if not count:
        return []
    order = np.argsort(number, kind="stable")
    edges = np.flatnonzero(np.diff(number[order])) + 1
    members = [part for part in np.split(order, edges) if len(part) > 1]
    torn = [part for part in members if len(np.unique(y[part])) > 1]
    found = []
    if count:
        is_one = "image is a copy" if count == 1 else "images are copies"
        named = "; ".join(_named(part, files) for part in members[:SHOWN])
        more = f"; and {len(members) - SHOWN:,} more" if len(members) > SHOWN else ""
        found.append(f"{count:,} {is_one} of another: all copies go to one side ({named}{more})")
    if torn:
        named = "; ".join(_named(part, files) for part in torn[:SHOWN])
        more = f"; and {len(torn) - SHOWN:,} more" if len(torn) > SHOWN else ""
        found.append(
            f"the same image in two classes, one of which is wrong: {named}{more}; delete it there"
        )
    return found


def _named(part: Numbers, files: Sequence[Found]) -> str:
    return " = ".join(files[i].shown for i in part[:SHOWN])


def in_two_classes(number: Numbers, y: Numbers) -> NDArray[np.bool_]:
    """Which images have a copy in another class."""
    pairs = np.unique(np.stack([number, y]), axis=1)
    copied_to, classes = np.unique(pairs[0], return_counts=True)
    found: NDArray[np.bool_] = np.isin(number, copied_to[classes > 1])
    return found
