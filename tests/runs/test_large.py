"""Tables that do not fit into memory: the same answers, piece by piece."""

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import csv, parquet

from glassnet.cli.root import root
from glassnet.cli.run_settings import one_source
from glassnet.data import read_table
from glassnet.errors import ConfigError
from glassnet.runs import large

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")


def rows(n, seed=0):
    rng = np.random.default_rng(seed)
    size, city = rng.normal(size=n), rng.integers(0, 3, n)
    kind = np.where(size + city > 1, "큰", "small")
    return pa.table({"size": size, "city": [f"c{c}" for c in city], "kind": kind,
                     "price": 3 * size + city})  # fmt: skip


def run(*arguments, code=0):
    done = CliRunner().invoke(root, [*map(str, arguments)])
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module", params=["kind", "price"])
def home(request, tmp_path_factory):
    """A run, and a folder of two Parquet files that it has not learned from."""
    home = tmp_path_factory.mktemp("large")
    csv.write_csv(rows(120), home / "learned.csv")
    run("train", home / "learned.csv", "--target", request.param, "--epochs", 3, "--out",
        home / "run", "--no-plots", "--quiet", "--ignore", "price" if request.param == "kind"
        else "kind")  # fmt: skip
    (home / "big").mkdir()
    for i in range(2):
        table = rows(90, i + 1)
        if i:
            table = table.set_column(1, "city", pa.array(["nowhere", None, *["c1"] * 88]))
        parquet.write_table(table, home / "big" / f"{i}.parquet", row_group_size=25)
    return home


@pytest.fixture
def small_memory(monkeypatch):
    monkeypatch.setattr(large, "LARGE", 100)
    monkeypatch.setattr(large, "PIECE", 32)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_answers_are_those_of_the_whole_table(home, tmp_path, monkeypatch, suffix):
    whole, parts = tmp_path / f"whole{suffix}", tmp_path / f"parts{suffix}"
    wanted = ["--keep", "row,size", "--out"]
    said = run("predict", home / "run", home / "big", *wanted, whole).stderr
    monkeypatch.setattr(large, "LARGE", 100)
    monkeypatch.setattr(large, "PIECE", 32)
    told = run("predict", home / "run", home / "big", *wanted, parts).stderr
    one, other = read_table(whole), read_table(parts)
    assert one.schema == other.schema and other.column("row").to_pylist() == list(range(1, 181))
    for a, b in zip(one.columns, other.columns):  # products of other sizes round otherwise
        if pa.types.is_floating(a.type):
            np.testing.assert_allclose(a, b, rtol=1e-5)
        else:
            assert a.equals(b)
    if suffix in (".csv", ".tsv"):
        assert parts.read_bytes()[:40] == whole.read_bytes()[:40]  # the mark of UTF-8 as well
    assert "180 rows with their answers" in told and "180 rows with their answers" in said
    assert "2 rows of 180 have what training did not have, the first: 2 of" in told
    assert "'city' is 'nowhere' in row 91" in told


def test_standard_output_has_one_header(home, small_memory):
    lines = run("predict", home / "run", home / "big").stdout.splitlines()
    assert len(lines) == 181 and sum("predicted" in line for line in lines) == 1


def test_a_broken_off_answer_leaves_nothing(home, tmp_path, small_memory):
    out = tmp_path / "x.parquet"
    done = run("predict", home / "run", home / "big", "--strict", "--out", out, code=2)
    assert "no value in row 92 (rows are counted from 1)" in done.stderr and not out.exists()


def test_judged_as_the_whole_table(home, monkeypatch, glassnet_json):
    whole = glassnet_json("evaluate", home / "run", home / "big")
    monkeypatch.setattr(large, "LARGE", 100)
    monkeypatch.setattr(large, "PIECE", 32)
    parts = glassnet_json("evaluate", home / "run", home / "big")
    assert parts.pop("data").startswith("all 180 rows of ")
    whole.pop("data")
    assert alike(parts, whole)


def alike(one, other):
    """The same, but for the last digits of numbers."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == (pytest.approx(other, rel=1e-5) if isinstance(other, float) else other)


@pytest.fixture
def glassnet_json():
    import json

    return lambda *words: json.loads(run(*words, "--json").stdout)


def test_the_shell_spells_a_folder_out(tmp_path):
    for name in ("a.parquet", "b.pq", "note.txt"):
        (tmp_path / name).touch()
    files = [str(tmp_path / "b.pq"), str(tmp_path / "a.parquet")]
    assert one_source(files) == str(tmp_path)
    (tmp_path / "b.pq").unlink()
    assert one_source([str(tmp_path / "*.parquet")]) == str(tmp_path / "a.parquet")
    (tmp_path / "c.parquet").touch()
    assert one_source([str(tmp_path / "*.parquet")]) == str(tmp_path)
    assert one_source([]) is None and one_source(["digits"]) == "digits"
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "d.parquet").touch()
    with pytest.raises(ConfigError, match=r"2 tables were named.* name the folder"):
        one_source([str(tmp_path / "*.parquet")])
    assert "one network learns from one" in run("train", "a.csv", "b.csv", code=2).stderr
