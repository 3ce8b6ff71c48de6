"""Tables as files: CSV, Excel, JSON lines and Parquet, by the suffix; whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import io
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from glassnet._core.optional import require
from glassnet._core.storage import PathLike, atomic_write
from glassnet._core.strict_json import to_json
from glassnet.data.columns import Table
from glassnet.errors import ConfigError, DataError, FileFormatError

MOST_ROWS = (1 << 20) - 1  # of a sheet, below its header
SUFFIXES = (".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson", ".parquet", ".pq")


def check_name(path: PathLike) -> str:
    """The suffix of a file that can be written.

    Raises:
        FileFormatError: another one, or a folder.
        MissingDependencyError: openpyxl is not installed, for .xlsx.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise FileFormatError(
            f"{path}: expected a name that ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}."
        )
    if suffix == ".xlsx":
        require("openpyxl", extra="excel")
    return suffix


def write_table(table: Table, path: PathLike, encoding: str | None = None) -> None:
    """Write ``table``; nothing is left behind if that fails.

    Args:
        encoding: of CSV. None: UTF-8; where the text is not ASCII, with the mark at its beginning
            by which a spreadsheet knows it.

    Raises:
        FileFormatError: a suffix that means no such format.
        DataError: a letter that the encoding does not have; more rows than a sheet holds.
    """
    suffix = check_name(path)
    with atomic_write(path) as file:
        if suffix in (".csv", ".tsv"):
            content = csv_bytes(table, encoding, "\t" if suffix == ".tsv" else ",", str(path))
            if encoding is None and not content.isascii():
                file.write(codecs.BOM_UTF8)
            file.write(content)
        elif suffix == ".xlsx":
            _write_sheet(table, file, str(path))
        elif suffix in (".jsonl", ".ndjson"):
            for row in table.to_pylist():
                file.write(json_line(row).encode() + b"\n")
        else:
            parquet.write_table(table, file)


@contextlib.contextmanager
def table_writer(path: PathLike, encoding: str | None = None) -> Iterator[Callable[[Table], None]]:
    """Inside, tables of the same columns are written below each other; all, or nothing is left.

    Not for Excel, whose sheets are written as a whole. Errors are those of :func:`write_table`.
    """
    suffix = check_name(path)
    with atomic_write(path) as file, contextlib.ExitStack() as stack:
        parts = 0
        opened: Any = None

        def write(table: Table) -> None:
            nonlocal parts, opened
            parts += 1
            if suffix in (".csv", ".tsv"):
                sign = "\t" if suffix == ".tsv" else ","
                content = csv_bytes(table, encoding, sign, str(path), header=parts == 1)
                if parts == 1 and encoding is None and not content.isascii():
                    file.write(codecs.BOM_UTF8)
                file.write(content)
            elif suffix in (".jsonl", ".ndjson"):
                for row in table.to_pylist():
                    file.write(json_line(row).encode() + b"\n")
            else:
                if opened is None:
                    opened = stack.enter_context(parquet.ParquetWriter(file, table.schema))
                opened.write_table(table)

        yield write


def json_line(row: dict[str, Any]) -> str:
    """A row as JSON, with null for what is no finite number.

    >>> json_line({"a": 1.5, "b": float("nan"), "c": "가"})
    '{"a": 1.5, "b": null, "c": "가"}'
    """
    return to_json({name: _json_value(value) for name, value in row.items()})


def _json_value(value: Any) -> Any:
    """A value that JSON has; a date as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def csv_bytes(
    table: Table, encoding: str | None = None, delimiter: str = ",", name: str = "the table",
    header: bool = True,
) -> bytes:  # fmt: skip
    """The table as CSV in an encoding, UTF-8 if none is given.

    Raises:
        ConfigError: an encoding that is not known.
        DataError: a letter that it does not have.
    """
    out = io.BytesIO()
    csv.write_csv(_plain(table), out, csv.WriteOptions(delimiter=delimiter, include_header=header))
    try:
        if encoding is None or codecs.lookup(encoding).name == "utf-8":
            return out.getvalue()
        return out.getvalue().decode().encode(encoding)
    except LookupError:
        raise ConfigError(f"unknown encoding {encoding!r}") from None
    except UnicodeEncodeError as error:
        letter = error.object[error.start]
        raise DataError(
            f"{name}: {encoding} has no {letter!r}; leave --encoding out to write UTF-8"
        ) from None


def _plain(table: Table) -> Table:
    """Without types that CSV has no words for: categories as what they name."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            plain = pc.cast(table.column(at), field.type.value_type)
            table = table.set_column(at, field.name, plain)
    return table


def _write_sheet(table: Table, file: IO[bytes], name: str) -> None:
    """One sheet; texts stay texts, also where they look like a formula."""
    if table.num_rows > MOST_ROWS:
        raise DataError(
            f"{name}: a sheet holds {MOST_ROWS:,} rows, but {table.num_rows:,} came; write .csv"
        )
    openpyxl = require("openpyxl", extra="excel")
    cell_of = require("openpyxl.cell", extra="excel").WriteOnlyCell
    bad = require("openpyxl.cell.cell", extra="excel").ILLEGAL_CHARACTERS_RE
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("answers")

    def cell(value: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, bytes) or getattr(value, "tzinfo", None) is not None:
            value = str(value)
        if isinstance(value, str) and value[:1] in "=+-@":
            made = cell_of(sheet, bad.sub("", value))
            made.data_type = "s"
            return made
        return bad.sub("", value) if isinstance(value, str) else value

    sheet.append([cell(name) for name in table.column_names])
    for batch in table.to_batches(max_chunksize=10_000):
        for row in zip(*(column.to_pylist() for column in batch.columns)):
            sheet.append([cell(value) for value in row])
    book.save(file)
