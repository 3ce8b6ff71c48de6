"""What earlier lessons built, by the learner's own hand: ``glassnet check layers --mine``.

A lesson stands alone: what earlier ones built it imports from ``glassnet.course.built``.  With
``--mine`` the learner's own classes are put there before the file runs, once they have passed.
"""

from __future__ import annotations

import ast
from pathlib import Path

from glassnet.course import built
from glassnet.course.catalog import find
from glassnet.course.handing import KINDS
from glassnet.course.judging.judge import Judge
from glassnet.course.judging.source import Written, read, run
from glassnet.course.lesson import CourseError, Lesson
from glassnet.course.report import Row


def wanted(written: Written) -> dict[str, list[str]]:
    """What a file imports from ``glassnet.course.built``, by the lesson that builds it."""
    found: dict[str, list[str]] = {}
    for _, tree in written.trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == built.__name__:
                for name in (alias.name for alias in node.names if hasattr(built, alias.name)):
                    lesson = getattr(built, name).__module__.split(".")[-2]
                    found.setdefault(lesson, []).append(name)
    return found


def put(written: Written, judge: Judge) -> list[str]:
    """Put the learner's classes in the places of glassnet's: their files.

    Raises:
        CourseError: the file uses none, or one is missing or does not pass.
    """
    lessons = wanted(written)
    if not lessons:
        raise CourseError("mine.none", lesson=judge.lesson.name)
    own: dict[str, object] = {}
    files = []
    for name, parts in lessons.items():
        lesson = find(name)
        path = _file(lesson, parts, written.path.parent)
        space = run(read(path), tuple(parts))
        for row in Judge(lesson, judge.seed, judge.language).rows(space, tuple(parts)):
            if isinstance(row, Row) and not row.ok:
                where = row.where or path.name
                raise CourseError("mine.wrong", where, lesson=name, title=row.title)
        own.update({part: space[part] for part in parts})
        files.append(path.name)
    for part, thing in own.items():
        setattr(built, part, thing)
    return files


def _file(lesson: Lesson, parts: list[str], folder: Path) -> Path:
    for kind in KINDS:
        path = folder / f"{lesson.name}{kind}"
        if path.is_file():
            return path
    raise CourseError(
        "mine.no_file", names=", ".join(parts), file=f"{lesson.name}.py", folder=folder,
        lesson=lesson.name,
    )  # fmt: skip
