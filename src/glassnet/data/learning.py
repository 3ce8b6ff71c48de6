"""Learning from a table how its columns become features: one pass, piece by piece.

A table in memory is one piece; a table larger than memory comes in many. Mean and variance
are merged from piece to piece (T. Chan, G. Golub, R. LeVeque, 1979):

    δ = mean_b - mean_a,  n = n_a + n_b
    mean = mean_a + δ·n_b/n,  M2 = M2_a + M2_b + δ²·n_a·n_b/n,  scale = √(M2/n)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from glassnet.data.columns import Column, is_number, kind, missing, numbers, text
from glassnet.data.dataset import Task
from glassnet.data.features import (
    BooleanColumn,
    CategoryColumn,
    DateColumn,
    FeatureColumn,
    NumberColumn,
    date_parts,
)
from glassnet.data.told import told
from glassnet.errors import ConfigError, DataError, LabelError

MAX_CLASSES = 1000
NORMAL_RANGE = 1.349  # the interquartile range of a normal distribution of variance 1
FEW = 20  # a target of at most so many different whole numbers is taken for classes


@dataclass
class Numbers:
    """What is learned from a column of numbers."""

    name: str
    sample_limit: int | None  # values kept for the median: None means all of them
    robust: bool = False
    rows: int = 0
    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    low: float = np.inf
    high: float = -np.inf
    sample: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    _keys: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    _rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def update(self, column: Column) -> None:
        """Merge a piece; NaN is passed over."""
        values = numbers(self.name, column)
        self.rows += len(values)
        values = values[~np.isnan(values)]
        if not len(values):
            return
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(values.mean())
            m2 = float(np.square(values - mean).sum())
            delta, total = mean - self.mean, self.count + len(values)
            self.m2 += m2 + delta * delta * self.count * len(values) / total
            self.mean += delta * len(values) / total
        self.count = total
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        if self.sample_limit != 0:
            self._keep_some(values)

    def _keep_some(self, values: NDArray[np.float64]) -> None:
        """Each value draws a random key; those with the smallest keys stay (reservoir sampling)."""
        self.sample = np.concatenate([self.sample, values])
        if self.sample_limit is None:
            return
        self._keys = np.concatenate([self._keys, self._rng.random(len(values))])
        if len(self.sample) > self.sample_limit:
            stay = np.argpartition(self._keys, self.sample_limit)[: self.sample_limit]
            self.sample, self._keys = self.sample[stay], self._keys[stay]

    def scaling(self) -> tuple[float, float]:
        """Mean and standard deviation.

        Raises:
            DataError: so large that their squares are no finite numbers.
        """
        scale = float(np.sqrt(self.m2 / self.count))
        if not np.isfinite(scale) or not np.isfinite(self.mean):
            raise DataError(
                f"column {self.name!r} has values up to {max(abs(self.low), abs(self.high)):g}, "
                "too large to be standardised; divide them first"
            )
        return self.mean, scale

    def finish(self, fill: bool) -> FeatureColumn | None:
        """The column as features; None if it is constant."""
        if not self.count or self.low == self.high:
            return None
        if self.robust:
            if (self.sample == self.sample[0]).all():  # the others are too rare to be in it
                middle, spread = float(self.sample[0]), (self.high - self.low) / 2
            else:
                middle, spread = robust_scaling(self.sample)
            gap = self.count < self.rows
            return NumberColumn(self.name, middle, spread, middle if fill or gap else None, gap)
        mean, scale = self.scaling()
        if scale == 0:  # differences so small that their squares vanish
            scale = self.high - self.low
        median = float(np.median(self.sample)) if fill else None
        return NumberColumn(self.name, mean, scale, median)


def robust_scaling(values: NDArray[np.float64]) -> tuple[float, float]:
    """The median, and the interquartile range over 1.349: normal numbers have that of 1.

    Where half of the numbers are the same one, the range of the others counts, or how far away
    they are; where a few are all there is, the range from the smallest to the largest.

    >>> robust_scaling(np.array([1.0, 2.0, 3.0, 4.0, 1000.0]))
    (3.0, 1.4825796886582654)
    """
    median = float(np.median(values))
    low, high = np.quantile(values, [0.25, 0.75])
    scale = float(high - low)
    if scale == 0:
        others = values[values != median]
        low, high = np.quantile(others, [0.25, 0.75])
        scale = max(float(high - low), abs(float(np.median(others)) - median))
    return median, scale / NORMAL_RANGE


@dataclass
class Dates:
    """What is learned from a column of dates."""

    name: str
    sample_limit: int | None
    robust: bool = False
    form: str | None = None  # of dates that are text
    parts: dict[str, Numbers] = field(default_factory=dict)

    def update(self, column: Column) -> None:
        """Merge a piece."""
        for name, values in date_parts(self.name, column, self.form).items():
            if name not in self.parts:
                self.parts[name] = Numbers(name, self.sample_limit, self.robust)
            self.parts[name].update(values)

    def finish(self, fill: bool) -> FeatureColumn | None:
        """The column as features; None if it is constant."""
        found = [part.finish(fill) for part in self.parts.values()]
        kept = [part for part in found if isinstance(part, NumberColumn)]
        # one gap feature is enough
        parts = [replace(part, gap=part.gap and i == 0) for i, part in enumerate(kept)]
        return DateColumn(self.name, tuple(parts), self.form) if parts else None


@dataclass
class Categories:
    """What is learned from a column of text or of booleans."""

    name: str
    limit: int
    boolean: bool
    chosen: bool  # the user said that these are categories
    strict: bool = True  # text that looks like numbers is refused
    different: int = 0  # values, of those that are too many at least so many
    counts: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    empty: bool = False
    trouble: str = ""  # why the column cannot be used

    def update(self, column: Column) -> None:
        """Count the categories of a piece, as long as they are not too many.

        Raises:
            DataError: more than the limit, of a column that was said to be categories.
        """
        if self.trouble:
            return
        found = pc.value_counts(pc.drop_null(text(column)))
        self.rows += pc.sum(found.field("counts")).as_py() or 0
        # The first few beyond the limit are enough for the error.
        for entry in found[: 2 * self.limit + 2].to_pylist():
            value, count = entry["values"], entry["counts"]
            self.counts[value] = self.counts.get(value, 0) + count
        self.different = max(len(self.counts), len(found))
        self.empty = self.empty or bool(missing(column).any())
        if len(self.counts) > self.limit:
            whole = self.different == self.rows
            each = f"a different value in each of its {self.rows:,} rows"
            self._refuse(each if whole else f"more than {self.limit} different values")

    def finish(self, fill: bool) -> FeatureColumn | None:
        """The column as features; None if it is constant, or if there is trouble with it."""
        if not self.trouble and len(self.counts) == self.rows >= 10 and not self.chosen:
            self._refuse(f"a different value in each of its {self.rows:,} rows")
        if self.strict and not self.trouble and not self.chosen and meant_as_numbers(self.counts):
            self._refuse(f"{len(self.counts)} different values")
        if self.trouble:
            return None
        with_empty = self.empty and fill
        if len(self.counts) + with_empty < 2:
            return None
        if self.boolean and not with_empty:
            return BooleanColumn(self.name)
        return CategoryColumn(self.name, tuple(sorted(self.counts)), with_empty)

    def _refuse(self, what: str) -> None:
        if self.chosen:
            raise DataError(
                f"column {self.name!r} is to be categories, but has {what}; raise max_categories="
            )
        hint = meant_as_numbers(self.counts) or "probably names or identifiers"
        self.trouble = f"{self.name!r} is text with {what}: {hint}"


def meant_as_numbers(values: Iterable[str]) -> str:
    """What to do if texts look like numbers that were not read as such; nothing if they do not.

    >>> meant_as_numbers(["1.5", "2", "3", "?"])
    "numbers, but for '?'? If that means a missing value: missing_values=['?']"
    """
    texts = sorted(values)
    odd = [value for value in texts if not is_number(value)]
    if not odd or any(re.fullmatch(r"0\d+", value) for value in texts):
        return ""  # codes such as "0815": all of them categories
    if all(re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", value) for value in odd):
        return (
            f"numbers with commas, such as {odd[0]!r}? If they part the thousands, take them "
            'out; if they are decimal signs, decimal=","'
        )
    if all(is_number(value.replace(",", ".", 1)) for value in odd):
        return f'numbers with a decimal comma, such as {odd[0]!r}? Then decimal=","'
    if len(odd) > 5 or len(odd) >= len(texts) / 2:
        return ""
    shown = ", ".join(map(repr, odd[:3]))
    return f"numbers, but for {shown}? If that means a missing value: missing_values=[{shown}]"


@dataclass
class Targets:
    """What is learned from the target column."""

    name: str
    task: Task | None
    found: str  # its kind
    floating: bool
    sample: Numbers
    counts: dict[Any, int] | None = field(default_factory=dict)  # None: too many to be classes
    rows: int = 0

    def update(self, column: Column) -> None:
        """Count the classes, or merge mean and variance, of a piece."""
        self.rows += len(column)
        if self.found == "number":
            self.sample.update(column)
        if self.counts is None:
            return
        if self.found == "category":
            column = text(column)
        elif self.floating:
            column = pc.cast(column, pa.float64())
        found = pc.value_counts(column)
        if len(found) > MAX_CLASSES:
            self.counts = None
            return
        for entry in found:
            value, count = entry["values"].as_py(), entry["counts"].as_py()
            self.counts[value] = self.counts.get(value, 0) + count
        if len(self.counts) > MAX_CLASSES:
            self.counts = None

    def finish(self) -> tuple[Task, tuple[Any, ...], str]:
        """The task, the classes (none for regression), and how the task was found.

        Raises:
            LabelError: one class only, or too many to be classes.
        """
        few = self.counts is not None and len(self.counts) <= FEW
        if few and self.rows >= FEW and len(self.counts or ()) * 3 > self.rows:
            few = False  # hardly a number twice: these are counts
        if self.found == "category" and self.task is None and self.counts:
            hint = meant_as_numbers(self.counts)
            if hint:
                raise LabelError(
                    f"the target {self.name!r} is text: {hint}. If they are classes after all: "
                    'task="classification"'
                )
        if self.task is not None:
            task, why = self.task, told("why", "asked")
        elif self.found != "number":
            task = "classification"
            why = told("why", "text" if self.found == "category" else "flag")
        elif few and all(float(value).is_integer() for value in self.counts or ()):
            n = len(self.counts or ())
            way = '; task="regression" predicts it as a value' if n > 2 else ""
            task, why = "classification", told("why", "whole_numbers", n=n, way=way)
        else:
            task = "regression"
            why = told("why", "decimals" if self.floating else "many_numbers")
        if task == "regression":
            if self.found != "number":
                raise LabelError(f"regression needs numbers, but the target {self.name!r} is text")
            return task, (), why
        if self.counts is None or (len(self.counts) == self.rows and self.rows > FEW):
            many = f"more than {MAX_CLASSES}" if self.counts is None else str(len(self.counts))
            raise LabelError(
                f"the target {self.name!r} has {many} different values in {self.rows} rows; "
                'these are no classes. For numbers: task="regression"'
            )
        if len(self.counts) == 1:
            raise LabelError(
                f"the target {self.name!r} is {next(iter(self.counts))!r} in every row; "
                "there must be two classes at least"
            )
        classes = sorted(self.counts)
        if self.floating and all(float(value).is_integer() for value in classes):
            classes = [int(value) for value in classes]
        return task, tuple(classes), why


def learner(
    name: str,
    dtype: Any,
    *,
    chosen: bool,
    limit: int,
    sample_limit: int | None,
    robust: bool = False,
    form: str | None = None,
    strict: bool = True,
) -> Numbers | Categories | Dates:
    """What learns from a column of this type.

    ``robust``: how numbers are scaled, and that unknown categories go where gaps go;
    ``form``: of a text that is a date.
    """
    found = kind(dtype)
    if form is not None and not chosen:
        return Dates(name, sample_limit, robust, form)
    if found in ("number", "empty") and not chosen:
        return Numbers(name, sample_limit, robust)
    if found == "date" and not chosen:
        return Dates(name, sample_limit, robust)
    listed = chosen or pa.types.is_dictionary(dtype)
    return Categories(name, limit, found == "boolean", listed, strict)


def target_learner(name: str, dtype: Any, task: Task | None) -> Targets:
    """What learns from a target of this type."""
    if task not in (None, "classification", "regression"):
        raise ConfigError(f'task must be "classification" or "regression", got {task!r}')
    floating = pa.types.is_floating(dtype) or pa.types.is_decimal(dtype)
    return Targets(name, task, kind(dtype), floating, Numbers(name, 0))
