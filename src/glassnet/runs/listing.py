"""Which images a run learned from, watched and held out, kept in its folder as ``images.csv``.

So a run is judged on the images that it held out, whatever has come into their folder since, and
no others need be read for it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from glassnet._core.storage import atomic_write
from glassnet.data import Dataset, ImageBatches, ImagePreprocessing
from glassnet.data.image_names import spelled
from glassnet.data.image_parts import evenly
from glassnet.data.image_preprocessing import reader_of
from glassnet.data.image_reading import Aspect
from glassnet.data.image_troubles import lines
from glassnet.data.image_walk import Found
from glassnet.errors import DataError, FileFormatError
from glassnet.runs.folder import Facts

NAME = "images.csv"
HEAD = ("part", "class", "file")
PARTS = ("training", "validation", "held out")
SHOWN = 256  # images that were learned from, to be looked at


def keep(home: Path, dataset: Dataset) -> None:
    """Write the list; names that are not UTF-8 as the bytes that they are."""
    stream = dataset.stream
    learned = (dataset.files, dataset.y) if stream is None else (stream.paths, stream.y)
    watched = (dataset.files_validation, dataset.y_validation)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    names = dataset.class_names or ()
    for part, (files, y) in zip(
        PARTS, (learned, watched, (dataset.files_test, dataset.y_test)), strict=True
    ):
        writer.writerows((part, names[k], f) for f, k in _pairs(files, y))
    with atomic_write(home / NAME) as file:
        file.write(text.getvalue().encode("utf-8", "surrogateescape"))


def _pairs(files: Iterable[str] | None, y: object) -> Iterable[tuple[str, int]]:
    return () if files is None or y is None else zip(files, np.asarray(y).tolist(), strict=True)


def held_out(home: Path, facts: Facts, aspect: Aspect) -> Dataset:
    """The images that the run held out; of those that it learned from a few are read.

    Raises:
        FileFormatError: a damaged list.
        DataError: none of the images is there any more.
    """
    shape, classes = facts.image_shape or (0, 0, 0), facts.class_names or ()
    learned = ImagePreprocessing((shape[0], shape[1]), shape[2] == 3, classes, aspect)
    parts = _read(home / NAME, classes)
    paths, y = parts["training"]
    some = evenly(np.arange(len(y)), y, SHOWN)
    shown = reader_of(learned).read([_found(paths[i]) for i in some])
    tested, truth = parts["held out"]
    judged = reader_of(learned).read([_found(path) for path in tested])
    if not len(judged.x):
        said = ["the images that were held out cannot be read any more.", *lines(judged.troubles)]
        raise DataError(f"{home}: " + "\n  ".join(said))
    return Dataset(
        facts.name,
        shown.x,
        y[some][shown.good],
        judged.x,
        truth[judged.good],
        class_names=classes,
        image_shape=learned.shape,
        image_max=facts.image_max,
        preprocessing=learned,
        notes=tuple(lines(judged.troubles)),
        files=tuple(paths[i] for i in some[shown.good]),
        files_test=tuple(tested[i] for i in judged.good),
        stream=ImageBatches(paths, y, preprocessing=learned),
    )


def _found(path: str) -> Found:
    return Found(path, spelled(path), "", None)


def _read(path: Path, classes: tuple[str, ...]) -> dict[str, tuple[list[str], np.ndarray]]:
    number = {name: k for k, name in enumerate(classes)}
    files: dict[str, list[str]] = {part: [] for part in PARTS}
    answers: dict[str, list[int]] = {part: [] for part in PARTS}
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = csv.reader(file)
            if tuple(next(rows)) != HEAD:
                raise ValueError(f"expected the columns {', '.join(HEAD)}")
            for part, name, place in rows:
                files[part].append(place)
                answers[part].append(number[name])
    except (ValueError, KeyError, StopIteration, csv.Error) as error:
        raise FileFormatError(f"{path}: is damaged ({error!r}).") from None
    return {part: (files[part], np.array(answers[part], np.int64)) for part in PARTS}
