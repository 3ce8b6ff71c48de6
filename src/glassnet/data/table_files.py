"""CSV and Parquet files as tables, with errors that name the row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from glassnet.data.columns import (
    Column,
    RowNumbers,
    Table,
    as_numbered,
    as_table,
    consecutive,
    counted,
    refuse_duplicates,
)
from glassnet.data.forms import NO_VALUE, SPACES, Form, find_form, not_in, spaced_fields
from glassnet.data.inference import ColumnForm, typed
from glassnet.data.parquet import first_bytes, whole_parquet
from glassnet.data.table_formats import (
    JSON,
    PARQUET,
    PARQUET_FILE,
    csv_of,
    refuse_without_effect,
    self_told,
    separator,
)
from glassnet.data.told import told
from glassnet.errors import DataError, FileFormatError


def read_table(path: str | Path, **reading: Any) -> Table:
    """A file as a pyarrow table: CSV, Parquet, Excel or JSON lines.

    What can be told by looking is found out: the encoding, the separator, the signs within
    numbers. ``read_with_notes`` says what was found.

    Args:
        path: the file, or a folder of Parquet files; "-" is standard input. A CSV file, and one
            of JSON lines (.jsonl, .ndjson), may be compressed (.gz, .bz2, .zst). Of an Excel
            workbook (.xlsx) the first sheet is read.
        delimiter: between the fields; " " is any run of white space; None: the sign that parts
            all lines alike.
        decimal: the decimal sign; None: "." or, if numbers such as 12,5 tell it, ",".
        thousands: the sign between thousands; None: "," if numbers such as 1,395,000 tell it.
        encoding: of the text; None: UTF-8, or CP949 if only that fits.
        missing_values: the texts that mean "no value", beside nothing at all; None: NA, NaN, null,
            "?" and their like.
        header: whether the first line has the names of the columns; False: they are called
            "column 1", "column 2" …; None: it has, and one that looks like data is refused.
        names: of the columns, in a file whose first line has none.
        text: columns that stay text, whatever they look like.
        strict: only the separator is found out: UTF-8, "." as decimal sign, no thousands.

    Raises:
        DataError: no such file, no rows, a row with too many or too few fields (named),
            bytes that are not in the encoding, a column name twice, a first line of data.
        FileFormatError: neither CSV nor Parquet.
        ConfigError: an argument about text, for a file that says itself how it is written.
    """
    return read_with_notes(path, **reading).table


@dataclass(frozen=True)
class Read:
    """A table, and what was done to read it.

    Attributes:
        notes: a line for each thing.
        kept: how new files are to be read alike; as of ``Preprocessor.reading``.
        first_row: the number of the first row, or of each, as a spreadsheet shows the file.
    """

    table: Table
    notes: tuple[str, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)
    first_row: RowNumbers = 1


def read_with_notes(path: str | Path, **reading: Any) -> Read:
    """As :func:`read_table`, with what was done, in words."""
    path = Path(path)
    with csv_of(path, reading.get("decimal") or ".") as other:
        if other is not None:
            there, rows = other
            if rows is not None:
                refuse_without_effect(path, self_told(path) or JSON, reading)
                known = reading.get("header") is not None or reading.get("names")
                header = reading.get("header") if known else True
                sign = separator(reading.get("decimal"))
                reading = {**reading, "delimiter": sign, "encoding": "utf8", "header": header}
            found = read_with_notes(there, **reading)
            if rows is None or len(rows) < found.table.num_rows:
                return found
            return replace(found, first_row=consecutive(rows[len(rows) - found.table.num_rows :]))
    form = file_form(path, **reading)
    if form is None:
        return Read(_whole(path, whole_parquet(path)))
    read = _csv(path, form)
    return replace(read, table=_whole(path, read.table))


def file_form(path: Path, **reading: Any) -> Form | None:
    """How a CSV file is written; None for Parquet. All else as of :func:`read_table`."""
    known = signature(find_form).parameters
    for name in reading:
        if name not in known:
            raise TypeError(f"reading a table takes no {name!r}; known are {', '.join(known)}")
    head = b"PAR1" if path.is_dir() else first_bytes(path)
    if head[:4] == b"PAR1":
        refuse_without_effect(path, PARQUET_FILE, reading)
        return None
    if path.suffix.lower() in PARQUET:
        raise FileFormatError(f"{path}: not a Parquet file")
    encoding = reading.get("encoding") or "utf8"
    if encoding.lower().replace("-", "") == "utf8" and b"\0" in head:
        utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
        hint = ' (or UTF-16 text: encoding="utf-16")' if utf16 else ""
        raise FileFormatError(f"{path}: not a CSV file; it holds binary data{hint}")
    return find_form(path, head, **reading)


def file_width(path: str | Path) -> int | None:
    """How many columns a CSV file has; None: it is none, or there is none."""
    path = Path(path)
    if not path.is_file():
        return None
    if self_told(path):
        return None
    form = file_form(path, header=False)
    return None if form is None else len(form.header)


def _whole(path: Path, table: Table) -> Table:
    """The table, if it has rows and each name once."""
    if table.num_rows == 0:
        raise DataError(f"{path}: there are no rows below the header")
    try:
        return as_table(table)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def parse_csv(source: Any, form: Form, lines: int | None = None) -> Table:
    """The rows of a CSV file, or of a piece of it, as text; the columns are called "0", "1" …

    Args:
        source: what pyarrow reads from.
        form: how it is written.
        lines: how many lines lie before a piece in the file; None: it is the whole file.
    """
    bad_rows: list[Any] = []

    def note(row: Any) -> str:
        bad_rows.append(row)
        return "skip"

    names = [str(i) for i in range(len(form.header))]
    skip, encoding, delimiter = form.skip if lines is None else 0, form.encoding, form.delimiter
    try:
        if delimiter == SPACES:
            source, skip, encoding, delimiter = _with_commas(source, form, skip), 0, "utf8", ","
        table = pyarrow.csv.read_csv(
            source,
            # One thread: only then does pyarrow know the number of a row.
            read_options=pyarrow.csv.ReadOptions(
                encoding=encoding, use_threads=False, column_names=names, skip_rows=skip
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                null_values=[], column_types=dict.fromkeys(names, pa.large_string())
            ),
        )
    except (pa.ArrowException, UnicodeError) as error:
        if isinstance(error, UnicodeError) or "UTF8" in str(error):
            raise DataError(not_in(form.encoding, _bad_column(str(error), form))) from None
        if "straddling" in str(error):  # pyarrow reads a megabyte at a time
            raise DataError(
                "a row is longer than a megabyte; is a quotation mark left open?"
            ) from None
        if "Empty CSV" in str(error):
            return pa.table({name: pa.array([], pa.large_string()) for name in names})
        raise FileFormatError(f"not a CSV file ({str(error).strip()})") from None
    if bad_rows:
        row = bad_rows[0]
        more = f" (and {counted(len(bad_rows) - 1, 'row')} more)" if len(bad_rows) > 1 else ""
        before = form.skip
        number = row.number - skip + before if lines is None else row.number + lines
        raise DataError(
            f"row {number} has {counted(row.actual_columns, 'field')}, but the "
            f"header has {row.expected_columns}: {row.text[:80]!r}{more} "
            f"({as_numbered(1 if form.nameless else 2)}); fields are parted by "
            f"{form.delimiter!r} (another sign: delimiter=)"
        )
    return table


def _with_commas(source: Any, form: Form, skip: int) -> Any:
    """Lines that are parted by spaces, as CSV."""
    text = source.read().decode(form.encoding).lstrip("\ufeff")
    rows = [spaced_fields(line) for line in text.splitlines()[skip:]]
    written = io.StringIO()
    csv.writer(written).writerows(row for row in rows if row)
    return pa.BufferReader(written.getvalue().encode())


def _csv(path: Path, form: Form) -> Read:
    try:
        table = parse_csv(pa.input_stream(str(path), compression="detect"), form)
        kept = kept_columns(table, form)
        refuse_duplicates(list(kept.values()))
        table = table.select(list(kept)).rename_columns(list(kept.values()))
        table, found, notes = typed(table, form)
    except (DataError, FileFormatError) as error:
        raise type(error)(f"{path}: {error}") from None
    left = [f"column {i + 1}" for i in range(len(form.header)) if i not in kept]
    counting = [told("nameless", name=name) for name in left]
    lines, first = (*form.notes, *counting, *notes), row_numbers(path, form, table.num_rows)
    return Read(table, lines, kept_reading(form, found), first)


def row_numbers(path: Path, form: Form, count: int) -> RowNumbers:
    """The number of the first of ``count`` rows, or of all where empty lines lie between them."""
    first = form.skip + 1
    end = b""
    with pa.input_stream(str(path), compression="detect") as stream:
        while some := stream.read(1 << 20):
            lines = (end + some).replace(b"\r", b"")
            if b"\n\n" in lines:
                break
            end = lines[-1:]
        else:
            return first
    spaced = form.delimiter == SPACES
    sign = "\t" if spaced else form.delimiter
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            text = io.TextIOWrapper(stream, form.encoding, newline="")
            each = enumerate(csv.reader(text, delimiter=sign), 1)
            numbers = [n for n, row in each if (row[0].strip() if spaced and row else row)]
    except (csv.Error, UnicodeError):  # a field of more than 128 kB
        return first
    return consecutive(np.array(numbers[-count:], np.int64)) if len(numbers) >= count else first


def kept_reading(form: Form, found: Mapping[str, ColumnForm]) -> dict[str, Any]:
    """What new files must share with this one."""
    used = {(each.decimal, each.thousands) for each in found.values()} - {(".", "")}
    decimal, thousands = next(iter(used)) if len(used) == 1 else (form.decimal, form.thousands)
    reading: dict[str, Any] = {}
    if decimal and (decimal, thousands or "") != (".", ""):
        reading = {"decimal": decimal, **({"thousands": thousands} if thousands else {})}
    if form.missing_values != NO_VALUE:
        reading["missing_values"] = list(form.missing_values)
    if form.nameless:
        reading["names"] = list(form.header)
    return reading


def _bad_column(told: str, form: Form) -> str:
    found = re.search(r"column #(\d+)", told)
    return f" in column {form.header[int(found[1])].strip()!r}" if found else ""


def kept_columns(table: Table, form: Form) -> dict[int, str]:
    """Which columns are used, by what name: without white space around it.

    Row numbers without a name, as pandas and R write them, are left out.
    """
    names = [name.strip() for name in form.header]
    return {
        i: name or f"column {i + 1}"
        for i, name in enumerate(names)
        if name or not counts_rows(table.column(i))
    }


def counts_rows(column: Column) -> bool:
    """Whether the values are 0, 1, 2, … or 1, 2, 3, …, in any order, each once."""
    try:
        found = pc.cast(column, pa.int64())
    except pa.ArrowInvalid:
        return False
    if found.null_count or not len(found) or pa.types.is_floating(column.type):
        return False
    values = np.sort(np.asarray(found))
    return bool(values[0] in (0, 1) and (np.diff(values) == 1).all())
