"""``glassnet check``"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glassnet._core.strict_json import to_json
from glassnet.cli.language import spoken, tr
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json, table

if TYPE_CHECKING:
    from glassnet.course.lesson import Lesson
    from glassnet.course.report import Report


@click.command()
@click.argument("what", metavar="LESSON|FILE", required=False)
@click.argument("file", required=False)
@click.option("--watch", is_flag=True, help="Judge again after each save, until it is right.")
@click.option("--hint", is_flag=True, help="A hint; one more each time.")
@click.option("--solution", is_flag=True, help="Print a right solution.")
@click.option("--reset", is_flag=True, help="A new exercise file; the old one is kept beside it.")
@click.option("--mine", is_flag=True, help="With your own classes of earlier lessons.")
@click.option("--all", "folder", metavar="FOLDER", help="Judge every file of a folder: a table.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True,
              help="Of the random cases.")  # fmt: skip
@click.option("--time-limit", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True,
              metavar="SECONDS", help="For one file.")  # fmt: skip
@click.option("--gradescope", metavar="FILE", help="Write Gradescope's results.json as well.")
@json_option
def check(
    what: str | None, file: str | None, watch: bool, hint: bool, solution: bool, reset: bool,
    mine: bool, folder: str | None, seed: int, time_limit: float, gradescope: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Judge what you wrote for a lesson.

    LESSON judges your file of that lesson in glassnet-lessons, FILE any file (.py, .ipynb); where
    its lesson cannot be told, say both. The file runs in a process of its own, with limits of
    time, memory and output: it is no sandbox. Exit status 0 right, 1 wrong, 2 could not be judged.
    """
    from glassnet.course.lesson import CourseError

    language = spoken()
    how = {"seed": seed, "language": language, "seconds": time_limit, "mine": mine}
    try:
        if folder is not None:
            _all(folder, what, how, as_json)
            return
        if what is None:
            raise click.UsageError(tr("Say which lesson or file: glassnet check LESSON or FILE."))
        lesson, path = _find(what, file, language, needs_file=not (hint or solution or reset))
        if hint or solution or reset:
            _help(lesson, hint, solution, reset, language)
            return
        if watch:
            _watch(lesson, path, how)
            return
        report = _judge(lesson, path, how)
        if gradescope is not None:
            from glassnet._core.storage import write_text

            said = to_json(report.gradescope(), indent=2)
            write_text(gradescope, said)
        if as_json:
            emit_json(report.to_dict())
        else:
            _print(report)
    except CourseError as trouble:
        where = f"{trouble.where}: " if trouble.where else ""
        raise click.UsageError(where + trouble.say(language)) from trouble
    if report.status:
        raise click.exceptions.Exit(report.status)


def _find(what: str, file: str | None, language: str, needs_file: bool) -> tuple[Lesson, Path]:
    from glassnet.course.catalog import find, lessons
    from glassnet.course.handing import KINDS, find_file, lesson_of
    from glassnet.course.lesson import CourseError

    if file is not None:
        return find(what), _existing(Path(file))
    path = Path(what)
    if path.suffix not in KINDS:
        lesson = find(what)
        return lesson, find_file(lesson) if needs_file else path
    lesson_found = lesson_of(_existing(path))
    if lesson_found is None:
        raise CourseError("which", path=path, names=", ".join(lessons()))
    return lesson_found, path


def _existing(path: Path) -> Path:
    from glassnet.course.lesson import CourseError

    if not path.is_file():
        raise CourseError("no_file", str(path))
    return path


def _judge(lesson: Lesson, path: Path, how: dict[str, Any]) -> Report:
    from glassnet.course.judging.process import check_file
    from glassnet.course.progress import note_passed
    from glassnet.texts import text

    def told() -> None:
        click.echo(text("course.pytorch.asked", how["language"]), err=True)

    report = check_file(lesson, path, told=told, **how)
    if report.ok:
        note_passed(lesson.name)
    return report


def _print(report: Report) -> None:
    from glassnet.course.catalog import lessons
    from glassnet.course.progress import progress

    for line in str(report).splitlines():
        mark = line.lstrip()[:1]
        click.secho(line, fg={"✓": "green", "✗": "red"}.get(mark))
    if report.ok:
        passed = progress()
        names = list(lessons())
        here = names.index(report.lesson)
        left = [
            name for name in names[here:] + names[:here] if "passed" not in passed.get(name, {})
        ]
        if left:
            click.echo(report.say("next_lesson", name=left[0]))


def _help(lesson: Lesson, hint: bool, solution: bool, reset: bool, language: str) -> None:
    from glassnet.course.handing import renew
    from glassnet.course.progress import next_hint
    from glassnet.course.reading import read
    from glassnet.texts import text

    if reset:
        path, old = renew(lesson, language)
        key = "course.reset" if old is not None else "course.learn.made"
        click.echo(text(key, language, path=path, old=old))
    if hint:
        hints = read(lesson, language).hints
        number = next_hint(lesson.name, len(hints))
        click.echo(text("course.hint", language, number=number + 1, count=len(hints),
                        hint=hints[number]))  # fmt: skip
    if solution:
        click.echo(lesson.solution, nl=False)


def _watch(lesson: Lesson, path: Path, how: dict[str, Any]) -> None:
    """Judge after each save; ends when everything is right."""
    from glassnet.texts import text

    click.echo(text("course.watching", how["language"], path=path), err=True)
    seen = None
    while True:
        now = path.stat().st_mtime_ns if path.exists() else None
        if now is not None and now != seen:
            seen = now
            report = _judge(lesson, path, how)
            click.clear()
            _print(report)
            if report.ok:
                return
        time.sleep(0.3)


def _all(folder: str, what: str | None, how: dict[str, Any], as_json: bool) -> None:
    from glassnet.course.catalog import find
    from glassnet.course.teacher import files, judge_all
    from glassnet.texts import text

    root, language = Path(folder), how["language"]
    if not root.is_dir():
        raise click.BadParameter(
            tr("there is no folder {folder!r}.", folder=folder), param_hint="--all"
        )
    if not files(root):
        raise click.UsageError(text("course.all.none", language, folder=folder))
    lesson = find(what) if what is not None else None
    judged = judge_all(root, lesson, **how)
    if as_json:
        emit_json([
            {"file": one.path, "lesson": one.lesson or None,
             **(one.report.to_dict() if one.report is not None else {"ok": False, "status": 2})}
            for one in judged
        ])  # fmt: skip
    else:
        header = [text(f"course.all.header.{key}", language)
                  for key in ("file", "lesson", "points", "said")]  # fmt: skip
        rows = [
            ("✓" if one.ok else "✗", one.path, one.lesson or "?", one.points, one.said)
            for one in judged
        ]
        table(rows, ("", *header), right=(3,))
        right = sum(one.ok for one in judged)
        click.echo(text("course.all.summary", language, right=right, all=len(judged)))
    statuses = [one.report.status if one.report is not None else 2 for one in judged]
    if any(statuses):
        raise click.exceptions.Exit(max(statuses))
