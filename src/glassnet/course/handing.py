"""The learner's file: made from the lesson, found again, and which lesson a file belongs to."""

from __future__ import annotations

import re
from pathlib import Path

from glassnet._core.storage import write_text
from glassnet.course.catalog import lessons
from glassnet.course.judging.source import MARK, read
from glassnet.course.lesson import CourseError, Lesson

HOME = Path("glassnet-lessons")
KINDS = (".py", ".ipynb")


def hand_out(lesson: Lesson, language: str) -> tuple[Path, bool]:
    """The learner's file, and whether it was made now: one that is there stays as it is."""
    path = HOME / f"{lesson.name}.py"
    if path.exists():
        return path, False
    write_text(path, lesson.exercise(language))
    return path, True


def renew(lesson: Lesson, language: str) -> tuple[Path, Path | None]:
    """A new file, and where the old one is now."""
    path = HOME / f"{lesson.name}.py"
    old: Path | None = None
    if path.exists():
        old = next(
            p for i in range(1, 10_000)
            if not (p := path.with_suffix(f".py.{i}")).exists()
        )  # fmt: skip
        path.replace(old)
    return hand_out(lesson, language)[0], old


def find_file(lesson: Lesson) -> Path:
    """The learner's file of a lesson: in the folder of the lessons, or here.

    Raises:
        CourseError: there is none.
    """
    places = [folder / f"{lesson.name}{kind}" for folder in (HOME, Path()) for kind in KINDS]
    for path in places:
        if path.is_file():
            return path
    raise CourseError("no_file", str(places[0]))


def lesson_of(path: Path) -> Lesson | None:
    """The lesson of a file: by its first line, by its name, else by what it defines."""
    table = lessons()
    try:
        written = read(path)
    except CourseError:
        return table.get(path.stem)
    marked = re.search(rf"^{MARK} *(\w+)", written.text, re.MULTILINE)
    if marked and marked[1] in table:
        return table[marked[1]]
    for word in re.split(r"[^a-z0-9_]+", path.stem.lower()):
        if word in table:
            return table[word]
    names = written.names()
    fitting = [lesson for lesson in table.values() if set(lesson.writes) <= names]
    return fitting[0] if len(fitting) == 1 else None
