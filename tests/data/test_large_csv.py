"""A CSV file that is read in parts, however it is written, is the table that it is in memory."""

import numpy as np
import pytest

from glassnet.data import TableBatches, load_table
from glassnet.errors import DataError

ROWS = 400


def plain(value):
    return f"{value:.2f}"


def english(value):
    return f"{1000 * value:,.1f}"


def german(value):
    return f"{1000 * value:,.2f}".translate(str.maketrans(",.", ".,"))


def quoted(value):
    return f'"{english(value)}"'


def gaps(value):
    return plain(value) if value < 1.2 else "-"


# name → encoding, separator, how numbers are written, lines above, what is said of it
WAYS = {
    "cp949": ("cp949", ",", plain, ["a,도시,b,y"], {}),
    "cp949, said": ("cp949", ",", plain, ["a,도시,b,y"], {"encoding": "cp949"}),
    "no header": ("utf8", ",", plain, [], {"header": False}),
    "names, cp949": ("cp949", ",", plain, [], {"names": ["a", "도시", "b", "y"]}),
    "thousands": ("utf8", ",", quoted, ["a,도시,b,y"], {}),
    "thousands, said": ("utf8", ",", quoted, ["a,도시,b,y"], {"thousands": ","}),
    "tabs, thousands": ("cp949", "\t", english, ["a\t도시\tb\ty"], {}),
    "decimal comma": ("utf8", ";", german, ["a;도시;b;y"], {}),
    "decimal comma, cp949, no header": ("cp949", ";", german, [], {"header": False}),
    "all of it, said": (
        "cp949", ";", german, [],
        {"header": False, "decimal": ",", "thousands": ".", "delimiter": ";", "encoding": "cp949"},
    ),
    "a decimal sign is no separator": ("utf8", ";", german, [], {"header": False, "decimal": ","}),
    "spaces": ("cp949", " ", plain, ["a 도시 b y"], {}),
    "the mark of UTF-8": ("utf-8-sig", ",", plain, [], {"header": False}),
    "a title": ("cp949", ",", plain, ["5월,,,", "a,도시,b,y"], {}),
    "sep=": ("utf8", "|", plain, ["sep=|", "a|도시|b|y"], {}),
    "a word for no value": ("utf8", ",", gaps, ["a,도시,b,y"], {"missing_values": ["-"]}),
}  # fmt: skip


def write(path, encoding, sign, shown, above, rows=ROWS):
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(rows, 2))
    towns, answers = rng.choice(["서울", "부산", "광주"], rows), rng.choice(["u", "v"], rows)
    lines = [
        sign.join([shown(a), town, shown(2 * b), y])
        for (a, b), town, y in zip(numbers, towns, answers)
    ]
    path.write_bytes("\r\n".join([*above, *lines]).encode(encoding))
    return path


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("way", WAYS)
def test_it_is_the_same_table(way, task, tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.data.csv_parts.PART_BYTES", 2000)
    encoding, sign, shown, above, given = WAYS[way]
    path = write(tmp_path / "t.csv", encoding, sign, shown, above)
    bare = not above and "names" not in given
    number, words = ("column 3", "column 4") if bare else ("b", "y")
    target = words if task == "classification" else number
    whole = load_table(path, target, missing="fill", **given)
    parts = TableBatches(path, target, missing="fill", shuffle=False, batch_size=64, **given)
    assert len(parts._parts) > 3 and parts.task == whole.task == task
    assert parts.preprocessing == whole.preprocessing
    np.testing.assert_allclose(np.concatenate([x for x, _ in parts]), whole.x, atol=1e-5)
    np.testing.assert_allclose(np.concatenate([y for _, y in parts]), whole.y, atol=1e-5)
    assert parts.sample.rows.tolist() == whole.rows.tolist()
    assert whole.rows[0] == len(above) + 1


def test_what_cannot_be_cut_into_parts_is_refused_with_the_way_out(tmp_path):
    path = write(tmp_path / "t.csv", "utf-16", ",", plain, ["a,도시,b,y"])
    with pytest.raises(DataError, match=r"t.csv: too large to be read as utf-16; save it as UTF-8"):
        TableBatches(path, "y", encoding="utf-16")
