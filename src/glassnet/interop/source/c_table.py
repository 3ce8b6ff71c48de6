"""The preprocessing of a table in C: from the columns of a row to features."""

from __future__ import annotations

import re
from collections.abc import Callable

from glassnet.data.columns import counted
from glassnet.data.features import (
    BooleanColumn,
    CategoryColumn,
    DateColumn,
    FeatureColumn,
    NumberColumn,
)
from glassnet.data.preprocessing import Preprocessor
from glassnet.interop.source.text import filled, number, words

ONE_HOT = """
/* 1 for the category that the text is, 0 for the others; whether it is one of them. */
static int one_hot(const char *text, const char *const known[], int count, real *x)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        int same = strcmp(text ? text : "", known[i]) == 0;
        x[i] = (real)same;
        found = found || same;
    }
    return found;
}
"""

DATE = """
/* Days since 1970, year, month, day, weekday (Monday is 0) and hour, of seconds since 1970. A year
   that begins with March has its leap day at the end; 400 years have 146097 days. */
static void date(double seconds, double part[6])
{
    for (int i = 0; i < 6; i++)
        part[i] = NAN;
    if (isnan(seconds))
        return;
    double whole = floor(seconds / 86400);
    long long z = (long long)whole + 719468 + 146097LL * 100;
    long long era = z / 146097, of_era = z % 146097;
    long long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    long long of_year = of_era - (365 * year + year / 4 - year / 100);
    long long month = (5 * of_year + 2) / 153;
    part[0] = seconds / 86400;
    part[1] = (double)(year + 400 * era + month / 10 - 400 * 100);
    part[2] = (double)(month + 3 - 12 * (month / 10));
    part[3] = (double)(of_year - (153 * month + 2) / 5 + 1);
    part[4] = (double)((z + 2) % 7);
    part[5] = floor((seconds - whole * 86400) / 3600);
}
"""
PARTS = ("days", "year", "month", "day", "weekday", "hour")
KEYWORDS = (
    " auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef "
    "union unsigned void volatile while "
)


def identifiers(names: list[str]) -> list[str]:
    """A name in C for each column, no two alike.

    >>> identifiers(["Sepal length", "나이", "for", "a-b", "a_b"])
    ['Sepal_length', 'column_2', 'for_', 'a_b', 'a_b_']
    """
    found: list[str] = []
    for i, name in enumerate(names, 1):
        chosen = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_]", "_", name)).strip("_")
        if not chosen or not chosen[0].isalpha():
            chosen = f"column_{i}"
        while chosen in found or f" {chosen} " in KEYWORDS:
            chosen += "_"
        found.append(chosen)
    return found


def row_to_features(rows: Preprocessor, quoted: Callable[[str], str]) -> str:
    """``Row``, ``features(row, x)`` and what they need; ``quoted``: a text as a C string."""
    names = identifiers([column.name for column in rows.columns])
    lenient = rows.unknown == "zeros"
    fields, body, at = [], [], 0
    for i, (column, name) in enumerate(zip(rows.columns, names), 1):
        fields.append(f"    {_field(column, name)}  /* {words(column.name)}{_said(column)} */")
        body += _steps(column, name, at, i, lenient, quoted)
        at += len(column.features)
    text = "\n".join(body)
    returned = "0" if lenient else "0, or the number of the column that training did not know so"
    signature = f"int features(const Row *row, real x[{at}])"
    parts = [
        "/* A row of the table. Of what is missing: NAN, for a text NULL. */\n"
        "typedef struct {\n" + "\n".join(fields) + "\n} Row;",
        *([ONE_HOT] if "one_hot(" in text else []),
        *([DATE] if "date(" in text else []),
        f"/* {counted(at, 'number')} for the network. Returns {returned}. */\n{signature};\n"
        f"{signature}\n{{\n"
        + ("    double part[6];\n" if "date(" in text else "")
        + ("    double value;\n" if "value = " in text else "")
        + ("" if lenient or "unknown" not in text else "    int unknown = 0;\n")
        + text
        + (
            "\n    return 0;\n}" if lenient or "unknown" not in text else "\n    return unknown;\n}"
        ),
    ]
    return "\n\n".join(part.strip("\n") for part in parts)


def answer_for_row(rows: Preprocessor, labels: bool, count: int, outputs: int) -> str:
    """``classify_row(row)``, or ``value(row)`` in the units of the table."""
    if labels:
        signature, said = "const char *classify_row(const Row *row)", "The label for a row."
        answer = "label(y)"
    elif rows.target.task == "regression":
        signature, said = "double value(const Row *row)", "In the units of the table."
        mean, scale = number(float(rows.target.mean)), number(float(rows.target.scale))
        answer = f"y[0] * {scale} + {mean}"
    else:
        return ""
    return "\n".join([
        f"/* {said} */",
        f"{signature};",
        signature,
        "{",
        f"    real x[{count}], y[{outputs}];",
        "    features(row, x);",
        "    predict(x, y);",
        f"    return {answer};",
        "}",
    ])  # fmt: skip


def _field(column: FeatureColumn, name: str) -> str:
    kind = {BooleanColumn: "int ", CategoryColumn: "const char *"}.get(type(column), "double ")
    return f"{kind}{name};"


def _said(column: FeatureColumn) -> str:
    if isinstance(column, BooleanColumn):
        return ": 1 for true, 0 for false"
    if isinstance(column, DateColumn):
        of_day = [part.name for part in column.parts] == [f"{column.name}.hour"]
        return ": seconds since " + ("midnight" if of_day else "1970-01-01 00:00")
    return ""


def _steps(
    column: FeatureColumn,
    name: str,
    at: int,
    place: int,
    lenient: bool,
    quoted: Callable[[str], str],
) -> list[str]:
    """The lines that write the features of one column, the first of which is x[at]."""
    if isinstance(column, NumberColumn):
        return _number(column, f"row->{name}", at, lenient)
    if isinstance(column, BooleanColumn):
        return [f"    x[{at}] = (real)(row->{name} != 0);"]
    if isinstance(column, CategoryColumn):
        known = [*column.categories, ""] if column.missing else column.categories
        listed = "\n".join(filled([quoted(text) for text in known], " " * 12)).rstrip(",")
        call = f"one_hot(row->{name}, known, {len(known)}, x + {at})"
        use = (
            f"        {call};"
            if lenient
            else f"        if (!{call} && !unknown)\n            unknown = {place};"
        )
        array = f"        static const char *const known[{len(known)}] = {{\n{listed}\n        }};"
        return ["    {", array, use, "    }"]
    lines = [f"    date(row->{name}, part);"]
    parts = [part.name.removeprefix(f"{column.name}.") for part in column.parts]
    for part, kind in zip(column.parts, parts):
        value = f"part[{PARTS.index(kind)}]"
        if parts == ["hour"]:
            lines, value = [], f"row->{name} / 3600"
        lines += _number(part, value, at, lenient)
        at += len(part.features)
    return lines


def _number(column: NumberColumn, value: str, at: int, lenient: bool) -> list[str]:
    lines = [f"    value = {value};"]
    if column.gap:
        lines.append(f"    x[{at + 1}] = (real)(isnan(value) != 0);")
    mean, scale = number(float(column.mean)), number(float(column.scale))
    chosen = "value"
    if column.fill is not None or lenient:
        fill = column.mean if column.fill is None else column.fill
        chosen = f"(isnan(value) ? {number(float(fill))} : value)"
    return [*lines, f"    x[{at}] = (real)(({chosen} - {mean}) / {scale});"]
