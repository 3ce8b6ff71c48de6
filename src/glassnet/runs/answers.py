"""What a trained network answers for new data: the rows of a table, or pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from glassnet import data
from glassnet._core.storage import atomic_write
from glassnet._core.types import Array
from glassnet.data.columns import numbers, require_columns
from glassnet.errors import ConfigError, FileFormatError, ShapeError
from glassnet.model import Sequential
from glassnet.runs.folder import Facts
from glassnet.runs.handwriting import read_image


def for_images(
    model: Sequential, facts: Facts, paths: Sequence[str | Path], top: int = 3
) -> tuple[Array, list[list[tuple[str, float]]]]:
    """For each picture: how the network sees it, and its ``top`` answers with probabilities.

    Raises:
        ConfigError: the network does not look at pictures.
    """
    shape, white = facts.image_shape, facts.image_max
    if shape is None or white is None:
        raise ConfigError(
            f"this network learned from {facts.name!r}, which has no pictures; it answers for "
            "the rows of a table."
        )
    seen = np.stack([read_image(path, shape, white, facts.name) for path in paths])
    probabilities = model.loss.class_probabilities(model.predict(seen))
    answers = []
    for row in probabilities:
        best = np.argsort(-row, kind="stable")[:top]
        answers.append([(facts.label(int(k)), float(row[k])) for k in best])
    return seen, answers


def for_table(
    model: Sequential, facts: Facts, path: str | Path, encoding: str = "utf8"
) -> pa.Table:
    """The rows of a CSV or Parquet file with the answers beside them, as further columns.

    ``predicted`` and its ``probability`` for classes; ``predicted`` for numbers.

    Raises:
        DataError: columns or values that the network was not trained for.
        ConfigError: the network learned from pictures.
    """
    if facts.image_shape is not None:
        raise ConfigError(f"this network learned from pictures ({facts.name}); pass PNG files.")
    table = data.read_table(path, encoding=encoding)
    outputs = model.predict(features(model, facts, table))
    added: dict[str, Any] = {}
    if facts.task == "classification":
        outputs = model.loss.class_probabilities(outputs)
        number = outputs.argmax(axis=1)
        added["predicted"] = [facts.label(int(k)) for k in number]
        added["probability"] = outputs[np.arange(len(number)), number].astype(np.float64)
    else:
        values = outputs[:, 0].astype(np.float64)
        rows = model.preprocessing
        added["predicted"] = values if rows is None else rows.decode_target(values)
    for name, column in added.items():
        while name in table.column_names:
            name += "_"
        table = table.append_column(name, pa.array(column))
    return table


def features(model: Sequential, facts: Facts, table: pa.Table) -> Array:
    """The rows as the network reads them: by what was learned from its table, or as they are."""
    if model.preprocessing is not None:
        found: Array = model.preprocessing.transform(table)
        return found
    names = facts.feature_names
    if names is None:
        raise ShapeError(f"the columns of {facts.name!r} have no names to look for in a table.")
    require_columns(table.column_names, names, "column")
    return np.column_stack([numbers(name, table.column(name), 1) for name in names])


def write_table(table: pa.Table, path: str | Path) -> None:
    """As CSV or Parquet, by the suffix; whole or not at all.

    Raises:
        FileFormatError: another suffix.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise FileFormatError(f"{path}: expected a name that ends in .csv or .parquet.")
    with atomic_write(path) as file:
        if suffix == ".csv":
            from pyarrow import csv

            csv.write_csv(table, file)
        else:
            from pyarrow import parquet

            parquet.write_table(table, file)
