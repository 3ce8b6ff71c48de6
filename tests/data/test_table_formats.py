"""Excel, JSON lines and standard input are read as CSV is."""

from __future__ import annotations

import datetime
import gzip
import io
import sys
import zipfile
from pathlib import Path

import pytest

from glassnet.data import read_table
from glassnet.errors import DataError, FileFormatError, MissingDependencyError

ROWS = [
    {"name": "Kim, A.", "age": 31, "rate": 0.1, "ok": True, "on": "2024-05-01"},
    {"name": "이영희", "age": None, "rate": 2.5, "ok": False, "on": "2024-06-01"},
]


def as_csv(path: Path) -> Path:
    path.write_text(
        'name,age,rate,ok,on\n"Kim, A.",31,0.1,true,2024-05-01\n이영희,,2.5,false,2024-06-01\n',
        encoding="utf-8",
    )
    return path


def workbook(path: Path, rows: list[list[object]], before: int = 0) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for _ in range(before):
        book.active.append([])
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_json_lines_and_lists_of_objects_read_as_csv(tmp_path: Path) -> None:
    import json

    expected = read_table(as_csv(tmp_path / "a.csv"))
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\n"
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps(ROWS))
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(lines.encode()))
    for name in ("a.jsonl", "a.json", "a.ndjson.gz"):
        assert read_table(tmp_path / name).equals(expected), name


def test_a_workbook_reads_as_csv(tmp_path: Path) -> None:
    """With a title and empty lines above, a date as Excel keeps it, and a formula's fault."""
    expected = read_table(as_csv(tmp_path / "a.csv"))
    rows = [
        [None, *ROWS[0]],
        [None, "Kim, A.", 31, 0.1, True, datetime.datetime(2024, 5, 1)],
        [None, "이영희", "#DIV/0!", 2.5, False, datetime.datetime(2024, 6, 1)],
    ]
    assert read_table(workbook(tmp_path / "a.xlsx", rows)).equals(expected)
    titled = [[None, "Patients of 2024"], [], *rows]
    assert read_table(workbook(tmp_path / "b.xlsx", titled, before=2)).equals(expected)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    content = {"csv": "a;b\n1;x\n2;y\n", "jsonl": '{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n'}[kind]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    assert read_table("-").to_pydict() == {"a": [1, 2], "b": ["x", "y"]}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": }\n', "no JSON in line 2"),
        ("a.jsonl", b'{"a": 1}\n[2]\n', "line 2 is"),
        ("a.jsonl", b'{"a": {"b": 1}}\n', "line 1, 'a': holds dicts"),
        ("a.jsonl", b"\xff\xfe\n", "is UTF-8 text"),
        ("a.jsonl", b"", "no rows"),
        ("a.xlsx", b"PK\x03\x04 broken", "damaged"),
        ("a.xlsx", b"a,b\n1,2\n", "damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0 old", "old Excel"),
        ("data", b"PK\x03\x04 broken", "damaged"),
    ],
)
def test_what_cannot_be_read_names_the_file(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    pytest.importorskip("openpyxl")
    (tmp_path / name).write_bytes(content)
    with pytest.raises((DataError, FileFormatError), match=said) as found:
        read_table(tmp_path / name)
    assert str(tmp_path / name) in str(found.value)


def test_errors_name_the_workbook_and_not_what_was_made_of_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["a", "a"], [1, 2]])
    with pytest.raises(DataError, match="more than one column called 'a'") as found:
        read_table(path)
    assert str(found.value).startswith(str(path))


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openpyxl")
    monkeypatch.setattr("glassnet.data.table_formats.LARGEST", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * (3 << 20))
    with pytest.raises(FileFormatError, match="3 MB unpacked"):
        read_table(tmp_path / "a.xlsx")


def test_without_openpyxl_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "a.xlsx", [["a"], [1]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingDependencyError, match="openpyxl"):
        read_table(path)
