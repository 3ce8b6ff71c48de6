"""A CSV file too large to hold, in parts of some megabytes of whole lines.

What a column holds is told by a sample of its rows from all over the file, and not by the first of
them. Until then all is text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from glassnet.data.columns import Table, refuse_duplicates
from glassnet.data.forms import Form
from glassnet.data.inference import ColumnForm, cleaned, converted, typed
from glassnet.data.parts import PIECE_ROWS, stamp
from glassnet.data.table_files import kept_columns, kept_reading, parse_csv
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
        self.first_row = form.skip + 1  # empty lines are passed over and not counted
        self.name = self.path.name
        self._begins, self._lines = _cuts(self.path, form.encoding, form.skip)
        if len(self) < 1:
            raise DataError("there are no rows below the header")
        self.about = self._lines[-1] - self._lines[0]
        self._types: dict[str, ColumnForm] = {}
        self._found: dict[str, ColumnForm] = {}
        self.notes: Sequence[str] = [*form.notes]
        self.kept: Mapping[str, Any] = {}
        whole = parse_csv(pa.BufferReader(self._bytes(*self._begins[:2])), form, self._lines[0])
        self._kept = kept_columns(whole, form)
        refuse_duplicates(list(self._kept.values()))
        self.schema = pa.schema([(name, pa.large_string()) for name in self._kept.values()])

    def __len__(self) -> int:
        """How many parts there are."""
        return len(self._begins) - 1

    def read(self, part: int, columns: Sequence[str]) -> Iterator[Table]:
        """The rows of a part as small tables of text."""
        piece = pa.BufferReader(self._bytes(*self._begins[part : part + 2]))
        table = self._kept_of(parse_csv(piece, self.form, self._lines[part]))
        read = {}
        for name in columns:
            text = cleaned(table.column(name), self.form)
            read[name] = converted(text, self._types[name]) if name in self._types else text
        table = pa.table(read)
        for start in range(0, table.num_rows, PIECE_ROWS):
            yield table.slice(start, PIECE_ROWS)

    def typed(self, table: Table) -> Table:
        """Rows of text with the types that a file of these rows alone would have."""
        table, found, notes = typed(table, self.form)
        self.kept = kept_reading(self.form, found)
        self._found = {**found, **self._found}  # the target comes first, with all its values
        self.notes = [*self.notes, *(note for note in notes if note not in self.notes)]
        return table

    def settle(self, schema: Any) -> None:
        """From now on columns have these types; whole numbers may have a fraction elsewhere."""
        for field in schema:
            whole = pa.types.is_integer(field.type) or pa.types.is_null(field.type)
            found = self._found.get(field.name, ColumnForm(field.type))
            dtype = pa.float64() if whole else field.type
            self._types[field.name] = replace(found, dtype=dtype)
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


def _cuts(path: Path, encoding: str, skip: int) -> tuple[list[int], list[int]]:
    """Where the parts begin, and how many lines lie before each; the end of all comes last.

    ``skip`` lines lie before the first part: the header.
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
            if not begins and rest.count(b"\n") >= skip:
                for _ in range(skip):
                    at = rest.index(b"\n", at) + 1
                line, rest = skip, rest[at:]
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
