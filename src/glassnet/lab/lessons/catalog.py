"""Which lessons the lab can show: its own, the course's, and the file that it was started with."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from glassnet._core.registry import lookup
from glassnet.course import catalog as of_the_course
from glassnet.lab.lessons.course import of_course
from glassnet.lab.lessons.lesson import LabLesson
from glassnet.lab.lessons.reading import parse, read_file

FOLDER = Path(__file__).parent
NEUTRAL = ("lesson", "language", "theme")  # say nothing of the state

_own: dict[str, LabLesson] = {}  # files that this process was started with


def add(path: str | Path) -> LabLesson:
    """Know a teacher's file from now on (CourseError: what is wrong in it, and where)."""
    lesson = read_file(path)
    _own[lesson.name] = lesson
    return lesson


@cache
def shipped(language: str) -> dict[str, LabLesson]:
    """glassnet's own lessons in order, then its levels."""
    found = [
        parse(path.read_text(encoding="utf-8"), path.parent.name, str(path))
        for path in FOLDER.glob(f"*/{language}.md")
    ]
    found.sort(key=lambda lesson: (lesson.kind == "level", lesson.number))
    return {lesson.name: lesson for lesson in found}


@cache
def _course(name: str, language: str, run: bool) -> LabLesson:
    return of_course(of_the_course.find(name), language, run)


def find(name: str, language: str = "en", run: bool = False) -> LabLesson:
    """A lesson by its name; ``run`` executes the code of the course's lessons.

    Raises:
        UnknownNameError: there is none; says the closest one.
    """
    if name in _own:
        return _own[name]
    if name in shipped(language):
        return shipped(language)[name]
    if name.isdecimal():  # the course's have numbers as well
        return _course(of_the_course.find(name).name, language, run)
    every = dict.fromkeys([*shipped(language), *of_the_course.lessons(), *_own], name)
    lookup("lesson", every, name)
    return _course(name, language, run)


def listed(language: str) -> list[LabLesson]:
    """All of them, in the order in which the page lists them."""
    course = [_course(name, language, False) for name in of_the_course.lessons()]
    return [*_own.values(), *shipped(language).values(), *course]


def whole(address: str) -> str:
    """The address of a page; one that names a lesson and no state has the state of its step.

    >>> whole("lesson=relu/2&theme=dark").split("&")[0]
    'room=step'

    Raises:
        UnknownNameError: there is no such lesson.
    """
    pairs = dict(parse_qsl(address.lstrip("#"), keep_blank_values=True, max_num_fields=200))
    asked = pairs.get("lesson", "")
    if not asked or asked == "all":
        return address
    name, _, step = asked.partition("/")
    lesson = find(name)
    if set(pairs) - set(NEUTRAL):
        return address
    number = min(max(int(step) if step.isdecimal() and len(step) < 4 else 1, 1), len(lesson.steps))
    neutral = "&".join(f"{key}={pairs[key]}" for key in NEUTRAL[1:] if key in pairs)
    parts = (lesson.state(number), f"lesson={lesson.name}/{number}", neutral)
    return "&".join(part for part in parts if part)
