"""What a run learns from, what it watches, and what it is judged on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from glassnet import data
from glassnet._core.habits import unknown
from glassnet._core.registry import lookup
from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.data import Dataset, hold_out
from glassnet.data.table_formats import (
    EXCEL,
    JSON_LINES,
    PARQUET,
    STANDARD_INPUT,
    refuse_without_effect,
    self_told,
    suffix_of,
)
from glassnet.errors import ConfigError, DataError, UnknownNameError
from glassnet.runs.recipes import MADE_UP, Settings, is_images, refuse_absent

if TYPE_CHECKING:
    from glassnet.data import ImageBatches, TableBatches
    from glassnet.data.scan import Missing

Pair = tuple[Array, Array]

FRESH = 1000  # points of each class (or of a curve) on which a network for made-up data is judged
LARGE = 250_000  # rows of a table that is read in parts: encoded, each takes some kB
SHOWN = 10_000  # training samples that are kept for the pictures
TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".pq", *EXCEL, *JSON_LINES)


@dataclass(eq=False)
class Samples:
    """The parts of a data set, none of which shares a sample with another.

    Attributes:
        data: its ``x`` and ``y`` are learned from, its ``x_test`` and ``y_test`` held out.
        validation: samples to watch while training, if they are not the held-out ones.
        fresh: whether the held-out samples were drawn anew, as made-up data allows.
        strange: what was done to the rows of a test file, in words.
        stream: of a table larger than memory, the batches to learn from; ``data`` is a sample.
        rows_watched: of a table, the numbers of the rows of ``validation`` in its file.
    """

    data: Dataset
    validation: Pair | None
    fresh: bool
    strange: str = ""
    stream: TableBatches | ImageBatches | None = None
    rows_watched: NDArray[np.int64] | None = None

    @property
    def count(self) -> int:
        """How many samples are learned from."""
        return len(self.data.x) if self.stream is None else self.stream.n_samples

    @property
    def held_out(self) -> Pair:
        """What the network is judged on."""
        assert self.data.x_test is not None and self.data.y_test is not None
        return self.data.x_test, self.data.y_test

    def release(self) -> None:
        """Forget all but the first training samples, once they were learned from.

        Pictures show no more than a few, and 60,000 images take 47 MB.
        """
        if len(self.data.x) > SHOWN:
            x, y = self.data.x[:SHOWN].copy(), self.data.y[:SHOWN].copy()
            rows = None if self.data.rows is None else self.data.rows[:SHOWN]
            held = self.data.x_test
            if held is not None and held.base is not None:  # else all of the array would stay
                held = held.copy()
            self.data = replace(self.data, x=x, y=y, rows=rows, x_test=held)

    def fingerprint(self) -> str:
        """The same for the same numbers in the same order: a resumed run must find them again."""
        digest = hashlib.blake2b(digest_size=16)
        if self.stream is not None:
            digest.update(f"{self.stream.n_samples} rows".encode())
        for array in (self.data.x, self.data.y):
            digest.update(f"{array.shape} {array.dtype}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def is_table(name: str) -> bool:
    """Whether ``name`` means a file or folder, but no images, and not a named data set."""
    return (
        name not in data.DATASETS
        and (name == STANDARD_INPUT or suffix_of(name) in TABLE_SUFFIXES or Path(name).exists())
        and not is_images(name)
    )


def load(settings: Settings, home: Path | None = None) -> Samples:
    """The data of a run, in its three parts.

    Made-up data is learned from as it is; what it is judged on are fresh points by the same
    formula. Of the others a fifth is held out where the set has no test part of its own.

    Args:
        home: of a run that has learned already, its folder, which says what of a folder of images
            it held out.

    Raises:
        UnknownNameError: neither a data set nor a table.
        DataError: a path that there is nothing at; too few samples for three parts.
    """
    name = settings.data
    if not name:
        raise ConfigError(
            "this network was imported and does not say what data it is for. Take it in again and "
            "say it: glassnet import FILE --data mnist"
        )
    validation: Pair | None = None
    rows_watched: NDArray[np.int64] | None = None
    strange = ""
    stream: TableBatches | ImageBatches | None = None
    seed = whole_number("train", "seed", settings.seed, minimum=0)
    if name in data.DATASETS:
        loaded = data.load(name, seed=seed, data_dir=settings.data_dir)
        if settings.size is not None and loaded.image_shape is not None:
            from glassnet.data.image_fitting import resized  # Pillow, too

            loaded = resized(loaded, settings.size, bool(settings.color))
    elif is_table(name):
        loaded, stream = _table(settings)
    elif is_images(name):
        from glassnet.runs import photos  # Pillow, too

        loaded = photos.load(settings, home)
        return Samples(loaded, loaded.validation, False, "", loaded.stream)
    else:
        refuse_absent(name)
        raise UnknownNameError(
            unknown("data set", name, data.DATASETS)
            + " A table is named by its path, as in flowers.csv, images by their folder."
        )
    if name in MADE_UP:
        groups = loaded.n_classes or 1
        fresh = _fresh(name, seed + 1_000_000, FRESH)
        # One more than are learned from, so that those on a curve lie between them.
        watched = _fresh(name, seed + 2_000_000, len(loaded.x) // groups + 1)
        validation = watched.x, watched.y
        loaded = replace(loaded, x_test=fresh.x, y_test=fresh.y)
    loaded = standardised(loaded)
    watched_of_large, rows_of_large = (loaded.x_test, loaded.y_test), loaded.rows_test
    if settings.test is not None:
        loaded, strange = _with_test(loaded, settings)
    if settings.validation and stream is not None and settings.test is not None:
        x, y = watched_of_large
        assert x is not None and y is not None
        validation, rows_watched = (x, y), rows_of_large
    elif settings.validation and stream is not None:
        rows_watched = None if loaded.rows_test is None else loaded.rows_test[::2]
        loaded, validation = _halved(loaded)
    elif settings.validation:
        stratify = loaded.task == "classification"
        same = None
        if is_table(name):
            from glassnet.data.doubles import copies_of  # PyArrow, too

            same = copies_of(loaded.x, loaded.y)
        learn, watch = hold_out(
            loaded.y, settings.validation, seed=seed + 1, stratify=stratify, groups=same
        )
        validation = loaded.x[watch], loaded.y[watch]
        rows = loaded.rows
        if rows is not None:
            rows, rows_watched = rows[learn], rows[watch]
        loaded = replace(loaded, x=loaded.x[learn], y=loaded.y[learn], rows=rows)
    return Samples(loaded, validation, name in MADE_UP, strange, stream, rows_watched)


def _refuse_empty(path: Path) -> None:
    """Raises DataError for a folder that holds neither a table nor images."""
    if path.is_dir() and not any(any(path.rglob(f"*{suffix}")) for suffix in PARQUET):
        raise DataError(
            f"{path}: holds neither the Parquet files of a table nor images. Of images there is a "
            "folder for each class inside, as in photos/cat and photos/dog."
        )


def _table(settings: Settings) -> tuple[Dataset, TableBatches | None]:
    """A table in memory; or of a large one a sample, and the batches that all of it comes in."""
    if settings.data == STANDARD_INPUT:
        raise ConfigError(
            "a run reads its table again, to be resumed, judged and drawn: save what comes on "
            "standard input to a file first."
        )
    from glassnet.data.on_disk import column_names, rows_about  # PyArrow is slow to import

    _refuse_empty(Path(settings.data))
    refuse_without_effect(settings.data, self_told(settings.data), reading_of(settings))
    large = rows_about(settings.data) > LARGE
    if settings.target is None:
        columns = column_names(settings.data, **reading_of(settings))
        raise ConfigError(
            f"{settings.data}: a table needs the column to predict, --target. "
            f"Its columns are {', '.join(columns)}."
        )
    watched = large and settings.validation > 0  # of rows that are read in parts
    held_out = 0.2 if settings.test is None or watched else 0.0
    reading: dict[str, Any] = {
        **reading_of(settings),
        "missing": None if settings.missing is None else missing(settings.missing),
        "task": settings.task,
        "ignore": settings.ignore,
        "categorical": settings.categorical,
        "max_categories": settings.max_categories or 100,
        "strict": settings.strict,
        "scale_target": True,
        "scaling": "robust" if settings.effort else "standard",
        # A model that is in use answers; predict --strict refuses.
        "unknown": settings.unknown or "zeros",
        "seed": settings.seed,
    }
    if not large:
        made = data.load_table(settings.data, settings.target, test_fraction=held_out, **reading)
        return made, None
    stream = data.TableBatches(
        settings.data, settings.target, batch_size=settings.batch_size, held_out=held_out, **reading
    )
    assert stream.sample is not None
    return stream.sample, stream


def reading_of(settings: Settings) -> dict[str, Any]:
    """How the user says that a table is written, as ``data.read_table`` takes it."""
    names = ("delimiter", "decimal", "thousands", "encoding", "header", "names", "missing_values")
    return {name: getattr(settings, name) for name in names}


def _halved(loaded: Dataset) -> tuple[Dataset, Pair]:
    """Of a large table the rows held out: one half to watch, the other to judge by."""
    x, y, rows = loaded.x_test, loaded.y_test, loaded.rows_test
    assert x is not None and y is not None and rows is not None
    judged = replace(loaded, x_test=x[1::2], y_test=y[1::2], rows_test=rows[1::2])
    return judged, (x[::2], y[::2])


def _with_test(loaded: Dataset, settings: Settings) -> tuple[Dataset, str]:
    """The rows of the file --test held out: the training's table is learned from as a whole."""
    test = settings.test or ""
    if Path(test).exists() and Path(settings.data).samefile(test):
        raise ConfigError(
            f"{test}: is the table to learn from; a network is judged on rows that it has not "
            "seen. Leave --test out, and a fifth of the rows is held out."
        )
    from glassnet.runs.new_rows import encodings, to_judge  # PyArrow, too

    found = to_judge(
        loaded.preprocessing, test, encodings(None, settings.encoding), settings.missing == "drop"
    )
    return replace(loaded, x_test=found.x, y_test=found.y, rows_test=found.rows), found.strange


def missing(name: str | None) -> Missing:
    """What to do with missing values; None: refuse them.

    Raises:
        UnknownNameError: not one of error, fill, drop.
    """
    known: dict[str, Missing] = {"error": "error", "fill": "fill", "drop": "drop"}
    return lookup("way with missing values", known, name or "error")


def standardised(loaded: Dataset) -> Dataset:
    """A table's numbers to predict as (y - mean) / std; its preprocessing turns them back."""
    rows = loaded.preprocessing
    if rows is None or loaded.task != "regression" or rows.target.scale != 1.0:
        return loaded
    mean, scale = float(np.mean(loaded.y)), float(np.std(loaded.y)) or 1.0

    def standard(y: Array | None) -> Array | None:
        return None if y is None else ((y - mean) / scale).astype(y.dtype)

    y = standard(loaded.y)
    assert y is not None
    target = replace(rows.target, mean=mean, scale=scale)
    rows = replace(rows, target=target)
    return replace(loaded, y=y, y_test=standard(loaded.y_test), preprocessing=rows)


def _fresh(name: str, seed: int, n: int) -> Dataset:
    """Other points by the same formula: n of each class, or along the curve."""
    size: dict[str, Any] = {"n_samples" if name == "sine" else "n_samples_per_class": n}
    return data.load(name, seed=seed, **size)
