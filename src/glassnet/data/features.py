"""The kinds of columns, and how each becomes features of a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.data.columns import (
    WHAT,
    RowNumbers,
    as_numbered,
    counted,
    kind,
    missing,
    numbers,
    rows_named,
    text,
)
from glassnet.errors import DataError

Unknown = Literal["error", "zeros"]
UNKNOWN, MISSING = -1, -2  # in place of the number of a category

Scaling = tuple[tuple[float, float], ...]  # of each feature: (value - first) / second
AS_IT_IS: Scaling = ((0.0, 1.0),)


@dataclass(frozen=True)
class NumberColumn:
    """A number becomes one feature: (value - mean) / scale. ``fill`` stands in for none.

    ``mean`` and ``scale`` are the mean and the standard deviation of the rows that were learned
    from, or, scaled robustly, the median and what the standard deviation would be if the numbers
    were normal and had this interquartile range. ``gap``: there is one more feature, which is 1
    in the rows without a value and 0 elsewhere.
    """

    holds: ClassVar[str] = "number"
    name: str
    mean: float
    scale: float
    fill: float | None = None
    gap: bool = False

    @property
    def features(self) -> tuple[str, ...]:
        """The name of the number; and of the gap, if that is a feature."""
        return (self.name, f"{self.name}=(missing)") if self.gap else (self.name,)

    @property
    def groups(self) -> tuple[int, ...]:
        """How many features belong together: the number and the gap are apart."""
        return (1, 1) if self.gap else (1,)

    @property
    def scaling(self) -> Scaling:
        """What was subtracted from the value of each feature, and what it was divided by."""
        return ((self.mean, self.scale), *AS_IT_IS) if self.gap else ((self.mean, self.scale),)

    def encode(self, column: Any, out: Array, unknown: Unknown, first_row: RowNumbers) -> None:
        """Write the features; out: (n, 1), or (n, 2) with the gap."""
        values = numbers(self.name, column, first_row)
        empty = np.isnan(values)
        if empty.any() and self.fill is None and unknown == "error":
            refuse_missing(self.name, empty, first_row)
        if empty.any():
            values = np.where(empty, self.mean if self.fill is None else self.fill, values)
        if not np.isfinite(values).all():
            rows = np.flatnonzero(~np.isfinite(values))
            raise DataError(
                f"column {self.name!r} is infinite in {rows_named(rows, len(rows), first_row)}"
            )
        out[:, 0] = (values - self.mean) / self.scale
        if self.gap:
            out[:, 1] = empty

    def decode(self, features: Array) -> Array:
        """The numbers as the table had them, (n,): value = feature·scale + mean; NaN in gaps.

        float32 keeps seven digits of a feature, so so many are given of the number.
        """
        values = np.asarray(features[:, 0], np.float64) * self.scale + self.mean
        if self.gap:
            values[features[:, 1] > 0.5] = np.nan
        return rounded(values, self.scale)


@dataclass(frozen=True)
class BooleanColumn:
    """False and true become one feature, 0 or 1."""

    holds: ClassVar[str] = "flag"
    name: str
    groups: ClassVar[tuple[int, ...]] = (1,)
    scaling: ClassVar[Scaling] = AS_IT_IS

    @property
    def features(self) -> tuple[str, ...]:
        """The name of the one feature."""
        return (self.name,)

    def encode(self, column: Any, out: Array, unknown: Unknown, first_row: RowNumbers) -> None:
        """Write the feature; out: (n, 1). Reads true/false, 1/0 and the words for them."""
        codes = category_codes(self.name, column, ("false", "true"), boolean=True)
        if unknown == "error":
            refuse_unknown(self.name, column, codes, ("false", "true"), first_row)
        out[:, 0] = codes == 1

    def decode(self, features: Array) -> Array:
        """``"true"`` and ``"false"``, (n,)."""
        return np.where(features[:, 0] > 0.5, "true", "false").astype(object)


@dataclass(frozen=True)
class CategoryColumn:
    """Each category becomes a feature that is 1 in its rows and 0 elsewhere (one-hot).

    ``missing``: there is one more feature, for rows without a value.
    """

    holds: ClassVar[str] = "category"
    name: str
    categories: tuple[str, ...]
    missing: bool = False

    @property
    def groups(self) -> tuple[int, ...]:
        """All features of the column belong together."""
        return (len(self.features),)

    @property
    def scaling(self) -> Scaling:
        """0 and 1 stay what they are."""
        return AS_IT_IS * len(self.features)

    @property
    def features(self) -> tuple[str, ...]:
        """``name=category`` for each."""
        names = [f"{self.name}={category}" for category in self.categories]
        return (*names, f"{self.name}=(missing)") if self.missing else tuple(names)

    def encode(self, column: Any, out: Array, unknown: Unknown, first_row: RowNumbers) -> None:
        """Write the features; out: (n, k). A category that was not learned: as ``unknown`` says."""
        codes = category_codes(self.name, column, self.categories)
        if self.missing:
            codes[codes == MISSING] = len(self.categories)
        if unknown == "error":
            try:
                refuse_unknown(self.name, column, codes, self.categories, first_row)
            except DataError as error:
                raise DataError(
                    f'{error}. unknown="zeros" lets such a value count as none of them'
                ) from None
        out[...] = 0
        rows = np.flatnonzero(codes >= 0)
        out[rows, codes[rows]] = 1

    def decode(self, features: Array) -> Array:
        """The categories, (n,); None where there was none, or one that was not learned."""
        names = [*self.categories, *([None] if self.missing else [])]
        found = np.array([*names, None], dtype=object)
        return found[np.where(features.max(axis=1) > 0.5, features.argmax(axis=1), len(names))]


@dataclass(frozen=True)
class DateColumn:
    """A date becomes numbers: the days since 1970, its year, month, day, weekday and hour.

    ``parts``: those of them that were not the same in all rows, each as a number column that is
    called ``name.year`` and so on. ``form``: how text is read as a date, as of strptime; None: in
    the form that fits.
    """

    holds: ClassVar[str] = "date"
    name: str
    parts: tuple[NumberColumn, ...]
    form: str | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the parts, one after the other."""
        return tuple(name for part in self.parts for name in part.features)

    @property
    def groups(self) -> tuple[int, ...]:
        """Each part is for itself."""
        return tuple(size for part in self.parts for size in part.groups)

    @property
    def scaling(self) -> Scaling:
        """That of the parts, one after the other."""
        return tuple(pair for part in self.parts for pair in part.scaling)

    def encode(self, column: Any, out: Array, unknown: Unknown, first_row: RowNumbers) -> None:
        """Write the features; out: (n, k)."""
        numbers_of = date_parts(self.name, column, self.form)
        start = 0
        for part in self.parts:
            stop = start + len(part.features)
            part.encode(numbers_of[part.name], out[:, start:stop], unknown, first_row)
            start = stop

    def decode(self, features: Array) -> Array:
        """The dates (datetime64), (n,): NaT where there was none.

        Where the days are no part, words: None everywhere.
        """
        start = 0
        for part in self.parts:
            if part.name == f"{self.name}.days":
                days = np.round(part.decode(features[:, start : start + len(part.features)]))
                known = np.isfinite(days)
                dates = np.where(known, days, 0).astype("int64").astype("datetime64[D]")
                dates[~known] = np.datetime64("NaT")
                return dates
            start += len(part.features)
        return np.full(len(features), None, dtype=object)


def date_parts(name: str, column: Any, form: str | None = None) -> dict[str, Any]:
    """The numbers of a column of dates, by the names of the parts; null where there is no date.

    Of times without a date, the hours since midnight.

    Raises:
        DataError: texts that are no dates; no dates at all.
    """
    found = kind(column.type)
    if found == "category":
        column = as_dates(name, column, form)
    elif found == "empty":
        column = pc.cast(column, pa.timestamp("s"))
    elif pa.types.is_time(column.type):
        seconds = pc.cast(pc.cast(column, pa.time32("s"), safe=False), pa.int32())
        return {f"{name}.hour": pc.divide(pc.cast(seconds, pa.float64()), 3600.0)}
    elif found != "date" or pa.types.is_duration(column.type):
        raise DataError(f"column {name!r} must hold dates, but it holds {column.type}")
    if getattr(column.type, "tz", None):
        column = pc.local_timestamp(column)
    column = pc.cast(column, pa.timestamp("s"), safe=False)
    seconds = pc.cast(pc.cast(column, pa.int64()), pa.float64())
    return {
        f"{name}.days": pc.divide(seconds, 86_400.0),
        f"{name}.year": pc.year(column),
        f"{name}.month": pc.month(column),
        f"{name}.day": pc.day(column),
        f"{name}.weekday": pc.day_of_week(column),
        f"{name}.hour": pc.hour(column),
    }


DATE_FORMATS = ("%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y%m%d")
TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S")


def as_dates(name: str, column: Any, form: str | None = None) -> Any:
    """A column of text as timestamps, null where there is none.

    Raises:
        DataError: a text that is no date in ``form``, or in the one that fits the others.
    """
    values = text(column)
    for found in [form] if form else date_forms(values):
        dates = pc.strptime(values, format=found, unit="s", error_is_null=True)
        if pc.count(dates).as_py() == pc.count(values).as_py():
            return dates
    like = f"as {form} says" if form else "as in 2026-11-28"
    raise DataError(f"column {name!r} must hold dates, {like}, but not all of it does")


def date_forms(values: Any) -> list[str]:
    """The forms in which all texts are dates, the likeliest first; none if there are no texts.

    >>> date_forms(pa.array(["28.11.2026", None])), date_forms(pa.array(["a"]))
    (['%d.%m.%Y'], [])
    """
    count = pc.count(values).as_py()
    some = pc.drop_null(values)[:100]
    found = []
    for form in (day + time for day in DATE_FORMATS for time in TIMES) if count else ():
        if pc.strptime(some, format=form, unit="s", error_is_null=True).null_count == 0:
            dates = pc.strptime(values, format=form, unit="s", error_is_null=True)
            if pc.count(dates).as_py() == count:
                found.append(form)
    return found


FeatureColumn = NumberColumn | BooleanColumn | CategoryColumn | DateColumn
KINDS: dict[str, type[FeatureColumn]] = {
    "number": NumberColumn,
    "boolean": BooleanColumn,
    "category": CategoryColumn,
    "date": DateColumn,
}


def rounded(values: Array, scale: float) -> Array:
    """Numbers to the digits that a float32 of theirs can tell, by the size of ``scale``.

    >>> rounded(np.array([22.0000014, 0.33333]), 14.5).tolist()
    [22.0, 0.333]
    """
    digits = 4 - math.floor(math.log10(scale)) if scale > 0 else 4
    found: Array = np.round(values, digits) + 0.0  # no -0
    return found


def category_codes(
    name: str, column: Any, categories: tuple[str, ...], boolean: bool = False
) -> NDArray[np.int64]:
    """The number of each row's category: UNKNOWN where it is none of them, or MISSING.

    ``boolean``: the categories are false and true; 0, 1, False and TRUE are read as them too.

    Raises:
        DataError: the column holds neither text nor numbers.
    """
    found = kind(column.type)
    if found in WHAT and found != "empty":
        raise DataError(f"column {name!r} holds {WHAT[found]}")
    values = text(column)
    known = [*categories]
    if boolean:
        values, known = pc.utf8_lower(values), ["false", "true", "0", "1"]
    places = pc.index_in(values, value_set=pa.array(known, pa.large_string()))
    codes = np.array(pc.fill_null(places, UNKNOWN), dtype=np.int64)
    if boolean:
        codes[codes >= 2] -= 2
    codes[missing(column)] = MISSING
    return codes


def refuse_unknown(
    name: str,
    column: Any,
    codes: NDArray[np.int64],
    categories: tuple[str, ...],
    first_row: RowNumbers,
) -> None:
    """Say which values are missing, or are none of the categories, if there are any.

    Raises:
        DataError: names the first value and its row.
    """
    empty = codes == MISSING
    if empty.any():
        refuse_missing(name, empty, first_row)
    rows = np.flatnonzero(codes == UNKNOWN)
    if len(rows):
        known = ", ".join(map(repr, categories[:8])) + (" …" if len(categories) > 8 else "")
        more = f" ({counted(len(rows), 'such row')})" if len(rows) > 1 else ""
        raise DataError(
            f"column {name!r} is {text(column)[int(rows[0])].as_py()!r} in "
            f"{rows_named(rows[:1], 1, first_row)}, which training did not have{more}; known are "
            f"{known}"
        )


def refuse_missing(name: str, empty: NDArray[np.bool_], first_row: RowNumbers) -> None:
    """Say which rows of a column have no value."""
    rows = np.flatnonzero(empty)
    raise DataError(
        f"column {name!r} has no value in {rows_named(rows, len(rows), first_row)} "
        f"({as_numbered(first_row)})"
    )
