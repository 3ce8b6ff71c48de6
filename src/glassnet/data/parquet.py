"""Parquet files, alone or a folder of them, as a table in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from glassnet.data.columns import Table, as_table, refuse_duplicates
from glassnet.data.parts import PIECE_ROWS, stamp
from glassnet.data.table_formats import PARQUET, refuse_unreadable
from glassnet.errors import DataError, FileFormatError

HEAD = 1 << 16  # bytes looked at to tell what a file is


class ParquetParts:
    """The row groups of a Parquet file, or of all Parquet files in a folder and its folders.

    The files come in the order of their names. A folder called ``year=2024`` gives its rows a
    column ``year``, as Spark, Hive and pyarrow write it; names that begin with a dot or an
    underscore are passed over. Types that differ between files become the wider one.

    Raises:
        DataError: no such file, no Parquet file in the folder, no rows, a column that one of
            the files lacks, types that do not go together.
        FileFormatError: not a Parquet file, or a damaged one.
    """

    as_text = False
    notes: Sequence[str] = ()
    kept: Mapping[str, Any] = MappingProxyType({})
    first_row = 1

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = self.path.name or str(self.path)
        self.files = parquet_files(self.path) if self.path.is_dir() else [self.path]
        self._groups: list[tuple[Path, int]] = []
        self.counts: list[int] = []
        schemas = {}
        for file in self.files:
            opened = open_parquet(file, empty=len(self.files) > 1)
            schemas[file] = _with_fields(opened.schema_arrow, self._given(file))
            for group in range(opened.num_row_groups):
                self._groups.append((file, group))
                self.counts.append(opened.metadata.row_group(group).num_rows)
        self.about = sum(self.counts)
        if not self.about:
            raise DataError(f"{self.path}: there are no rows")
        self.schema = _unified(self.path, schemas)

    def __len__(self) -> int:
        """How many row groups there are."""
        return len(self._groups)

    def read(self, part: int, columns: Sequence[str]) -> Iterator[Table]:
        """The rows of a row group as small tables."""
        path, group = self._groups[part]
        file, given = open_parquet(path, empty=True), self._given(path)
        wanted = pa.schema([self.schema.field(name) for name in columns])
        own = [name for name in columns if name not in given]
        try:
            for batch in file.iter_batches(
                PIECE_ROWS, row_groups=[group], columns=own, use_threads=False
            ):
                table = pa.Table.from_batches([batch])
                for name, value in given.items():
                    if name in columns:
                        table = table.append_column(name, _repeated(value, table.num_rows))
                table = table.select(list(columns))
                table = table if table.schema.equals(wanted) else table.cast(wanted)
                table.validate(full=True)  # text that is no UTF-8: who wrote it did not look
                yield table
        except (pa.ArrowException, OSError) as error:
            where = f"{path.name}: " if path != self.path else ""
            raise FileFormatError(f"{where}damaged Parquet file ({error})") from None

    def typed(self, table: Table) -> Table:
        """The table as it is: Parquet knows the types."""
        return table

    def settle(self, schema: Any) -> None:
        """Nothing: Parquet knows the types."""

    def identity(self) -> tuple[Any, ...]:
        """Names, sizes and times of the files."""
        files = parquet_files(self.path) if self.path.is_dir() else [self.path]
        return tuple(stamp(file) for file in files)

    def _given(self, file: Path) -> dict[str, str]:
        """What the names of the folders say of a file's rows: year=2024."""
        if not self.path.is_dir():
            return {}
        folders = file.relative_to(self.path).parts[:-1]
        return dict(folder.split("=", 1) for folder in folders if "=" in folder)


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files of a folder and of its folders, by name.

    Raises:
        DataError: there is none.
    """
    found = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in PARQUET
        and file.is_file()
        and not any(part[0] in "._" for part in file.relative_to(folder).parts)
    )
    if not found:
        raise DataError(
            f"{folder} is a folder without a Parquet file; a table is a file, or a folder of files "
            f"that end in {' or '.join(PARQUET)}"
        )
    return found


def _repeated(value: str, count: int) -> Any:
    return pa.repeat(pa.scalar(value, pa.string()), count)


def _with_fields(schema: Any, given: Mapping[str, str]) -> Any:
    for name in given:
        if name not in schema.names:
            schema = schema.append(pa.field(name, pa.string()))
    return schema


def _unified(path: Path, schemas: Mapping[Path, Any]) -> Any:
    """One schema for all files: those of the first, each with a type that holds all of them."""
    (first, schema), *others = schemas.items()
    for file, other in others:
        for here, there, lacks in ((schema, other, file), (other, schema, first)):
            if lost := [name for name in here.names if name not in there.names]:
                raise DataError(
                    f"{path}: the files do not have the same columns: {lacks.name} lacks "
                    f"{', '.join(map(repr, lost))}, which {(first if lacks is file else file).name}"
                    " has"
                )
        try:
            schema = pa.unify_schemas([schema, other], promote_options="permissive")
        except pa.ArrowException:
            clash = next(n for n in schema.names if schema.field(n).type != other.field(n).type)
            raise DataError(
                f"{path}: column {clash!r} is {schema.field(clash).type} in {first.name}, but "
                f"{other.field(clash).type} in {file.name}"
            ) from None
    return as_table(schema.empty_table()).schema


def whole_parquet(path: str | Path) -> Table:
    """All rows of a file or folder in memory."""
    parts = ParquetParts(path)
    columns = parts.schema.names
    pieces = [piece for part in range(len(parts)) for piece in parts.read(part, columns)]
    return pa.concat_tables([parts.schema.empty_table(), *pieces]).combine_chunks()


def open_parquet(path: str | Path, empty: bool = False) -> Any:
    """A Parquet file to be read piece by piece.

    Raises:
        DataError: no such file, no rows (but for ``empty``), a column name twice.
        FileFormatError: not a Parquet file, or a damaged one.
    """
    path = Path(path)
    if first_bytes(path)[:4] != b"PAR1":
        raise FileFormatError(f"{path}: not a Parquet file")
    try:
        file = pyarrow.parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 16)
        names = file.schema_arrow.names
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path}: damaged Parquet file ({error})") from None
    if file.metadata.num_rows == 0 and not empty:
        raise DataError(f"{path}: there are no rows")
    try:
        refuse_duplicates(names)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    return file


def first_bytes(path: Path) -> bytes:
    """What a file begins with, unpacked if it is compressed.

    Raises:
        DataError: no such file, or one that cannot be read.
    """
    refuse_unreadable(path)
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            return bytes(stream.read(HEAD))
    except FileNotFoundError:
        raise DataError(f"there is no file {path}") from None
    except (OSError, pa.ArrowException) as error:
        what = "is a folder, not a file" if path.is_dir() else f"cannot be read ({error})"
        raise DataError(f"{path} {what}") from None
