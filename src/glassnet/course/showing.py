"""A lesson as it is read in a terminal: Markdown, the code executed, what it printed below it."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from typing import Any

from glassnet.course.formulas import for_terminal
from glassnet.course.lesson import Lesson
from glassnet.course.reading import CELL, LessonText, Question, read
from glassnet.texts import text

LETTERS = "abcdef"


def execute(source: str, space: dict[str, Any]) -> str:
    """What a cell prints, and the value of its last line, as a notebook shows them."""
    tree = ast.parse(source)
    last: ast.Expression | None = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), space)
        if last is not None:
            value = eval(compile(last, "<cell>", "eval"), space)
            if value is not None:
                print(repr(value))
    return printed.getvalue()


def executed(body: str) -> str:
    """The text with each cell followed by what it printed."""
    space: dict[str, Any] = {"__name__": "lesson"}

    def with_output(cell: re.Match[str]) -> str:
        output = execute(cell[1], space)
        shown = f"```python\n{cell[1]}```"
        return f"{shown}\n\n```text\n{output.rstrip()}\n```" if output.strip() else shown

    return CELL.sub(with_output, body)


def markdown(lesson: Lesson, language: str, answers: bool = False) -> str:
    """The whole lesson as plain Markdown."""
    lines = read(lesson, language, for_terminal)
    return "\n\n".join([executed(lines.body), questions(lines, language, answers)])


def questions(lesson: LessonText, language: str, answers: bool) -> str:
    """The questions with their choices, and, if wanted, what is right and why."""
    said = [f"## {text('course.learn.questions', language)}"]
    for number, question in enumerate(lesson.questions, 1):
        said.append(f"**{number}. {question.text}**")
        said.append(_choices(question, answers))
    return "\n\n".join(said)


def _choices(question: Question, answers: bool) -> str:
    lines = []
    for letter, choice in zip(LETTERS, question.choices):
        mark = ("✓ " if choice.right else "✗ ") if answers else ""
        reason = f" — {choice.reason}" if answers else ""
        lines.append(f"- {mark}({letter}) {choice.text}{reason}")
    return "\n".join(lines)
