"""What is done to a table before anything is learned from it, and the lines that say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc

from glassnet.data.columns import Column, Table, kind, missing, text
from glassnet.data.doubles import copied
from glassnet.data.features import date_forms
from glassnet.data.preprocessing import Preprocessor
from glassnet.data.scan import Scan, Trouble, ignoring, unusable
from glassnet.data.suspects import numbers_rows, tells_target
from glassnet.data.told import Listed, rows, told

DATE = r"^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}"


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
        lines.append(told("left.holds", name=repr(name), what=what))
    empty = [name for name in names if missing(table.column(name)).all()]
    if empty:
        lines.append(told("left.empty", names=Listed(empty)))
    plain = [name for name in names if name not in categorical]
    sure, perhaps = numbers_rows(table, plain)
    if sure and len(set(names) - {*sure, *empty}):
        lines.append(told("left.numbers_rows", names=Listed(sure)))
    else:
        sure = []
    lines += [
        told("counts_rows", name=repr(name), way=f"; if it is but their number: {ignoring(name)}")
        for name in perhaps
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
    gaps = Listed([told("gap", name=repr(n), rows=rows(count)) for n, count in counts.items()])
    return [told("filled", gaps=gaps, way=' (missing="drop" leaves the rows out)')]


def left_for_text(troubles: Sequence[Trouble], limit: int) -> list[str]:
    """Which columns of text are left out."""
    if not troubles:
        return []
    names = [trouble.leave for trouble in troubles]
    room = troubles[-1].different
    more_room = f" max_categories={room}" if room > limit else ""
    of_each = [told("different", name=repr(t.leave), n=f"{t.different:,}") for t in troubles]
    way = f" (to keep one: categorical={names[-1:]!r}{more_room})"
    return [told("left.text", names=Listed(of_each), way=way)]


def dropped(scan: Scan) -> list[str]:
    """How many rows are left out."""
    if not scan.dropped:
        return []
    if scan.policy == "drop":
        return [told("dropped.missing", rows=rows(scan.dropped))]
    many = "one" if scan.dropped == 1 else "many"
    return [told("dropped.target", many, rows=rows(scan.dropped), target=repr(scan.target))]


def said_of_copies(groups: Any) -> list[str]:
    """How many rows stand in the table more than once."""
    count = 0 if groups is None else copied(groups)
    if not count:
        return []
    return [told("copies", "one" if count == 1 else "many", rows=rows(count))]


def said_of_held_out(count: int) -> list[str]:
    """How many of the rows that are held out of a large table are copies of another of them."""
    if not count:
        return []
    return [told("copies.held_out", "one" if count == 1 else "many", rows=rows(count))]


def date_form(name: str, column: Column, lines: list[str]) -> str | None:
    """The form of texts that are dates; None if they are none. ``lines``: what is said of dates."""
    if kind(column.type) == "date":
        lines.append(told("date", "column", name=repr(name)))
    if kind(column.type) != "category":
        return None
    values = pc.drop_null(text(column))
    if not len(values) or not pc.all(pc.match_substring_regex(values, DATE)).as_py():
        return None
    found = date_forms(values)
    if not found:
        return None
    kind_of = "doubtful" if len(found) > 1 else "text"
    lines.append(told("date", kind_of, name=repr(name), form=found[0], other=found[-1]))
    return found[0]


def in_other_words(table: Table, learned: Preprocessor, y: Any) -> list[str]:
    """Columns that tell the target in every row."""
    found = [
        column.name
        for column in learned.columns
        if tells_target(column.name, table.column(column.name), y, learned.target.task)
    ]
    return [
        told(
            "tells_target",
            name=repr(name),
            target=repr(learned.target.name),
            way=f"; if it is the same in other words: {ignoring(name)}",
        )
        for name in found
    ]
