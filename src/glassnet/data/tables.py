"""A table with a target column as a data set: numbers standardised, categories one-hot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike

from glassnet._core.settings import whole_number
from glassnet.data.columns import (
    RowNumbers,
    Table,
    as_table,
    consecutive,
    counted,
    numbered,
)
from glassnet.data.columns import missing as gaps_in
from glassnet.data.dataset import Dataset, Task, float_dtype, hold_out
from glassnet.data.doubles import copies
from glassnet.data.features import FeatureColumn, Unknown
from glassnet.data.learning import Categories, learner, target_learner
from glassnet.data.preprocessing import Preprocessor
from glassnet.data.scan import Missing, Scan, Trouble, choose_columns, refuse
from glassnet.data.table_files import read_with_notes
from glassnet.data.table_formats import IN_MEMORY, refuse_without_effect
from glassnet.data.target import Label, Target
from glassnet.data.telling import (
    date_form,
    dropped,
    filled,
    in_other_words,
    left_at_sight,
    left_for_text,
    named,
    named_all,
    said_of_copies,
)
from glassnet.data.told import Listed, counting, told
from glassnet.errors import ConfigError, DataError

Scaling = Literal["standard", "robust"]


def load_table(
    path: str | Path | Any,
    target: str,
    *,
    missing: Missing | None = None,
    task: Task | None = None,
    ignore: Sequence[str] = (),
    categorical: Sequence[str] = (),
    max_categories: int = 100,
    unknown: Unknown | None = None,
    scale_target: bool = False,
    scaling: Scaling = "standard",
    test_fraction: float = 0.0,
    seed: int = 0,
    dtype: DTypeLike = "float32",
    preprocessing: Preprocessor | None = None,
    strict: bool = False,
    **reading: Any,
) -> Dataset:
    """A CSV or Parquet file, or a table in memory, as a data set.

    Numbers become (value - mean) / standard deviation, true and false 1 and 0, each category a
    feature of its own, dates their year, month and so on. What a careful person would do by hand
    is done, and said in ``notes`` of the result: gaps are filled, columns that number the rows, or
    have another text in each of them, or the same value in all, are left out. What was learned is
    in ``preprocessing`` of the result and turns raw rows into features again.

    Args:
        path: a file, or a table (pandas, polars, pyarrow, a mapping of lists).
        target: the column to predict.
        missing: "fill" puts in the median, or a category of its own (rows without a target are
            left out: there is nothing to learn from them); "drop" leaves out rows that lack a
            value; "error" names columns and rows. None: "fill", or "error" if ``strict``.
        task: "classification" or "regression"; None: classification if the target is text,
            true/false, or at most 20 different whole numbers. The notes say which.
        ignore: columns to leave out.
        categorical: columns of numbers that are categories (codes, not amounts).
        max_categories: a text with more different values is left out.
        unknown: what the preprocessor does later with a category it has not seen:
            "error", or "zeros" (None, unless ``strict``).
        scale_target: for regression, y is standardised too; ``preprocessing.decode_target``
            turns predictions back.
        scaling: of the numbers: "standard", (value - mean) / standard deviation; "robust",
            (value - median) / interquartile range, so that a few far away do not decide, gaps
            filled and each gap noted in a feature of its own; unknown categories have the place
            of gaps.
        test_fraction: this share of the rows is held out; nothing is learned from their features.
            Copies of a row go to one side.
        seed: chooses the rows to hold out.
        dtype: of x, and of y for regression.
        preprocessing: use this one, and learn nothing: for judging a model on new rows.
        strict: nothing is left out, filled or taken for something else: all that a person would
            have to decide is refused, in one message.
        reading: delimiter, decimal, thousands, encoding, missing_values, header, names, text, as
            of :func:`read_table`.

    Raises:
        DataError: no such file or column; missing, infinite or unusable values, each named.
        LabelError: a target of one class, or of too many.
        FileFormatError: neither CSV nor Parquet, or damaged.
    """
    if isinstance(path, str | Path):
        name = Path(path).name
        read = read_with_notes(path, strict=strict, **reading)
        table, notes, kept, first_row = read.table, read.notes, read.kept, read.first_row
        target, ignore, categorical = (
            named(table, target), named_all(table, ignore), named_all(table, categorical)
        )  # fmt: skip
    else:
        name, table, notes, kept, first_row = "table", as_table(path), (), {}, 1
        refuse_without_effect(name, IN_MEMORY, reading)
        if table.num_rows == 0:
            raise DataError("the table has no rows")
    try:
        if preprocessing is not None:
            return _apply(name, table, preprocessing, missing or "error", dtype, first_row)
        return dataset_from(
            name,
            table,
            target,
            missing=missing,
            task=task,
            ignore=ignore,
            categorical=categorical,
            max_categories=max_categories,
            unknown=unknown,
            scale_target=scale_target,
            scaling=scaling,
            test_fraction=test_fraction,
            seed=seed,
            dtype=dtype,
            strict=strict,
            notes=notes,
            reading=kept,
            first_row=first_row,
        )
    except DataError as error:
        raise type(error)(f"{name}: {error}") from None


def dataset_from(
    name: str,
    table: Table,
    target: str,
    *,
    missing: Missing | None = None,
    task: Task | None = None,
    ignore: Sequence[str] = (),
    categorical: Sequence[str] = (),
    max_categories: int = 100,
    unknown: Unknown | None = None,
    scale_target: bool = False,
    scaling: Scaling = "standard",
    test_fraction: float = 0.0,
    seed: int = 0,
    dtype: DTypeLike = "float32",
    strict: bool = False,
    notes: Sequence[str] = (),
    reading: Mapping[str, Any] | None = None,
    classes: Sequence[Label] | None = None,
    description: str = "",
    first_row: RowNumbers = 1,
) -> Dataset:
    """A table in memory as a data set; arguments as of :func:`load_table`.

    ``classes`` gives the classes an order of their own; ``notes`` and ``reading`` tell how it was
    read; ``first_row`` is the number of the first row, or those of all.
    """
    whole_number("load_table", "max_categories", max_categories, minimum=2)
    dtype = float_dtype(dtype)
    if scaling not in ("standard", "robust"):
        raise ConfigError(f'scaling must be "standard" or "robust", got {scaling!r}')
    filling = missing == "fill"  # of all columns: asked for, even if there are no gaps yet
    missing = missing or ("error" if strict else "fill")
    unknown = unknown or ("error" if strict else "zeros")
    n_rows, n_columns = table.num_rows, table.num_columns
    names = choose_columns(table.schema, target, ignore, categorical, strict)
    seen = [] if strict else left_at_sight(table, target, names, ignore, categorical)
    scan = Scan([*names, target], target, missing, strict, first_row)
    rows_of = numbered(np.arange(table.num_rows), first_row)
    table = scan.keep(table)
    rows_of = rows_of[scan.left]
    troubles = scan.troubles()
    if not troubles:
        scan.finish()
    elif (unanswered := gaps_in(table.column(target))).any():
        table = table.filter(pa.array(~unanswered))  # to find the other troubles as well
        rows_of = rows_of[~unanswered]

    labels = target_learner(target, table.schema.field(target).type, task)
    labels.update(table.column(target))
    if not labels.rows:
        scan.finish()
    task, found, why = labels.finish()
    y_classes = tuple(classes or found)
    what = told("task", task, target=repr(target), why=why)
    lines = [what, *notes, *seen, *filled(scan)]

    train = test = None
    if test_fraction and not troubles:
        encoded = Preprocessor((), Target(target, task, y_classes)).encode_target(table)
        groups = copies(table.select([*names, target]))
        lines += said_of_copies(groups)
        stratify = task == "classification"
        train, test = hold_out(encoded, test_fraction, seed=seed, stratify=stratify, groups=groups)
    learned = table if train is None else table.take(pa.array(train))
    columns: list[FeatureColumn] = []
    constant: list[str] = []
    for column in names:
        form = None
        if not strict and column not in categorical:
            form = date_form(column, learned.column(column), lines)
        one = learner(
            column,
            table.schema.field(column).type,
            chosen=column in categorical,
            limit=max_categories,
            sample_limit=None,
            robust=scaling == "robust",
            form=form,
            strict=strict,
        )
        one.update(learned.column(column))
        features = one.finish(filling or (missing == "fill" and column in scan.counts))
        if features is not None:
            columns.append(features)
        elif isinstance(one, Categories) and one.trouble:
            troubles.append(Trouble(one.trouble, leave=column, different=one.different))
        else:
            constant.append(column)
    if strict or missing == "error":
        refuse([each for each in troubles if strict or each.holes])
    lines += left_for_text(troubles, max_categories)
    if not columns:
        refuse(troubles)
        raise DataError("every column but the target has the same value in each row")
    mean, scale = (
        target_scale(labels.sample) if scale_target and task == "regression" else (0.0, 1.0)
    )
    goal = Target(target, task, y_classes, mean, scale)
    rows = Preprocessor(tuple(columns), goal, unknown, dict(reading or {}))
    if constant:
        lines.append(told("constant", names=Listed(constant, len(constant))))
    lines += dropped(scan)
    y = rows.encode_target(learned, dtype=dtype)
    lines += in_other_words(learned, rows, y)
    width = counting("feature", len(rows.feature_names))
    size = told("size", rows=counting("row", n_rows), columns=counting("column", n_columns),
                features=width)  # fmt: skip
    held = None if test is None else table.take(pa.array(test))
    return Dataset(
        name=name,
        x=rows.transform(learned, dtype=dtype),
        y=y,
        # What only the held-out rows have was not there in training: none of the categories.
        x_test=None if held is None else rows.transform(held, dtype=dtype, unknown="zeros"),
        y_test=None if held is None else rows.encode_target(held, dtype=dtype),
        feature_names=rows.feature_names,
        class_names=rows.target.class_names,
        task=task,
        description=description or "; ".join([size, *lines]),
        preprocessing=rows,
        notes=(size, *lines),
        rows=rows_of if train is None else rows_of[train],
        rows_test=None if test is None else rows_of[test],
    )


def target_scale(target: Any) -> tuple[float, float]:
    """Mean and standard deviation of the target; (value, 1) if it is constant."""
    mean, scale = target.scaling()
    return mean, scale or 1.0


def _apply(
    name: str, table: Table, rows: Preprocessor, missing: Missing, dtype: DTypeLike,
    first_row: RowNumbers,
) -> Dataset:  # fmt: skip
    """A table through a preprocessor that was learned before."""
    rows_of = numbered(np.arange(table.num_rows), first_row)
    if missing == "drop":
        wanted = [column for column in rows.column_names if column in table.column_names]
        target = [rows.target.name] if rows.target.name in table.column_names else []
        scan = Scan([*wanted, *target], rows.target.name, missing, first_row=first_row)
        table = scan.keep(table)
        rows_of = rows_of[scan.left]
        scan.finish()
    return Dataset(
        name=name,
        x=rows.transform(table, dtype=dtype, first_row=consecutive(rows_of)),
        y=rows.encode_target(table, dtype=dtype, first_row=consecutive(rows_of)),
        feature_names=rows.feature_names,
        class_names=rows.target.class_names,
        task=rows.target.task,
        description=f"{counted(table.num_rows, 'row')}, read as the model was trained",
        preprocessing=rows,
        rows=rows_of,
    )


def with_class_names(data: Dataset, names: Sequence[str]) -> Dataset:
    """The same data set with the classes called ``names``."""
    target = replace(data.preprocessing.target, classes=tuple(names))
    return replace(
        data,
        class_names=tuple(names),
        preprocessing=replace(data.preprocessing, target=target),
    )
