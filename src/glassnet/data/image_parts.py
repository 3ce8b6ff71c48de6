"""What of a folder of images is learned from, watched and held out; copies never on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet.data import image_doubles
from glassnet.data.dataset import hold_out
from glassnet.data.image_walk import Found
from glassnet.errors import ConfigError, DataError

Numbers = NDArray[np.int64]
TEST = 0.2


@dataclass(frozen=True)
class Split:
    """The numbers of the images of each part, and what is said of them."""

    train: Numbers
    validation: Numbers
    test: Numbers
    notes: tuple[str, ...]

    @property
    def parts(self) -> tuple[Numbers, Numbers, Numbers]:
        """All three."""
        return self.train, self.validation, self.test


def fewer(split: Split, y: Numbers, most: int) -> tuple[Split, tuple[str, ...]]:
    """Of each part at most so many images, an even share of each class; and what is said of it."""
    train, watched, held = cut = [evenly(rows, y, max(most, 1)) for rows in split.parts]
    said = [
        f"the {what} images are {len(rows):,} of {len(every):,}, as many as memory holds"
        for what, rows, every in zip(("", "watched", "held-out"), cut, split.parts)
        if what and len(rows) < len(every)
    ]
    said = [f"read again in each epoch, beside the training: {len(split.train):,} images", *said]
    return Split(train, watched, held, split.notes), tuple(said)


def evenly(rows: Numbers, y: Numbers, most: int) -> Numbers:
    """Some of the rows, in their order: every so-manieth of each class."""
    if len(rows) <= most:
        return rows
    order = rows[np.argsort(y[rows], kind="stable")]
    taken: Numbers = np.sort(order[np.linspace(0, len(order) - 1, most).astype(np.int64)])
    return taken


def divided(
    files: Sequence[Found],
    y: Numbers,
    copies: Numbers,
    test: float | None,
    validation: float,
    seed: int,
) -> Split:
    """Each image in one part.

    Folders that are called train, val and test are taken at their word; a copy of one of their
    images is not learned from. Else the same share of each class is held out, by the seed.

    Args:
        y: class numbers; -1 of those that are not used.
        copies: a number for each image, the same for copies.
        test, validation: shares; None: the folder, else a fifth.

    Raises:
        ConfigError: a share of what has folders of its own.
        DataError: too few images.
    """
    part = np.array([file.part or "train" for file in files])
    train, watched, held = (
        np.flatnonzero((y >= 0) & (part == name)) for name in ("train", "validation", "test")
    )
    notes = image_doubles.said(copies, files, y)
    if not len(held):
        held, watched = watched, held  # train/ and val/: it is judged on val/
    if len(held):
        if test is not None:
            raise ConfigError(
                f"test={test} would hold out a share, but there is a folder to judge on already: "
                "leave it out."
            )
        train, dropped = _without(train, np.concatenate([watched, held]), copies)
        if len(dropped):
            what = "1 image is" if len(dropped) == 1 else f"{len(dropped):,} images are"
            notes.append(
                f"{what} not learned from, for a copy is held out: "
                + ", ".join(files[i].shown for i in dropped[:5])
                + (" …" if len(dropped) > 5 else "")
            )
    else:
        train, held = _share(train, y, copies, TEST if test is None else test, seed)
    if validation and not len(watched):
        train, watched = _share(train, y, copies, validation, seed + 1)
    if not len(train):
        raise DataError(
            "there is no image left to learn from: all are held out, or copies of those"
        )
    return Split(train, watched, held, tuple(notes))


def _share(
    rows: Numbers, y: Numbers, copies: Numbers, share: float, seed: int
) -> tuple[Numbers, Numbers]:
    """The rows to learn from, and a share of each class, copies together.

    None that is in two classes is held out: nobody could answer for it rightly.
    """
    _, held = hold_out(y[rows], share, seed=seed, stratify=True, groups=copies[rows])
    out = np.zeros(len(rows), bool)
    out[held] = True
    out &= ~image_doubles.in_two_classes(copies[rows], y[rows])
    if not out.any():
        raise DataError(f"{len(rows)} images are too few to hold out a fraction of {share}")
    return rows[~out], rows[out]


def _without(train: Numbers, others: Numbers, copies: Numbers) -> tuple[Numbers, Numbers]:
    """Training images that have no copy among the others, and those that have."""
    there = np.isin(copies[train], copies[others])
    return train[~there], train[there]
