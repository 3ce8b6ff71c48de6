"""How the rows of a table become numbers, learned once and kept with the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from glassnet._core.types import Array
from glassnet.data.columns import (
    RowNumbers,
    as_table,
    is_number,
    is_table,
    number_text,
    numbers,
    require_columns,
    rows_named,
)
from glassnet.data.features import (
    KINDS,
    CategoryColumn,
    DateColumn,
    FeatureColumn,
    NumberColumn,
    Unknown,
    category_codes,
    refuse_missing,
    refuse_unknown,
)
from glassnet.data.intervals import half_width
from glassnet.data.table_files import file_width
from glassnet.data.table_formats import SELF_TOLD, self_told
from glassnet.data.target import Target
from glassnet.errors import ConfigError, DataError, FileFormatError, LabelError

FORMAT = 1


@dataclass(frozen=True)
class Preprocessor:
    """Turns raw rows into the features that a network was trained on.

    Args:
        columns: the columns used, in the order of their features.
        target: the column that is predicted.
        unknown: what to do with a category that was not there in training, or with a gap where it
            had none: "error" names it, "zeros" lets all features of the column be 0.
        reading: how the file was written, where new files must be read alike: ``decimal``,
            ``thousands``, ``missing_values``, and ``names`` of a file without a header; as of
            :func:`read_table`.

    >>> rows = Preprocessor((NumberColumn("age", 40.0, 10.0), CategoryColumn("sex", ("f", "m"))),
    ...                     Target("alive", "classification", (False, True)))
    >>> rows.transform({"age": [50, 20], "sex": ["m", "f"], "name": ["x", "y"]}).tolist()
    [[1.0, 0.0, 1.0], [-2.0, 1.0, 0.0]]
    """

    columns: tuple[FeatureColumn, ...]
    target: Target
    unknown: Unknown = "error"
    reading: Mapping[str, Any] = field(default_factory=dict)

    of: ClassVar[str] = "table"

    def takes(self, x: Any) -> bool:
        """Whether ``x`` are columns with names."""
        return is_table(x)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name for each feature: ``age``, ``color=red``, …"""
        return tuple(name for column in self.columns for name in column.features)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample, as the network takes it: (features,)."""
        return (len(self.feature_names),)

    @property
    def feature_groups(self) -> tuple[int, ...]:
        """How many features, one after the other, belong together: the places of a category."""
        return tuple(size for column in self.columns for size in column.groups)

    @property
    def scaling(self) -> Array:
        """(features, 2): what was subtracted from the value of each, and what divided it."""
        return np.array([pair for column in self.columns for pair in column.scaling])

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns that a table must have."""
        return tuple(column.name for column in self.columns)

    def transform(
        self,
        data: Any,
        *,
        unknown: Unknown | None = None,
        dtype: DTypeLike = "float32",
        first_row: RowNumbers = 1,
    ) -> Array:
        """The features of raw rows, (n, features).

        Args:
            data: a mapping of names to lists (or single values), a list of such rows, or
                a table of pandas, polars or pyarrow. More columns than needed do not matter.
            unknown: overrides the preprocessor's own.
            dtype: of the result.
            first_row: the number that errors give to the first row, or those of all rows.

        Raises:
            DataError: a column that is not there, a missing value where training had none,
                an unknown category, a text that is no number; names column, value and rows.
        """

        unknown = unknown or self.unknown
        if unknown not in ("error", "zeros"):
            raise ConfigError(f'unknown must be "error" or "zeros", got {unknown!r}')
        table = as_table(data)
        require_columns(table.column_names, self.column_names, "column")
        out = np.empty((table.num_rows, len(self.feature_names)), dtype)
        start = 0
        for column in self.columns:
            stop = start + len(column.features)
            column.encode(table.column(column.name), out[:, start:stop], unknown, first_row)
            start = stop
        return out

    def encode_target(
        self, data: Any, *, dtype: DTypeLike = "float32", first_row: RowNumbers = 1
    ) -> Array:
        """y from a table that has the target column: class numbers (int64), or numbers.

        Raises:
            DataError: no such column, missing or infinite values.
            LabelError: a class that was not there in training.
        """

        table, name = as_table(data), self.target.name
        require_columns(table.column_names, (name,), "column")
        column = table.column(name)
        if self.target.class_names is not None:
            boolean = all(isinstance(label, bool) for label in self.target.classes)
            codes = category_codes(name, column, self.target.class_names, boolean)
            try:
                refuse_unknown(name, column, codes, self.target.class_names, first_row)
            except DataError as error:
                raise LabelError(f"the target does not fit the classes: {error}") from None
            return codes
        values = numbers(name, column, first_row)
        if np.isnan(values).any():
            refuse_missing(name, np.isnan(values), first_row)
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            raise DataError(f"the target {name!r} is infinite in {rows_named([row], 1, first_row)}")
        scaled: Array = ((values - self.target.mean) / self.target.scale).astype(dtype)
        return scaled

    def decode_target(self, y: Any) -> Array:
        """Predictions in the table's own words: classes for class numbers, or plain numbers."""
        values = np.asarray(y)
        if self.target.task == "classification":
            labels: Array = np.array(self.target.classes)[values]
            return labels
        decoded: Array = values * self.target.scale + self.target.mean
        return decoded

    def interval(self, values: Any, level: float = 0.9) -> tuple[Array, Array]:
        """Lower and upper ends, beside predictions in the units of the table.

        They hold the truth of a new row with a probability of ``level`` or a little more.

        Raises:
            ConfigError: classes, which have probabilities; or no such level.
            DataError: it is not known how far off the model is.
        """
        if self.target.task == "classification":
            raise ConfigError("an interval is for values; classes have probabilities")
        width = half_width(self.target.error_quantiles, level)
        predicted = np.asarray(values, np.float64)
        return predicted - width, predicted + width

    def to_config(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        names = {kind: name for name, kind in KINDS.items()}
        return {
            "format": FORMAT,
            "unknown": self.unknown,
            "columns": [{"kind": names[type(column)], **asdict(column)} for column in self.columns],
            "target": asdict(self.target),
            "reading": dict(self.reading),
        }

    def reading_for(self, path: str | Path) -> dict[str, Any]:
        """How a new file is to be read, so that its columns are taken as in training.

        Codes such as 01001 stay text. A file without a header may lack the target.
        """
        without = SELF_TOLD.get(self_told(path) or "", ())
        reading = {name: value for name, value in self.reading.items() if name not in without}
        found: dict[str, Any] = {**reading, "text": self._codes()}
        names = list(found.get("names") or ())
        if names and str(path) != "-":
            width = file_width(path)
            others = [name for name in names if name != self.target.name]
            if width not in (None, len(names), len(others)):
                raise DataError(
                    f"{path}: has {width} columns without names; training had {len(names)}, one of "
                    "which is the target"
                )
            found["names"] = others if width == len(others) else names
        return found

    def _codes(self) -> list[str]:
        """Columns whose categories would change if they were read as numbers."""
        return [
            column.name
            for column in self.columns
            if isinstance(column, CategoryColumn)
            and any(
                is_number(value) and number_text(float(value)) != value
                for value in column.categories
            )
        ]

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Preprocessor:
        """The preprocessor that :meth:`to_config` described.

        Raises:
            FileFormatError: damaged, or written by a newer version.
        """
        try:
            if config["format"] > FORMAT:
                raise FileFormatError(
                    f"the preprocessing has format {config['format']}, newer than this version of "
                    f"glassnet knows ({FORMAT}); update glassnet"
                )
            columns = tuple(_column_from(dict(entry)) for entry in config["columns"])
            return cls(columns, _target_from(dict(config["target"])), _one_of(
                config["unknown"], "error", "zeros"
            ), _reading_from(config.get("reading", {})))  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, FileFormatError):
                raise
            raise FileFormatError(f"the preprocessing is damaged: {error!r}") from None


def _column_from(entry: dict[str, Any]) -> FeatureColumn:
    kind = KINDS[entry.pop("kind")]
    if kind is CategoryColumn:
        entry["categories"] = tuple(_text(category) for category in entry["categories"])
        entry["missing"] = bool(entry["missing"])
    if kind is NumberColumn:
        entry = _number_settings(entry)
    if kind is DateColumn:
        entry["parts"] = tuple(NumberColumn(**_number_settings(part)) for part in entry["parts"])
        entry["form"] = None if entry.get("form") is None else _text(entry["form"])
    _text(entry["name"])
    return kind(**entry)


def _number_settings(entry: dict[str, Any]) -> dict[str, Any]:
    fill, scale = entry["fill"], _number(entry["scale"])
    if scale <= 0:
        raise ValueError(f"scale {scale}")
    return entry | {
        "name": _text(entry["name"]),
        "mean": _number(entry["mean"]),
        "scale": scale,
        "fill": None if fill is None else _number(fill),
        "gap": bool(entry.get("gap", False)),  # models of before have none
    }


def _target_from(entry: dict[str, Any]) -> Target:
    _one_of(entry["task"], "classification", "regression")
    _text(entry["name"])
    entry["classes"] = tuple(entry["classes"])
    if not all(isinstance(label, str | int | float) for label in entry["classes"]):
        raise ValueError(f"classes {entry['classes']}")
    entry["mean"], entry["scale"] = _number(entry["mean"]), _number(entry["scale"])
    quantiles = tuple(_number(value) for value in entry.get("error_quantiles", ()))
    if list(quantiles) != sorted(map(abs, quantiles)) or len(quantiles) == 1:
        raise ValueError("error_quantiles must rise from 0 on")
    return Target(**{**entry, "error_quantiles": quantiles})


def _reading_from(entry: Any) -> dict[str, Any]:
    reading: dict[str, Any] = {}
    for name, value in dict(entry).items():
        _one_of(name, "decimal", "thousands", "missing_values", "names")
        reading[name] = [_text(v) for v in value] if isinstance(value, list) else _text(value)
    return reading


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {value!r}")
    return value


def _number(value: Any) -> float:
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f"{value!r} is no number")
    return number


def _one_of(value: Any, *known: str) -> Any:
    if value not in known:
        raise ValueError(f"expected one of {known}, got {value!r}")
    return value
