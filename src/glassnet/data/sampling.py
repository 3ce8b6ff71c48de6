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
from glassnet.data.features import Unknown
from glassnet.data.learning import MAX_CLASSES, target_learner
from glassnet.data.lots import Draw
from glassnet.data.parts import Parts
from glassnet.data.scan import Missing, Scan
from glassnet.data.tables import dataset_from
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
        sample, held_out: tables of some of the rows, and ``rows`` the numbers of the sample.
        in_file: of the sample and of those held out, the numbers that a spreadsheet shows.
        task, classes: of the target.
        whole: whether the sample is all that is used.
    """

    kept: list[int]
    used: list[int]
    sample: Table = None
    held_out: Table = None
    rows: Any = None
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
    task: Task | None, strict: bool = True,
) -> Look:  # fmt: skip
    """The first pass over a table.

    Raises:
        DataError: missing or infinite values, as ``missing`` says, or no rows that are left.
    """
    look = Look([], [])
    scan = Scan(columns, target, missing, strict, parts.first_row)
    labels = target_learner(target, parts.schema.field(target).type, task)
    texts = Texts()
    sampled: list[Table] = []
    held: list[Table] = []
    numbers: list[Any] = []
    in_file: list[list[Any]] = [[np.empty(0, np.int64)], [np.empty(0, np.int64)]]
    first = 0
    for part in range(len(parts)):
        look.kept.append(0)
        look.used.append(0)
        for piece in parts.read(part, columns):
            at = np.arange(scan.seen, scan.seen + piece.num_rows) + parts.first_row
            kept = scan.keep(piece)
            at = at[scan.left]
            (texts if parts.as_text else labels).update(kept.column(target))
            rows = np.arange(first, first + kept.num_rows)
            first += kept.num_rows
            look.kept[part] += kept.num_rows
            out, chosen = draw.parts(rows)
            look.used[part] += int((~out).sum())
            for mask, tables, places in zip((chosen, out), (sampled, held), in_file):
                if mask.any():
                    tables.append(kept.filter(pa.array(mask)))
                    places.append(at[mask])
            numbers.append(rows[chosen])
    scan.finish()
    if not sum(look.used):
        raise DataError("each of the rows lacks a value; nothing is left")
    empty = parts.schema.empty_table().select(list(columns))
    look.sample = pa.concat_tables([empty, *sampled]).combine_chunks()
    look.held_out = pa.concat_tables([empty, *held]).combine_chunks()
    look.in_file = np.concatenate(in_file[0]), np.concatenate(in_file[1])
    look.rows = np.concatenate([np.empty(0, np.int64), *numbers])
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
    **settings: Any,
) -> Dataset:
    """The sample as a data set, the rows held out as its test part; settings as of dataset_from."""
    data = dataset_from(
        name, look.sample, target, task=task if look.whole else look.task,
        classes=look.classes, unknown=unknown, dtype=dtype, first_row=look.in_file[0], **settings,
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
