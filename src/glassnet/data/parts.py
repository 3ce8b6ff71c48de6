"""A large table on disk in parts, each of which can be read alone and piece by piece.

Of Parquet, a part is a row group of a file, or of one of the files of a folder. Of CSV, it is
some megabytes of whole lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from glassnet.data.columns import Table

PIECE_ROWS = 8192


class Parts(Protocol):
    """A table in parts.

    Attributes:
        name: of the file or folder, for errors.
        schema: the columns and their types, the same in every part.
        about: how many rows there are, at least roughly.
        as_text: whether the files do not say what their columns are.
        notes: what was found about how they are written.
        kept: how other files are to be read alike.
        first_row: the number of the first row, as a spreadsheet shows the file.
    """

    name: str
    schema: Any
    about: int
    as_text: bool
    notes: Sequence[str]
    kept: Mapping[str, Any]
    first_row: int

    @property
    def counts(self) -> Sequence[int] | None:
        """The rows of each part; None where they are not known before it is read."""

    def __len__(self) -> int:
        """How many parts there are."""

    def read(self, part: int, columns: Sequence[str]) -> Iterator[Table]:
        """The rows of a part as small tables of some columns."""

    def typed(self, table: Table) -> Table:
        """Rows of it with the types of their columns, as far as these rows tell them."""

    def settle(self, schema: Any) -> None:
        """From now on columns have these types, if the files themselves do not say which."""

    def identity(self) -> tuple[Any, ...]:
        """What changes when somebody writes to the files."""


def stamp(file: Path) -> tuple[str, int, int]:
    """Name, size and time of a file."""
    try:
        status = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file), status.st_size, status.st_mtime_ns
