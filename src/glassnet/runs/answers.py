"""What a trained network answers for new data: the rows of a table, or pictures."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from glassnet._core.types import Array
from glassnet.data.columns import RowNumbers, numbered, numbers, require_columns, text
from glassnet.data.features import rounded
from glassnet.data.intervals import half_width
from glassnet.data.table_formats import STANDARD_INPUT
from glassnet.data.table_writing import SUFFIXES, check_name
from glassnet.data.unfamiliar import Unfamiliar, familiar, in_one_line
from glassnet.errors import ConfigError, DataError, FileFormatError, ShapeError
from glassnet.model import Sequential
from glassnet.runs.folder import SETTINGS, Facts
from glassnet.runs.handwriting import read_image
from glassnet.runs.new_rows import called, read

ROW = "row"


def for_images(
    model: Sequential, facts: Facts, paths: Sequence[str | Path], top: int = 3
) -> tuple[Array, list[list[tuple[str, float]]]]:
    """For each picture: how the network sees it, and its ``top`` answers with probabilities.

    Raises:
        ConfigError: the network does not look at pictures.
    """
    seen = as_seen(facts, paths)
    probabilities = model.loss.class_probabilities(model.predict(seen))
    answers = []
    for row in probabilities:
        best = np.argsort(-row, kind="stable")[:top]
        answers.append([(facts.label(int(k)), float(row[k])) for k in best])
    return seen, answers


def as_seen(facts: Facts, paths: Sequence[str | Path]) -> Array:
    """Pictures as a network reads them that learned from one of the data sets.

    Raises:
        ConfigError: the network does not look at pictures.
    """
    shape, white = facts.image_shape, facts.image_max
    if shape is None or white is None:
        raise ConfigError(
            f"this network learned from {facts.name!r}, which has no pictures; it answers for "
            "the rows of a table."
        )
    return np.stack([read_image(path, shape, white, facts.name) for path in paths])


@dataclass(frozen=True)
class Wanted:
    """What is to stand beside the rows of a table.

    Attributes:
        probabilities: a column for each class, not that of the answer alone.
        interval: of values: ``lower`` and ``upper``, which hold the truth in this share of rows.
        keep: the columns to keep; None: all. "row" is the row's number, as a spreadsheet shows
            the file, where no column is so called.
        strict: refuse what training did not have, instead of taking it for the nearest.
    """

    probabilities: bool = False
    interval: float | None = None
    keep: tuple[str, ...] | None = None
    strict: bool = False


@dataclass(frozen=True)
class Answered:
    """Attributes:
    table: the rows, with the answers as further columns.
    strange: how many rows have what training did not have, and what; empty if none has.
    """

    table: pa.Table
    strange: str


def for_table(
    model: Sequential,
    facts: Facts,
    path: str | Path,
    encodings: Sequence[str | None] = (None,),
    wanted: Wanted | None = None,
) -> Answered:
    """The rows of a table with the answers beside them, as further columns.

    ``predicted`` and its ``probability`` for classes; ``predicted`` for numbers.

    Args:
        path: of a file, or "-" for standard input.
        encodings: of its text; the first that fits.

    Raises:
        DataError: columns or values that the network was not trained for.
        ConfigError: the network learned from pictures; an interval for classes, or the like.
    """
    if facts.image_shape is not None:
        raise ConfigError(f"this network learned from pictures ({facts.name}); pass PNG files.")
    wanted = wanted or Wanted()
    refuse(model, facts, wanted)
    found = read(path, encodings, model.preprocessing)
    try:
        answered, strange = beside(model, facts, found.table, found.first_row, wanted)
    except DataError as error:
        raise type(error)(f"{called(path)}: {error}") from None
    count, first = found.table.num_rows, found.first_row
    return Answered(answered, in_one_line(strange, count, first) if strange else "")


def beside(
    model: Sequential, facts: Facts, table: pa.Table, first: RowNumbers, wanted: Wanted
) -> tuple[pa.Table, list[Unfamiliar]]:
    """Rows with the answers as further columns, and what training did not have.

    Raises:
        DataError: columns or values that the network was not trained for.
    """
    kept = _kept(table, wanted.keep, first)
    x, strange = features(model, facts, table, wanted.strict, first)
    outputs = model.predict(x)
    add = _classes if facts.task == "classification" else _values
    for name, column in add(model, facts, outputs, wanted).items():
        while name in kept.column_names:
            name += "_"
        kept = kept.append_column(name, pa.array(column))
    return kept, strange


def refuse(model: Sequential, facts: Facts, wanted: Wanted) -> None:
    """Raises ConfigError or DataError for what this network cannot say, before anything is read."""
    if wanted.probabilities and facts.task != "classification":
        raise ConfigError(
            "this network gives values, which have no probabilities: --interval 0.9 says between "
            "which two numbers a value lies."
        )
    if wanted.interval is None:
        return
    if facts.task == "classification":
        raise ConfigError(
            "an interval is for values, and this network chooses among classes: --probabilities "
            "says how sure it is of each."
        )
    quantiles = () if model.preprocessing is None else model.preprocessing.target.error_quantiles
    half_width(quantiles, wanted.interval)


def _kept(table: pa.Table, keep: tuple[str, ...] | None, first_row: RowNumbers) -> pa.Table:
    if keep is None:
        return table
    if ROW in keep and ROW not in table.column_names:
        table = table.append_column(ROW, pa.array(numbered(np.arange(table.num_rows), first_row)))
    require_columns(table.column_names, keep, "column")
    return table.select(list(dict.fromkeys(keep)))


def _labels(facts: Facts, count: int) -> pa.Array:
    """The names of the classes.

    Raises:
        FileFormatError: too few, or one that no file can hold: half of a pair of UTF-16.
    """
    names = [facts.label(k) for k in range(count)]
    try:
        return pa.array(names)
    except UnicodeEncodeError as error:
        raise FileFormatError(
            f"{SETTINGS}: is damaged ({type(error).__name__}: {error})."
        ) from error


def _classes(model: Sequential, facts: Facts, outputs: Array, wanted: Wanted) -> dict[str, Any]:
    outputs = model.loss.class_probabilities(outputs)
    number = outputs.argmax(axis=1)
    added: dict[str, Any] = {
        "predicted": _labels(facts, outputs.shape[1]).take(pa.array(number)),
        "probability": _shortest(outputs[np.arange(len(number)), number]),
    }
    if wanted.probabilities:
        for k in range(outputs.shape[1]):
            added[f"probability of {facts.label(k)}"] = _shortest(outputs[:, k])
    return added


def _values(model: Sequential, facts: Facts, outputs: Array, wanted: Wanted) -> dict[str, Any]:
    rows = model.preprocessing
    if rows is None or (rows.target.mean, rows.target.scale) == (0.0, 1.0):
        values = _shortest(outputs[:, 0])
    else:
        values = rounded(rows.decode_target(outputs[:, 0].astype(np.float64)), rows.target.scale)
    added: dict[str, Any] = {"predicted": values}
    if wanted.interval is not None:
        lower, upper = rows.interval(values, wanted.interval)
        scale = rows.target.scale
        added |= {"lower": rounded(lower, scale), "upper": rounded(upper, scale)}
    return added


def _shortest(values: Array) -> Array:
    """The shortest decimals that are these float32 numbers: 0.9, and not 0.8999999761581421."""
    if values.dtype != np.float32:
        return values
    found: Array = pc.cast(pc.cast(pa.array(values), pa.string()), pa.float64()).to_numpy()
    return found


def features(
    model: Sequential,
    facts: Facts,
    table: pa.Table,
    strict: bool = True,
    first_row: RowNumbers = 1,
) -> tuple[Array, list[Unfamiliar]]:
    """The rows as the network reads them, and what they have that training did not have.

    Raises:
        DataError: a column that is missing; if ``strict``, whatever training did not have.
    """
    rows = model.preprocessing
    if rows is not None and strict:
        return rows.transform(table, unknown="error", first_row=first_row), []
    if rows is not None:
        table, strange = familiar(rows, table, first_row)
        return rows.transform(table, unknown="zeros"), strange
    names = facts.feature_names
    if names is None:
        raise ShapeError(f"the columns of {facts.name!r} have no names to look for in a table.")
    require_columns(table.column_names, names, "column")
    return np.column_stack([numbers(name, table.column(name), first_row) for name in names]), []


def places(paths: Sequence[str], out: str | None) -> list[str]:
    """The files to write: none, one for all tables, or in a folder one for each.

    Raises:
        ConfigError: one that is read as well, or twice the same.
        FileFormatError: a suffix that means no format.
    """
    if len(set(paths)) < len(paths):
        raise ConfigError("a table is named twice; name each once.")
    if out is None:
        return []
    found = [out]
    if Path(out).is_dir() or out.endswith(("/", os.sep)):
        found = [str(Path(out) / _own_name(path)) for path in paths]
        if len(set(found)) < len(found):
            raise ConfigError(f"{out}: two of the tables have the same name; answer for one each.")
    for place in found:
        check_name(place)
        for path in paths:
            if Path(path).exists() and Path(place).exists() and Path(path).samefile(place):
                raise ConfigError(
                    f"{place}: is the table itself, which is not overwritten. Choose another --out."
                )
    return found


def _own_name(path: str) -> str:
    """What the answers for a table are called: as the table, if it can be written so."""
    name = "answers.csv" if path == STANDARD_INPUT else Path(path).name
    return name if Path(name).suffix.lower() in SUFFIXES else Path(name).stem + ".csv"


def joined(tables: Mapping[str, pa.Table]) -> pa.Table:
    """All rows below each other, with the name of their table in front.

    A column that one of them lacks has no value there; types that differ become text.
    """
    each = []
    for path, table in tables.items():
        name = "file"
        while name in table.column_names:
            name += "_"
        each.append(table.add_column(0, name, pa.array([called(path)] * table.num_rows)))
    try:
        return pa.concat_tables(each, promote_options="permissive")
    except pa.ArrowException:
        kinds: dict[str, set[str]] = {}
        for table in each:
            for field in table.schema:
                kinds.setdefault(field.name, set()).add(str(field.type))
        for i, table in enumerate(each):
            for at, name in enumerate(table.column_names):
                if len(kinds[name]) > 1:
                    table = table.set_column(at, name, text(table.column(at)))
            each[i] = table
        return pa.concat_tables(each, promote_options="permissive")
