"""Runs that learn from a folder of images: its data, answers for files, the mistakes as photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet import data
from glassnet._core.types import Array
from glassnet.data import Dataset, ImagePreprocessing
from glassnet.data.image_names import spelled
from glassnet.data.image_parts import evenly
from glassnet.data.image_preprocessing import paths_of, reader_of
from glassnet.data.image_troubles import lines
from glassnet.data.image_walk import Found, Trouble
from glassnet.errors import ConfigError, DataError
from glassnet.model import Sequential
from glassnet.runs import listing
from glassnet.runs.folder import Facts, RunFolder
from glassnet.runs.recipes import Settings, is_images

if TYPE_CHECKING:  # training does without Matplotlib, which is slow to import
    from matplotlib.figure import Figure

AT_ONCE = 512  # files that are read before they are answered
SHOWN = 40  # mistakes in a gallery
SIDE = 96  # of a photo in a gallery


def load(settings: Settings, home: Path | None = None) -> Dataset:
    """The images of a run, divided as it was when it began.

    Args:
        home: the folder of a run that is judged: what it held out is read, and little else.

    Raises:
        ConfigError: --test that is no folder of images.
        DataError: as :func:`glassnet.data.image_folder`.
    """
    if home is not None and (home / listing.NAME).is_file():
        facts = RunFolder.open(home).facts()
        return listing.held_out(home, facts, settings.aspect or "crop")  # type: ignore[arg-type]
    test = settings.test
    if test is not None and not is_images(test):
        raise ConfigError(
            f"{test}: is no folder of images; a network that learns from images is judged on such. "
            "Leave --test out, and a fifth of them is held out."
        )
    if test is not None and Path(test).resolve() == Path(settings.data).resolve():
        raise ConfigError(
            f"{test}: is the folder to learn from; a network is judged on images that it has not "
            "seen. Leave --test out, and a fifth of them is held out."
        )
    return data.image_folder(
        settings.data,
        settings.size,
        settings.color,
        aspect=settings.aspect or "crop",  # type: ignore[arg-type]
        validation=settings.validation,
        test=test,
        seed=settings.seed,
        strict=settings.strict,
    )


def to_judge(model: Sequential, path: str) -> Dataset:
    """All images of another folder, read as the network has learned.

    Raises:
        ConfigError: it has not learned from a folder of images.
        DataError: as :func:`glassnet.data.image_folder`.
    """
    return data.image_folder(path, preprocessing=_learned(model, path))


def _learned(model: Sequential, path: str) -> ImagePreprocessing:
    known = model.preprocessing
    if known is None or known.of != "images":
        raise ConfigError(
            f"{path}: is a folder of images, but this network did not learn from such a folder: "
            "name a data set, or a table like the one that it learned from."
        )
    found: ImagePreprocessing = known
    return found


@dataclass(frozen=True)
class Answers:
    """For each image that can be read: its file, how the network sees it, its best answers.

    Attributes:
        seen: the first images only, as many as a picture shows.
        left_out: what could not be read, a line for each kind.
    """

    files: list[str]
    seen: Array
    answers: list[list[tuple[str, float]]]
    left_out: list[str]


def answer(model: Sequential, facts: Facts, paths: Sequence[str], top: int = 3) -> Answers:
    """The ``top`` classes of files, and of all images in folders.

    Raises:
        DataError: nothing of that name, or no image that can be read.
    """
    learned = _learned(model, paths[0])
    tree = paths_of(paths)
    troubles: list[Trouble] = [t for t in tree.troubles if t.kind != "no image"]
    files: list[str] = []
    answers: list[list[tuple[str, float]]] = []
    seen: list[Array] = []
    for start in range(0, len(tree.files), AT_ONCE):
        piece = tree.files[start : start + AT_ONCE]
        read = reader_of(learned).read(piece)
        troubles += read.troubles
        if not len(read.x):
            continue
        files += [piece[i].shown for i in read.good]
        if sum(map(len, seen)) < SHOWN:
            seen.append(read.x)
        for row in model.loss.class_probabilities(model.predict(read.x)):
            best = np.argsort(-row, kind="stable")[:top]
            answers.append([(facts.label(int(k)), float(row[k])) for k in best])
    if not files:
        raise DataError("\n  ".join(["there is no image to answer for.", *lines(troubles)]))
    return Answers(files, np.concatenate(seen)[:SHOWN], answers, lines(troubles))


def gallery(model: Sequential, facts: Facts, x: Array, y: Array, files: Sequence[str]) -> Figure:
    """The photos themselves that are answered wrongly, with their names, the surest first."""
    from glassnet import plots

    p = model.loss.class_probabilities(model.predict(x))
    given = p.argmax(axis=1)
    wrong = np.flatnonzero(given != y)
    wrong = wrong[np.argsort(-p[wrong].max(axis=1), kind="stable")]
    share = len(wrong) / len(x)
    shown = wrong[:SHOWN] if len(wrong) else np.arange(1)  # which says that there are none
    photos = photos_of(model.preprocessing, [files[i] for i in shown])
    more = len(wrong) > SHOWN
    return plots.mistakes(
        photos, y[shown], given[shown], probabilities=p[shown], class_names=facts.class_names,
        files=[spelled(Path(files[i]).name) for i in shown],
        title=f"{len(wrong):,} of {len(x):,} wrong ({share:.2%})"
        + (f"; the surest {SHOWN}" if more else ""),
    )  # fmt: skip


def strip(dataset: Dataset) -> Figure:
    """Some photos of each class, as they are."""
    from glassnet import plots

    assert dataset.files is not None and dataset.class_names is not None
    rows = evenly(np.arange(len(dataset.y)), dataset.y, SHOWN)
    photos = photos_of(dataset.preprocessing, [dataset.files[i] for i in rows])
    captions = [dataset.class_names[dataset.y[i]] for i in rows]
    title = f"{dataset.name}: {dataset.n_samples:,} images to learn from"
    return plots.image_strip(photos, captions, title=title)


def photos_of(known: ImagePreprocessing, files: Sequence[str]) -> Array:
    """Photos in colour, larger than the network sees them; white where one is gone."""
    height, width = known.size
    scale = SIDE / max(height, width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    reader = reader_of(ImagePreprocessing(size, True, aspect=known.aspect))
    read = reader.read([Found(path, path, "", None) for path in files])
    photos = np.full((len(files), *size, 3), 255, np.uint8)
    photos[read.good] = read.x
    return photos


def described(dataset: Dataset, path: str) -> str:
    """``all 40 images of other``, and what was left out."""
    said = "; ".join(dataset.notes)
    return f"all {len(dataset.x):,} images of {path}" + (f" ({said})" if said else "")
