"""Which lessons there are: the folders of ``lessons/``."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from glassnet._core.registry import lookup
from glassnet.course.lesson import FOLDER, Lesson


@cache
def lessons() -> dict[str, Lesson]:
    """Every lesson by name, in the order of the course."""
    names = [path.parent.name for path in FOLDER.glob("*/lesson.py")]
    found = [import_module(f"glassnet.course.lessons.{name}.lesson").LESSON for name in names]
    return {lesson.name: lesson for lesson in sorted(found, key=lambda lesson: lesson.number)}


def find(name: str | int) -> Lesson:
    """A lesson by its name or its number.

    >>> find("relu").number, find("16").name, find("ReLU").name
    (16, 'relu', 'relu')

    Raises:
        UnknownNameError: there is none; says the closest one.
    """
    table = lessons()
    numbered = {str(lesson.number): lesson for lesson in table.values()}
    if str(name) in numbered:
        return numbered[str(name)]
    return lookup("lesson", table, str(name))
