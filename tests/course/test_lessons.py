"""Every lesson keeps the rules: a kind exercise, a right solution, mistakes that are named."""

from __future__ import annotations

import ast
import io
import itertools
import linecache
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import Any

import pytest

from glassnet import texts
from glassnet.course import table
from glassnet.course.catalog import lessons
from glassnet.course.judging.judge import FEW_LINES, UNTOUCHED, Judge, same
from glassnet.course.lesson import Lesson, Mutant
from glassnet.course.reading import digest, read
from glassnet.course.report import Named, Report
from glassnet.course.showing import executed, markdown

LANGUAGES = list(texts.languages())
LESSONS = list(lessons().values())
MUTANTS = [(lesson, mutant) for lesson in LESSONS for mutant in lesson.mutants]
by_name = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
repairs = pytest.mark.parametrize(
    "lesson", [x for x in LESSONS if x.repairs], ids=lambda lesson: lesson.name
)


def run(source: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "written"}
    linecache.cache["<written>"] = (len(source), None, source.splitlines(True), "<written>")
    exec(compile(source, "<written>", "exec"), space)
    return space


def judged(lesson: Lesson, source: str, seed: int = 0, language: str = "en") -> Report:
    report = Report(lesson.name, "", language, seed)
    for thing in Judge(lesson, seed, language).rows(run(source)):
        report.add(thing)
    return report


def test_the_lessons_are_in_order() -> None:
    numbers = [lesson.number for lesson in LESSONS]
    assert numbers == sorted(set(numbers)) and set(numbers) <= set(range(1, 29))
    assert all(lesson.name == lesson.folder.name for lesson in LESSONS)


@by_name
def test_the_exercise_fails_kindly(lesson: Lesson) -> None:
    for language in LANGUAGES:
        report = judged(lesson, lesson.exercise(language), language=language)
        assert report.status == 1
        if lesson.repairs:
            assert {row.part for row in report.rows if not row.ok} == set(lesson.writes)
            assert [named.part for named in report.named] == list(lesson.writes)
            continue
        assert [row.part for row in report.rows] == list(lesson.writes)
        assert {row.detail for row in report.rows} == {texts.text("course.not_written", language)}


@repairs
def test_the_broken_file_is_the_solution_with_every_mistake(lesson: Lesson) -> None:
    def plain(source: str) -> str:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)):
                node.body = node.body[ast.get_docstring(node) is not None :]
        return ast.unparse(tree)

    broken = lesson.solution
    for mutant in lesson.mutants:
        broken = mutant.made_of(broken)
    assert plain(lesson.exercise("en")) == plain(broken)


@repairs
def test_a_piece_written_anew_is_told_so_kindly(lesson: Lesson) -> None:
    """The solution in other words: right numbers, and every line another one."""
    for language in LANGUAGES:
        source = lesson.solution.replace("self.", "me.").replace("(self", "(me")
        source = re.sub(r"\b([xyzwtep])\b", r"\1_", source)
        report = judged(lesson, source, language=language)
        wrong = [row for row in report.rows if not row.ok]
        assert len(wrong) > 5 and {row.key for row in wrong} == {FEW_LINES} and not report.named
        assert all(f"check {lesson.name} --reset" in row.detail for row in wrong)


@by_name
def test_the_exercise_has_what_the_solution_needs(lesson: Lesson) -> None:
    def imports(source: str) -> set[str]:
        kinds = (ast.Import, ast.ImportFrom)
        return {ast.unparse(node) for node in ast.parse(source).body if isinstance(node, kinds)}

    for language in LANGUAGES:
        exercise = lesson.exercise(language)
        assert imports(exercise) == imports(lesson.solution)
        assert exercise.startswith(f"# glassnet lesson: {lesson.name}\n")


@by_name
def test_the_solution_is_right(lesson: Lesson) -> None:
    for seed in range(20):
        report = judged(lesson, lesson.solution, seed)
        assert report.ok, report
    wanted = {check.__name__ for check in lesson.checks} | {UNTOUCHED}
    wanted |= {FEW_LINES} if lesson.repairs else set()
    assert {row.key for row in report.rows} == wanted


@pytest.mark.parametrize("lesson, mutant", MUTANTS, ids=[f"{x.name}-{m.name}" for x, m in MUTANTS])
def test_each_mistake_is_named_as_itself(lesson: Lesson, mutant: Mutant) -> None:
    for seed in (0, 1, 2):
        report = judged(lesson, mutant.made_of(lesson.solution), seed)
        assert report.status == 1, mutant.name
        assert {row.part for row in report.rows if not row.ok} == {mutant.part}
        assert [named.name for named in report.named] == [mutant.name]


def test_the_table_of_mistakes_names_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    table.main(["relu", "--ko"])
    head, rule, *lines = capsys.readouterr().out.splitlines()[3:]
    assert head.count("|") == rule.count("|") == 5 and "실수" in head
    assert len(lines) == len(lessons()["relu"].mutants)
    assert "| `gradient_overwritten` | 1/5 ✗ 인자와" in lines[0] and not any(
        "– |" in x for x in lines
    )
    table.main(["optimizers"])  # has |g| in it
    lines = capsys.readouterr().out.splitlines()[3:]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {5}


@by_name
def test_no_two_mistakes_look_the_same(lesson: Lesson) -> None:
    judge = Judge(lesson)
    notes = {m.name: (m.part, list(judge.notes(m))) for m in lesson.mutants}
    assert len(notes) == len(lesson.mutants) >= 3
    for (a, (part, one)), (b, (other, two)) in itertools.combinations(notes.items(), 2):
        assert part != other or not all(map(same, one, two)), (a, b)


@by_name
def test_each_mistake_has_its_texts(lesson: Lesson) -> None:
    for language in LANGUAGES:
        judge = Judge(lesson, language=language)
        for mutant in lesson.mutants:
            named: Named = judge.named(mutant)  # which looks the texts up
            assert named.title and named.why
            shared = f"mistakes.{mutant.name}.title" in texts.catalogue(language)
            assert shared != (mutant.name in judge.text.mistakes)  # one place
        assert set(judge.text.mistakes) <= {mutant.name for mutant in lesson.mutants}


@by_name
def test_every_language_is_whole(lesson: Lesson) -> None:
    english = read(lesson, "en")
    assert english.title and english.question.endswith("?") and english.cells
    assert set(english.checks) == {check.__name__ for check in lesson.checks}
    assert len(english.hints) >= 2 and len(english.questions) == 3
    for language in LANGUAGES:
        other = read(lesson, language)
        assert other.title and other.question.endswith("?")
        assert set(other.checks) == set(english.checks)
        assert set(other.mistakes) == set(english.mistakes)
        assert len(other.hints) == len(english.hints)
        for question, same_question in zip(other.questions, english.questions, strict=True):
            assert sum(choice.right for choice in question.choices) == 1
            assert all(choice.text and choice.reason for choice in question.choices)
            rights = [choice.right for choice in question.choices]
            assert rights == [choice.right for choice in same_question.choices]
        heads = [re.findall(r"^(?:\(.*\)=|#+)", x, re.MULTILINE) for x in files(lesson, language)]
        assert heads[0] == heads[1], "headings"


def files(lesson: Lesson, language: str) -> list[str]:
    return [lesson.text_file(x).read_text("utf-8") for x in ("en", language)]


@by_name
def test_translations_are_not_stale(lesson: Lesson) -> None:
    now = digest(lesson.text_file("en").read_text("utf-8"))
    for language in LANGUAGES[1:]:
        assert read(lesson, language).front["mirrors"] == f"en@{now}", (
            "is the translation still true?"
        )


def bare(source: str) -> list[tuple[int, str]]:
    """Code without comments and with its strings empty."""
    left = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL):
            continue
        left.append((token.type, "" if token.type == tokenize.STRING else token.string))
    return left


@by_name
def test_code_is_the_same_in_every_language(lesson: Lesson) -> None:
    for language in LANGUAGES[1:]:
        pairs = [(lesson.exercise("en"), lesson.exercise(language))]
        pairs += list(zip(read(lesson, "en").cells, read(lesson, language).cells, strict=True))
        for one, other in pairs:
            assert bare(one) == bare(other)


@by_name
def test_the_cells_run_and_print_the_same(lesson: Lesson) -> None:
    outputs = []
    for language in LANGUAGES:
        text = executed(read(lesson, language).body)
        assert "[np.float64(" not in text  # NumPy 2 prints a list of its numbers so
        assert "{code-cell}" not in text and not re.search(r"^\(.*\)=$", text, re.MULTILINE)
        outputs.append([re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", part)
                        for part in re.findall(r"```text\n(.*?)```", text, re.DOTALL)])  # fmt: skip
        assert "✓" not in markdown(lesson, language)
        assert markdown(lesson, language, answers=True).count("✓") == 3
    assert all(numbers == outputs[0] for numbers in outputs)


def test_a_check_loads_no_compiler() -> None:
    """A check is a new process each time: what takes half a second to load stays out of it."""
    program = """if True:
        import sys
        from glassnet.course.catalog import lessons
        from glassnet.course.judging.judge import Judge
        for lesson in lessons().values():
            space = {"__name__": "written"}
            exec(lesson.solution, space)
            assert list(Judge(lesson).rows(space))
            assert not {"numba", "matplotlib", "torch"} & set(sys.modules), lesson.name
        """
    environment = {k: v for k, v in os.environ.items() if k != "GLASSNET_DATA"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr


@by_name
def test_the_sources_are_there(lesson: Lesson) -> None:
    import glassnet

    root = Path(glassnet.__file__).parent
    assert lesson.sources and all((root / source).is_file() for source in lesson.sources)
