"""How a CSV file is written: its encoding, its separator, where its rows begin.

The separator is the sign that parts every line into the same number of fields; so a comma within
quotation marks, or in a name, does not decide.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from glassnet.data.told import told
from glassnet.errors import ConfigError, DataError, NoHeaderError

SPACES = " "  # as a separator: any run of white space
SIGNS = (",", ";", "\t", "|")
LOOKED_AT = 200  # lines
WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", SPACES: "spaces"}
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
COMMA_NUMBER = r"[+-]?\d+(,\d+)+(\.\d*)?|[+-]?\d+(\.\d+)*,\d+"

# Texts that mean that there is no value: those of pandas, R and spreadsheets, and "?".
NO_VALUE = (
    "", "?", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND",
    "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "n/a", "nan", "null",
)  # fmt: skip


@dataclass(frozen=True)
class Form:
    """How a CSV file is written: as the arguments of ``read_table`` say, or as it was found.

    Attributes:
        header: the names of the columns, as they stand there.
        skip: lines above the first row.
        decimal, thousands: the signs within numbers; None: to be found out.
        missing_values: texts that mean "no value".
        strict: nothing is found out but the separator.
        nameless: whether the file has no line of names.
        text: columns that stay text, whatever they look like.
        notes: what was found, a line each.
    """

    delimiter: str
    encoding: str
    header: tuple[str, ...]
    skip: int = 1
    decimal: str | None = None
    thousands: str | None = None
    missing_values: tuple[str, ...] = NO_VALUE
    strict: bool = False
    nameless: bool = False
    text: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_form(
    path: Path,
    head: bytes,
    *,
    delimiter: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    encoding: str | None = None,
    missing_values: Sequence[str] | None = None,
    header: bool | None = None,
    names: Sequence[str] | None = None,
    text: Sequence[str] = (),
    strict: bool = False,
) -> Form:
    """The form of a file that begins with ``head``; arguments as of ``read_table``.

    Raises:
        ConfigError: a separator or a sign of more than one character, an unknown encoding.
        DataError: no text, bytes that are in no known encoding, a first line that looks like data.
    """
    for name, value in (("delimiter", delimiter), ("decimal", decimal), ("thousands", thousands)):
        if value is not None and (len(value) != 1 or not value.isascii()):
            raise ConfigError(f"{name} must be one character, got {value!r}")
    if isinstance(missing_values, str) or isinstance(names, str):
        raise ConfigError("missing_values and names must be lists")
    notes: list[str] = []
    if not head.strip():
        raise DataError(f"{path}: the file is empty")
    encoding = encoding or _encoding_of(path, strict, notes)
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ConfigError(f"unknown encoding {encoding!r}") from None
    lines = _lines(head, encoding)
    skip = 0
    if lines and (said := re.fullmatch(r'"?sep=(.)"?\s*', lines[0])):
        delimiter, skip = delimiter or said[1], 1
        notes.append(told("parted_as_said", sign=repr(said[1]), line=repr(lines[0].strip())))
    if path.suffix.lower() == ".tsv":
        delimiter = delimiter or "\t"
    rows = _best(lines[skip:], delimiter, decimal)
    if delimiter is None and rows.delimiter != ",":
        notes.append(told("parted", sign=told("sign", WORDS[rows.delimiter])))
    if rows.delimiter == decimal:
        raise ConfigError(f"delimiter and decimal are both {decimal!r}")
    above = 0 if strict else rows.above()
    if above:
        shown = " / ".join(" ".join(filter(None, row)) for row in rows.fields[:above])[:60]
        many = "one" if above == 1 else "many"
        notes.append(told("passed_over", many, n=above, shown=repr(shown)))
    begin = skip + (rows.ends[above - 1] if above else 0)
    width = len(rows.fields[above]) if rows.fields else 1
    form = Form(
        rows.delimiter, encoding, (), begin, decimal, thousands,
        NO_VALUE if missing_values is None else ("", *(v.strip() for v in missing_values)),
        strict, header is False or names is not None, tuple(text), tuple(notes),
    )  # fmt: skip
    if header is False or names is not None:
        if names is not None and len(names) != width:
            raise DataError(f"{path}: {len(names)} names for {width} columns")
        given = tuple(names or (f"column {i + 1}" for i in range(width)))
        if rows.fields and tuple(field.strip() for field in rows.fields[above]) == given:
            return replace(form, header=given, skip=skip + rows.ends[above])  # they stand there
        return replace(form, header=given)
    first = rows.fields[above] if rows.fields else [""]
    if header is None and rows.looks_like_data(above):
        shown = ", ".join(field.strip() for field in first[:4]) + (" …" if width > 4 else "")
        raise NoHeaderError(
            f"{path}: the first line looks like a row ({shown}) and not like the names of columns. "
            f"Without names they are called 'column 1' to 'column {width}': header=False (or "
            "names=['a', …] gives them names; header=True takes the first line for names)"
        )
    if any("\ufffd" in name for name in first):
        raise DataError(f"{path}: {not_in(encoding, ' in the header')}")
    end = rows.ends[above] if rows.ends else 1
    return replace(form, header=tuple(first), skip=skip + end)


def not_in(encoding: str, where: str = "") -> str:
    """That bytes are not in an encoding, and what to do."""
    return (
        f"bytes{where} that are not {encoding} text. Save it as UTF-8 (in Excel: CSV UTF-8), or "
        'name its encoding: encoding="cp949" (Korean), encoding="latin-1" (western Europe)'
    )


@dataclass
class Rows:
    """The first lines, parted by a sign: the fields, and behind which line each row ends."""

    delimiter: str
    fields: list[list[str]]
    ends: list[int]

    @property
    def width(self) -> int:
        """How many fields most rows have."""
        return Counter(map(len, self.fields)).most_common(1)[0][0] if self.fields else 0

    @property
    def even(self) -> float:
        """The share of rows that have so many."""
        same = sum(len(row) == self.width for row in self.fields)
        return same / len(self.fields) if self.fields else 0.0

    def above(self) -> int:
        """How many rows above the header are a title: one field with something in it."""
        if self.width < 2:
            return 0
        count = 0
        for row in self.fields[:-2]:
            filled = sum(bool(field.strip()) for field in row)
            if filled > 1 or (len(row) == self.width and self.width < 3):
                break
            count += 1
        return count if count < 10 else 0

    def looks_like_data(self, first: int) -> bool:
        """Whether the first row has numbers wherever the others have them."""
        below = self.fields[first + 1 :]
        if not below:
            return False
        found: list[str] = []
        for j, cell in enumerate(field.strip() for field in self.fields[first]):
            cells = [row[j].strip() for row in below if j < len(row)]
            cells = [value for value in cells if value not in NO_VALUE]
            if not cells or not all(_is_number(value) for value in cells):
                continue
            if not _is_number(cell):
                if cell not in NO_VALUE or not cell:
                    return False
            else:
                found.append(cell)
        return bool(found) and not _counting(found)


def _is_number(value: str) -> bool:
    return bool(re.fullmatch(f"{NUMBER}|{COMMA_NUMBER}", value))


def _counting(values: list[str]) -> bool:
    """Whether these are names after all: years, or 0, 1, 2 …"""
    if not all(value.isdigit() for value in values):
        return False
    numbers = [int(value) for value in values]
    if len(numbers) == 1:
        return 1900 <= numbers[0] <= 2100
    steps = {b - a for a, b in pairwise(numbers)}
    return len(steps) == 1 and steps != {0} and (numbers[0] in (0, 1) or numbers[0] > 1900)


def _best(lines: list[str], delimiter: str | None, decimal: str | None) -> Rows:
    """The rows by the given sign, or by the one that parts all lines alike, but no decimal sign."""
    if delimiter is not None:
        return _parted(lines, delimiter)
    tried = [_parted(lines, sign) for sign in SIGNS if sign != decimal]
    tried = [rows for rows in tried if rows.width > 1]
    clean = [rows for rows in tried if rows.even == 1]
    if len(clean) > 1 and clean[0].delimiter == ",":  # 1,5;2,5: the comma is a decimal sign
        other = clean[1].fields[1:]
        fields = [field for row in other for field in row if "," in field]
        number = r"\s*[+-]?(\d{1,3}(\.\d{3})+|\d*),\d+\s*"
        if fields and all(re.fullmatch(number, field) for field in fields):
            return clean[1]
    if clean:
        return clean[0]
    spaced = _parted(lines, SPACES)
    if spaced.width > 1 and spaced.even == 1 and len(spaced.fields) > 1:
        return spaced
    # Lines above the header, and rows that are damaged, are few.
    tried.sort(key=lambda rows: (-_fits(rows), SIGNS.index(rows.delimiter)))
    return tried[0] if tried and _fits(tried[0]) else _by_header(lines)


def _fits(rows: Rows) -> float:
    """How even the rows are; 0 if the header is not as the others."""
    above = rows.above()
    fits = len(rows.fields) > above and len(rows.fields[above]) == rows.width
    return rows.even if fits else 0.0


def _by_header(lines: list[str]) -> Rows:
    header = lines[0] if lines else ""
    return _parted(lines, next((sign for sign in SIGNS if sign in header), ","))


def _parted(lines: list[str], delimiter: str) -> Rows:
    rows = Rows(delimiter, [], [])
    if delimiter == SPACES:
        for number, line in enumerate(lines, 1):
            if line.strip():
                rows.fields.append(spaced_fields(line))
                rows.ends.append(number)
        return rows
    reader = csv.reader(io.StringIO("".join(lines)), delimiter=delimiter)
    try:
        for row in reader:
            if row:
                rows.fields.append(row)
                rows.ends.append(reader.line_num)
    except csv.Error:
        pass
    return rows


def spaced_fields(line: str) -> list[str]:
    """The fields of a line that are parted by any white space.

    >>> spaced_fields('15.0   8  350.0\\t"buick skylark"')
    ['15.0', '8', '350.0', 'buick skylark']
    """
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', line)]


def _lines(head: bytes, encoding: str) -> list[str]:
    """The first lines, without one that is cut off."""
    try:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(head).lstrip("\ufeff")
    except UnicodeError as error:
        raise DataError(f"{not_in(encoding)} ({error})") from None
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")).readlines()
    if len(lines) > LOOKED_AT or len(head) >= 1 << 16:
        lines = lines[: min(LOOKED_AT, max(1, len(lines) - 1))]
    return lines


def _encoding_of(path: Path, strict: bool, notes: list[str]) -> str:
    """utf8, or cp949 if only that fits and gives Korean."""
    if strict or _fits_encoding(path, "utf-8") is not None:  # strict: the reader says where
        return "utf8"
    found = _fits_encoding(path, "cp949")
    if found:
        notes.append(told("cp949"))
        return "cp949"
    raise DataError(f"{path}: {not_in('utf8')}")


def _fits_encoding(path: Path, encoding: str) -> bool | None:
    """Whether the text has Korean letters; None: it is not in this encoding."""
    decoder, korean = codecs.getincrementaldecoder(encoding)(), False
    with pa.input_stream(str(path), compression="detect") as stream:
        while True:
            some = stream.read(1 << 20)
            try:
                text = decoder.decode(some, final=not some)
            except UnicodeDecodeError:
                return None
            korean = korean or bool(re.search("[가-힣]", text))
            if not some:
                return korean
