"""``glassnet train --test FILE`` and ``glassnet evaluate RUN FILE``: other rows to judge by."""

import json

import numpy as np
import pytest

from glassnet import data
from glassnet.runs.folder import RunFolder

QUICK = ["--epochs", 20, "--no-plots", "--quiet"]


def rows(n, seed, kinds=("blue", "red")):
    rng = np.random.default_rng(seed)
    size, colour = rng.uniform(0, 10, n).round(3), rng.choice(kinds, n)
    return [f"{a},{c},{'big' if a > 5 else 'small'}" for a, c in zip(size, colour)]


def write(path, lines):
    path.write_text("\n".join(["size,colour,kind", *lines]) + "\n")


def test_a_network_is_judged_on_the_file_and_learns_from_all_rows(glassnet, workplace):
    write(workplace / "train.csv", rows(100, 0))
    write(workplace / "test.csv", rows(37, 1))
    asked = ["train", "train.csv", "--target", "kind", "--test", "test.csv", *QUICK]
    report = glassnet.json(*asked, "--validation", 0, "--patience", 0)
    assert report["data"]["training"] == 100 and report["data"]["held_out"] == 37
    folder = RunFolder.open("runs/train")
    table = data.load_table("test.csv", "kind", preprocessing=folder.model().preprocessing)
    expected = folder.model().evaluate(table.x, table.y)["loss"]
    assert report["held_out"]["loss"] == pytest.approx(expected, rel=1e-6)
    again = glassnet.json("evaluate", "runs/train")
    assert again["data"] == "the 37 rows of test.csv"
    assert again["accuracy"] == report["held_out"]["accuracy"]
    shown = glassnet(*asked, "--out", "other").stdout
    assert "right on the 37 rows of test.csv" in shown


def test_what_training_did_not_have_is_judged_and_said(glassnet, workplace):
    write(workplace / "train.csv", rows(100, 0))
    write(workplace / "test.csv", [*rows(20, 1), "2.0,green,small", ",red,big", "3.0,blue,"])
    result = glassnet("train", "train.csv", "--target", "kind", "--test", "test.csv",
                      "--epochs", 20, "--no-plots")  # fmt: skip
    assert "test.csv: 1 row left out for missing values; 2 of 22 rows have" in result.stderr
    assert "'colour' is 'green' in row 22" in result.stderr
    found = glassnet.json("evaluate", "runs/train", "test.csv")
    assert found["data"].startswith("all 22 rows of test.csv (1 row left out") and found["loss"]


def test_test_files_that_cannot_be(glassnet, workplace):
    write(workplace / "train.csv", rows(100, 0))
    (workplace / "other.csv").write_text("size,colour\n1,red\n")
    write(workplace / "new.csv", ["1,red,huge"])
    write(workplace / "gaps.csv", ["1,red,"])

    def refused(test, name="train.csv", *more):
        return glassnet.error("train", name, *more, "--test", test, *QUICK)

    target = ["--target", "kind"]
    assert "is the table to learn from" in refused("./train.csv", "train.csv", *target)
    assert "other.csv" in refused("other.csv", "train.csv", *target)
    assert "'huge'" in refused("new.csv", "train.csv", *target)
    assert "no row has a value of 'kind'" in refused("gaps.csv", "train.csv", *target)
    assert "there is no file nope.csv" in refused("nope.csv", "train.csv", *target)
    assert "test is for tables" in refused("train.csv", "iris")
    assert "to a file first" in refused("train.csv", "-", *target)
    assert not (workplace / "runs").exists()


def test_a_workbook_to_learn_from_and_lines_to_judge_by(glassnet, workplace):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for line in ["size,colour,kind", *rows(100, 0)]:
        size, *words = line.split(",")
        book.active.append([float(size) if size != "size" else size, *words])
    book.save("train.xlsx")
    lines = [dict(zip(("size", "colour", "kind"), line.split(","))) for line in rows(30, 1)]
    (workplace / "test.jsonl").write_text("\n".join(map(json.dumps, lines)))
    report = glassnet.json(
        "train", "train.xlsx", "--target", "kind", "--test", "test.jsonl", *QUICK
    )
    assert report["folder"] == "runs/train" and report["held_out"]["accuracy"] > 0.8
