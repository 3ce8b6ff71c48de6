"""Damaged folders of runs: only errors of glassnet's own, whatever of them is asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from damage import damages

from glassnet.cli.commands.evaluate import evaluate
from glassnet.cli.commands.summary import summary
from glassnet.errors import GlassnetError
from glassnet.runs import work
from glassnet.runs.answers import for_table
from glassnet.runs.folder import REPORT, SETTINGS, RunFolder
from glassnet.runs.recipes import settings_for


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of iris."""
    home = tmp_path_factory.mktemp("runs") / "iris"
    settings = settings_for("iris", {"epochs": 2})
    work.train(settings, home, verbose=0, plots=False, say=lambda line: None)
    return home


@pytest.mark.parametrize("name", [SETTINGS, REPORT])
def test_a_damaged_file_of_a_run_is_told_in_our_words(name, run, tmp_path, capsys):
    whole = json.loads((run / name).read_text())
    rows = tmp_path / "rows.csv"
    names = ("sepal length", "sepal width", "petal length", "petal width")
    rows.write_text(",".join(f"{n} (cm)" for n in names) + "\n5,3,1,0.2\n")
    model = RunFolder.open(run).model()
    raw = []
    try:
        for what, damaged in damages(whole, each=2):
            (run / name).write_text(json.dumps(damaged))
            folder = RunFolder.open(run)
            for ask in (
                lambda: summary.callback(run=str(run), as_json=False),
                lambda folder=folder: for_table(model, folder.facts(), rows),
                lambda: evaluate.callback(str(run), None, None, None, False),
            )[: 2 if len(raw) > 20 else 3]:
                try:
                    ask()
                except GlassnetError:
                    pass
                except Exception as error:
                    raw.append(f"{what}: {type(error).__name__} {error}")
    finally:
        (run / name).write_text(json.dumps(whole))
    capsys.readouterr()
    assert not raw, "\n".join(sorted(set(raw))[:40])


def test_a_class_that_no_file_can_name_is_told_in_our_words(run, tmp_path):
    rows = tmp_path / "rows.csv"
    names = ("sepal length", "sepal width", "petal length", "petal width")
    rows.write_text(",".join(f"{n} (cm)" for n in names) + "\n5,3,1,0.2\n")
    folder = RunFolder.open(run)
    facts = replace(folder.facts(), class_names=("setosa", "\ud800", "virginica"))
    with pytest.raises(GlassnetError, match=r"settings\.json: is damaged"):
        for_table(folder.model(), facts, rows)
