"""The examples: each is listed, can be imported, and shows what it says. .ci/run runs them all."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "examples"
PROGRAMS = sorted(FOLDER.glob("*_*.py"))
EXAMPLES = [path for path in PROGRAMS if path.stem != "run_all"]
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

IMPORT_ALL = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    assert callable(importlib.import_module(name).main), name
"""


@pytest.mark.parametrize("page", ["README.md", "README.ko.md"])
def test_both_pages_list_every_example_and_its_pictures(page):
    text = (FOLDER / page).read_text(encoding="utf-8")
    listed = re.findall(r"\[`([\w.]+)`\]\(\1\)", text)
    assert sorted(listed) == sorted(path.name for path in (*EXAMPLES, *NOTEBOOKS))
    for path in EXAMPLES:
        (row,) = re.findall(rf"^\| \[`{path.name}`.*$", text, re.MULTILINE)
        kept = len(re.findall(r"\.keep\(", path.read_text(encoding="utf-8")))
        assert row.count(".png") >= kept, path.name


def test_every_example_says_what_it_is_about_in_the_public_names():
    for path in EXAMPLES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path.name
        assert "glassnet._" not in path.read_text(encoding="utf-8"), path.name


def test_all_can_be_imported_and_one_runs(tmp_path):
    names = [path.stem for path in EXAMPLES]
    command = [sys.executable, "-c", IMPORT_ALL, str(FOLDER), *names]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    command = [sys.executable, str(FOLDER / "scratch_3_activations.py"), "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[0.31682708 0.69627909] by hand: [0.31682708 0.69627909]" in done.stdout
    assert (tmp_path / "scratch_3_activations.png").exists()


def test_notebooks_are_whole_and_without_output():
    assert len(NOTEBOOKS) >= 2
    for path in NOTEBOOKS:
        book = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
        assert len(cells) > 3
        for cell in cells:
            assert cell["outputs"] == [] and cell["execution_count"] is None, path.name
            ast.parse("".join(cell["source"]))
