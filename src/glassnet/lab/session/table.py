"""A table that was dropped on the page: read by the library, within limits, never executed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from glassnet.data import load_table
from glassnet.data.columns import kind
from glassnet.data.dataset import Dataset
from glassnet.data.table_files import read_with_notes
from glassnet.errors import GlassnetError, NoHeaderError
from glassnet.lab.protocol import RefusedError

MOST_ROWS = 5000
MOST_COLUMNS = 64
MOST_IN_FILE = 100  # columns; of them some may be left out
MOST_CLASSES = 20
CATEGORIES = (MOST_COLUMNS, 24, 12, 6)  # most of a column, tried until there is room for all
LEAST_ROWS = 4
MOST_NAME = 200
MOST_SAID = 240  # characters of an error of the library
TASKS = {"auto": None, "classes": "classification", "values": "regression"}
HEADERS = {"auto": None, "names": True, "data": False}


@dataclass(frozen=True)
class Table:
    """The text of a CSV file, and the names of its columns.

    Attributes:
        encoding: of the file that it was: "utf-8" or "cp949".
        headless: the first line looks like data, and nobody has said that it is none.

    Raises:
        RefusedError: no header and rows, or more of them than the page can show.
    """

    name: str
    text: str
    columns: tuple[str, ...]
    encoding: str = "utf-8"
    headless: bool = False
    notes: tuple[str, ...] = ()
    facts: dict[str, dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_text(
        cls, name: str, text: str, encoding: str = "utf-8", header: str = "auto"
    ) -> Table:
        """The table in ``text``, looked at but not yet learned from.

        ``header``: whether the first line holds the names of columns, one of ``HEADERS``.
        """
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a pair of characters, as JSON can hold it
            raise RefusedError("The file is no text.", "problem.table") from None
        if "\0" in text or not text.strip():
            raise RefusedError("The file holds no table.", "problem.table")
        rows = text.count("\n")
        if rows > MOST_ROWS:
            raise RefusedError(
                f"The table has {rows} rows; here at most {MOST_ROWS} can be learned from.",
                "limit.rows", rows=rows, most=MOST_ROWS,
            )  # fmt: skip
        with _file(text) as path:
            chosen = HEADERS[header]
            headless = False
            try:
                read = read_with_notes(path, header=chosen)
            except NoHeaderError:
                headless = True
                try:
                    read = read_with_notes(path, header=False)
                except GlassnetError as error:
                    raise _refused(error) from None
            except GlassnetError as error:
                raise _refused(error) from None
        columns = tuple(read.table.column_names)
        if not 2 <= len(columns) <= MOST_IN_FILE:
            raise RefusedError(
                f"The table has {len(columns)} columns; it needs 2 to {MOST_IN_FILE}.",
                "limit.columns", columns=len(columns), most=MOST_IN_FILE,
            )  # fmt: skip
        if any(len(column) > MOST_NAME for column in columns):
            text_ = f"A column has a name of more than {MOST_NAME} characters."
            raise RefusedError(text_, "limit.name", most=MOST_NAME)
        if read.table.num_rows < LEAST_ROWS:
            text_ = f"The table has {read.table.num_rows} rows below its names: too few."
            raise RefusedError(text_, "limit.few", rows=read.table.num_rows, least=LEAST_ROWS)
        facts = {name: _facts(read.table.column(name)) for name in columns}
        return cls(name, text, columns, encoding, headless, tuple(read.notes), facts)

    def on_disk(self) -> AbstractContextManager[Path]:
        """The table as a file, while it lasts."""
        return _file(self.text)

    @staticmethod
    def plain(error: GlassnetError) -> str:
        """What an error of the library says, without what only callers of Python can do."""
        return str(_refused(error).values.get("why", error))

    def target(self, wanted: str) -> str:
        """The column to predict: ``wanted``, or the last one."""
        return wanted if wanted in self.columns else self.columns[-1]

    def left(self, numbers: Sequence[int], target: str) -> list[str]:
        """The columns with these numbers, counted from 0, but never the target."""
        found = [self.columns[i] for i in numbers if i < len(self.columns)]
        return [column for column in found if column != target]

    def dataset(
        self,
        target: str,
        share: float,
        seed: int,
        task: str = "auto",
        left: Sequence[int] = (),
        header: str = "auto",
    ) -> Dataset:
        """The table as data; ``target`` names the column to predict, empty: the last one.

        Raises:
            RefusedError: what :func:`glassnet.data.load_table` refuses, and more classes or
                features than the page can show.
        """
        return self.read(target, share, seed, task, left, header)[0]

    def read(
        self, target: str, share: float, seed: int, task: str, left: Sequence[int], header: str
    ) -> tuple[Dataset, int]:
        """The same, and how many categories a column of text may have for that."""
        column = self.target(target)
        known = False if self.headless else HEADERS[header]
        options: dict[str, Any] = {"task": TASKS[task], "ignore": self.left(left, column),
                                   "header": known}  # fmt: skip
        with _file(self.text) as path:
            for limit in CATEGORIES:
                try:
                    dataset = load_table(
                        path, column, test_fraction=share, seed=seed, scale_target=True,
                        max_categories=limit, **options,
                    )  # fmt: skip
                except GlassnetError as error:
                    raise _refused(error) from None
                if dataset.x.shape[1] <= MOST_COLUMNS:
                    break
        if dataset.x.shape[1] > MOST_COLUMNS:
            inputs = dataset.x.shape[1]
            text = (
                f"The table gives {inputs} inputs, with one for each category; at most "
                f"{MOST_COLUMNS} can be shown. Leave out columns."
            )
            raise RefusedError(text, "limit.inputs", inputs=inputs, most=MOST_COLUMNS)
        if dataset.n_classes is not None and dataset.n_classes > MOST_CLASSES:
            text = (
                f"{column!r} has {dataset.n_classes} classes; at most {MOST_CLASSES} can be shown. "
                "Choose another column to predict, or values in the place of classes."
            )
            raise RefusedError(
                text, "limit.classes", column=column, classes=dataset.n_classes, most=MOST_CLASSES
            )
        return dataset, limit

    def described(self, dataset: Any, target: str, left: Sequence[int]) -> list[dict[str, Any]]:
        """Each column: how it was read (number, category, date …), or why it is left out."""
        rows = dataset.preprocessing
        kinds = {one.name: one.holds for one in rows.columns}
        by_hand, column = self.left(left, self.target(target)), self.target(target)
        found = []
        for number, name in enumerate(self.columns):
            facts = self.facts.get(name, {})
            state, why = kinds.get(name, "left"), ""
            if name == column:
                state = "target"
            elif name in by_hand:
                state, why = "left", "hand"
            elif state == "left":
                why = str(facts.get("why", "other"))
            told = {"number": number, "name": name, "state": state, "why": why}
            found.append(told | {"gaps": facts.get("gaps", 0)})
        return found


@contextmanager
def _file(text: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="glassnet-lab-") as folder:
        path = Path(folder) / "table.csv"
        path.write_text(text, encoding="utf-8", newline="")
        yield path


def _facts(column: Any) -> dict[str, Any]:
    """What can be said of a column before anything is learned."""
    gaps, rows = int(column.null_count), len(column)
    try:
        different = int(pc.count_distinct(column, mode="only_valid").as_py())
    except NotImplementedError:  # of a type that has no order
        different = 0
    why = "other"
    if gaps == rows:
        why = "empty"
    elif different == 1:
        why = "constant"
    elif kind(column.type) == "category":
        why = "text"
    elif different == rows:
        why = "rows"
    return {"gaps": gaps, "different": different, "why": why}


# What the library says to those who write Python has no place on the page.
FOR_PYTHON = re.compile(
    r"\s*\([^()]*(?:--\w|\w=)[^()]*\)|[^.;:]*(?:--[a-z]|\b[a-z_]+=(?:[\[\"'\w]| with))[^.;]*[.;]?"
)


def _refused(error: GlassnetError) -> RefusedError:
    """An error of the library in words of the page: nothing of files, arguments and options."""
    if isinstance(error, RefusedError):
        return error
    said = re.sub(r"\S*table\.csv(: )?", "", str(error))
    said = FOR_PYTHON.split(said)[0] or FOR_PYTHON.sub("", said)
    said = re.sub(r"\. [^.]*:\s*$", "", said)  # what led to one of them
    said = said.strip(" ;:,\n")[:MOST_SAID]
    text = f"The table cannot be learned from: {said}"
    return RefusedError(text, "problem.table_read", why=said)
