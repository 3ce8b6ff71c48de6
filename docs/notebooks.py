"""Run each lesson's notebook in Jupyter, from top to bottom, in both languages.

pip install ".[docs]"
python docs/notebooks.py            # all lessons
python docs/notebooks.py relu 5     # some, by name or number
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from glassnet.course.catalog import find, lessons
from glassnet.course.lesson import Lesson
from glassnet.course.notebook import notebook
from glassnet.texts import languages

SECONDS = 300  # for a cell, on a busy machine


def run(lesson: Lesson, language: str, folder: str) -> str:
    """What went wrong; empty where nothing did."""
    made = nbformat.reads(json.dumps(notebook(lesson, language)), 4)
    nbformat.validate(made)
    resources = {"metadata": {"path": folder}}
    try:
        NotebookClient(
            made, timeout=SECONDS, startup_timeout=SECONDS, resources=resources
        ).execute()
    except CellExecutionError as error:
        return str(error)
    said = [output for cell in made.cells for output in cell.get("outputs", ())]
    loud = [output for output in said if output.get("name") == "stderr"]
    return str(loud[0]["text"]) if loud else ""


def main() -> int:
    chosen = [find(name) for name in sys.argv[1:]] or list(lessons().values())
    wrong = 0

    def timed(lesson: Lesson, language: str) -> tuple[Lesson, str, str, float]:
        began = time.monotonic()
        return lesson, language, run(lesson, language, folder), time.monotonic() - began

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        pairs = [(lesson, language) for lesson in chosen for language in languages()]
        for lesson, language, said, seconds in pool.map(lambda pair: timed(*pair), pairs):
            print(f"{lesson.name}, {language}: {said or 'runs'}  ({seconds:.0f} s)")
            wrong += bool(said)
    print(f"{len(pairs) - wrong} of {len(pairs)} notebooks run")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
