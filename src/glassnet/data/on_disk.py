"""What a table on disk is, and how large, told without reading all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glassnet.data.csv_parts import CsvParts
from glassnet.data.parquet import HEAD, ParquetParts
from glassnet.data.parts import Parts
from glassnet.data.table_files import file_form, read_table
from glassnet.data.table_formats import (
    EXCEL,
    JSON_LINES,
    PACKED,
    PARQUET,
    refuse_without_effect,
    self_told,
)
from glassnet.errors import DataError, FileFormatError

WHOLE = (*EXCEL, *JSON_LINES, *PACKED)  # files that cannot be read from the middle


def rows_about(path: str | Path) -> int:
    """How many rows a table on disk has, roughly, told without reading all of it.

    Of CSV, by the lines of its beginning. What can only be read as a whole (Excel, JSON lines,
    compressed text) counts as none.
    """
    path = Path(path)
    if path.is_dir() or path.suffix.lower() in PARQUET:
        return ParquetParts(path).about
    if path.suffix.lower() in WHOLE or not path.is_file():
        return 0
    with path.open("rb") as file:
        head = file.read(HEAD)
    return path.stat().st_size * head.count(b"\n") // max(len(head), 1)


def column_names(path: str | Path, **reading: Any) -> list[str]:
    """The columns of a table; of a large one without reading all of it."""
    path = Path(path)
    if path.is_dir() or path.suffix.lower() in PARQUET:
        refuse_without_effect(path, self_told(path), reading)
        return list(ParquetParts(path).schema.names)
    return list(read_table(path, **reading).column_names)


def parts_of(path: Path, **reading: Any) -> Parts:
    """A folder, a Parquet file or a CSV file in parts.

    ``reading`` and errors are those of :func:`read_table`.
    """
    form = file_form(path, **reading)
    if form is None:
        return ParquetParts(path)
    try:
        return CsvParts(path, form)
    except (DataError, FileFormatError) as error:
        raise type(error)(f"{path}: {error}") from None
