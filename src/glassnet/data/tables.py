"""A table with a target column as a data set: numbers standardised, categories one-hot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from numpy.typing import DTypeLike

from glassnet._core.settings import whole_number
from glassnet.data.columns import Table, as_table, counted
from glassnet.data.dataset import Dataset, Task, float_dtype, hold_out
from glassnet.data.features import FeatureColumn, Unknown
from glassnet.data.learning import learner, target_learner
from glassnet.data.preprocessing import Label, Preprocessor, Target
from glassnet.data.scan import Missing, Scan, choose_columns
from glassnet.data.table_files import read_table
from glassnet.errors import ConfigError, DataError

Scaling = Literal["standard", "robust"]


def load_table(
    path: str | Path | Any,
    target: str,
    *,
    missing: Missing = "error",
    task: Task | None = None,
    ignore: Sequence[str] = (),
    categorical: Sequence[str] = (),
    max_categories: int = 100,
    unknown: Unknown = "error",
    scale_target: bool = False,
    scaling: Scaling = "standard",
    test_fraction: float = 0.0,
    seed: int = 0,
    dtype: DTypeLike = "float32",
    preprocessing: Preprocessor | None = None,
    delimiter: str | None = None,
    decimal: str = ".",
    encoding: str = "utf8",
    missing_values: Sequence[str] | None = None,
) -> Dataset:
    """A CSV or Parquet file, or a table in memory, as a data set.

    Numbers become (value - mean) / standard deviation, true and false 1 and 0, each category a
    feature of its own. Columns with the same value in every row are left out. What was learned
    is in ``preprocessing`` of the result and turns raw rows into features again.

    Args:
        path: a file, or a table (pandas, polars, pyarrow, a mapping of lists).
        target: the column to predict.
        missing: "error" names columns and rows; "drop" leaves out rows that lack a value;
            "fill" puts in the median, or a category of its own (rows without a target are
            left out: there is nothing to learn from them).
        task: "classification" or "regression"; None: classification if the target is text,
            true/false, or at most 20 different whole numbers. The description says which.
        ignore: columns to leave out.
        categorical: columns of numbers that are categories (codes, not amounts).
        max_categories: more different texts than this are refused.
        unknown: what the preprocessor does later with a category it has not seen:
            "error", or "zeros".
        scale_target: for regression, y is standardised too; ``preprocessing.decode_target``
            turns predictions back.
        scaling: of the numbers: "standard", (value - mean) / standard deviation; "robust",
            (value - median) / interquartile range, so that a few far away do not decide, gaps
            filled and each gap noted in a feature of its own. Prediction fills them then, too.
        test_fraction: this share of the rows is held out; nothing is learned from their features.
        seed: chooses the rows to hold out.
        dtype: of x, and of y for regression.
        preprocessing: use this one, and learn nothing: for judging a model on new rows.
        delimiter, decimal, encoding, missing_values: as in :func:`read_table`.

    Raises:
        DataError: no such file or column; missing, infinite or unusable values, each named.
        LabelError: a target of one class, or of too many.
        FileFormatError: neither CSV nor Parquet, or damaged.
    """
    if isinstance(path, str | Path):
        name = Path(path).name
        table = read_table(
            path,
            delimiter=delimiter,
            decimal=decimal,
            encoding=encoding,
            missing_values=missing_values,
        )
    else:
        name, table = "table", as_table(path)
        if table.num_rows == 0:
            raise DataError("the table has no rows")
    try:
        if preprocessing is not None:
            return _apply(name, table, preprocessing, missing, dtype)
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
        )
    except DataError as error:
        raise type(error)(f"{name}: {error}") from None


def dataset_from(
    name: str,
    table: Table,
    target: str,
    *,
    missing: Missing = "error",
    task: Task | None = None,
    ignore: Sequence[str] = (),
    categorical: Sequence[str] = (),
    max_categories: int = 100,
    unknown: Unknown = "error",
    scale_target: bool = False,
    scaling: Scaling = "standard",
    test_fraction: float = 0.0,
    seed: int = 0,
    dtype: DTypeLike = "float32",
    classes: Sequence[Label] | None = None,
    description: str = "",
) -> Dataset:
    """A table in memory as a data set; arguments as of :func:`load_table`.

    ``classes`` gives the classes an order of their own.
    """
    whole_number("load_table", "max_categories", max_categories, minimum=2)
    dtype = float_dtype(dtype)
    if scaling not in ("standard", "robust"):
        raise ConfigError(f'scaling must be "standard" or "robust", got {scaling!r}')
    n_rows, n_columns = table.num_rows, table.num_columns
    names = choose_columns(table.schema, target, ignore, categorical)
    scan = Scan([*names, target], target, missing)
    table = scan.keep(table)
    scan.finish()

    labels = target_learner(target, table.schema.field(target).type, task)
    labels.update(table.column(target))
    task, found, why = labels.finish()
    y_classes = tuple(classes or found)

    train = test = None
    if test_fraction:
        encoded = Preprocessor((), Target(target, task, y_classes)).encode_target(table)
        train, test = hold_out(encoded, test_fraction, seed=seed, stratify=task == "classification")
    learned = table if train is None else table.take(pa.array(train))
    columns: list[FeatureColumn] = []
    constant: list[str] = []
    for column in names:
        one = learner(
            column,
            table.schema.field(column).type,
            chosen=column in categorical,
            limit=max_categories,
            sample_limit=None,
            robust=scaling == "robust",
        )
        one.update(learned.column(column))
        features = one.finish(missing == "fill")
        if features is None:
            constant.append(column)
        else:
            columns.append(features)
    if not columns:
        raise DataError("every column but the target has the same value in each row")
    mean, scale = (
        target_scale(labels.sample) if scale_target and task == "regression" else (0.0, 1.0)
    )
    rows = Preprocessor(tuple(columns), Target(target, task, y_classes, mean, scale), unknown)

    notes = [
        f"{counted(n_rows, 'row')}, {counted(n_columns, 'column')}, "
        + counted(len(rows.feature_names), "feature"),
        f"{task} of {target!r} ({why})",
    ]
    if constant:
        notes.append(f"left out, for they never change: {', '.join(map(repr, constant))}")
    if scan.dropped:
        notes.append(f"{counted(scan.dropped, 'row')} dropped for missing values")
    held = None if test is None else table.take(pa.array(test))
    return Dataset(
        name=name,
        x=rows.transform(learned, dtype=dtype),
        y=rows.encode_target(learned, dtype=dtype),
        # What only the held-out rows have was not there in training: none of the categories.
        x_test=None if held is None else rows.transform(held, dtype=dtype, unknown="zeros"),
        y_test=None if held is None else rows.encode_target(held, dtype=dtype),
        feature_names=rows.feature_names,
        class_names=rows.target.class_names,
        task=task,
        description=description or "; ".join(notes),
        preprocessing=rows,
    )


def target_scale(target: Any) -> tuple[float, float]:
    """Mean and standard deviation of the target; (value, 1) if it is constant."""
    mean, scale = target.scaling()
    return mean, scale or 1.0


def _apply(
    name: str, table: Table, rows: Preprocessor, missing: Missing, dtype: DTypeLike
) -> Dataset:
    """A table through a preprocessor that was learned before."""
    if missing == "drop":
        wanted = [column for column in rows.column_names if column in table.column_names]
        target = [rows.target.name] if rows.target.name in table.column_names else []
        scan = Scan([*wanted, *target], rows.target.name, missing)
        table = scan.keep(table)
        scan.finish()
    return Dataset(
        name=name,
        x=rows.transform(table, dtype=dtype),
        y=rows.encode_target(table, dtype=dtype),
        feature_names=rows.feature_names,
        class_names=rows.target.class_names,
        task=rows.target.task,
        description=f"{counted(table.num_rows, 'row')}, read as the model was trained",
        preprocessing=rows,
    )


def with_class_names(data: Dataset, names: Sequence[str]) -> Dataset:
    """The same data set with the classes called ``names``."""
    target = replace(data.preprocessing.target, classes=tuple(names))
    return replace(
        data,
        class_names=tuple(names),
        preprocessing=replace(data.preprocessing, target=target),
    )
