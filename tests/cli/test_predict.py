"""What ``glassnet predict`` gives back for tables."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest

from glassnet import data

ROWS = [{"colour": "red", "note": "hello", "length": 0.1},
        {"colour": "blue", "note": "a, b", "length": 5.9}]  # fmt: skip
CSV = 'colour,note,length\nred,hello,0.1\nblue,"a, b",5.9\n'


@pytest.fixture(scope="module")
def costs(tmp_path_factory, glassnet):
    """A run that gives values: cost = 1000 + 30·size ± 9."""
    folder, rng = tmp_path_factory.mktemp("costs"), np.random.default_rng(0)
    size = rng.uniform(0, 100, 600)
    cost = 1000 + 30 * size + rng.normal(0, 9, 600)
    lines = [f"{a:.3f},{b:.2f}" for a, b in zip(size, cost)]
    (folder / "costs.csv").write_text("\n".join(["size,cost", *lines]) + "\n")
    glassnet("train", folder / "costs.csv", "--target", "cost", "--out", folder / "run",
             "--epochs", 60, "--no-plots", "--quiet")  # fmt: skip
    return folder / "run"


def read_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_come_back_with_their_answers_in_every_format(glassnet, runs, workplace):
    (workplace / "new.csv").write_text(CSV)
    (workplace / "new.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    shown = read_csv(glassnet("predict", runs / "things", "new.csv").stdout)
    assert [row["predicted"] for row in shown] == ["small", "big"]
    assert shown[1]["note"] == "a, b" and 0.5 <= float(shown[0]["probability"]) <= 1
    expected = glassnet.json("predict", runs / "things", "new.jsonl")["rows"]
    for name in ("a.csv", "a.tsv", "a.parquet", "a.xlsx", "a.jsonl"):
        result = glassnet("predict", runs / "things", "new.csv", "--out", name)
        assert "2 rows" in result.stderr
        assert data.read_table(name).to_pylist() == expected, name


def test_every_class_has_its_probability_in_the_words_of_the_table(glassnet, runs, workplace):
    (workplace / "new.csv").write_text(CSV)
    found = glassnet.json("predict", runs / "things", "new.csv", "--probabilities")["rows"]
    for row in found:
        each = {k: row[f"probability of {k}"] for k in ("big", "small")}
        assert sum(each.values()) == pytest.approx(1, abs=1e-6)
        assert row["probability"] == max(each.values()) == each[row["predicted"]]
    assert "--interval" not in glassnet("predict", runs / "things", "new.csv").stdout
    assert "--probabilities" in glassnet.error(
        "predict", runs / "things", "new.csv", "--interval", 0.9
    )


def test_an_interval_holds_what_it_promises(glassnet, costs, workplace):
    """Nine in ten of 2,000 rows; the 96 that were watched give that level with an sd of 0.03."""
    rng = np.random.default_rng(5)
    size = rng.uniform(0, 100, 2000)
    cost = 1000 + 30 * size + rng.normal(0, 9, 2000)
    (workplace / "new.csv").write_text("\n".join(["size", *map(str, size)]))
    rows = glassnet.json("predict", costs, "new.csv", "--interval", 0.9)["rows"]
    inside = [row["lower"] <= c <= row["upper"] for row, c in zip(rows, cost)]
    assert 0.81 < np.mean(inside) < 0.99
    assert np.mean([row["upper"] - row["lower"] for row in rows]) < 100
    assert "at most 0.99" in glassnet.error("predict", costs, "new.csv", "--interval", 0.999)
    assert "between 0 and 1" in glassnet.error("predict", costs, "new.csv", "--interval", 90)
    assert "--interval" in glassnet.error("predict", costs, "new.csv", "--probabilities")


def test_only_some_columns_are_kept(glassnet, runs, workplace):
    (workplace / "new.csv").write_text(CSV)

    def header(*keep):
        return glassnet("predict", runs / "things", "new.csv", *keep).stdout.splitlines()[0]

    assert header("--keep", "note,colour") == '"note","colour","predicted","probability"'
    assert header("--keep", "note", "--keep", "row") == '"note","row","predicted","probability"'
    assert header("--keep", "") == '"predicted","probability"'
    assert "did you mean 'note'" in glassnet.error(
        "predict", runs / "things", "new.csv", "--keep", "notes"
    )


def test_a_table_on_standard_input_through_a_pipe(runs, workplace):
    program = [sys.executable, "-m", "glassnet", "predict", str(runs / "things"), "-"]
    for text in (CSV.replace(",", ";").replace("a; b", "a, b"), "\n".join(map(json.dumps, ROWS))):
        done = subprocess.run(program, input=text.encode(), capture_output=True, check=True)
        assert [row["predicted"] for row in read_csv(done.stdout.decode())] == ["small", "big"]
    done = subprocess.run(program, input=b"", capture_output=True, check=False)
    assert done.returncode == 2 and done.stderr == b"Error: standard input: nothing came\n"


def test_several_tables_at_once(glassnet, runs, workplace):
    (workplace / "a.csv").write_text(CSV)
    (workplace / "b.jsonl").write_text('{"length": 5.5, "colour": "red", "note": 7}\n')
    asked = ["predict", runs / "things", "a.csv", "b.jsonl"]
    rows = glassnet.json(*asked)["rows"]
    assert [row["file"] for row in rows] == ["a.csv", "a.csv", "b.jsonl"]
    assert [row["note"] for row in rows] == ["hello", "a, b", "7"]
    glassnet(*asked, "--out", "all.xlsx")
    assert data.read_table("all.xlsx").to_pylist() == rows
    glassnet(*asked, "--out", "answers/")
    assert data.read_table("answers/a.csv").num_rows == 2
    assert data.read_table("answers/b.jsonl").num_rows == 1
    assert "named twice" in glassnet.error("predict", runs / "things", "a.csv", "a.csv")


def test_the_table_itself_is_never_overwritten(glassnet, runs, workplace):
    (workplace / "a.csv").write_text(CSV)
    (workplace / "b.csv").write_text(CSV)
    for out in ("a.csv", "./a.csv", "b.csv", "."):
        words = glassnet.error("predict", runs / "things", "a.csv", "b.csv", "--out", out)
        assert "not overwritten" in words
    assert (workplace / "a.csv").read_text() == CSV
    assert ".xlsx" in glassnet.error("predict", runs / "things", "a.csv", "--out", "a.doc")


def test_text_is_written_as_a_spreadsheet_opens_it(glassnet, runs, workplace):
    (workplace / "k.csv").write_bytes("colour,이름,length\nred,김,1\n".encode("cp949"))
    asked = ["predict", runs / "things", "k.csv", "--encoding", "cp949", "--out"]
    glassnet(*asked, "a.csv")
    assert "김" in (workplace / "a.csv").read_text(encoding="cp949")
    (workplace / "u.csv").write_text("colour,이름,length\nred,김,1\n", encoding="utf-8")
    glassnet("predict", runs / "things", "u.csv", "--out", "b.csv")
    assert (workplace / "b.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert data.read_table("b.csv").column_names[1] == "이름"
    (workplace / "e.csv").write_text("colour,name,length\nred,Kim,1\n")
    glassnet("predict", runs / "things", "e.csv", "--out", "c.csv")
    assert (workplace / "c.csv").read_bytes().isascii()
    (workplace / "emoji.csv").write_text("colour,이름,length\nred,🙂,1\n", encoding="utf-8")
    asked = ["predict", runs / "things", "emoji.csv", "--encoding"]
    assert "cp949" in glassnet.error(*asked, "cp949", "--out", "d.csv")
    assert not (workplace / "d.csv").exists()


STRANGE = "length,colour\n1,green\n,red\n5.9,blue\nlong,red\n5.9,\n0.2,mauve\n"


def test_what_training_did_not_have_is_answered_and_said(glassnet, runs, workplace):
    (workplace / "new.csv").write_text(STRANGE)
    result = glassnet("predict", runs / "things", "new.csv")
    rows = read_csv(result.stdout)
    assert [row["predicted"] for row in rows][2] == "big" and len(rows) == 6
    said = " ".join(result.stderr.split())
    assert said.startswith("new.csv: 5 of 6 rows have what training did not have: ")
    assert "'length' is 'long', no number, in row 5" in said
    assert "'length' has no value in row 3" in said
    assert "'colour' is 'green' or 'mauve' in rows 2, 7" in said
    assert (
        "'colour' has no value in row 6 (rows are numbered as in a spreadsheet" in said
        and said.endswith("--strict refuses such rows.")
    )


@pytest.mark.parametrize(
    ("text", "words", "strict"),
    [
        ("colour\nred\n", "'length'", False),
        ("length,colour\nlong,red\n", "'long'", False),
        ("length,colour\nlong,red\n1,red\n", "'long'", True),
        ("length,colour\n1,green\n", "'green'", True),
        ("length,colour\n,red\n1,red\n", "row 2 ", True),
        ("", "new.csv", False),
    ],
)
def test_what_cannot_be_answered_is_refused(glassnet, runs, workplace, text, words, strict):
    (workplace / "new.csv").write_text(text)
    asked = ["predict", runs / "things", "new.csv", "--out", "a.csv", *["--strict"] * strict]
    error = glassnet.error(*asked)
    assert words in error and "new.csv" in error
    assert not (workplace / "a.csv").exists()


def test_a_text_that_looks_like_a_formula_stays_a_text(glassnet, runs, workplace):
    openpyxl = pytest.importorskip("openpyxl")
    (workplace / "new.csv").write_text("length,colour,note\n1,red,=1+1\n2,blue,\x07bell\n")
    glassnet("predict", runs / "things", "new.csv", "--out", "a.xlsx")
    sheet = openpyxl.load_workbook("a.xlsx")["answers"]
    assert sheet["C2"].data_type == "s" and sheet["C2"].value == "=1+1"
    assert sheet["C3"].value == "bell"
