"""The preprocessing of a table in Python: from the columns of a row to features."""

from __future__ import annotations

from glassnet.data.columns import counted
from glassnet.data.features import BooleanColumn, CategoryColumn, NumberColumn
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


def features(rows: Preprocessor) -> str:
    """``features(row)``, and ``value(x)`` for numbers in the units of the table."""
    lines = [
        "def features(row):",
        f'    """{counted(len(rows.feature_names), "number")} for the network, from a dict of the '
        'columns."""',
        "    x = []",
        *(f"    {_column(column)}" for column in rows.columns),
        "    return x",
    ]
    parts = [TEXT, STRICT_ONE_HOT if rows.unknown == "error" else ONE_HOT, "\n".join(lines)]
    parts = [p for p, name in zip(parts, ("text(", "one_hot(", "")) if name in "\n".join(lines)]
    if len(parts) > 1 and TEXT not in parts:
        parts.insert(0, TEXT)
    if rows.target.task == "regression":
        mean, scale = number(float(rows.target.mean)), number(float(rows.target.scale))
        parts.append(
            "def value(x):\n"
            '    """The prediction in the units of the table."""\n'
            f"    return predict(x)[0] * {scale} + {mean}"
        )
    return "\n\n\n".join(part.strip("\n") for part in parts)


def _column(column: NumberColumn | BooleanColumn | CategoryColumn) -> str:
    """The line of ``features`` for one column."""
    name = repr(column.name)
    if isinstance(column, NumberColumn):
        value = f"row[{name}]"
        if column.fill is not None:
            value = f"text({value}) or {number(float(column.fill))}"
        mean, scale = number(float(column.mean)), number(float(column.scale))
        return f"x.append((float({value}) - {mean}) / {scale})"
    if isinstance(column, BooleanColumn):
        known = '["false", "true", "0", "1"]'
        return f"x.append(float({known}.index(text(row[{name}]).lower()) % 2))"
    return f"x += one_hot({name}, row[{name}], {_categories(column)})"


def _categories(column: CategoryColumn) -> str:
    known = [*column.categories, ""] if column.missing else column.categories
    return "[" + ", ".join(map(repr, known)) + "]"
