"""What the check says of each wrong solution that it knows, as a table.

python -m glassnet.course.table               every lesson
python -m glassnet.course.table relu --ko     one lesson, in Korean
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from glassnet.course.catalog import find, lessons
from glassnet.course.judging.judge import Judge
from glassnet.course.lesson import Lesson
from glassnet.course.report import Report
from glassnet.texts import languages, text

HEADS = ("part", "mistake", "failed", "known")


def rows(lesson: Lesson, language: str) -> Iterator[tuple[str, str, str, str]]:
    """Part, name of the mistake, what failed first, and what it was recognised as."""
    for mutant in lesson.mutants:
        space: dict[str, Any] = {"__name__": "written"}
        exec(compile(mutant.made_of(lesson.solution), "<written>", "exec"), space)
        report = Report(lesson.name, "", language)
        for thing in Judge(lesson, 0, language).rows(space, (mutant.part,)):
            report.add(thing)
        wrong = [row for row in report.rows if not row.ok]
        first = f"{len(wrong)}/{len(report.rows)} ✗ {wrong[0].title}" if wrong else "–"
        known = "; ".join(named.title for named in report.named)
        yield mutant.part, mutant.name, first, known or "–"


def main(arguments: list[str]) -> None:
    """Print it."""
    language = next((code for code in languages() if f"--{code}" in arguments), "en")
    names = [name for name in arguments if not name.startswith("--")]
    for lesson in [find(name) for name in names] or list(lessons().values()):
        print(f"\n## {lesson.number} {lesson.name}\n")
        heads = (text(f"course.table.{key}", language) for key in HEADS)
        print(f"| {' | '.join(heads)} |\n|{'---|' * len(HEADS)}")
        for part, name, failed, known in rows(lesson, language):
            cells = (f"`{part}`", f"`{name}`", failed, known)
            print(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")


if __name__ == "__main__":
    main(sys.argv[1:])
