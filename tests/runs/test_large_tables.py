"""Runs on tables that are read in parts: the same run as of a table in memory."""

import signal

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from glassnet.errors import ConfigError
from glassnet.runs import samples, work
from glassnet.runs.folder import RunFolder
from glassnet.runs.recipes import settings_for
from glassnet.tabular import stream


@pytest.fixture(params=["folder", "csv"])
def table(request, tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "LARGE", 100)
    monkeypatch.setattr("glassnet.data.sampling.SAMPLE", 300)
    monkeypatch.setattr("glassnet.data.csv_parts.PART_BYTES", 4000)
    rng = np.random.default_rng(0)
    x, c = rng.standard_normal(2000), rng.integers(0, 3, 2000)
    columns = {"x": x, "c": [f"c{k}" for k in c], "y": np.where((x > 0) ^ (c == 1), "yes", "no")}
    made = pa.table(columns)
    if request.param == "csv":
        pa.csv.write_csv(made, tmp_path / "t.csv")
        return tmp_path / "t.csv"
    (tmp_path / "t").mkdir()
    for number in range(3):
        part = made.slice(number * 700, 700)
        pa.parquet.write_table(part, tmp_path / "t" / f"{number}.parquet", row_group_size=150)
    return tmp_path / "t"


def test_a_run_learns_from_all_rows_but_those_held_out(table, tmp_path):
    given = {"target": "y", "epochs": 12, "layers": (16,), "batch_size": 32, "patience": 0}
    settings = settings_for(str(table), given)
    outcome = work.train(settings, tmp_path / "run", verbose=0, plots=False)
    counts = outcome.report["data"]
    assert counts["training"] + counts["validation"] + counts["held_out"] == 2000
    assert 1500 < counts["training"] < 1700 and abs(counts["validation"] - counts["held_out"]) < 2
    assert outcome.report["held_out"]["accuracy"] > 0.9
    again = samples.load(settings)
    assert again.fingerprint() == outcome.folder.fingerprint()
    assert len(again.held_out[1]) == counts["held_out"]
    rows = {"x": [1.0, -1.0, 1.0], "c": ["c0", "c0", "c1"]}
    answers = outcome.model.predict(outcome.model.preprocessing.transform(rows)).argmax(1)
    assert outcome.model.preprocessing.decode_target(answers).tolist() == ["yes", "no", "no"]


def test_a_test_file_is_judged_on_as_a_whole(table, tmp_path):
    """Watched are rows of the large table, so that no row of the file chooses anything."""
    lines = ["x,c,y", *(f"{(-1) ** i},c0,{'no' if i % 2 else 'yes'}" for i in range(50))]
    (tmp_path / "test.csv").write_text("\n".join(lines))
    given = {"target": "y", "test": str(tmp_path / "test.csv"), "validation": 0.2}
    loaded = samples.load(settings_for(str(table), given))
    assert len(loaded.held_out[1]) == 50 and len(loaded.validation[1]) > 300
    without = samples.load(settings_for(str(table), given | {"validation": 0.0, "patience": 0}))
    assert without.validation is None and without.stream.n_samples == 2000


@pytest.fixture
def brief(monkeypatch):
    """The recipe in a second: small chunks, three passes."""
    monkeypatch.setattr(stream, "CHUNK", 512)
    monkeypatch.setattr(stream, "STRETCH", 2)
    monkeypatch.setattr(stream, "ONCE", 20_000)


def test_no_options_train_the_ensemble_from_the_stream(table, tmp_path, brief):
    settings = settings_for(str(table), {"target": "y", "effort": "quick"})
    outcome = work.train(settings, tmp_path / "run", verbose=0, plots=False)
    counts = outcome.report["data"]
    assert counts["training"] + counts["held_out"] == 2000 and counts["validation"] == 0
    assert outcome.report["network"].startswith("1 × ") and not outcome.interrupted
    assert outcome.report["held_out"]["accuracy"] > 0.8
    found = outcome.model.predict({"x": [1.0, None], "c": ["c0", "never seen"]})
    assert found.shape == (2, 2) and np.isfinite(found).all()


def test_ctrl_c_keeps_an_ensemble_that_answers_and_goes_on(table, tmp_path, brief, monkeypatch):
    offer, count = stream.StreamedRows._offer, [0]

    def pressed(self, chunk, members):
        offer(self, chunk, members)
        count[0] += 1
        if count[0] == 3:  # of two chunks in an epoch
            signal.raise_signal(signal.SIGINT)

    settings = settings_for(str(table), {"target": "y", "effort": "quick"})
    whole = work.train(settings, tmp_path / "whole", verbose=0, plots=False)
    monkeypatch.setattr(stream.StreamedRows, "_offer", pressed)
    outcome = work.train(settings, tmp_path / "run", verbose=0, plots=False)
    assert outcome.interrupted and not outcome.report
    folder = RunFolder.open(tmp_path / "run")
    assert not folder.finished and folder.model().predict({"x": [1.0], "c": ["c0"]}).shape == (1, 2)
    again = work.resume(folder, verbose=0, plots=False)
    for a, b in zip(whole.model.get_weights(), again.model.get_weights()):
        np.testing.assert_array_equal(a, b)
    assert again.report["held_out"] == whole.report["held_out"] and not folder.networks.exists()


def test_classes_are_weighted_as_asked_or_it_is_refused(table, tmp_path, brief):
    given = {"target": "y", "effort": "quick", "class_weight": "balanced"}
    assert work.train(settings_for(str(table), given), tmp_path / "run", verbose=0, plots=False)
    given = {"target": "y", "epochs": 1, "class_weight": "balanced"}
    with pytest.raises(ConfigError, match="this one is read in parts"):
        work.train(settings_for(str(table), given), tmp_path / "other", verbose=0, plots=False)
