"""A lesson as a Jupyter notebook: its text, its code, and the exercise in cells.

The file is JSON of nbformat 4.5 (https://nbformat.readthedocs.io); only glassnet is needed to
make it.  ``glassnet check`` judges it as it judges a .py file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glassnet._core.storage import write_text
from glassnet._core.strict_json import to_json
from glassnet.course.formulas import for_notebooks
from glassnet.course.handing import HOME
from glassnet.course.lesson import Lesson
from glassnet.course.reading import CELL, read
from glassnet.course.showing import questions
from glassnet.texts import text


def notebook(lesson: Lesson, language: str) -> dict[str, Any]:
    """The whole lesson, nothing executed yet."""
    known = read(lesson, language, for_notebooks)
    cells: list[dict[str, Any]] = []

    def add(kind: str, source: str) -> None:
        if source.strip():
            cell = {"cell_type": kind, "id": f"cell-{len(cells)}", "metadata": {}}
            code: dict[str, Any] = {"execution_count": None, "outputs": []}
            lines = source.strip("\n").splitlines(keepends=True)
            cells.append({**cell, **(code if kind == "code" else {}), "source": lines})

    for i, piece in enumerate(CELL.split(known.body)):  # text, code, text, …
        add("code" if i % 2 else "markdown", piece)
    add("markdown", f"## {text('course.notebook.exercise', language)}")
    add("code", lesson.exercise(language))
    add("markdown", text("course.notebook.then", language, name=lesson.name))
    add("markdown", questions(known, language, answers=False))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def hand_out_notebook(lesson: Lesson, language: str) -> tuple[Path, bool]:
    """The learner's notebook, and whether it was made now: one that is there stays as it is."""
    path = HOME / f"{lesson.name}.ipynb"
    if path.exists():
        return path, False
    write_text(path, to_json(notebook(lesson, language), indent=1) + "\n")
    return path, True
