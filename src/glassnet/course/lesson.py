"""What a lesson says of itself, and where its files lie."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from glassnet.errors import GlassnetError

FOLDER = Path(__file__).parent / "lessons"


class CourseError(GlassnetError):
    """What the learner is told: a message of the catalogue, ``course.<key>``, with its values.

    Attributes:
        key, values: the message.
        where: the learner's file and line, if that is known.
    """

    def __init__(self, key: str, where: str = "", **values: Any) -> None:
        super().__init__(key, values)
        self.key, self.where, self.values = key, where, values

    def say(self, language: str = "en") -> str:
        """The message in a language."""
        from glassnet.texts import text

        values = {
            name: value.in_words(language) if hasattr(value, "in_words") else value
            for name, value in self.values.items()
        }
        return text(f"course.{self.key}", language, **values)

    def __str__(self) -> str:
        return f"{self.where}: {self.say()}" if self.where else self.say()


@dataclass(frozen=True)
class Mutant:
    """A wrong solution that the check knows by name.

    Args:
        name: of the mistake; its texts stand in the catalogues (``mistakes.<name>``) if the
            mistake is one of ``glassnet.explain.MISTAKES``, else in the lesson's text.
        part: the function or class that is wrong.
        right, wrong: lines of the solution, and what stands there instead.
        lab: the state of the lab that shows this mistake; the lesson's own without it.
    """

    name: str
    part: str
    right: str
    wrong: str
    lab: str = ""

    def made_of(self, solution: str) -> str:
        """The solution with this mistake in it."""
        if solution.count(self.right) != 1:
            raise ValueError(f"{self.name}: {self.right!r} is not exactly once in the solution")
        return solution.replace(self.right, self.wrong)


@dataclass(frozen=True)
class Lesson:
    """One lesson: ``lessons/<name>/lesson.py`` makes it.

    Args:
        number: its place in the course.
        name: of its folder, and in commands.
        writes: the functions and classes that the learner writes, in order.
        lab: the state of the lab that shows the lesson's mistake; what stands behind the #.
        sources: where the same is in glassnet, below ``src/glassnet``.
        repairs: the exercise is broken code to repair, and so many lines of a part may differ
            from it; 0 where the learner writes the parts.
    """

    number: int
    name: str
    writes: tuple[str, ...]
    lab: str
    sources: tuple[str, ...]
    repairs: int = 0

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    def text_file(self, language: str) -> Path:
        """The lesson's text."""
        return self.folder / f"{language}.md"

    def exercise(self, language: str) -> str:
        """The file that the learner begins with."""
        return (self.folder / f"exercise_{language}.py").read_text(encoding="utf-8")

    @cached_property
    def solution(self) -> str:
        """A right solution, as source text."""
        return (self.folder / "solution.py").read_text(encoding="utf-8")

    def _module(self, name: str) -> ModuleType:
        return importlib.import_module(f"glassnet.course.lessons.{self.name}.{name}")

    @property
    def mutants(self) -> tuple[Mutant, ...]:
        """The wrong solutions."""
        mutants: tuple[Mutant, ...] = self._module("mistakes").MUTANTS
        return mutants

    @property
    def checks(self) -> list[Callable[..., None]]:
        """The checks, in the order in which they are written."""
        found = vars(self._module("checks")).values()
        return [thing for thing in found if hasattr(thing, "checks_part")]
