"""A row is called by its number in the file, as a spreadsheet shows it, wherever one is named."""

import csv
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from glassnet.runs import samples

ROWS = 180


def drawn():
    """Numbers, and answers that follow them but for some: (a, b, y) for each row."""
    rng = np.random.default_rng(0)
    for _ in range(ROWS):
        a, b = rng.normal(size=2).round(4)
        yield float(a), float(b), "yes" if a + b + rng.normal() > 0 else "no"


def lines(path, header="a,b,note,id,y", blank=(), above=()):
    """CSV with line breaks within quotes (one row for a spreadsheet) and empty lines."""
    out, row = [*above, *([header] if header else [])], len(above) + bool(header)
    for k, (a, b, y) in enumerate(drawn()):
        row += 1
        note = '"one\ntwo"' if k % 7 == 3 else "one"
        out.append(f"{a},{b},{note},{row},{y if k != 5 else ''}")
        if k in blank:
            out.append("")
            row += 1
    path.write_text("\n".join(out) + "\n")


def excel(path):
    """A title, an empty row above the header, and one in the middle."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Measured in May"])
    sheet.append([])
    sheet.append(["a", "b", "note", "id", "y"])
    for k, (a, b, y) in enumerate(drawn()):
        sheet.append([a, b, "one" if k % 3 else "two", sheet.max_row + 1 + (k == 40), y])
        if k == 39:
            sheet.append([])
            sheet.append([])
            sheet.cell(sheet.max_row + 1, 1)
    for row in sheet.iter_rows(min_row=4):
        if row[3].value is not None:
            row[3].value = row[3].row
    book.save(path)


def json_lines(path):
    each = [{"a": a, "b": b, "note": "one", "id": k + 1, "y": y} for k, (a, b, y)
            in enumerate(drawn())]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, each)))


def parquet(path):
    a, b, y = zip(*drawn())
    made = {"a": a, "b": b, "note": ["one"] * ROWS, "id": range(1, ROWS + 1), "y": y}
    pa.parquet.write_table(pa.table(made), path, row_group_size=40)


FILES = {
    "plain.csv": lines,
    "gaps.csv": lambda path: lines(path, blank=(0, 30, 31, 60)),
    "titled.csv": lambda path: lines(path, above=["Measured in May,,,,"]),
    "bare.csv": lambda path: lines(path, header=""),
    "book.xlsx": excel,
    "lines.jsonl": json_lines,
    "table.parquet": parquet,
    "large.csv": lines,
    "large.parquet": parquet,
}


@pytest.mark.parametrize("name", FILES)
def test_a_row_is_found_by_its_number(name, glassnet, workplace, monkeypatch):
    path = workplace / name
    FILES[name](path)
    if name.startswith("large"):
        monkeypatch.setattr(samples, "LARGE", 10)
        monkeypatch.setattr("glassnet.data.csv_parts.PART_BYTES", 600)
    a, number, target, more = "a", "id", "y", []
    if name == "bare.csv":
        a, number, target, more = "column 1", "column 4", "column 5", ["--no-header"]
    glassnet("train", name, "--target", target, *more, "--layers", "2", "--epochs", 2, "--ignore",
             number, "--no-plots", "--quiet", "--out", "run")  # fmt: skip
    rows = glassnet.json("predict", "run", name, "--keep", f"row,{number},{a},{target}")["rows"]
    assert [row["row"] for row in rows] == [row[number] for row in rows] and len(rows) == ROWS
    of = {row["row"]: row for row in rows}
    found = glassnet.json("mistakes", "run", "--limit", 100)
    assert found["count"]
    for one in found["mistakes"]:
        assert (of[one["row"]][target], of[one["row"]]["predicted"]) == (
            one["true"], one["predicted"],
        )  # fmt: skip
    wanted = "counted from 1" if name.split(".")[1] in ("jsonl", "parquet") or more else "as in a s"
    assert wanted in found["rows"]
    kept = json.loads((workplace / "run/insight.json").read_text())["surest_mistakes"]
    assert len(kept) == found["count"] and kept[0]["row"] == found["mistakes"][0]["row"]
    assert all(abs(one["values"][a] - of[one["row"]][a]) < 1e-3 for one in kept)
    held = found["mistakes"][0]["row"]
    learned = next(n for n in of if n > held and of[n][target])
    for row in (held, learned):
        why = glassnet.json("explain", "run", "--row", row)
        values = {c["column"]: c["value"] for c in why["columns"]}
        assert why["row"] == row and abs(values[a] - of[row][a]) < 1e-3
    refused = glassnet.error("explain", "run", "--row", 0)
    assert f"row 0 of {name} is not at hand" in refused or "no row 0 with an answer" in refused
    everywhere = glassnet.json("mistakes", "run", name, "--limit", 100)["mistakes"]
    assert {one["row"] for one in found["mistakes"]} <= {one["row"] for one in everywhere}
    assert all(of[one["row"]][target] == one["true"] for one in everywhere)


def test_a_test_file_has_rows_of_its_own(glassnet, workplace):
    lines(workplace / "train.csv")
    lines(workplace / "test.csv", blank=(2,))
    glassnet("train", "train.csv", "--target", "y", "--test", "test.csv", "--ignore", "id",
             "--layers", "2", "--epochs", 1, "--no-plots", "--quiet", "--out", "run")  # fmt: skip
    with (workplace / "test.csv").open(newline="") as file:
        each = {int(row["id"]): row["y"] for row in csv.DictReader(file)}
    found = glassnet.json("mistakes", "run")["mistakes"]
    assert found and all(each[one["row"]] == one["true"] for one in found)
    told = glassnet("explain", "run", "--row", found[0]["row"]).stdout
    assert told.startswith(f"row {found[0]['row']} of test.csv\n")
    shown = glassnet("mistakes", "run")
    assert " row " in shown.stdout.split("true")[0]
    assert f"glassnet explain run --row {found[0]['row']}" in shown.stderr


def test_data_sets_that_are_in_no_file_count_samples_from_0(glassnet, runs):
    found = glassnet.json("mistakes", runs / "blobs", "--limit", 1)
    assert found["rows"] == "samples are counted from 0"
