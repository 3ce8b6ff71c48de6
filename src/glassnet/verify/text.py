"""The report as lines of text, within 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glassnet.verify.report import Report, Row

HEADS = {"differences": "slopes"}  # short, for the width of a terminal
LEGEND = (
    "Largest error in float64, then in float32. slopes: central differences.",
    "· nothing to compare   ✗ more than allowed",
)
Line = tuple[str, bool]  # and whether something in it failed


def cell(rows: Sequence[Row]) -> str:
    """``2e-16 6e-08``: the largest error in float64 and in float32."""
    if not rows:
        return "·"
    texts = []
    for dtype in ("float64", "float32"):
        errors = [row.largest_error for row in rows if row.dtype == dtype]
        if errors:
            worst = max(errors)
            texts.append("0" if worst == 0 else f"{worst:.0e}")
    mark = "" if all(row.passed for row in rows) else "✗ "
    return mark + " ".join(texts)


def overview(report: Report) -> Iterator[Line]:
    """A line for each subject, with a cell for each judge that its group has."""
    groups: dict[str, list[tuple[str, dict[str, list[Row]]]]] = {}
    for group, subject, judged in report.lines():
        groups.setdefault(group, []).append((subject, judged))
    for group, subjects in groups.items():
        judges = [j for j in report.judges if any(j in judged for _, judged in subjects)]
        table, failed, name = [[group, *(HEADS.get(j, j) for j in judges)]], [False], ""
        for subject, judged in subjects:
            first, _, settings = subject.partition(" ")
            shown = f"  {settings}" if first == name and settings else subject
            name = first
            table.append([shown, *(cell(judged.get(j, [])) for j in judges)])
            failed.append(not all(row.passed for rows in judged.values() for row in rows))
        yield from zip(aligned(table), failed)
        yield "", False
    yield from ((line, False) for line in LEGEND)


def every_row(report: Report) -> Iterator[Line]:
    """A line for each check."""
    table = [["", "what", "against", "type", "numbers", "error", "allowed"]]
    table += [
        [row.subject, row.kind, row.judge, row.dtype, f"{row.cases:,}",
         ("" if row.passed else "✗ ") + f"{row.largest_error:.1e}", f"{row.tolerance:.0e}"]
        for row in report.rows
    ]  # fmt: skip
    yield from zip(aligned(table), [False, *(not row.passed for row in report.rows)])


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """The columns below each other."""
    widths = [max(map(len, column)) for column in zip(*table)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() for line in table
    ]
