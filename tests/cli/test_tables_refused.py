"""What cannot be done with a table is said before a folder is made."""

import json

import pyarrow as pa
import pyarrow.parquet
import pytest

from glassnet.cli.commands.train import measured
from glassnet.data import TableBatches, load_table
from glassnet.data.table_writing import write_table
from glassnet.errors import ConfigError

GIVEN = {
    "delimiter": ";", "decimal": ",", "thousands": ",", "encoding": "cp949", "header": False,
    "names": ["a", "y"], "missing_values": ["x"],
}  # fmt: skip
SELF_TOLD = {
    ".parquet": set(GIVEN),
    ".xlsx": {"delimiter", "encoding"},
    ".jsonl": {"delimiter", "encoding", "header", "names"},
}


def written(path):
    a, y = list(range(40)), ["u", "v"] * 20
    if path.suffix == ".parquet":
        pa.parquet.write_table(pa.table({"a": a, "y": y}), path)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps({"a": i, "y": t}) for i, t in zip(a, y)))
    elif path.suffix == ".xlsx":
        book = pytest.importorskip("openpyxl").Workbook()
        for row in [("a", "y"), *zip(a, y)]:
            book.active.append(row)
        book.save(path)
    else:
        path.write_text("\n".join(["a,y", *(f"{i},{t}" for i, t in zip(a, y))]))


@pytest.mark.parametrize("suffix", SELF_TOLD)
def test_how_text_is_written_means_nothing_to_what_is_no_text(glassnet, workplace, suffix):
    """Refused, never passed over: on the command line, in Python, of a table read in parts."""
    path = workplace / f"t{suffix}"
    written(path)
    for name, value in GIVEN.items():
        means_nothing = name in SELF_TOLD[suffix]
        shown = ",".join(value) if isinstance(value, list) else value
        option = ["--no-header"] if value is False else [f"--{name.replace('_', '-')}", shown]
        if means_nothing:
            said = glassnet.error("train", path.name, "--target", "y", *option)
            assert f"{option[0]} is for files of text: leave it out" in said
            said = glassnet.error("train", path.name, *option)  # before it asks for a target
            assert f"{option[0]} is for files of text" in said
        readers = [lambda **given: load_table(path, "y", **given)]
        if suffix == ".parquet":
            readers += [
                lambda **given: TableBatches(path, "y", **given),
                lambda **given: load_table(path.parent, "y", **given),
                lambda **given: load_table({"a": [1, 2], "y": [0, 1]}, "y", **given),
            ]
        for reader in readers:
            if means_nothing:
                with pytest.raises(ConfigError, match=f"{name}=.*is for files of text"):
                    reader(**{name: value})
            elif name not in ("names", "header"):  # these change the columns
                assert reader(**{name: value})
    assert not (workplace / "runs").exists()


def test_what_was_learned_of_text_is_not_asked_of_other_files(glassnet, workplace):
    """A model of a CP949 file without a header answers for all kinds of files."""
    lines = [f"{i};{'가' if i % 3 else '나'};{'u' if i % 2 else 'v'}" for i in range(60)]
    (workplace / "t.csv").write_bytes("\n".join(lines).encode("cp949"))
    glassnet("train", "t.csv", "--target", "3", "--no-header", "--encoding", "cp949",
             "--missing-values", "x", "--layers", "2", "--epochs", 1, "--no-plots", "--out",
             "run")  # fmt: skip
    table = pa.table({"column 1": [1, 2], "column 2": ["가", "나"], "column 3": ["u", "v"]})
    for suffix in (".parquet", ".xlsx", ".jsonl"):
        write_table(table, f"new{suffix}")
        assert len(glassnet.json("predict", "run", f"new{suffix}")["rows"]) == 2
        assert "accuracy" in glassnet.json("evaluate", "run", f"new{suffix}")
        said = glassnet.error("evaluate", "run", f"new{suffix}", "--encoding", "cp949")
        assert "--encoding is for files of text: leave it out" in said
        glassnet("predict", "run", f"new{suffix}", "--encoding", "cp949", "--out", "a.csv")
        assert "가".encode("cp949") in (workplace / "a.csv").read_bytes()
    said = glassnet.error("predict", "run", "new.xlsx", "--encoding", "cp949", "--out", "b.jsonl")
    assert "--encoding is for files of text" in said


def test_a_message_about_weights_is_in_options(glassnet, workplace):
    (workplace / "t.csv").write_text("\n".join(["a,y", *(f"{i},{i * 1.5}" for i in range(40))]))
    said = glassnet.error("train", "t.csv", "--target", "y", "--class-weight", "balanced")
    assert "--class-weight balanced is for classes, but 'y' is predicted as a value" in said
    said = glassnet.error("train", "iris", "--patience", 3)
    assert "--patience needs validation data: give --validation a share" in said


def test_too_few_rows_leave_no_folder(glassnet, workplace):
    (workplace / "t.csv").write_text("a,y\n1,u\n2,v\n3,u\n")
    said = glassnet.error("train", "t.csv", "--target", "y", "--effort", "quick")
    assert "2 rows are there to learn from, beside those held out" in said
    assert "8 rows or more" in said
    assert not (workplace / "runs").exists()


def test_of_a_large_table_it_is_said_on_how_many_rows_was_measured():
    assert measured({"training": 900_000, "measured": 65_536}) == "65,536 of 900,000 samples"
    assert measured({"training": 120}) == "120 samples"  # of an older run
