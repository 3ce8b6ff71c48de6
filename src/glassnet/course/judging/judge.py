"""The checks of a lesson, made on what a learner wrote."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from glassnet.course.judging.lines import few_lines
from glassnet.course.judging.pytorch import Answers, cases, counterparts
from glassnet.course.judging.source import explain, lines_of
from glassnet.course.judging.trial import Check, Note, Trial
from glassnet.course.judging.values import alike
from glassnet.course.lesson import CourseError, Lesson, Mutant
from glassnet.course.reading import LessonText, read
from glassnet.course.report import Named, Row
from glassnet.texts import text

UNTOUCHED = "untouched"
FEW_LINES = "few_lines"
PYTORCH = "pytorch"
ONCE = {"not_written", "raised", "signature", "no_method", "not_a_class", "not_a_function"}


class Judge:
    """The checks of one lesson.

    Args:
        lesson: whose.
        seed: of the random cases.
        language: of what is said.
        pytorch: its answers, where it was asked.
    """

    def __init__(
        self, lesson: Lesson, seed: int = 0, language: str = "en", pytorch: Answers | None = None
    ) -> None:
        self.lesson, self.seed, self.language, self.pytorch = lesson, seed, language, pytorch
        self.text: LessonText = read(lesson, language)

    def rows(self, written: dict[str, Any], parts: tuple[str, ...] = ()) -> Iterator[Row | Named]:
        """A row for each check, and after the rows of a part its mistake if that is known.

        Args:
            written: the names of the learner's file.
            parts: those to judge; all of the lesson without them.
        """
        for part in parts or self.lesson.writes:
            if part not in written:
                yield self._row(part, "written", CourseError("missing", name=part))
                continue
            yield from self._part(part, written[part])

    def _part(self, part: str, thing: Any) -> Iterator[Row | Named]:
        notes: list[list[Note]] = []
        spoiled: CourseError | None = None
        right = True
        said: set[tuple[str, str, str]] = set()
        for check in self._checks(part):
            trial, trouble = self.attempt(check, part, thing)
            notes.append(trial.notes)
            spoiled = spoiled or trial.spoiled
            right = right and trouble is None
            if trouble is not None:
                trouble.where = trouble.where or lines_of(thing)
                once = (trouble.key, trouble.where, str(trouble.values))
                if trouble.key in ONCE and once in said:
                    continue  # one sentence for one line, however many checks it stops
                said.add(once)
            yield self._row(part, check.__name__, trouble, trial)
            if trouble is not None and trouble.key == "not_written" and len(notes) == 1:
                return
        if self.pytorch is not None and part in self.pytorch.parts:
            trial, trouble = self._beside_pytorch(part, thing, self.pytorch)
            right = right and trouble is None
            if trouble is None or (trouble.key, trouble.where, str(trouble.values)) not in said:
                yield self._row(part, PYTORCH, trouble, trial)
        yield self._row(part, UNTOUCHED, spoiled)
        if self.lesson.repairs:
            many = few_lines(self.lesson, part, thing)
            if many is not None:
                many.where = lines_of(thing)
            yield self._row(part, FEW_LINES, many)
        if not right or spoiled is not None:
            mutant = self.recognize(part, notes)
            if mutant is not None:
                yield self.named(mutant)

    def _checks(self, part: str) -> list[Check]:
        return [c for c in self.lesson.checks if getattr(c, "checks_part") == part]  # noqa: B009

    def attempt(self, check: Check, part: str, thing: Any) -> tuple[Trial, CourseError | None]:
        """One check: what was noted, and what was wrong."""
        key = zlib.crc32(f"{self.lesson.name}.{check.__name__}".encode())
        trial = Trial(part, thing, np.random.default_rng([self.seed, key]))
        try:
            with _same_chance(key), np.errstate(all="ignore"):  # of what the check itself computes
                check(trial)
        except KeyboardInterrupt:
            raise
        except CourseError as trouble:
            return trial, trouble
        except BaseException as error:
            return trial, explain(error)
        return trial, None

    def _beside_pytorch(
        self, part: str, thing: Any, known: Answers
    ) -> tuple[Trial, CourseError | None]:
        """The same cases as PyTorch had, and its answers."""
        one = counterparts(self.lesson)[part]

        def pytorch(t: Trial) -> None:
            for case, theirs in zip(cases(self.lesson, part, self.seed), known.parts[part]):
                for call, mine, answer in zip(one.answers, one.mine(t, *case), theirs):
                    t.close(mine, answer, call, one.tolerance)

        trial, trouble = self.attempt(pytorch, part, thing)
        if trouble is not None:
            trouble.where = trouble.where or lines_of(thing)
        return trial, trouble

    def recognize(self, part: str, notes: list[list[Note]]) -> Mutant | None:
        """The wrong solution that did the same in all checks, changed arguments included."""
        for mutant in self.lesson.mutants:
            if mutant.part == part and self._does(mutant, notes):
                return mutant
        return None

    def notes(self, mutant: Mutant) -> Iterator[list[Note]]:
        """What a wrong solution does in the checks of its part, one after the other."""
        space: dict[str, Any] = {"__name__": "solution"}
        exec(compile(mutant.made_of(self.lesson.solution), "<solution>", "exec"), space)
        for check in self._checks(mutant.part):
            yield self.attempt(check, mutant.part, space[mutant.part])[0].notes

    def _does(self, mutant: Mutant, notes: list[list[Note]]) -> bool:
        """Whether it does what the notes say; no check more than shows that it does not."""
        return len(notes) == len(self._checks(mutant.part)) and all(
            map(same, self.notes(mutant), notes)
        )

    def named(self, mutant: Mutant) -> Named:
        """A known mistake with its reason."""
        key = f"mistakes.{mutant.name}"
        if mutant.name in self.text.mistakes:
            title, why = self.text.mistakes[mutant.name]
        else:
            title, why = text(f"{key}.title", self.language), text(f"{key}.why", self.language)
        return Named(mutant.part, mutant.name, title, why, mutant.lab or self.lesson.lab)

    def _row(
        self, part: str, key: str, trouble: CourseError | None, trial: Trial | None = None
    ) -> Row:
        said = {}
        if key == PYTORCH and self.pytorch is not None:
            said = {"version": self.pytorch.version, "count": len(self.pytorch.parts[part])}
        title = self.text.checks.get(key) or text(f"course.{key}", self.language, **said)
        largest = trial.largest if trial is not None and trouble is None else 0.0
        return Row(
            part=part, key=key, title=title, ok=trouble is None,
            detail=trouble.say(self.language) if trouble is not None else "",
            where=trouble.where if trouble is not None else "",
            largest=largest, tolerance=trial.tolerance if trial is not None else 0.0,
        )  # fmt: skip


@contextmanager
def _same_chance(seed: int) -> Iterator[None]:
    """The random numbers that everybody shares begin alike, and are afterwards as before."""
    numpys, pythons = np.random.get_state(), random.getstate()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(numpys)  # noqa: NPY002
        random.setstate(pythons)


def same(one: list[Note], other: list[Note]) -> bool:
    """Whether two solutions did the same in a check.

    Names of arguments may differ, which of them changed may not.
    """
    return len(one) == len(other) and all(
        call == call_b and len(changed) == len(changed_b) and alike(output, output_b)
        for (call, output, changed), (call_b, output_b, changed_b) in zip(one, other)
    )
