"""The results of tables.py as Markdown.

The ratio of two errors: both at least 0.001, the ratio within 0.5 and 2; a peer that fails has 2.
A figure of a peer is the geometric mean of its ratios over the tables, for each seed; then the mean
over the seeds. A table's figure is the mean of its ratios over the seeds.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

FLOOR, LEAST, MOST = 0.001, 0.5, 2.0
BASES = ("hgb", "cat")  # the peers that errors are divided by
FULL = 8000  # training rows of the tables whose seconds are compared

Key = tuple[str, str, int]


def ratio(error: float, base: float) -> float:
    """How many times the error of another, within limits.

    >>> ratio(0.3, 0.4), ratio(0.0, 0.01), ratio(math.nan, 0.1)
    (0.75, 0.5, 2.0)
    """
    if math.isnan(base):
        return math.nan
    if math.isnan(error):
        return MOST
    return min(MOST, max(LEAST, max(error, FLOOR) / max(base, FLOOR)))


class Ratios:
    """The ratios of all peers to one of them."""

    def __init__(self, errors: Mapping[Key, float], base: str) -> None:
        self.base = base
        self.found = {
            (kind, table, seed): ratio(error, errors[base, table, seed])
            for (kind, table, seed), error in errors.items()
            if (base, table, seed) in errors
        }

    def table(self, kind: str, table: str) -> float:
        """The mean over the seeds."""
        return mean([r for (k, t, _), r in self.found.items() if (k, t) == (kind, table)])

    def seeds(self, kind: str, tables: Sequence[str]) -> list[float]:
        """The geometric mean over the tables, seed by seed; only of seeds that have them all."""
        means = []
        for seed in sorted({seed for _, _, seed in self.found}):
            ratios = [self.found.get((kind, table, seed), math.nan) for table in tables]
            if ratios and not any(map(math.isnan, ratios)):
                means.append(statistics.geometric_mean(ratios))
        return means


def mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else math.nan


def report(
    rows: list[dict[str, Any]], names: Mapping[str, str], groups: Mapping[str, Sequence[str]]
) -> str:
    """All tables in Markdown; ``groups`` names those that get a figure of their own."""
    errors = {(r["kind"], r["table"], r["seed"]): float(r["error"]) for r in rows}
    kinds = [kind for kind in names if any(r["kind"] == kind for r in rows)]
    tables = sorted({r["table"] for r in rows})
    refuse_other_rows(rows)
    ratios = {base: Ratios(errors, base) for base in BASES if base in kinds}
    parts = [about(rows)]
    if ratios:
        parts += [overall(rows, kinds, names, tables, ratios, groups)]
        parts += [by_table(kinds, names, tables, one) for one in ratios.values()]
    parts.append(raw(errors, kinds, names, tables))
    failed = [f"- {names[r['kind']]}, {r['table']}, seed {r['seed']}: {r['failed']}"
              for r in rows if "failed" in r]  # fmt: skip
    if failed:
        parts.append("Failed:\n\n" + "\n".join(failed))
    return "\n\n".join(parts)


def refuse_other_rows(rows: list[dict[str, Any]]) -> None:
    """Peers that were judged on other rows cannot be compared."""
    seen: dict[tuple[str, int], int] = {}
    for row in rows:
        if "of" in row and seen.setdefault((row["table"], row["seed"]), row["of"]) != row["of"]:
            raise SystemExit(
                f"{row['table']}, seed {row['seed']}: {row['kind']} was judged on other rows than "
                "the peers before it (other versions of pandas or scikit-learn?); measure again"
            )


def about(rows: list[dict[str, Any]]) -> str:
    versions = sorted({r["version"] for r in rows if "version" in r})
    threads = sorted({r["threads"] for r in rows if "threads" in r})
    load = max((r.get("load", 0.0) for r in rows), default=0.0)
    return (
        f"{', '.join(versions)}; {' or '.join(map(str, threads))} threads; the load of the machine "
        f"before a measurement was at most {load:.1f}."
    )


def overall(
    rows: list[dict[str, Any]],
    kinds: Sequence[str],
    names: Mapping[str, str],
    tables: Sequence[str],
    ratios: Mapping[str, Ratios],
    groups: Mapping[str, Sequence[str]],
) -> str:
    """One line for each peer."""
    shown = {title: [t for t in tables if t in group] for title, group in groups.items()}
    shown = {title: group for title, group in shown.items() if group and len(group) < len(tables)}
    head = ["", *(f"error ÷ {names[base]}'s" for base in ratios), "by seed", *shown,
            "worst table", f"seconds, {FULL:,} rows", "100,000 predicted", "memory"]  # fmt: skip
    lines = [head, ["---", *["--:"] * (len(head) - 1)]]
    first = next(iter(ratios.values()))
    for kind in kinds:
        worst = max(tables, key=lambda table: _or_zero(first.table(kind, table)))
        own = [r for r in rows if r["kind"] == kind and "seconds" in r]
        full = [r["seconds"] for r in own if r["rows"] == FULL]
        many = [r["predicting_many"] for r in own if "predicting_many" in r]
        lines.append([
            names[kind],
            *(number(mean(one.seeds(kind, tables))) for one in ratios.values()),
            ", ".join(number(value) for value in first.seeds(kind, tables)) or "–",
            *(number(mean(first.seeds(kind, group))) for group in shown.values()),
            f"{worst} {number(first.table(kind, worst))}",
            f"{statistics.median(full):.1f} (at most {max(full):.1f})" if full else "–",
            f"{statistics.median(many):.2f} s" if many else "–",
            f"{max(r['memory'] for r in own):.0f} MB" if own else "–",
        ])  # fmt: skip
    return markdown(lines)


def by_table(
    kinds: Sequence[str], names: Mapping[str, str], tables: Sequence[str], ratios: Ratios
) -> str:
    """The ratios table by table."""
    others = [kind for kind in kinds if kind != ratios.base]
    lines = [["table", *(names[kind] for kind in others)], ["---", *["--:"] * len(others)]]
    lines += [[t, *(number(ratios.table(kind, t)) for kind in others)] for t in tables]
    return f"Error ÷ {names[ratios.base]}'s:\n\n{markdown(lines)}"


def raw(
    errors: Mapping[Key, float], kinds: Sequence[str], names: Mapping[str, str],
    tables: Sequence[str],
) -> str:  # fmt: skip
    """The errors themselves, means over the seeds."""
    lines = [["table", *(names[kind] for kind in kinds)], ["---", *["--:"] * len(kinds)]]
    for table in tables:
        found = [mean([e for (k, t, _), e in errors.items() if (k, t) == (kind, table)])
                 for kind in kinds]  # fmt: skip
        lines.append([table, *(number(value, 4) for value in found)])
    return f"Log loss, or 1 - R²:\n\n{markdown(lines)}"


def number(value: float, digits: int = 3) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def markdown(lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
