"""A CSV file too large to hold, in parts of some megabytes of whole lines.

What a column holds is told by a sample of its rows from all over the file, and not by the first of
them. Until then all is text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from glassnet.data.columns import Table, refuse_duplicates
from glassnet.data.parts import PIECE_ROWS, stamp
from glassnet.data.table_files import Form, kept_columns, parse_csv
from glassnet.errors import DataError

PART_BYTES = 4 << 20
HEAD = 64  # bytes that tell whether a file is compressed
LONGEST = 64 << 20  # bytes in which a line must end


class CsvParts:
    """The lines of a CSV file, some megabytes at a time.

    Making it reads the file once, to find where its parts begin: a line ends at a line break that
    no quotation marks enclose.

    Args:
        path: the file.
        form: how it is written.

    Raises:
        DataError: no such file, no rows, a compressed file, a line that does not end.
        FileFormatError, ConfigError: as :func:`read_table`.
    """

    counts = None
    as_text = True

    def __init__(self, path: str | Path, form: Form) -> None:
        self.path, self.form = Path(path), form
        self.name = self.path.name
        self._begins, self._lines = _cuts(self.path, form.encoding)
        if len(self) < 1:
            raise DataError("there are no rows below the header")
        self.about = self._lines[-1] - self._lines[0]
        header = parse_csv(pa.BufferReader(self._bytes(0, self._begins[0])), form)
        self._names = [str(i) for i in range(header.num_columns)]  # two may be the same
        self._types: dict[str, Any] = {}
        whole = parse_csv(pa.BufferReader(self._bytes(0, self._begins[1])), form)
        self._kept = kept_columns(whole, form)
        refuse_duplicates(list(self._kept.values()))
        self.schema = pa.schema([(name, pa.large_string()) for name in self._kept.values()])

    def __len__(self) -> int:
        """How many parts there are."""
        return len(self._begins) - 1

    def read(self, part: int, columns: Sequence[str]) -> Iterator[Table]:
        """The rows of a part as small tables of text."""
        piece = pa.BufferReader(self._bytes(*self._begins[part : part + 2]))
        types = {name: self._types.get(name) for name in self._names}
        table = parse_csv(piece, self.form, types, self._lines[part])
        table = self._kept_of(table).select(list(columns))
        for start in range(0, table.num_rows, PIECE_ROWS):
            yield table.slice(start, PIECE_ROWS)

    def typed(self, table: Table) -> Table:
        """Rows of text with the types that a file of these rows alone would have."""
        text = pa.BufferOutputStream()
        pyarrow.csv.write_csv(table, text)
        source = pa.BufferReader(text.getvalue())
        form = replace(self.form, delimiter=",", encoding="utf8")
        return parse_csv(source, form).rename_columns(table.column_names)

    def settle(self, schema: Any) -> None:
        """From now on columns have these types; whole numbers may have a fraction elsewhere."""
        for number, name in self._kept.items():
            if name in schema.names:
                dtype = schema.field(name).type
                whole = pa.types.is_integer(dtype) or pa.types.is_null(dtype)
                self._types[str(number)] = pa.float64() if whole else dtype
        self.schema = schema

    def _kept_of(self, table: Table) -> Table:
        return table.select(list(self._kept)).rename_columns(list(self._kept.values()))

    def identity(self) -> tuple[Any, ...]:
        """Name, size and time of the file."""
        return stamp(self.path)

    def _bytes(self, begin: int, end: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(begin)
            return file.read(end - begin)


def _cuts(path: Path, encoding: str) -> tuple[list[int], list[int]]:
    """Where the parts begin, and how many lines lie before each; the end of all comes last.

    The header lies before the first part.
    """
    if any(width in encoding for width in ("16", "32")):
        raise DataError(f"too large to be read as {encoding}; save it as UTF-8")
    begins: list[int] = []
    lines: list[int] = []
    at = line = 0
    rest = b""
    with pa.input_stream(str(path), compression="detect") as packed, path.open("rb") as file:
        if packed.read(HEAD) != file.read(HEAD):
            raise DataError(
                "it is compressed, and can be read from its beginning only; unpack it first"
            )
        file.seek(0)
        while new := file.read(PART_BYTES):
            rest += new
            if not begins and (end := _line_end(rest)):
                at, line, rest = end, rest.count(b"\n", 0, end), rest[end:]
                begins, lines = [at], [line]
            if begins and (end := _last_line_end(rest)):
                at, line, rest = at + end, line + rest.count(b"\n", 0, end), rest[end:]
                begins.append(at)
                lines.append(line)
            if len(rest) > LONGEST:
                raise DataError(
                    f"line {line + 1} does not end within {LONGEST >> 20} megabytes; is a "
                    "quotation mark left open?"
                )
    if rest.strip():
        begins.append(at + len(rest))
        lines.append(line + rest.count(b"\n") + (not rest.endswith(b"\n")))
    return begins, lines


def _line_end(text: bytes) -> int:
    """Behind the first line break that is not within quotation marks; 0 if there is none."""
    end = text.find(b"\n")
    while end >= 0 and text.count(b'"', 0, end) % 2:
        end = text.find(b"\n", end + 1)
    return end + 1


def _last_line_end(text: bytes) -> int:
    r"""Behind the last line break that is not within quotation marks; 0 if there is none.

    >>> _last_line_end(b'1,"a\nb"\n2,"c\n')
    8
    """
    end = text.rfind(b"\n")
    quotes = text.count(b'"', 0, max(end, 0))
    while end >= 0 and quotes % 2:
        before = text.rfind(b"\n", 0, end)
        quotes -= text.count(b'"', max(before, 0), end)
        end = before
    return end + 1
