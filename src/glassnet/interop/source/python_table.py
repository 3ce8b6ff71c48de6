"""The preprocessing of a table in Python: from the columns of a row to features."""

from __future__ import annotations

from glassnet.data.columns import counted
from glassnet.data.features import (
    DATE_FORMATS,
    BooleanColumn,
    CategoryColumn,
    FeatureColumn,
    NumberColumn,
)
from glassnet.data.preprocessing import Preprocessor
from glassnet.interop.source.text import number

TEXT = '''
def text(value):
    """A value as a category is written: 3 for 3.0, without white space around it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or value != value else str(value).strip()
'''

ONE_HOT = '''
def one_hot(name, value, known):
    """1 for the category that the value is, 0 for the others."""
    return [1.0 if text(value) == category else 0.0 for category in known]
'''

STRICT_ONE_HOT = '''
def one_hot(name, value, known):
    """1 for the category that the value is, 0 for the others."""
    if text(value) not in known:
        raise ValueError(f"column {name!r} is {value!r}, which training did not have")
    return [1.0 if text(value) == category else 0.0 for category in known]
'''


DATE = '''
def date(value):
    """Days since 1970, year, month, day, weekday and hour; nothing where there is no date."""
    if isinstance(value, str):
        for form in DATE_FORMATS:
            try:
                value = datetime.strptime(value.strip(), form)
                break
            except ValueError:
                pass
    if not hasattr(value, "year"):
        if text(value):
            raise ValueError(f"{value!r} is no date, such as 2026-11-28")
        return {}
    hour, seconds = getattr(value, "hour", 0), 0
    if hasattr(value, "minute"):
        seconds = hour * 3600 + value.minute * 60 + value.second
    days = value.toordinal() - 719163  # 1970-01-01 is the day 719163 of the calendar
    return {
        "days": days + seconds / 86400, "year": value.year, "month": value.month,
        "day": value.day, "weekday": value.weekday(), "hour": hour,
    }


DATE_FORMATS = [
    day + time
    for time in ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S")
    for day in (DAY_FORMATS)
]
'''

CLOCK = '''
def clock(value):
    """The hours since midnight of a time such as 13:30; nothing where there is none."""
    parts = [float(part) for part in text(value).split(":") if part]
    return {"hour": sum(part / 60**i for i, part in enumerate(parts))} if parts else {}
'''


def features(rows: Preprocessor) -> str:
    """``features(row)``, and ``value(x)`` for numbers in the units of the table."""
    lenient = rows.unknown == "zeros"
    lines = [
        "def features(row):",
        f'    """{counted(len(rows.feature_names), "number")} for the network, from a dict of the '
        'columns."""',
        "    x = []",
        *(f"    {line}" for column in rows.columns for line in _column(column, lenient)),
        "    return x",
    ]
    body = "\n".join(lines)
    days = ", ".join(repr(form) for form in DATE_FORMATS)
    helpers = {
        "one_hot(": ONE_HOT if lenient else STRICT_ONE_HOT,
        "date(": DATE.replace("(DAY_FORMATS)", f"({days})"),
        "clock(": CLOCK,
    }
    used = [function for name, function in helpers.items() if f" {name}" in body]
    parts = [TEXT, *used, body] if used or "text(" in body else [body]
    if rows.target.task == "regression":
        mean, scale = number(float(rows.target.mean)), number(float(rows.target.scale))
        parts.append(
            "def value(x):\n"
            '    """The prediction in the units of the table."""\n'
            f"    return predict(x)[0] * {scale} + {mean}"
        )
    return "\n\n\n".join(part.strip("\n") for part in parts)


def _column(column: FeatureColumn, lenient: bool) -> list[str]:
    """The lines of ``features`` for one column."""
    name = repr(column.name)
    if isinstance(column, NumberColumn):
        return _number(column, f"row[{name}]", lenient)
    if isinstance(column, BooleanColumn):
        if lenient:
            return [f'x.append(1.0 if text(row[{name}]).lower() in ("true", "1") else 0.0)']
        known = '["false", "true", "0", "1"]'
        return [f"x.append(float({known}.index(text(row[{name}]).lower()) % 2))"]
    if isinstance(column, CategoryColumn):
        return [f"x += one_hot({name}, row[{name}], {_categories(column)})"]
    parts = [part.name.removeprefix(f"{column.name}.") for part in column.parts]
    lines = [f"parts = {'clock' if parts == ['hour'] else 'date'}(row[{name}])"]
    for part, key in zip(column.parts, parts):
        lines += _number(part, f"parts.get({key!r})", lenient)
    return lines


def _number(column: NumberColumn, value: str, lenient: bool) -> list[str]:
    mean, scale = number(float(column.mean)), number(float(column.scale))
    empty = f"text({value}) == ''"
    if column.fill is not None or lenient:
        fill = column.mean if column.fill is None else column.fill
        value = f"text({value}) or {number(float(fill))}"
    lines = [f"x.append((float({value}) - {mean}) / {scale})"]
    return [*lines, f"x.append(1.0 if {empty} else 0.0)"] if column.gap else lines


def _categories(column: CategoryColumn) -> str:
    known = [*column.categories, ""] if column.missing else column.categories
    return "[" + ", ".join(map(repr, known)) + "]"
