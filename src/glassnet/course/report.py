"""What came of a check: as text, JSON, HTML for a notebook, and for Gradescope."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

from glassnet.texts import text

MEASURABLE = 1e-16


@dataclass(frozen=True)
class Row:
    """One check.

    Attributes:
        part: the function or class.
        key, title: the check, and what it checks in the reader's language.
        ok: whether it holds.
        detail, where: what was wrong, and at which line of the file.
        largest, tolerance: the largest difference that was found, and what is allowed.
    """

    part: str
    key: str
    title: str
    ok: bool
    detail: str = ""
    where: str = ""
    largest: float = 0.0
    tolerance: float = 0.0


@dataclass(frozen=True)
class Named:
    """A mistake that was recognised."""

    part: str
    name: str
    title: str
    why: str
    lab: str


@dataclass
class Report:
    """All that is said of one file.

    Attributes:
        lesson, path, language, seed: what was judged.
        rows, named: the checks, and the mistakes that were recognised.
        error, where: why it could not be judged (to the end), and at which line; empty if it was.
        printed: the first of what the file printed.
        whole: whether all parts of the lesson were judged.
        mine: the learner's files of earlier lessons that it was judged with.
    """

    lesson: str
    path: str
    language: str = "en"
    seed: int = 0
    rows: list[Row] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)
    error: str = ""
    where: str = ""
    printed: str = ""
    whole: bool = True
    mine: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is right."""
        return self.status == 0

    def __bool__(self) -> bool:
        return self.ok

    @property
    def status(self) -> int:
        """0 right, 1 wrong, 2 could not be judged."""
        if self.error:
            return 2
        return 0 if self.rows and all(row.ok for row in self.rows) else 1

    def add(self, thing: Row | Named) -> None:
        """One row or mistake more."""
        if isinstance(thing, Row):
            self.rows.append(thing)
        else:
            self.named.append(thing)

    def say(self, key: str, **values: Any) -> str:
        """A message in the report's language."""
        return text(f"course.{key}", self.language, **values)

    def verdict(self) -> str:
        """In one sentence."""
        if self.error:
            return self.say("not_judged")
        if self.ok:
            return self.say("right" if self.whole else "right_so_far")
        return self.say("wrong", wrong=sum(not row.ok for row in self.rows), all=len(self.rows))

    def place(self, row: Row) -> str:
        """``relu.py:12:`` and a space, or nothing."""
        return f"{row.where}: " if row.where else ""

    def note(self, row: Row) -> str:
        """The largest difference of a check that holds."""
        if not row.ok or row.tolerance == 0.0:
            return ""
        largest = f"{row.largest:.0e}" if row.largest > MEASURABLE else "0"
        return self.say("largest", largest=largest, tolerance=f"{row.tolerance:.0e}")

    def __str__(self) -> str:
        lines: list[str] = [self.path] if self.path else []
        if self.mine:
            lines.append(self.say("mine.used", files=", ".join(self.mine)))
        for part in dict.fromkeys(row.part for row in self.rows):
            lines.append(f"\n{part}")
            rows = [row for row in self.rows if row.part == part]
            for row in rows:
                note = self.note(row)
                lines.append(
                    f"  {'✓' if row.ok else '✗'} {row.title}" + (f"   ({note})" * bool(note))
                )
                if row.detail:
                    lines.append(f"      {self.place(row)}{row.detail}")
            for named in self.named:
                if named.part == part:
                    lines.append(f"    {self.say('known', title=named.title)} {named.why}")
                    lines.append(f"    {self.say('see')} glassnet lab --link '{named.lab}'")
        if self.printed:
            lines += ["", self.say("printed"), *(f"  | {s}" for s in self.printed.splitlines())]
        if self.error:
            lines += ["", f"{self.where}: {self.error}" if self.where else self.error]
        lines += ["", self.verdict()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = []
        for row in self.rows:
            color = "#1a7f37" if row.ok else "#b3261e"
            said = (
                f"<br><small>{escape(self.place(row) + row.detail)}</small>" if row.detail else ""
            )
            note = self.note(row)
            said += f" <small>({escape(note)})</small>" if note else ""
            cells.append(
                f'<tr><td style="color:{color}">{"✓" if row.ok else "✗"}</td>'
                f'<td style="text-align:left"><code>{escape(row.part)}</code></td>'
                f'<td style="text-align:left">{escape(row.title)}{said}</td></tr>'
            )
        known = "".join(
            f"<p><b>{escape(self.say('known', title=named.title))}</b> {escape(named.why)}<br>"
            f"<code>glassnet lab --link &#x27;{escape(named.lab)}&#x27;</code></p>"
            for named in self.named
        )
        error = f"<p>{escape(f'{self.where}: ' * bool(self.where) + self.error)}</p>" * bool(
            self.error
        )
        return (
            f'<div lang="{self.language}"><table>{"".join(cells)}</table>{known}{error}'
            f"<p><b>{escape(self.verdict())}</b></p></div>"
        )

    def to_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"ok": self.ok, "status": self.status, "verdict": self.verdict(), **asdict(self)}

    def gradescope(self) -> dict[str, Any]:
        """As Gradescope's autograder reads it from ``results.json``: a point for each check."""
        tests = [
            {
                "name": f"{row.part}: {row.title}", "score": int(row.ok), "max_score": 1,
                "status": "passed" if row.ok else "failed",
                "output": f"{self.place(row)}{row.detail}" if row.detail else "",
            }
            for row in self.rows
        ]  # fmt: skip
        said = [self.verdict()] + [f"{named.title}. {named.why}" for named in self.named]
        if self.error:
            said.insert(0, f"{self.where}: {self.error}" if self.where else self.error)
            tests.append(
                {
                    "name": self.lesson,
                    "score": 0,
                    "max_score": 1,
                    "status": "failed",
                    "output": said[0],
                }
            )
        return {"output": "\n\n".join(said), "tests": tests}
