"""A folder of learners' files, judged beside each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from glassnet.course.handing import KINDS, lesson_of
from glassnet.course.judging.process import check_file
from glassnet.course.lesson import Lesson
from glassnet.course.report import Report

LONGEST = 110  # signs of what was wrong


@dataclass
class Judged:
    """One file of the folder; ``report`` is None where no lesson was found for it."""

    path: str
    lesson: str
    report: Report | None

    @property
    def ok(self) -> bool:
        return self.report is not None and self.report.ok

    @property
    def points(self) -> str:
        """``5/7``"""
        rows = self.report.rows if self.report is not None else []
        return f"{sum(row.ok for row in rows)}/{len(rows)}" if rows else "–"

    @property
    def said(self) -> str:
        """The first thing that was wrong: the known mistake, else the first check that failed."""
        if self.report is None or self.ok:
            return ""
        report = self.report
        if report.error:
            return f"{report.where}: {report.error}" if report.where else report.error
        if report.named:
            return "; ".join(named.title for named in report.named)
        row = next(row for row in report.rows if not row.ok)
        said = f"{report.place(row)}{row.title}: {row.detail}"
        return said if len(said) <= LONGEST else f"{said[:LONGEST]} …"


def files(folder: Path) -> list[Path]:
    """Every file of Python and every notebook, hidden folders left out."""
    found = [path for path in folder.rglob("*") if path.suffix in KINDS and path.is_file()]
    inner = [(path, path.relative_to(folder).parts) for path in found]
    return sorted(
        path for path, parts in inner if not any(p.startswith((".", "__")) for p in parts)
    )


def judge_all(
    folder: Path, lesson: Lesson | None, *, seed: int, language: str, seconds: float,
    mine: bool = False, told: Callable[[Judged], None] | None = None,
) -> list[Judged]:  # fmt: skip
    """Judge all files of a folder, as many at a time as there are cores."""

    def judge(path: Path) -> Judged:
        name = str(path.relative_to(folder))
        found = lesson or lesson_of(path)
        if found is None:
            return Judged(name, "", None)
        report = check_file(found, path, seed=seed, language=language, seconds=seconds, mine=mine)
        return Judged(name, found.name, report)

    def each(results: Iterator[Judged]) -> Iterator[Judged]:
        for judged in results:
            if told is not None:
                told(judged)
            yield judged

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(each(pool.map(judge, files(folder))))
