"""Rows that a model has not learned from, by the columns of their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from glassnet._core.habits import unknown
from glassnet._core.types import Array
from glassnet.data.arrays import column_names
from glassnet.data.dataset import Dataset
from glassnet.errors import ConfigError, DataError, LabelError, ShapeError
from glassnet.explain import Known
from glassnet.model import Sequential


@dataclass(frozen=True)
class Column:
    """A column of the table, and the features that it became.

    Attributes:
        name: as in the table.
        start, stop: its features are ``x[:, start:stop]``.
        source: what made the features of it; None: they are the numbers themselves.
    """

    name: str
    start: int
    stop: int
    source: Any = None

    def values(self, x: Array) -> Array:
        """What the table had in these rows: float64 (of dates the days since 1970), NaN where
        there was none; or words and None (objects)."""
        found = self._decoded(x)
        if found.dtype.kind != "M":
            return found
        days = found.astype("datetime64[D]")
        return np.where(np.isnat(days), np.nan, days.astype("int64").astype(np.float64))

    @property
    def dated(self) -> bool:
        """Whether its values are dates."""
        return bool(self._decoded(np.zeros((1, self.stop))).dtype.kind == "M")

    @property
    def scale(self) -> float | None:
        """How many units of the table one unit of its feature is; None for words and dates."""
        if self.source is None:
            return 1.0
        found = getattr(self.source, "scale", None)
        return None if found is None else float(found)

    def features(self, values: Sequence[Any] | Array, dtype: Any = np.float32) -> Array:
        """The features of such values, (n, stop - start)."""
        out = np.zeros((len(values), self.stop - self.start), dtype)
        if self.source is None:
            out[:, 0] = values
        else:
            if self.dated:
                values = np.array([self.text(v) for v in values], "datetime64[D]")
            column = pa.array(values, from_pandas=True)
            self.source.encode(column, out, "zeros", 1)
        return out

    def text(self, value: float, digits: int = 5) -> str:
        """A number as it is said; a date as 2026-11-28."""
        if self.dated:
            return str(np.datetime64(round(value), "D")) if np.isfinite(value) else "NaT"
        return f"{value:.{digits}g}"

    def plain(self, value: Any) -> Any:
        """A value as JSON has it: None where there is none."""
        if isinstance(value, str) or value is None:
            return value
        number = float(value)
        if not np.isfinite(number):
            return None
        if self.dated:
            return self.text(number)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number

    def _decoded(self, x: Array) -> Array:
        block = x[:, self.start : self.stop]
        if self.source is None:
            return np.asarray(block[:, 0], np.float64)
        found: Array = self.source.decode(block)
        return found


@dataclass(frozen=True, eq=False)
class Rows:
    """A model, and rows with their true answers to look at it by; made by :meth:`of`.

    Attributes:
        x: features, as the network reads them.
        y: class numbers, or the values to predict in the units of the table.
        columns: those of the table.
        class_names: the classes in the table's own words; None for values.
        target: the name of the column that is predicted, if it is known.
        numbers: the number of each row in its file, as a spreadsheet shows it, if it is known.
    """

    model: Sequential
    x: Array
    y: Array
    columns: tuple[Column, ...]
    class_names: tuple[str, ...] | None
    target: str | None = None
    numbers: Array | None = None
    _values: dict[str, Array] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        model: Sequential,
        x: Any,
        y: Any = None,
        *,
        data: Known | None = None,
        numbers: Array | None = None,
    ) -> Rows:
        """The rows of ``x`` with the true answers ``y``.

        Args:
            x: features as ``model.predict`` takes them; a table (pandas, polars, pyarrow, a
                mapping of lists) of the columns that the model learned from, which may have
                the answers as well; or a data set, of which the held-out part is taken.
            y: labels or values as for ``model.evaluate``.
            data: says the names of features and classes, where the model does not know them.
            numbers: of the rows in their file; a data set knows its own.

        Raises:
            DataError: no answers, no rows, or columns that are not there.
            ShapeError: x is not rows of features, or not as long as y.
            LabelError: a label that the model does not know.
        """
        if not isinstance(model, Sequential):
            raise ConfigError(f"Rows.of: expected a Sequential, got {type(model).__name__}.")
        model.need_built("Rows.of")
        if isinstance(x, Dataset):
            data = data or x
            numbers = x.rows if x.x_test is None else x.rows_test
            x, y = (x.x, x.y) if x.x_test is None else (x.x_test, x.y_test)
        known = model.table
        if known is not None and (column_names(x) or isinstance(x, dict)):
            y = known.encode_target(x if y is None else {known.target.name: y})
            x = known.transform(x)
        if y is None:
            raise DataError("Rows.of: the true answers are missing; pass y.")
        features, answers = np.asarray(x), np.asarray(y)
        if features.ndim != 2 or model.input_shape != features.shape[1:]:
            raise ShapeError(
                f"Rows.of: x has shape {features.shape}; expected rows (n, {_width(model)})."
            )
        if len(features) != len(answers):
            raise ShapeError(f"Rows.of: {len(features)} rows came with {len(answers)} answers.")
        if not len(features):
            raise DataError("Rows.of: no rows came: there is nothing to look at.")
        names = _class_names(model, data)
        true = _values(model, answers) if names is None else _labels(model, answers, names)
        target = None if known is None else known.target.name
        columns = _columns(model, data, features)
        return cls(model, features, true, columns, names, target, numbers)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def classifies(self) -> bool:
        """Whether the answer is a class."""
        return self.class_names is not None

    def column(self, name: str) -> Column:
        """The column called ``name``.

        Raises:
            DataError: there is none; names the closest.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise DataError(unknown("column", name, [column.name for column in self.columns]))

    def values(self, column: Column) -> Array:
        """What the table had in this column, row by row."""
        if column.name not in self._values:
            self._values[column.name] = column.values(self.x)
        return self._values[column.name]

    def is_number(self, column: Column) -> bool:
        """Whether a column holds amounts; else it holds words."""
        return bool(self.values(column).dtype.kind == "f")

    def answers(self, x: Array) -> Array:
        """What the model gives for rows: probabilities (n, classes), or values in the units of
        the table (n,)."""
        outputs = self.model.predict(x)
        if self.classifies:
            p: Array = self.model.loss.class_probabilities(outputs).astype(np.float64)
            return p
        return _in_units(self.model, outputs[:, 0])

    @cached_property
    def given(self) -> Array:
        """The model's answers for these rows."""
        return self.answers(self.x)

    def label(self, number: int) -> str:
        """The name of class ``number``."""
        assert self.class_names is not None
        return self.class_names[number]

    def sample(self, most: int | None, seed: int = 0) -> Rows:
        """At most so many of the rows, drawn at random; None: all."""
        if most is None or most >= len(self):
            return self
        chosen = np.sort(np.random.default_rng(seed).permutation(len(self))[:most])
        numbers = None if self.numbers is None else self.numbers[chosen]
        return Rows(
            self.model, self.x[chosen], self.y[chosen], self.columns, self.class_names,
            self.target, numbers,
        )  # fmt: skip


def _width(model: Sequential) -> str:
    return "×".join(map(str, model.input_shape or ()))


def _in_units(model: Sequential, y: Array) -> Array:
    values: Array = np.asarray(y, np.float64)
    return values if model.table is None else model.table.decode_target(values)


def _values(model: Sequential, y: Array) -> Array:
    shape = model.layers[-1].output_shape
    if shape != (1,):
        raise ConfigError(
            f"Rows.of: the network gives {shape} values for a row; this looks at networks that "
            "predict one column."
        )
    return _in_units(model, y.reshape(len(y)))


def _class_names(model: Sequential, data: Known | None) -> tuple[str, ...] | None:
    if model.loss.target == "values":
        return None
    if data is not None and data.class_names is not None:
        return tuple(map(str, data.class_names))
    known = model.preprocessing
    if known is not None and known.target.class_names is not None:
        return tuple(known.target.class_names)
    outputs = (model.layers[-1].output_shape or (1,))[-1]
    labels = range(max(2, outputs)) if model.classes is None else model.classes.tolist()
    return tuple(map(str, labels))


def _labels(model: Sequential, y: Array, names: tuple[str, ...]) -> Array:
    """Class numbers: those of the labels that the model learned, or of the table's words."""
    if y.ndim == 2 and y.shape[1] > 1:
        return np.asarray(y.argmax(axis=1))
    labels = y.reshape(-1)
    learned = list(range(len(names))) if model.classes is None else model.classes.tolist()
    number = {name: i for i, name in enumerate(names)} | {v: i for i, v in enumerate(learned)}
    found = [number.get(label, -1) for label in labels.tolist()]
    if -1 in found:
        label = labels.tolist()[found.index(-1)]
        raise LabelError(f"Rows.of: {label!r} is none of the classes {', '.join(names)}.")
    return np.array(found, dtype=np.int64)


def _columns(model: Sequential, data: Known | None, x: Array) -> tuple[Column, ...]:
    if model.table is None:
        names = (None if data is None else data.feature_names) or [
            f"x{i + 1}" for i in range(x.shape[1])
        ]
        return tuple(Column(str(name), i, i + 1) for i, name in enumerate(names))
    found, start = [], 0
    for source in model.table.columns:
        stop = start + len(source.features)
        found.append(Column(source.name, start, stop, source))
        start = stop
    return tuple(found)
