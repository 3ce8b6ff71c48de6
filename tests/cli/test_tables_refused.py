"""What cannot be done with a table is said before a folder is made."""

import pyarrow as pa
import pyarrow.parquet
import pytest

from glassnet.cli.commands.train import measured


@pytest.mark.parametrize("option", (["--thousands", ","], ["--no-header"], ["--encoding", "cp949"]))
def test_how_text_is_written_means_nothing_to_parquet(glassnet, workplace, option):
    pa.parquet.write_table(pa.table({"a": range(40), "y": ["u", "v"] * 20}), "t.parquet")
    said = glassnet.error("train", "t.parquet", "--target", "y", *option)
    assert f"{option[0]} is for files of text: leave it out" in said
    assert not (workplace / "runs").exists()


def test_too_few_rows_leave_no_folder(glassnet, workplace):
    (workplace / "t.csv").write_text("a,y\n1,u\n2,v\n3,u\n")
    said = glassnet.error("train", "t.csv", "--target", "y", "--effort", "quick")
    assert "8 rows or more" in said
    assert not (workplace / "runs").exists()


def test_of_a_large_table_it_is_said_on_how_many_rows_was_measured():
    assert measured({"training": 900_000, "measured": 65_536}) == "65,536 of 900,000 samples"
    assert measured({"training": 120}) == "120 samples"  # of an older run
