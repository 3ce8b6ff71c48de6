"""CSV and Parquet files as tables, with errors that name the row."""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from glassnet.data.columns import Column, Table, as_table, counted
from glassnet.data.parquet import SUFFIXES, first_bytes, whole_parquet
from glassnet.data.table_formats import csv_of
from glassnet.errors import ConfigError, DataError, FileFormatError


def read_table(
    path: str | Path,
    *,
    delimiter: str | None = None,
    decimal: str = ".",
    encoding: str = "utf8",
    missing_values: Sequence[str] | None = None,
) -> Table:
    """A file as a pyarrow table: CSV, Parquet, Excel or JSON lines.

    Args:
        path: the file, or a folder of Parquet files; "-" is standard input. A CSV file, and one
            of JSON lines (.jsonl, .ndjson), may be compressed (.gz, .bz2, .zst). Of an Excel
            workbook (.xlsx) the first sheet is read.
        delimiter: between the fields; None: "," or, if the header has none, ";" or a tab.
        decimal: the decimal sign.
        encoding: of the text.
        missing_values: texts that mean "no value", beside the usual ones (nothing, NA, NaN, null).

    Raises:
        DataError: no such file, no rows, a row with too many or too few fields (named),
            bytes that are not in the encoding, a column name twice.
        FileFormatError: neither CSV nor Parquet.
    """
    path = Path(path)
    with csv_of(path, decimal) as other:
        if other is not None:
            there, own = other
            return read_table(
                there,
                delimiter="," if own else delimiter,
                decimal=decimal,
                encoding="utf8" if own else encoding,
                missing_values=missing_values,
            )
    form = file_form(path, delimiter, decimal, encoding, missing_values)
    return _whole(path, whole_parquet(path) if form is None else _csv(path, form))


def file_form(
    path: Path,
    delimiter: str | None = None,
    decimal: str = ".",
    encoding: str = "utf8",
    missing_values: Sequence[str] | None = None,
) -> Form | None:
    """How a CSV file is written; None for Parquet. All else as of :func:`read_table`."""
    if path.is_dir():
        return None
    head = first_bytes(path)
    if head[:4] == b"PAR1":
        return None
    if path.suffix.lower() in SUFFIXES:
        raise FileFormatError(f"{path}: not a Parquet file")
    if encoding.lower().replace("-", "") == "utf8" and b"\0" in head:
        utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
        hint = ' (or UTF-16 text: --encoding utf-16, in Python encoding="utf-16")' if utf16 else ""
        raise FileFormatError(f"{path}: not a CSV file; it holds binary data{hint}")
    return _form_of(path, head, delimiter, decimal, encoding, missing_values)


def _whole(path: Path, table: Table) -> Table:
    """The table, if it has rows and each name once."""
    if table.num_rows == 0:
        raise DataError(f"{path}: there are no rows below the header")
    try:
        return as_table(table)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


@dataclass(frozen=True)
class Form:
    """How a CSV file is written: as the arguments of :func:`read_table` say, or as it was found."""

    delimiter: str
    decimal: str
    encoding: str
    missing_values: tuple[str, ...]


def _form_of(
    path: Path,
    head: bytes,
    delimiter: str | None,
    decimal: str,
    encoding: str,
    missing_values: Sequence[str] | None,
) -> Form:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ConfigError(f"unknown encoding {encoding!r}") from None
    for name, value in (("delimiter", delimiter), ("decimal", decimal)):
        if value is not None and (len(value) != 1 or not value.isascii()):
            raise ConfigError(f"{name} must be one character, got {value!r}")
    if not head.strip():
        raise DataError(f"{path}: the file is empty")
    delimiter = delimiter or _delimiter(head.decode(encoding, "replace"), path)
    if delimiter == decimal:
        raise ConfigError(f"delimiter and decimal are both {decimal!r}")
    nulls = (*pyarrow.csv.ConvertOptions().null_values, *(missing_values or ()))
    return Form(delimiter, decimal, encoding, nulls)


def parse_csv(
    source: Any,
    form: Form,
    types: Mapping[str, Any] | None = None,
    lines: int = 1,
) -> Table:
    """The rows of a CSV file, or of a piece of it.

    Args:
        source: what pyarrow reads from.
        form: how it is written.
        types: the columns of a piece without a header, and their types; None: text. A column that
            is not of its type stays text.
        lines: how many lines lie before its first row in the file.
    """
    bad_rows: list[Any] = []

    def note(row: Any) -> str:
        bad_rows.append(row)
        return "skip"

    known = None if types is None else {n: t or pa.large_string() for n, t in types.items()}
    try:
        table = pyarrow.csv.read_csv(
            source,
            # One thread: only then does pyarrow know the number of a row.
            read_options=pyarrow.csv.ReadOptions(
                encoding=form.encoding, use_threads=False, column_names=known and list(known)
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=form.delimiter,
                newlines_in_values=True,
                invalid_row_handler=note,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                null_values=form.missing_values, strings_can_be_null=True,
                decimal_point=form.decimal, column_types=known,
            ),
        )  # fmt: skip
    except (pa.ArrowException, UnicodeError) as error:
        if types and any(types.values()) and "conversion error to" in str(error):
            source.seek(0)
            text = parse_csv(source, form, dict.fromkeys(types), lines)
            return _as_typed(text, types)
        if isinstance(error, UnicodeError) or "UTF8" in str(error):
            raise DataError(_encoding(form.encoding)) from None
        if "straddling" in str(error):  # pyarrow reads a megabyte at a time
            raise DataError(
                "a row is longer than a megabyte; is a quotation mark left open?"
            ) from None
        raise FileFormatError(f"not a CSV file ({str(error).strip()})") from None
    if bad_rows:
        row = bad_rows[0]
        more = f" (and {counted(len(bad_rows) - 1, 'row')} more)" if len(bad_rows) > 1 else ""
        number = row.number + lines - (2 if known is None else 1)
        raise DataError(
            f"row {number} has {counted(row.actual_columns, 'field')}, but the "
            f"header has {row.expected_columns}: {row.text[:80]!r}{more}. Rows are counted from 1, "
            f"below the header; fields are parted by {form.delimiter!r}"
        )
    return table


def _as_typed(table: Table, types: Mapping[str, Any]) -> Table:
    """Text with the types it can have."""
    for i, (name, dtype) in enumerate(types.items()):
        with contextlib.suppress(pa.ArrowInvalid):
            table = table.set_column(i, name, table.column(i).cast(dtype or pa.large_string()))
    return table


def _csv(path: Path, form: Form) -> Table:
    try:
        table = parse_csv(pa.input_stream(str(path), compression="detect"), form)
        kept = kept_columns(table, form)
        table = table.select(list(kept)).rename_columns(list(kept.values()))
        for name, dtype in zip(table.column_names, table.schema.types):
            if "binary" in str(dtype):
                raise DataError(_encoding(form.encoding, f" in column {name!r}"))
    except (DataError, FileFormatError) as error:
        raise type(error)(f"{path}: {error}") from None
    return table


def _delimiter(head: str, path: Path) -> str:
    header = head.lstrip("\ufeff").lstrip().partition("\n")[0]
    if path.suffix.lower() == ".tsv":
        return "\t"
    return next((sign for sign in (",", ";", "\t", "|") if sign in header), ",")


def _encoding(encoding: str, where: str = "") -> str:
    return (
        f"bytes{where} that are not {encoding} text. Save it as UTF-8 (in Excel: CSV "
        'UTF-8), or name its encoding: --encoding cp949 on the command line, encoding="cp949" in '
        "Python (latin-1 for western Europe)"
    )


def kept_columns(table: Table, form: Form) -> dict[int, str]:
    """Which columns are used, by what name: without white space around it.

    Row numbers without a name, as pandas writes them, are left out.
    """
    try:
        names = [name.strip() for name in table.column_names]
    except UnicodeError:
        raise DataError(_encoding(form.encoding, " in the header")) from None
    return {
        i: name or f"column {i + 1}"
        for i, name in enumerate(names)
        if name or not _counts_rows(table.column(i))
    }


def _counts_rows(column: Column) -> bool:
    """Whether the values are 0, 1, 2, …"""
    if not pa.types.is_integer(column.type):
        return False
    return bool(pc.all(pc.equal(column, pa.array(range(len(column))))).as_py())
