"""CSV and Parquet files as tables, with errors that name the row."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from glassnet.data.columns import Column, Table, as_table, counted
from glassnet.data.parquet import first_bytes, whole_parquet
from glassnet.errors import ConfigError, DataError, FileFormatError


def read_table(
    path: str | Path,
    *,
    delimiter: str | None = None,
    decimal: str = ".",
    encoding: str = "utf8",
    missing_values: Sequence[str] | None = None,
) -> Table:
    """A CSV or Parquet file as a pyarrow table; which of the two is told by its first bytes.

    Args:
        path: the file, or a folder of Parquet files; a CSV file may be compressed (.gz, .bz2,
            .zst).
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
    if path.is_dir():
        return _whole(path, whole_parquet(path))
    head = first_bytes(path)
    if head[:4] == b"PAR1":
        return _whole(path, whole_parquet(path))
    if path.suffix.lower() in (".parquet", ".pq"):
        raise FileFormatError(f"{path}: not a Parquet file")
    if encoding.lower().replace("-", "") == "utf8" and b"\0" in head:
        utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
        hint = ' (or UTF-16 text: --encoding utf-16, in Python encoding="utf-16")' if utf16 else ""
        raise FileFormatError(f"{path}: not a CSV file; it holds binary data{hint}")
    return _whole(path, _csv(path, head, delimiter, decimal, encoding, missing_values))


def _whole(path: Path, table: Table) -> Table:
    """The table, if it has rows and each name once."""
    if table.num_rows == 0:
        raise DataError(f"{path}: there are no rows below the header")
    try:
        return as_table(table)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _csv(
    path: Path,
    head: bytes,
    delimiter: str | None,
    decimal: str,
    encoding: str,
    missing_values: Sequence[str] | None,
) -> Table:
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
    nulls = [*pyarrow.csv.ConvertOptions().null_values, *(missing_values or ())]
    bad_rows: list[Any] = []

    def note(row: Any) -> str:
        bad_rows.append(row)
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            pa.input_stream(str(path), compression="detect"),
            # One thread: only then does pyarrow know the number of a row.
            read_options=pyarrow.csv.ReadOptions(encoding=encoding, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                invalid_row_handler=note,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                null_values=nulls, strings_can_be_null=True, decimal_point=decimal
            ),
        )
    except (pa.ArrowException, UnicodeError) as error:
        if isinstance(error, UnicodeError):
            raise DataError(_encoding(path, encoding)) from None
        if "straddling" in str(error):  # pyarrow reads a megabyte at a time
            raise DataError(
                f"{path}: a row is longer than a megabyte; is a quotation mark left open?"
            ) from None
        raise FileFormatError(f"{path}: not a CSV file ({str(error).strip()})") from None
    if bad_rows:
        row = bad_rows[0]
        more = f" (and {counted(len(bad_rows) - 1, 'row')} more)" if len(bad_rows) > 1 else ""
        raise DataError(
            f"{path}: row {row.number - 1} has {counted(row.actual_columns, 'field')}, but the "
            f"header has {row.expected_columns}: {row.text[:80]!r}{more}. Rows are counted from 1, "
            f"below the header; fields are parted by {delimiter!r}"
        )
    try:
        table = _named(table)
    except UnicodeError:
        raise DataError(_encoding(path, encoding, " in the header")) from None
    for name in table.column_names:
        if "binary" in str(table.schema.types[table.column_names.index(name)]):
            raise DataError(_encoding(path, encoding, f" in column {name!r}"))
    return table


def _delimiter(head: str, path: Path) -> str:
    header = head.lstrip("\ufeff").lstrip().partition("\n")[0]
    if path.suffix.lower() == ".tsv":
        return "\t"
    return next((sign for sign in (",", ";", "\t", "|") if sign in header), ",")


def _encoding(path: Path, encoding: str, where: str = "") -> str:
    return (
        f"{path}: bytes{where} that are not {encoding} text. Save it as UTF-8 (in Excel: CSV "
        'UTF-8), or name its encoding: --encoding cp949 on the command line, encoding="cp949" in '
        "Python (latin-1 for western Europe)"
    )


def _named(table: Table) -> Table:
    """Names without white space around them; the unnamed row numbers of pandas left out."""
    names = [name.strip() for name in table.column_names]
    keep = [
        name or f"column {i + 1}"
        for i, name in enumerate(names)
        if name or not _counts_rows(table.column(i))
    ]
    kept = [i for i, name in enumerate(names) if name or not _counts_rows(table.column(i))]
    return table.select(kept).rename_columns(keep)


def _counts_rows(column: Column) -> bool:
    """Whether the values are 0, 1, 2, …"""
    if not pa.types.is_integer(column.type):
        return False
    return bool(pc.all(pc.equal(column, pa.array(range(len(column))))).as_py())
