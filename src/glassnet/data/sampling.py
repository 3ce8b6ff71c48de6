"""Looking a large table over once: what is missing, which classes there are, and a fair sample.

What the columns are is learned from the sample as from a table in memory, by the same code
(:func:`dataset_from`); only the classes are those of all rows, since a rare one must not be lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from glassnet.data.columns import Column, Table, counted, text
from glassnet.data.dataset import Dataset, Task
from glassnet.data.doubles import marks
from glassnet.data.features import Unknown
from glassnet.data.held_out import Candidates
from glassnet.data.learning import MAX_CLASSES, target_learner
from glassnet.data.lots import Draw
from glassnet.data.parts import Parts
from glassnet.data.scan import Missing, Scan
from glassnet.data.tables import dataset_from
from glassnet.data.telling import said_of_held_out
from glassnet.errors import ConfigError, DataError

SAMPLE = 65_536  # rows from which is learned what the columns are
HELD_OUT = 50_000  # rows that are held out at most: so many tell a log loss to 1 %


def draw_for(rows: int, held_out: float, seed: int) -> Draw:
    """The sample of a table of about so many rows, and the share of it that is held out.

    >>> draw_for(1_000_000, 0.2, 0)
    Draw(held_out=0.05, sample=0.065536, seed=0)

    Raises:
        ConfigError: the share is not at least 0 and below 1.
    """
    if not 0 <= held_out < 1:
        raise ConfigError(f"held_out must be at least 0 and below 1, got {held_out!r}")
    held = min(held_out, HELD_OUT / rows)
    return Draw(held, min(1.0 - held, SAMPLE / rows), seed)


@dataclass
class Look:
    """What a large table was found to have.

    Attributes:
        kept: rows of each part that ``missing`` does not drop, and so have a number.
        used: those of them that are not held out.
        sample, held_out: tables of some of the rows, and ``rows``, ``held`` their numbers.
        copies: how many of those held out are copies of another.
        in_file: of the sample and of those held out, the numbers that a spreadsheet shows.
        task, classes: of the target.
        whole: whether the sample is all that is used.
    """

    kept: list[int]
    used: list[int]
    sample: Table = None
    held_out: Table = None
    rows: Any = None
    held: Any = None
    copies: int = 0
    in_file: tuple[Any, Any] = (None, None)
    task: Task | None = None
    classes: tuple[Any, ...] = ()
    whole: bool = False


class Texts:
    """The different values of a target that is text so far; none, if they are too many."""

    def __init__(self) -> None:
        self.found: set[str] | None = set()

    def update(self, column: Column) -> None:
        """Add those of a piece."""
        if self.found is not None:
            self.found.update(pc.unique(pc.drop_null(text(column))).to_pylist())
            if len(self.found) > MAX_CLASSES:
                self.found = None

    def behind(self, column: Column) -> Column:
        """A column, and behind it each of them once."""
        more = pa.array(sorted(self.found or ()), column.type)
        return pa.chunked_array([*column.chunks, more])


def look_over(
    parts: Parts, columns: Sequence[str], target: str, missing: Missing, draw: Draw,
    task: Task | None, strict: bool = True, alike: Sequence[str] = (),
) -> Look:  # fmt: skip
    """The first pass over a table; copies are rows that are the same in ``alike``, or ``columns``.

    Raises:
        DataError: missing or infinite values, as ``missing`` says, or no rows that are left.
    """
    look = Look([], [])
    scan = Scan(columns, target, missing, strict, parts.first_row)
    labels = target_learner(target, parts.schema.field(target).type, task)
    texts = Texts()
    sampled: list[Table] = []
    numbers: list[Any] = []
    in_file: list[Any] = []
    candidates = Candidates(draw)
    first = 0
    for part in range(len(parts)):
        look.kept.append(0)
        for piece in parts.read(part, [*columns, *(c for c in alike if c not in columns)]):
            at = np.arange(scan.seen, scan.seen + piece.num_rows) + parts.first_row
            kept = scan.keep(piece)
            at = at[scan.left]
            (texts if parts.as_text else labels).update(kept.column(target))
            rows = np.arange(first, first + kept.num_rows)
            first += kept.num_rows
            look.kept[part] += kept.num_rows
            if draw.held_out:
                whole, kept = kept.select(alike or columns), kept.select(columns)
                candidates.look(kept, rows, at, marks(whole))
            chosen = draw.parts(rows)[1]
            sampled.append(kept.filter(pa.array(chosen)))
            numbers.append(rows[chosen])
            in_file.append(at[chosen])
    scan.finish()
    empty, none = parts.schema.empty_table().select(list(columns)), np.empty(0, np.int64)
    held = candidates.finish(empty)
    look.held_out, look.held, look.copies = held.table, held.rows, held.copies
    begins = np.cumsum([0, *look.kept])
    look.used = (np.array(look.kept) - np.diff(np.searchsorted(held.rows, begins))).tolist()
    if not sum(look.used):
        raise DataError("each of the rows lacks a value; nothing is left")
    look.rows = np.concatenate([none, *numbers])
    learned = ~np.isin(look.rows, held.rows)
    look.sample = pa.concat_tables([empty, *sampled]).filter(pa.array(learned)).combine_chunks()
    look.rows = look.rows[learned]
    look.in_file = np.concatenate([none, *in_file])[learned], held.in_file
    look.whole = len(look.rows) == sum(look.used)
    if not draw.sample:
        return look
    if parts.as_text:
        n, i = look.sample.num_rows, columns.index(target)
        all_classes = texts.behind(look.sample.column(target))
        answers = parts.typed(pa.table({target: all_classes})).column(target)
        labels = target_learner(target, answers.type, task)
        labels.update(answers)
        look.sample = parts.typed(look.sample).set_column(i, target, answers.slice(0, n))
        parts.settle(look.sample.schema)
    look.task, look.classes, _ = labels.finish()
    return look


def learned_from(
    look: Look,
    name: str,
    target: str,
    *,
    task: Task | None,
    unknown: Unknown | None,
    dtype: Any,
    notes: Sequence[str] = (),
    **settings: Any,
) -> Dataset:
    """The sample as a data set, the rows held out as its test part; settings as of dataset_from."""
    data = dataset_from(
        name, look.sample, target, task=task if look.whole else look.task,
        classes=look.classes, unknown=unknown, dtype=dtype, first_row=look.in_file[0],
        notes=[*notes, *said_of_held_out(look.copies)], **settings,
    )  # fmt: skip
    if not look.whole:
        total = counted(sum(look.kept), "row")
        sampled = f"{total}, looked at a sample of them: {data.description}"
        data = replace(data, description=sampled)
    if look.held_out.num_rows:
        rows, held = data.preprocessing, look.held_out
        # What only the held-out rows have was not there in training: none of the categories.
        x_test = rows.transform(held, dtype=dtype, unknown="zeros")
        y_test = rows.encode_target(held, dtype=dtype)
        data = replace(data, x_test=x_test, y_test=y_test, rows_test=look.in_file[1])
    return data
