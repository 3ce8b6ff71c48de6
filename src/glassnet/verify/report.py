"""What a verification found: as data, as text within 80 columns, as a table in a notebook."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.cells import cell_len

from glassnet.texts import word
from glassnet.verify.measure import JUDGES, TOLERANCES
from glassnet.verify.peers import Peer

_HEADS = {"differences": "slopes"}  # short, for the width of a terminal
_LEGEND = (
    "Largest error in float64, then in float32. slopes: central differences.",
    "· nothing to compare   ✗ more than allowed",
)
Line = tuple[str, bool]  # and whether something in it failed


@dataclass(frozen=True)
class Row:
    """One thing, judged in one way.

    Attributes:
        group: activations, losses, layers …
        subject: what was checked, such as ``relu``.
        kind: values, gradients, 20 steps …
        judge: what it was compared with: formula, differences, exact, PyTorch or Keras.
        dtype: in which glassnet computed.
        cases: how many numbers were compared.
        largest_error: as ``measure`` defines it; inf for NaN or a wrong shape.
        tolerance: the largest error that passes.
        where: the largest error; or what was raised.
    """

    group: str
    subject: str
    kind: str
    judge: str
    dtype: str
    cases: int
    largest_error: float
    tolerance: float
    where: str = ""

    @property
    def passed(self) -> bool:
        """Something was compared, and no error is too large."""
        return self.cases > 0 and self.largest_error <= self.tolerance

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON; an infinite error is None."""
        row = asdict(self) | {"passed": self.passed}
        if not math.isfinite(self.largest_error):
            row["largest_error"] = None
        return row

    def __str__(self) -> str:
        return (
            f"{self.subject}, {self.kind}, {self.dtype} against {self.judge}: "
            f"{self.largest_error:.1e} (allowed {self.tolerance:.0e}) at {self.where}"
        )


@dataclass(frozen=True)
class NotCompared:
    """What another system could not compute, so that nothing was compared."""

    subject: str
    judge: str
    reason: str


@dataclass
class Report:
    """The rows, and which other systems took part.

    Attributes:
        rows: one for each thing, kind, judge and type.
        peers: PyTorch and Keras: their version, or why they took no part.
        not_compared: where one of them took part but failed.
        seconds: how long it took, and of the processor's time.
    """

    rows: list[Row]
    peers: list[Peer]
    seed: int
    not_compared: list[NotCompared] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Everything that was compared agrees, and something was."""
        return bool(self.rows) and not self.failures

    @property
    def failures(self) -> list[Row]:
        """The rows that did not pass."""
        return [row for row in self.rows if not row.passed]

    @property
    def judges(self) -> list[str]:
        """Those that judged anything."""
        return [judge for judge in JUDGES if any(row.judge == judge for row in self.rows)]

    @property
    def missing(self) -> list[Peer]:
        """The other systems that took no part."""
        return [peer for peer in self.peers if not peer.present]

    def lines(self) -> Iterator[tuple[str, str, dict[str, list[Row]]]]:
        """For each subject: group, subject, and its rows by judge."""
        found: dict[tuple[str, str], dict[str, list[Row]]] = {}
        for row in self.rows:
            judged = found.setdefault((row.group, row.subject), {})
            judged.setdefault(row.judge, []).append(row)
        for (group, subject), judged in found.items():
            yield group, subject, judged

    def verdict(self) -> str:
        """One line."""
        cases = sum(row.cases for row in self.rows)
        subjects = len({(row.group, row.subject) for row in self.rows})
        failed = self.failures
        if failed:
            return word("{failed} of {n} checks FAILED (seed {seed}).",
                        failed=len(failed), n=len(self.rows), seed=self.seed)  # fmt: skip
        return (
            word("All {n} checks passed: {things} things, {numbers:,} numbers, "
                 "{seconds:.0f} s (seed {seed}).", n=len(self.rows), things=subjects, numbers=cases,
                 seconds=self.seconds, seed=self.seed)
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "ok": self.ok,
            "seed": self.seed,
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "checks": len(self.rows),
            "failed": len(self.failures),
            "peers": [peer.to_dict() for peer in self.peers],
            "not_compared": [asdict(item) for item in self.not_compared],
            "tolerances": [
                {"judge": judge, "dtype": dtype, "tolerance": allowed, "reason": reason}
                for (judge, dtype), (allowed, reason) in TOLERANCES.items()
            ],
            "rows": [row.to_dict() for row in self.rows],
        }

    def notes(self) -> list[str]:
        """Below the table: what failed and where, and who took no part."""
        lines = [word("FAILED: {row}", row=row) for row in self.failures]
        lines += [f"{peer}." for peer in self.peers]
        lines += [
            word(
                "Not compared: {subject} with {judge}: {reason}",
                subject=item.subject,
                judge=item.judge,
                reason=item.reason,
            )
            for item in self.not_compared
        ]
        return lines

    def __str__(self) -> str:
        table = [line for line, _ in overview(self)]
        return "\n".join([*table, *self.notes(), self.verdict()])

    def _repr_html_(self) -> str:
        """A table for a notebook, with what failed in red."""
        judges = self.judges
        head = "".join(f"<th>{html.escape(_HEADS.get(judge, judge))}</th>" for judge in judges)
        lines = [f"<tr><th></th>{head}</tr>"]
        group = ""
        for of, subject, judged in self.lines():
            if of != group:
                lines.append(f'<tr><th colspan="{len(judges) + 1}">{html.escape(of)}</th></tr>')
                group = of
            cells = ""
            for judge in judges:
                rows = judged.get(judge, [])
                red = ' style="color:#d55e00;font-weight:bold"' * any(not r.passed for r in rows)
                title = html.escape("\n".join(map(str, rows)), quote=True)
                cells += f'<td{red} title="{title}">{_cell(rows)}</td>'
            lines.append(f"<tr><td>{html.escape(subject)}</td>{cells}</tr>")
        notes = "".join(f"<li>{html.escape(line)}</li>" for line in self.notes())
        return (
            f"<p><b>{html.escape(self.verdict())}</b></p><ul>{notes}</ul>"
            f"<table>{''.join(lines)}</table><p>{html.escape(' '.join(_LEGEND))}</p>"
        )


def _cell(rows: Sequence[Row]) -> str:
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
        heads = [word(_HEADS.get(judge, judge)) for judge in judges]
        table, failed, name = [[word(group), *heads]], [False], ""
        for subject, judged in subjects:
            first, _, settings = subject.partition(" ")
            shown = f"  {settings}" if first == name and settings else subject
            name = first
            table.append([shown, *(_cell(judged.get(j, [])) for j in judges)])
            failed.append(not all(row.passed for rows in judged.values() for row in rows))
        yield from zip(_aligned(table), failed)
        yield "", False
    yield from ((word(line), False) for line in _LEGEND)


def every_row(report: Report) -> Iterator[Line]:
    """A line for each check."""
    head = ("what", "against", "type", "numbers", "error", "allowed")
    table = [["", *map(word, head)]]
    table += [
        [row.subject, word(row.kind), word(row.judge), row.dtype, f"{row.cases:,}",
         ("" if row.passed else "✗ ") + f"{row.largest_error:.1e}", f"{row.tolerance:.0e}"]
        for row in report.rows
    ]  # fmt: skip
    yield from zip(_aligned(table), [False, *(not row.passed for row in report.rows)])


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """The columns below each other."""
    widths = [max(map(cell_len, column)) for column in zip(*table)]
    return [
        "  ".join(
            text + " " * (width - cell_len(text)) for text, width in zip(line, widths)
        ).rstrip()
        for line in table
    ]
