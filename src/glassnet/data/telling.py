"""What is done to a table before anything is learned from it, and the lines that say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc

from glassnet.data.columns import Column, Table, counted, kind, missing, text
from glassnet.data.doubles import copied
from glassnet.data.features import date_forms
from glassnet.data.preprocessing import Preprocessor
from glassnet.data.scan import Scan, Trouble, ignoring, unusable
from glassnet.data.suspects import numbers_rows, tells_target

DATE = r"^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}"
SHOWN = 8  # columns


def named(table: Table, name: str) -> str:
    """The column that is meant: of a table without names, 15 is "column 15"."""
    spelled = f"column {name}"
    return spelled if name not in table.column_names and spelled in table.column_names else name


def named_all(table: Table, names: Sequence[str]) -> Sequence[str]:
    """As :func:`named`, of several."""
    return names if isinstance(names, str) else [named(table, name) for name in names]


def left_at_sight(
    table: Table, target: str, names: list[str], ignore: Sequence[str], categorical: Sequence[str]
) -> list[str]:
    """Take out of ``names`` what a person would not learn from; a line for each kind."""
    lines: list[str] = []
    others = [name for name in table.column_names if name != target and name not in ignore]
    for name, what in unusable(table.schema, others).items():
        lines.append(f"left out: {name!r} holds {what}")
    empty = [name for name in names if missing(table.column(name)).all()]
    if empty:
        lines.append(f"left out, for they have no value in any row: {_listed(empty)}")
    plain = [name for name in names if name not in categorical]
    sure, perhaps = numbers_rows(table, plain)
    if sure and len(set(names) - {*sure, *empty}):
        lines.append(f"left out, for a number in each row is but its name: {_listed(sure)}")
    else:
        sure = []
    lines += [
        f"{name!r} counts the rows; if it is but their number: {ignoring(name)}" for name in perhaps
    ]
    names[:] = [name for name in names if name not in (*empty, *sure)]
    return lines


def filled(scan: Scan) -> list[str]:
    """Which columns have gaps that are filled."""
    if scan.policy != "fill":
        return []
    counts = {name: count for name, count in scan.counts.items() if name != scan.target}
    if not counts:
        return []
    listed = [f"{name!r} in {counted(count, 'row')}" for name, count in counts.items()]
    more = f" and {len(listed) - SHOWN} columns more" if len(listed) > SHOWN else ""
    return [
        f"no value: {', '.join(listed[:SHOWN])}{more}; a number gets the median, a text a place "
        'of its own (missing="drop" leaves the rows out)'
    ]


def left_for_text(troubles: Sequence[Trouble], limit: int) -> list[str]:
    """Which columns of text are left out."""
    if not troubles:
        return []
    names = [trouble.leave for trouble in troubles]
    room = troubles[-1].different
    more_room = f" max_categories={room}" if room > limit else ""
    listed = [f"{t.leave!r} ({t.different:,} different)" for t in troubles[:SHOWN]]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return [
        f"left out, for text of so many values tells little: {', '.join(listed)}{more} "
        f"(to keep one: categorical={names[-1:]!r}{more_room})"
    ]


def dropped(scan: Scan) -> list[str]:
    """How many rows are left out."""
    if not scan.dropped:
        return []
    what = "dropped for missing values"
    if scan.policy != "drop":
        what = f"without {scan.target!r} {'is' if scan.dropped == 1 else 'are'} left out"
    return [f"{counted(scan.dropped, 'row')} {what}"]


def said_of_copies(groups: Any) -> list[str]:
    """How many rows stand in the table more than once."""
    count = 0 if groups is None else copied(groups)
    if not count:
        return []
    is_one = "is a copy" if count == 1 else "are copies"
    return [f"{counted(count, 'row')} {is_one} of another: all copies of a row go to one side"]


def date_form(name: str, column: Column, lines: list[str]) -> str | None:
    """The form of texts that are dates; None if they are none. ``lines``: what is said of dates."""
    if kind(column.type) == "date":
        lines.append(f"{name!r} is a date: days, year, month, day, weekday, hour")
    if kind(column.type) != "category":
        return None
    values = pc.drop_null(text(column))
    if not len(values) or not pc.all(pc.match_substring_regex(values, DATE)).as_py():
        return None
    found = date_forms(values)
    if not found:
        return None
    other = f" (it could be {found[1]} as well)" if len(found) > 1 else ""
    lines.append(f"{name!r} is a date, read as {found[0]}{other}: days, year, month, day, weekday")
    return found[0]


def in_other_words(table: Table, rows: Preprocessor, y: Any) -> list[str]:
    """Columns that tell the target in every row."""
    found = [
        column.name
        for column in rows.columns
        if tells_target(column.name, table.column(column.name), y, rows.target.task)
    ]
    return [
        f"{name!r} tells {rows.target.name!r} in every row; if it is the same in other words: "
        f"{ignoring(name)}"
        for name in found
    ]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:SHOWN]))
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
