"""Tables that are no CSV file and no Parquet: Excel, JSON lines, standard input.

Each becomes CSV text before it is read, so that there is one reading of what a column is.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import json
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from glassnet._core.optional import require
from glassnet._core.storage import refuse_no_file
from glassnet._core.strict_json import to_json
from glassnet.data.image_names import is_utf8, spelled
from glassnet.errors import ConfigError, DataError, FileFormatError, GlassnetError

Row = tuple[int, Sequence[str]]  # its number in the file, and its cells

STANDARD_INPUT = "-"
PARQUET = (".parquet", ".pq")
EXCEL = (".xlsx", ".xlsm")
JSON_LINES = (".jsonl", ".ndjson", ".json")
PACKED = (".gz", ".bz2", ".zst")
OLD_EXCEL, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
LARGEST = 1 << 30  # bytes of a workbook, unpacked: one that is built to harm is small when packed
FAULTS = {"#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#N/A"}  # of formulas


# What says itself how it is written, and the arguments that mean nothing there.
TEXT = ("delimiter", "decimal", "thousands", "encoding", "missing_values", "header", "names")
SELF_TOLD = {
    "is Parquet, which has names and types of its own": TEXT,
    "is an Excel workbook, which has cells of its own": ("delimiter", "encoding"),
    "is JSON, which is UTF-8 and names each value": ("delimiter", "encoding", "header", "names"),
    "is a table already": TEXT,
}
PARQUET_FILE, WORKBOOK, JSON, IN_MEMORY = SELF_TOLD


def self_told(path: str | Path) -> str | None:
    """What a file is that says itself how it is written, by its name; None: it is text.

    >>> self_told("a.csv"), self_told("a.pq")
    (None, 'is Parquet, which has names and types of its own')
    """
    suffix = suffix_of(path)
    if suffix in PARQUET or (str(path) != STANDARD_INPUT and Path(path).is_dir()):
        return PARQUET_FILE
    return WORKBOOK if suffix in EXCEL else JSON if suffix in JSON_LINES else None


def refuse_without_effect(path: str | Path, what: str | None, reading: Mapping[str, Any]) -> None:
    """Refuse to be told how a file is written that says it itself.

    Args:
        what: as :func:`self_told` gives it.

    Raises:
        ConfigError: an argument that would mean nothing.
    """
    for name in SELF_TOLD[what] if what else ():
        value = reading.get(name)
        if value is not None:
            option = f"{name}={value}" if isinstance(value, bool) else f"{name}="
            raise ConfigError(f"{path}: {what}; {option} is for files of text: leave it out.")


def separator(decimal: str | None) -> str:
    """What parts the fields of a CSV file that is written here."""
    return ";" if decimal == "," else ","


def suffix_of(path: str | Path) -> str:
    """What a table is by its name, packed or not.

    >>> suffix_of("flowers.JSONL.gz")
    '.jsonl'
    """
    found = [suffix.lower() for suffix in Path(path).suffixes]
    while found and found[-1] in PACKED:
        found.pop()
    return found[-1] if found else ""


@contextlib.contextmanager
def csv_of(
    path: Path, decimal: str = "."
) -> Iterator[tuple[Path, NDArray[np.int64] | None] | None]:
    """A CSV file of what is in another format; None: ``path`` is to be read as it is.

    It is there as long as this lasts; errors then name ``path``.  If it was written here, in UTF-8
    with :func:`separator`, the number of each row comes with it: of a sheet as Excel shows it, of
    JSON its line. CSV from standard input is only kept (None): its encoding and its separator are
    still to be found out.

    Args:
        decimal: how numbers are to be written.

    Raises:
        FileFormatError: no such workbook, no JSON.
        DataError: no rows; a value that is no number, text or date.
        MissingDependencyError: openpyxl is not installed.
    """
    name = str(path)
    content = _standard_input() if name == STANDARD_INPUT else None
    if content is not None:
        path = Path("standard input")
        if content[:4] in (b"PAR1", ZIP, OLD_EXCEL):
            raise FileFormatError(f"{path}: takes CSV or JSON lines; name the file for the others")
    rows = _rows(path, content, decimal)
    if rows is None and content is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "table.csv"
        if rows is None:
            there.write_bytes(content or b"")
        else:
            numbers: list[int] = []
            with there.open("w", encoding="utf-8", newline="") as file:
                written = csv.writer(file, delimiter=separator(decimal))
                for number, row in rows:
                    numbers.append(number)
                    written.writerow(row)
        try:
            yield there, None if rows is None else np.array(numbers[1:], np.int64)
        except GlassnetError as error:
            raise type(error)(str(error).replace(str(there), str(path))) from None


def _standard_input() -> bytes:
    stream: IO[bytes] = sys.stdin.buffer
    content = stream.read()
    if not content.strip():
        raise DataError("standard input: nothing came")
    return content


def _rows(path: Path, content: bytes | None, decimal: str) -> Iterator[Row] | None:
    """The rows as text with their numbers, the header first; None: CSV, Parquet, or a folder."""
    if content is not None:
        return _json(path, content, decimal) if content.lstrip()[:1] in b"[{" else None
    refuse_unreadable(path)
    if not path.is_file():
        return None  # the reader of CSV says that there is none
    suffix = suffix_of(path)
    if suffix in JSON_LINES:
        return _json(path, _unpacked(path), decimal)
    with path.open("rb") as file:
        begin = file.read(4)
    if begin == OLD_EXCEL or suffix == ".xls":
        raise FileFormatError(
            f"{path}: is of the old Excel (.xls), or protected by a password. Save it as .xlsx "
            "without one, or as CSV UTF-8"
        )
    if begin == ZIP and suffix == ".ods":
        raise FileFormatError(f"{path}: is of LibreOffice. Save it as .xlsx, or as CSV")
    if begin == ZIP or suffix in EXCEL:
        return _excel(path, decimal)
    return None


def refuse_unreadable(path: Path) -> None:
    """Raises FileFormatError for a pipe, and for a name that is not UTF-8: Arrow opens none."""
    refuse_no_file(path, "table", ' What comes through a pipe is read as "-".')
    if not is_utf8(str(path)):
        raise FileFormatError(
            f"{spelled(str(path))}: its name is not UTF-8, and tables are read by such names only. "
            "Give the file another name."
        )


def _unpacked(path: Path) -> bytes:
    import pyarrow as pa  # others ask this module for names of formats alone

    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            return bytes(stream.read())
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read ({error})") from None


# ---- Excel -----------------------------------------------------------------------------


def _excel(path: Path, decimal: str) -> Iterator[Row]:
    """The first sheet that has something, from its header on.

    Lines above the header that fill one cell only, such as a title, are passed over.
    """
    openpyxl = require("openpyxl", extra="excel")
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > LARGEST:
            raise FileFormatError(
                f"{path}: takes {size >> 20:,} MB unpacked, more than {LARGEST >> 20:,}. "
                "Save it as CSV"
            )
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"{path}: not an Excel workbook, or a damaged one") from None
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the file says of its size is often wrong
            rows = [
                [_text(value, decimal, f"{path}: row {number}") for value in row]
                for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
            ]
            if any(cell for row in rows for cell in row):
                return iter(_table(rows))
    finally:
        book.close()
    raise DataError(f"{path}: the workbook is empty")


def _table(rows: list[list[str]]) -> list[Row]:
    """The rectangle of cells that has something: empty rows and columns around it left out."""
    width = max(map(len, rows))
    filled = [(n, row + [""] * (width - len(row))) for n, row in enumerate(rows, 1) if any(row)]
    used = [j for j in range(width) if any(row[j] for _, row in filled)]
    found: list[Row] = [(n, [row[j] for j in used]) for n, row in filled]
    while len(found) > 1 and len(used) > 1 and sum(map(bool, found[0][1])) == 1:
        del found[0]
    return found


# ---- JSON ------------------------------------------------------------------------------


def _json(path: Path, content: bytes, decimal: str) -> Iterator[Row]:
    """One object in a line, or a list of objects; the header has every key, as they come."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path}: JSON is UTF-8 text, and these bytes are not") from None
    records: list[tuple[int, Any]] = []
    if text.lstrip().startswith("["):
        found = _parsed(path, text, "")
        records += enumerate(found, 1)
    else:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                records.append((number, _parsed(path, line, f" in line {number}")))
    for number, record in records:
        if not isinstance(record, dict):
            raise DataError(
                f"{path}: line {number} is {to_json(record)[:40]}; expected an object with the "
                'columns in each line, as in {"age": 31, "city": "Seoul"}'
            )
    names = list(dict.fromkeys(name for _, record in records for name in record))
    if not names:
        raise DataError(f"{path}: there are no rows")
    yield 0, names
    for number, record in records:
        where = f"{path}: line {number}"
        yield number, [_text(record.get(name), decimal, f"{where}, {name!r}") for name in names]


def _parsed(path: Path, text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{path}: no JSON{where} ({error})") from None


def _text(value: Any, decimal: str, where: str) -> str:
    """A value as it would stand in a CSV file.

    >>> [_text(v, ".", "") for v in (None, True, 2.0, 2.5, "a", datetime.date(2024, 5, 1))]
    ['', 'true', '2.0', '2.5', 'a', '2024-05-01']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "" if value != value else repr(value).replace(".", decimal)
    if isinstance(value, str):
        return "" if value in FAULTS else value
    if isinstance(value, datetime.datetime):
        whole = value.time() == datetime.time()
        return value.date().isoformat() if whole else value.isoformat(" ", "seconds")
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return str(value)
    raise DataError(f"{where}: holds {type(value).__name__}s, expected numbers and texts")
