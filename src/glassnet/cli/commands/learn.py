"""``glassnet learn``"""

from __future__ import annotations

import sys

import click

from glassnet.cli.language import spoken
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json


@click.command()
@click.argument("lesson", required=False)
@click.option("--answers", is_flag=True, help="The questions with their answers and reasons.")
@click.option("--open", "open_lab", is_flag=True, help="Open the lab at the lesson's mistake.")
@click.option("--notebook", is_flag=True, help="The lesson and its exercise as a notebook, .ipynb.")
@json_option
def learn(lesson: str | None, answers: bool, open_lab: bool, notebook: bool, as_json: bool) -> None:
    """Read a lesson of the course, and get its exercise to write.

    LESSON is a name or a number. Without it: the lessons, with a tick for each that passed.
    """
    from glassnet.course.catalog import find
    from glassnet.course.handing import hand_out
    from glassnet.course.showing import markdown
    from glassnet.texts import text

    language = spoken()
    if lesson is None:
        _list(language, as_json)
        return
    found = find(lesson)
    if open_lab:
        click.get_current_context().invoke(_lab(), lesson=found.name)
        return
    if notebook:
        from glassnet.course.notebook import hand_out_notebook

        path, made = hand_out_notebook(found, language)
        if as_json:
            emit_json({"lesson": found.name, "language": language, "file": str(path), "made": made})
            return
        key = "notebook.made" if made else "notebook.kept"
        click.echo(text(f"course.{key}", language, path=path))
        click.echo(text("course.notebook.check", language, name=found.name, path=path))
        return
    body = markdown(found, language, answers)
    if answers:
        body = body[body.rindex(f"## {text('course.learn.questions', language)}") :]
        _show(body)
        return
    path, made = hand_out(found, language)
    if as_json:
        emit_json({
            "lesson": found.name, "number": found.number, "language": language, "text": body,
            "file": str(path), "made": made, "lab": found.lab, "sources": list(found.sources),
        })  # fmt: skip
        return
    _show(body)
    said = (
        text("course.learn.lab", language, name=found.name, lab=found.lab),
        text("course.learn.sources", language,
             files=", ".join(f"glassnet/{source}" for source in found.sources)),
        text("course.learn.answers", language, name=found.name),
        text(f"course.learn.{'made' if made else 'kept'}", language, path=path, name=found.name),
        text("course.learn.then", language, name=found.name),
    )  # fmt: skip
    click.echo("\n" + "\n".join(said))


def _lab() -> click.Command:
    from glassnet.cli.commands.lab import lab

    return lab


def _show(body: str) -> None:
    """In colours on a terminal; as it is written elsewhere."""
    if not sys.stdout.isatty():
        click.echo(body)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.print(Markdown(body, code_theme="ansi_light"), width=min(console.width, 96))


def _list(language: str, as_json: bool) -> None:
    from glassnet.course.catalog import lessons
    from glassnet.course.progress import progress
    from glassnet.course.reading import read
    from glassnet.texts import text

    passed = {name for name, entry in progress().items() if "passed" in entry}
    rows = [(lesson, read(lesson, language).title) for lesson in lessons().values()]
    following = next((lesson.name for lesson, _ in rows if lesson.name not in passed), None)
    if as_json:
        emit_json({
            "lessons": [
                {"number": lesson.number, "name": lesson.name, "title": title,
                 "passed": lesson.name in passed}
                for lesson, title in rows
            ],
            "next": following,
        })  # fmt: skip
        return
    for lesson, title in rows:
        tick = "✓" if lesson.name in passed else " "
        click.echo(f" {tick} {lesson.number:2}  {lesson.name:<14} {title}")
    click.echo()
    if following is None:
        click.echo(text("course.list.all_done", language))
    else:
        click.echo(text("course.list.next", language, name=following))
