"""Year, month, day, weekday and hour of a date as ONNX operators, which know no dates.

A date comes as the seconds since 1970-01-01 00:00.  The calendar is arithmetic of whole numbers: a
year that begins with March has its leap day at the end, and 400 years have 146,097 days
(Richards, in: Explanatory Supplement to the Astronomical Almanac, 3rd edition, 2013, 15.11).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.interop.onnx.graph import Graph

DAY = 86_400.0
EARLIER = 100  # rounds of 400 years, so that no number is below 0: Div rounds towards 0
MARCH = 719_468  # days from 0000-03-01 to 1970-01-01


class Whole:
    """Arithmetic of whole numbers as nodes."""

    def __init__(self, graph: Graph, value: str) -> None:
        self.graph, self.value = graph, value

    def _with(self, op: str, other: int | Whole) -> Whole:
        if isinstance(other, int):
            second = self.graph.constant("n", other, np.int64)
        else:
            second = other.value
        return Whole(self.graph, self.graph.add(op, self.value, second))

    def __add__(self, other: int | Whole) -> Whole:
        return self._with("Add", other)

    def __sub__(self, other: int | Whole) -> Whole:
        return self._with("Sub", other)

    def __mul__(self, other: int) -> Whole:
        return self._with("Mul", other)

    def __floordiv__(self, other: int) -> Whole:
        return self._with("Div", other)

    def __mod__(self, other: int) -> Whole:
        return self._with("Mod", other)


def calendar(days: Whole) -> tuple[Whole, Whole, Whole]:
    """Year, month and day, of days since 1970; a year of its own begins with March."""
    z = days + (MARCH + EARLIER * 146_097)
    era = z // 146_097
    of_era = z - era * 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (year * 365 + year // 4 - year // 100)
    month = (of_year * 5 + 2) // 153  # 0: March … 11: February
    day = of_year - (month * 153 + 2) // 5 + 1
    later = month // 10  # 1 in January and February, which belong to the next year
    return (
        year + era * 400 + later - EARLIER * 400,
        month + 3 - later * 12,
        day,
    )


def write_parts(graph: Graph, x: str, empty: str, wanted: Sequence[str]) -> dict[str, str]:
    """The parts of dates by their names, each (n, 1) double.

    Args:
        x: (n, 1) seconds since 1970; of times of a day alone, since midnight.
        empty: (n, 1) bool: there is no date, and what is computed does not matter.
        wanted: days, year, month, day, weekday, hour.
    """
    proto = graph.onnx.TensorProto
    x = graph.add("Where", empty, graph.constant("zero", 0.0, np.float64), x)
    days = graph.add("Div", x, graph.constant("day", DAY, np.float64))
    whole = graph.add("Floor", days)
    start = graph.add("Mul", whole, graph.constant("day", DAY, np.float64))
    hours = graph.add("Div", graph.add("Sub", x, start), graph.constant("hour", 3600.0, np.float64))
    # Of a time of a day the hour has a fraction, of a date it has none.
    found = {"days": days, "hour": hours if list(wanted) == ["hour"] else graph.add("Floor", hours)}
    number = Whole(graph, graph.add("Cast", whole, to=proto.INT64))
    year, month, day = calendar(number)
    for name, value in {
        "year": year, "month": month, "day": day, "weekday": (number + 3) % 7,  # Monday is 0
    }.items():  # fmt: skip
        found[name] = graph.add("Cast", value.value, to=proto.DOUBLE)
    return found
