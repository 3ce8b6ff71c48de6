"""How many lines of a piece that was handed out broken a learner has changed."""

from __future__ import annotations

import ast
import difflib
import linecache
from typing import Any

from glassnet.course.judging.source import code_of
from glassnet.course.lesson import CourseError, Lesson


def few_lines(lesson: Lesson, part: str, thing: Any) -> CourseError | None:
    """What to say where more lines than ``lesson.repairs`` differ; None where they do not.

    Comments, docstrings and the form of a line do not count.  What has no source that can be
    read, as something typed at a prompt, is not judged.
    """
    code = code_of(thing)
    written = _lines("".join(linecache.getlines(code.co_filename)) if code else "", part)
    handed = _lines(lesson.exercise("en"), part)
    count = changed(handed, written)
    if not written or count <= lesson.repairs:
        return None
    return CourseError(
        "few_lines.many", name=part, count=count, most=lesson.repairs, lesson=lesson.name
    )


def changed(before: list[str], now: list[str]) -> int:
    """How many lines were replaced, added or taken away."""
    blocks = difflib.SequenceMatcher(None, before, now, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for kind, i1, i2, j1, j2 in blocks if kind != "equal")


def _lines(source: str, part: str) -> list[str]:
    """The piece as Python would write it, without its docstrings; empty if it is not there."""
    try:
        found = [node for node in ast.parse(source).body if getattr(node, "name", "") == part]
    except (SyntaxError, ValueError):
        return []
    if not found:
        return []
    for node in ast.walk(found[-1]):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(found[-1]).splitlines()
