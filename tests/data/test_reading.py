"""Tables as people write them: what is read, what is done, and what is said of it."""

import numpy as np
import pytest

from glassnet.data import TableBatches, load_table, read_table
from glassnet.data.columns import as_table
from glassnet.data.dataset import hold_out
from glassnet.data.doubles import copies, copies_of
from glassnet.data.preprocessing import Preprocessor
from glassnet.data.table_files import read_with_notes
from glassnet.errors import DataError, NoHeaderError


@pytest.fixture
def file(tmp_path):
    """Writes a file and gives its path."""

    def write(content, name="t.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        return path

    return write


def said(notes, *words):
    """Whether one of the lines has all of the words."""
    return any(all(word in note for word in words) for note in notes)


@pytest.mark.parametrize(
    ("content", "names", "first", "note"),
    [
        ('"a, b";c\n1;x\n2;y\n', ["a, b", "c"], [1, "x"], "semicolons"),
        ("name;n\nKim, A;5\nLee;6\n", ["name", "n"], ["Kim, A", 5], "semicolons"),
        ("sep=;\na;b\n1;2\n3;4\n", ["a", "b"], [1, 2], "sep=;"),
        ("Sales of 2024\n\na,b,c\n1,x,3\n4,y,6\n", ["a", "b", "c"], [1, "x", 3], "Sales of 2024"),
        ('y\ta\tname\n18.0   8\t"ford pinto"\n3504.  9\t"amc"\n', ["y", "a", "name"],
         [18.0, 8, "ford pinto"], "spaces"),
        ('a,b\n"1,395",2\n"70",3\n"1,234,567",4\n', ["a", "b"], [1395, 2], "thousands"),
        ("a;b\n12,5;2\n1.395,0;3\n", ["a", "b"], [12.5, 2], "decimal sign"),
        ("a,b\n01001,x\n10000,y\n", ["a", "b"], ["01001", "x"], "codes"),
        ("a,b\n01,x\nA3,y\n", ["a", "b"], ["01", "x"], None),
        ("a, b\n1, ?\n2, x\n", ["a", "b"], [1, None], "'?' counts as no value"),
        ("place,2013,2014\nx,5,6\ny,7,8\n", ["place", "2013", "2014"], ["x", 5, 6], None),
        (",a\n2,x\n1,y\n", ["a"], ["x"], "counts the rows"),
    ],
)  # fmt: skip
def test_what_a_file_says_of_itself_is_found_out_and_said(file, content, names, first, note):
    found = read_with_notes(file(content))
    assert found.table.column_names == names
    assert list(found.table.slice(0, 1).to_pylist()[0].values()) == first
    assert note is None or said(found.notes, note)


def test_korean_that_is_no_utf8_is_read_and_other_bytes_are_not(file):
    path = file("구,수\n중구,1\n종로구,2\n", encoding="cp949")
    found = read_with_notes(path)
    assert found.table.column("구").to_pylist() == ["중구", "종로구"] and said(found.notes, "CP949")
    with pytest.raises(DataError, match=r"not utf8 text.*encoding=.cp949"):
        read_table(path, strict=True)
    with pytest.raises(DataError, match="not utf8 text"):
        read_table(file("a\nx\né,\n", encoding="latin-1"))


def test_a_first_line_of_data_is_told_and_columns_without_names_have_numbers(file):
    lines = "".join(f"{k / 2},{'ab'[k % 2]}, {k % 7}\n" for k in range(40))
    path = file(lines, "t.data")
    with pytest.raises(NoHeaderError, match=r"looks like a row \(0\.0, a, 0\).*header=False"):
        load_table(path, "2")
    data = load_table(path, "2", header=False)
    assert data.class_names == ("a", "b") and data.feature_names == ("column 1", "column 3")
    assert read_table(path, names=["x", "k", "n"]).column_names == ["x", "k", "n"]
    rows = Preprocessor.from_config(data.preprocessing.to_config())
    new = file("9.5, 3\n", "new.data")  # without the target: the others move up
    table = read_table(new, **rows.reading_for(new))
    assert table.column_names == ["column 1", "column 3"]
    np.testing.assert_allclose(rows.transform(table), data.x[[19]] * [1, 0] + data.x[[3]] * [0, 1])


def test_what_a_person_would_do_is_done_and_said(file):
    lines = ["id,name,free,code,when,gap,same,alive,y"]
    for k in range(60):
        yes = k * 7 % 5 > 1
        lines.append(
            f"{k + 1},Name {k},text {k % 20} {k},0{k % 3},{1 + k % 28}.{1 + k % 12}.2024,"
            f"{'' if k % 6 == 0 else k % 11},5,{'yes' if yes else 'no'},{yes:d}.0"
        )
    data = load_table(file("\n".join(lines)), "y", max_categories=20)
    assert data.class_names == ("0", "1") and data.task == "classification"
    used = {name.partition("=")[0].partition(".")[0] for name in data.feature_names}
    assert used == {"code", "when", "gap", "alive"}
    for words in [
        ("left out", "'id'"), ("left out", "'name' (60 different)"), ("never change", "'same'"),
        ("codes", "'code'", "'00'"), ("'when' is a date", "%d.%m.%Y"), ("'gap' in 10 rows",),
        ("'alive' tells 'y' in every row", "ignore=['alive']"),
    ]:  # fmt: skip
        assert said(data.notes, *words), words
    again = data.preprocessing.transform({"code": "02", "when": "3.2.2024", "gap": None,
                                          "alive": "perhaps"})  # fmt: skip
    names = dict(zip(data.feature_names, again[0]))
    assert names["code=02"] == 1 and names["alive=no"] == names["alive=yes"] == 0


def test_all_troubles_come_in_one_message_that_ends_in_what_to_give(file):
    lines = [f"{'' if k == 3 else k % 9},N{k},T{k % 30},{k % 2}" for k in range(60)]
    path = file("\n".join(["a,name,ticket,y", *lines]))
    with pytest.raises(DataError) as caught:
        load_table(path, "y", strict=True, max_categories=20)
    message = str(caught.value)
    assert "'a' in row 5 " in message and message.endswith(
        "ignore=['name', 'ticket'] missing=\"fill\""
    )
    assert load_table(path, "y", strict=True, ignore=["name", "ticket"], missing="fill").x.size


def test_rows_of_another_day_are_no_copies():
    days = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
    table = {
        "day": days,
        "late": (days - days[0]).astype("timedelta64[s]"),
        "y": np.arange(60) % 30,
    }
    assert copies(as_table(table)) is None
    assert copies(as_table({**table, "day": days[:30].tolist() * 2, "late": [0] * 60})) is not None


def test_copies_of_a_row_go_to_one_side():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((100, 3)).repeat(2, 0), rng.integers(0, 2, 100).repeat(2)
    table = {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": y}
    data = load_table(table, "y", test_fraction=0.2)
    apart = {row.tobytes() for row in data.x} & {row.tobytes() for row in data.x_test}
    assert not apart and len(data.x_test) == 40
    assert said(data.notes, "100 rows are copies of another")
    truth = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]).repeat(25, 0)
    assert copies_of(truth, truth[:, 0]) is None  # all the cases that there are
    held = hold_out(y, 0.3, seed=1, stratify=True, groups=np.arange(200) // 2)[1]
    assert 57 < len(held) <= 60 and (held.reshape(-1, 2) // 2 == held[::2, None] // 2).all()


def test_numbers_of_few_words_are_numbers_with_gaps_and_quality_can_be_a_value(file):
    lines = [f"{k if k % 10 else 'unknown'},{3 + k % 6}" for k in range(60)]
    path = file("\n".join(["a,quality", *lines]))
    data = load_table(path, "quality")
    assert data.task == "classification" and said(data.notes, 'task="regression"')
    assert said(data.notes, "'a' has numbers but for 'unknown' in 6 rows")
    value = load_table(path, "quality", task="regression")
    assert value.class_names is None and value.y.max() == 8


def test_a_large_table_is_read_alike(file, monkeypatch):
    monkeypatch.setattr("glassnet.data.csv_parts.PART_BYTES", 400)
    lines = [f'"{k % 50},{k % 10}{k % 7}0";0{k % 4};{"uv"[k % 2]}' for k in range(300)]
    path = file("\n".join(["sep=;", "a;code;y", *lines]))
    whole, parts = load_table(path, "y"), TableBatches(path, "y", shuffle=False)
    assert parts.preprocessing == whole.preprocessing and len(parts._parts) > 5
    assert parts.sample.notes == whole.notes
    np.testing.assert_allclose(np.concatenate([x for x, _ in parts]), whole.x, atol=1e-6)
