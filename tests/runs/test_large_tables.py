"""Runs on tables that are read in parts: the same run as of a table in memory."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from glassnet.runs import samples, work
from glassnet.runs.recipes import settings_for


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
