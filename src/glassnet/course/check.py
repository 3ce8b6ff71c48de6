"""Judge what was written in a notebook or a program: ``check.relu(MyReLU)``.

    from glassnet import check
    report = check.relu(ReLU, Sigmoid)
    assert report.ok

A function for each lesson.  What is passed runs in this very process, without limits of time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet.course.catalog import find, lessons
from glassnet.course.lesson import Lesson
from glassnet.course.report import Report
from glassnet.errors import ConfigError, GlassnetError


def _check(
    lesson: Lesson, things: tuple[Any, ...], named: dict[str, Any], seed: int,
    language: str | None,
) -> Report:  # fmt: skip
    from glassnet.course.judging.judge import Judge
    from glassnet.course.judging.pytorch import asked, read_answers
    from glassnet.texts import of_reader

    parts = lesson.writes
    if len(things) > len(parts) or not (things or named) or set(named) - set(parts):
        raise ConfigError(
            f"check.{lesson.name} takes {', '.join(parts)}, in this order or by these names."
        )
    written = {**dict(zip(_places(parts, things), things)), **named}
    report = Report(lesson.name, "", of_reader(language), seed)
    report.whole = set(written) == set(parts)
    given = tuple(part for part in parts if part in written)
    answers = read_answers(asked(lesson, seed), lesson)
    for thing in Judge(lesson, seed, report.language, answers).rows(written, given):
        report.add(thing)
    if report.ok and report.whole:
        from glassnet.course.progress import note_passed

        note_passed(lesson.name)
    return report


def _places(parts: tuple[str, ...], things: tuple[Any, ...]) -> list[str]:
    """Which part each thing is: by its own name where all have one, else by the order."""
    names = [getattr(thing, "__name__", "") for thing in things]
    known = set(names) <= set(parts) and len(set(names)) == len(names)
    return names if known else list(parts[: len(things)])


def __getattr__(name: str) -> Callable[..., Report]:
    if name.startswith("_") or name == "shape":
        raise AttributeError(name)
    try:
        lesson = find(name)
    except GlassnetError as error:
        raise AttributeError(str(error)) from None

    def judge(*things: Any, seed: int = 0, language: str | None = None, **named: Any) -> Report:
        return _check(lesson, things, named, seed, language)

    judge.__name__ = judge.__qualname__ = lesson.name
    judge.__doc__ = f"Judge {', '.join(lesson.writes)} of lesson {lesson.number}."
    return judge


def __dir__() -> list[str]:
    return [*lessons()]
