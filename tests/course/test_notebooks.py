"""Each lesson as a notebook, in each language: whole, executable, and judged as a file is."""

import json

import pytest
from click.testing import CliRunner

from glassnet import texts
from glassnet.cli.root import root
from glassnet.course.catalog import lessons
from glassnet.course.notebook import notebook
from glassnet.course.reading import read
from glassnet.course.showing import execute


@pytest.mark.parametrize("name", list(lessons()))
def test_a_notebook_runs_from_top_to_bottom(name):
    lesson = lessons()[name]
    for language in texts.languages():
        made = notebook(lesson, language)
        code = ["".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code"]
        assert len(code) == len(read(lesson, language).cells) + 1
        assert code[-1].strip() == lesson.exercise(language).strip()
        assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    space = {"__name__": "__main__"}
    for source in code:  # the last language: the code of all is the same, as another test holds
        execute(source, space)


def test_it_is_handed_out_once_and_judged(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = CliRunner().invoke(root, ["learn", "relu", "--notebook", "--language", "ko"])
    assert first.exit_code == 0 and "노트북: glassnet-lessons" in first.output
    file = tmp_path / "glassnet-lessons" / "relu.ipynb"
    made = json.loads(file.read_text(encoding="utf-8"))
    stub = CliRunner().invoke(root, ["check", "relu", str(file)])
    assert stub.exit_code == 1, stub.output
    exercise = [cell for cell in made["cells"] if cell["cell_type"] == "code"][-1]
    exercise["source"] = lessons()["relu"].solution
    file.write_text(json.dumps(made), encoding="utf-8")
    right = CliRunner().invoke(root, ["check", "relu", str(file)])
    assert right.exit_code == 0, right.output
    again = CliRunner().invoke(root, ["learn", "relu", "--notebook"])
    assert "as you left it" in again.output
    assert json.loads(file.read_text(encoding="utf-8")) == made
