"""What the columns of a file hold that are all text so far: numbers, truth values, dates, text.

Every column is looked at as a whole: one way of writing must fit all of its values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from glassnet.data.columns import Column, Table
from glassnet.data.forms import NUMBER, Form
from glassnet.data.told import Listed, rows, told

INFINITE = r"[+-]?(?i:inf|infinity)"
PLAIN = f"^({NUMBER}|{INFINITE})$"
WHOLE = r"^[+-]?\d+$"
CODE = r"^0\d+$"
GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"  # 1,395 or 1,395.5
COMMA = r"^[+-]?(\d{1,3}(\.\d{3})+|\d*),\d+([eE][+-]?\d+)?$"  # 12,5 or 1.395,5
DOTTED = r"^[+-]?\d{1,3}(\.\d{3})+$"  # 1.395 where the comma is the decimal sign
ISO_DATE = r"^\d{4}[-./]\d{1,2}[-./]\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2})?)?$"
ISO_FORMS = [
    f"%Y{sign}%m{sign}%d{time}"
    for time in ("", " %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S")
    for sign in "-./"
]


MOST = 6  # names that a line lists
NUMBERS_PER_WORD = 10  # different ones, before a word among them counts as no value


@dataclass(frozen=True)
class ColumnForm:
    """How the values of a column are written: its type, and the signs within its numbers.

    ``gaps``: words in a column of numbers that stand for none.
    """

    dtype: Any
    decimal: str = "."
    thousands: str = ""
    gaps: tuple[str, ...] = ()


def typed(table: Table, form: Form) -> tuple[Table, dict[str, ColumnForm], list[str]]:
    """A table of text with the types of its columns, how each is written, and what to say of it."""
    texts = {name: cleaned(table.column(name), form) for name in table.column_names}
    different = {name: pc.unique(pc.drop_null(column)) for name, column in texts.items()}
    signs = _signs(different, form)
    found: dict[str, ColumnForm] = {}
    for name, values in different.items():
        found[name] = (
            ColumnForm(pa.large_string())
            if name in form.text
            else _form_of(texts[name], values, signs.get(name), form)
        )
    columns = {name: converted(texts[name], found[name]) for name in texts}
    for name, each in found.items():
        # Beyond 64 bits; a date such as February 30.
        if each.dtype != columns[name].type:
            found[name] = ColumnForm(columns[name].type, each.decimal, each.thousands)
    return pa.table(columns), found, _notes(table, texts, different, found, form)


def cleaned(column: Column, form: Form) -> Column:
    """Without white space around, null where a text means that there is no value."""
    column = pc.utf8_trim_whitespace(pc.cast(column, pa.large_string()))
    empty = pc.is_in(column, value_set=pa.array(form.missing_values, pa.large_string()))
    return pc.if_else(empty, pa.scalar(None, pa.large_string()), column)


def converted(column: Column, form: ColumnForm) -> Column:
    """A cleaned column with its type; text if a value is not of it."""
    try:
        if pa.types.is_large_string(form.dtype):
            return column
        if pa.types.is_null(form.dtype):
            return pa.nulls(len(column))
        if pa.types.is_boolean(form.dtype):
            return pc.equal(pc.utf8_lower(column), "true")
        if pa.types.is_timestamp(form.dtype):
            return _dates(column, form.dtype)
        numbers = column
        if form.gaps:
            empty = pc.is_in(numbers, value_set=pa.array(form.gaps, pa.large_string()))
            numbers = pc.if_else(empty, pa.scalar(None, pa.large_string()), numbers)
        if form.thousands:
            numbers = pc.replace_substring(numbers, form.thousands, "")
        if form.decimal != ".":
            numbers = pc.replace_substring(numbers, form.decimal, ".")
        numbers = pc.replace_substring_regex(numbers, r"^\+", "")
        if pa.types.is_integer(form.dtype):
            try:
                return pc.cast(numbers, form.dtype)
            except pa.ArrowInvalid:
                pass
        return pc.cast(numbers, pa.float64())
    except pa.ArrowInvalid:
        return column


def _dates(column: Column, dtype: Any) -> Column:
    known = pc.count(column).as_py()
    for form in ISO_FORMS:
        found = pc.strptime(column, format=form, unit="s", error_is_null=True)
        if pc.count(found).as_py() == known:
            return found
    raise pa.ArrowInvalid("no dates")


def _all(values: Column, *patterns: str) -> bool:
    either = "|".join(f"({pattern})" for pattern in patterns)
    return bool(pc.all(pc.match_substring_regex(values, either)).as_py())


def _any(values: Column, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(values, pattern)).as_py())


def _without_words(values: Column, strict: bool) -> tuple[Column, tuple[str, ...]]:
    """The values without some that have no digit, if these are few words among many numbers."""
    if strict:
        return values, ()
    with_digit = pc.match_substring_regex(values, r"\d")
    words = pc.filter(values, pc.invert(with_digit))
    if not 0 < len(words) <= 3 or len(values) - len(words) < NUMBERS_PER_WORD * len(words):
        return values, ()
    return pc.filter(values, with_digit), tuple(words.to_pylist())


def _rows_with(texts: Column, words: Sequence[str]) -> int:
    found = pc.is_in(texts, value_set=pa.array(words, pa.large_string()))
    return int(pc.sum(pc.cast(found, pa.int64())).as_py() or 0)


def _form_of(
    texts: Column, values: Column, signs: tuple[str, str] | None, form: Form
) -> ColumnForm:
    if not len(values):
        return ColumnForm(pa.null())
    if _all(pc.utf8_lower(values), "^true$", "^false$"):
        return ColumnForm(pa.bool_())
    numbers, words = _without_words(values, form.strict)
    if words and 2 * _rows_with(texts, words) > pc.count(texts).as_py():
        numbers, words = values, ()
    if signs is not None:
        decimal, thousands = signs
        wide = _any(numbers, "[" + ("," if decimal == "," else ".") + "eE]")
        return ColumnForm(pa.float64() if wide else pa.int64(), decimal, thousands, words)
    if _all(numbers, PLAIN):
        if _all(numbers, WHOLE):
            if _any(numbers, CODE):
                return ColumnForm(pa.large_string())
            return ColumnForm(pa.int64(), gaps=words)
        return ColumnForm(pa.float64(), gaps=words)
    if _all(values, ISO_DATE):
        return ColumnForm(pa.timestamp("s"))
    return ColumnForm(pa.large_string())


def _signs(different: dict[str, Column], form: Form) -> dict[str, tuple[str, str]]:
    """The decimal sign and that between thousands, of the columns that have others than 1.5.

    One column with 12,5 or 1,395,000 tells what a comma is in all of them.
    """
    if form.decimal not in (None, ".") or form.thousands:
        return _given_signs(different, form)
    if form.strict:
        return {}
    decimal: list[str] = []
    thousands: list[str] = []
    either: list[str] = []
    for name, values in different.items():
        numbers, _ = _without_words(values, form.strict)
        if not len(numbers) or not _any(numbers, ","):
            continue
        grouped = form.decimal != "," and _all(numbers, PLAIN, GROUPED)
        comma = form.decimal is None and _all(numbers, WHOLE, DOTTED, COMMA)
        if grouped or comma:
            (either if grouped and comma else thousands if grouped else decimal).append(name)
    if either:
        european = bool(decimal) or (not thousands and form.delimiter in (";", "\t"))
        (decimal if european else thousands).extend(either)
    found = dict.fromkeys(decimal, (",", ".")) | dict.fromkeys(thousands, (".", ","))
    if decimal:
        for name, values in different.items():
            if name not in found and len(values) and _all(values, DOTTED):
                found[name] = (",", ".")
    return found


def _given_signs(different: dict[str, Column], form: Form) -> dict[str, tuple[str, str]]:
    decimal, thousands = form.decimal or ".", form.thousands or ""
    found = {}
    for name, values in different.items():
        numbers, _ = _without_words(values, form.strict)
        if not len(numbers) or _all(numbers, WHOLE):
            continue
        if decimal == "," and not thousands and _any(numbers, r"\."):
            if _all(numbers, WHOLE, DOTTED, COMMA):
                found[name] = ",", "."
            continue
        plain = pc.replace_substring(numbers, thousands, "") if thousands else numbers
        if _all(pc.replace_substring(plain, decimal, "."), PLAIN):
            found[name] = decimal, thousands
    return found


def _notes(
    table: Table, texts: dict[str, Column], different: dict[str, Column],
    found: dict[str, ColumnForm], form: Form,
) -> list[str]:  # fmt: skip
    notes: list[str] = []
    for signs, what, other in (
        ((".", ","), "thousands", 'decimal=","'),
        ((",", "."), "decimal_comma", 'thousands=","'),
    ):
        names = [n for n, each in found.items() if (each.decimal, each.thousands) == signs]
        shown = next((v for n in names for v in different[n].to_pylist() if "," in v), None)
        if names and shown and form.decimal is None and not form.thousands:
            way = f" ({other} says otherwise)"
            notes.append(told(what, shown=repr(shown), names=Listed(names, MOST), way=way))
    codes = [
        n
        for n, each in found.items()
        if pa.types.is_large_string(each.dtype)
        and n not in form.text
        and len(different[n])
        and _all(different[n], WHOLE)
        and _any(different[n], CODE)
    ]
    if codes:
        shown = next(v for v in different[codes[0]].to_pylist() if v[0] == "0" and len(v) > 1)
        notes.append(told("codes", shown=repr(shown), names=Listed(codes, MOST)))
    for name, each in found.items():
        if each.gaps:
            count = rows(_rows_with(texts[name], each.gaps))
            shown = ", ".join(map(repr, each.gaps))
            notes.append(told("no_number", name=repr(name), shown=shown, rows=count))
    return notes + _words_taken(table, found, form)


def _words_taken(table: Table, found: dict[str, ColumnForm], form: Form) -> list[str]:
    """Which words were taken for no value in columns of text."""
    words = pa.array([word for word in form.missing_values if word], pa.large_string())
    taken: dict[str, list[str]] = {}
    found_in: dict[str, int] = {}
    for name, each in found.items():
        if not pa.types.is_large_string(each.dtype):
            continue
        values = pc.utf8_trim_whitespace(pc.cast(table.column(name), pa.large_string()))
        for entry in pc.value_counts(pc.filter(values, pc.is_in(values, value_set=words))):
            word, count = entry["values"].as_py(), entry["counts"].as_py()
            taken.setdefault(word, []).append(name)
            found_in[word] = found_in.get(word, 0) + count
    kept = [word for word in form.missing_values if word and word not in taken]
    way = f"; missing_values={kept[:1] or ['']} lets it be a text"
    return [
        told("word_for_none", word=repr(word), names=Listed(names, MOST), rows=rows(found_in[word]),
             way=way)
        for word, names in taken.items()
    ]  # fmt: skip
