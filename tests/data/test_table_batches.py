"""Tables larger than memory: folders of files, rows held out, and what is learned from a sample."""

import gzip
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data import TableBatches, load_table, lots, read_table
from glassnet.data.table_batches import ahead
from glassnet.errors import ConfigError, DataError


def write(path, columns, row_group_size=7):
    path.parent.mkdir(parents=True, exist_ok=True)
    pa.parquet.write_table(pa.table(columns), path, row_group_size=row_group_size)
    return path


def rows(start, stop):
    numbers = np.arange(start, stop)
    return {"id": numbers.astype(float), "c": [f"c{k % 3}" for k in numbers], "y": numbers % 2}


def numbered(source, seed=0, skip=0):
    """The row numbers of each batch, after a look at whether x and y are those of the rows."""
    at = source.preprocessing.column_names.index("id")
    column = source.preprocessing.columns[at]
    found = []
    for x, y, numbers in source.numbered(np.random.default_rng(seed), skip):
        ids = x[:, source.preprocessing.feature_names.index("id")] * column.scale + column.mean
        np.testing.assert_allclose(ids, numbers, atol=1e-3)
        np.testing.assert_array_equal(y, numbers % 2)
        found.append(numbers.tolist())
    return found


def flat(batches):
    return [number for batch in batches for number in batch]


def test_a_folder_is_one_table_and_its_names_may_hold_columns(tmp_path):
    write(tmp_path / "year=2023" / "part-0.parquet", rows(0, 20))
    write(tmp_path / "year=2024" / "part-0.parquet", rows(20, 50))
    write(tmp_path / "year=2024" / "part-1.parquet", rows(50, 50))  # as Spark leaves some
    (tmp_path / "_SUCCESS").touch()
    write(tmp_path / "_temporary" / "part-9.parquet", rows(90, 99))
    table = read_table(tmp_path)
    assert table.column("id").to_pylist() == list(range(50))
    assert table.column("year").to_pylist() == ["2023"] * 20 + ["2024"] * 30
    source = TableBatches(tmp_path, "y", batch_size=8, buffer_rows=16)
    assert source.preprocessing == load_table(tmp_path, "y").preprocessing
    assert "year=2024" in source.preprocessing.feature_names
    assert sorted(flat(numbered(source))) == list(range(50))


def test_files_whose_types_differ_become_the_wider_one_and_others_are_named(tmp_path):
    write(tmp_path / "a.parquet", {"x": pa.array([1, 2], pa.int32()), "y": [0, 1]})
    write(tmp_path / "b.parquet", {"x": [0.5, 1.5], "y": [1, 0]})
    assert read_table(tmp_path).column("x").to_pylist() == [1.0, 2.0, 0.5, 1.5]
    write(tmp_path / "c.parquet", {"y": [1], "z": [2.0]})
    with pytest.raises(DataError, match=r"c\.parquet lacks 'x', which a\.parquet has"):
        TableBatches(tmp_path, "y")
    write(tmp_path / "c.parquet", {"y": [1], "x": ["red"]})
    with pytest.raises(DataError, match=r"'x' is double in a\.parquet, but string in c\.parquet"):
        TableBatches(tmp_path, "y")
    write(tmp_path / "c.parquet", {"y": [1], "x": [2.0], "w": [2.0]})
    with pytest.raises(DataError, match=r"a\.parquet lacks 'w', which c\.parquet has"):
        TableBatches(tmp_path, "y")


@pytest.mark.parametrize("shuffle", [True, False])
def test_what_is_held_out_is_in_no_batch_and_teaches_nothing(tmp_path, shuffle):
    write(tmp_path / "a.parquet", rows(0, 300), 40)
    write(tmp_path / "b.parquet", rows(300, 500), 40)
    settings = {"batch_size": 16, "buffer_rows": 64, "shuffle": shuffle}
    source = TableBatches(tmp_path, "y", held_out=0.2, seed=3, **settings)
    batches = numbered(source)
    drawn = flat(batches)
    held = sorted(set(range(500)) - set(drawn))
    assert len(drawn) == len(set(drawn)) == source.n_samples and 70 < len(held) < 130
    assert source.rows_held_out.tolist() == held
    at = source.preprocessing.column_names.index("id")
    column = source.preprocessing.columns[at]
    np.testing.assert_allclose(column.mean, np.mean(drawn), rtol=1e-6)
    np.testing.assert_array_equal(source.sample.y_test, np.array(held) % 2)
    ids = source.sample.x_test[:, source.preprocessing.feature_names.index("id")]
    np.testing.assert_allclose(ids * column.scale + column.mean, held, atol=1e-3)
    for skip in (0, 1, 5, len(batches) - 1, len(batches)):
        assert numbered(source, skip=skip) == batches[skip:]
    again = TableBatches(
        tmp_path, held_out=0.2, seed=3, preprocessing=source.preprocessing, **settings
    )
    assert numbered(again) == batches
    other = TableBatches(tmp_path, "y", held_out=0.2, seed=4, **settings)
    assert set(flat(numbered(other))) != set(drawn)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_copies_of_a_row_go_to_one_side_wherever_they_lie(tmp_path, monkeypatch, suffix):
    """1,500 rows, three times each, all over the table; 500 times one of two that are no copies."""
    monkeypatch.setattr("glassnet.data.csv_parts.PART_BYTES", 2000)
    rng = np.random.default_rng(0)
    which = rng.permutation(np.concatenate([np.repeat(np.arange(1500), 3), [-1, -2] * 500]))
    table = {"a": which * 0.5, "b": [f"서울{k}" for k in which], "y": which % 2}
    path = tmp_path / f"t.{suffix}"
    if suffix == "csv":
        lines = [f"{a},{b},{y}" for a, b, y in zip(*table.values())]
        path.write_text("\n".join(["a,b,y", *lines]), "utf-8")
    else:
        write(path, table, 300)
    settings = {"held_out": 0.2, "max_categories": 2, "task": "classification"}
    source = TableBatches(path, "y", batch_size=64, **settings)
    held = np.zeros(len(which), bool)
    held[source.rows_held_out] = True
    assert 0.15 < held.mean() < 0.25 and source.n_samples == (~held).sum()
    assert set(which[held & (which >= 0)]).isdisjoint(which[~held])
    for often in (-1, -2):
        assert 0.1 < held[which == often].mean() < 0.3
    copies = 2 * len(set(which[held & (which >= 0)]))
    assert f"{copies:,} rows of those held out are copies of another" in source.description
    drawn = np.concatenate([rows.copy() for *_, rows in source.numbered(rng)])
    assert sorted(drawn) == np.flatnonzero(~held).tolist()
    again = TableBatches(path, held_out=0.2, preprocessing=source.preprocessing)
    assert (again.rows_held_out == source.rows_held_out).all()


def test_what_most_candidates_hold_takes_no_memory(tmp_path, monkeypatch):
    """A third of the rows are one that would be held out, and another third one that would not."""
    monkeypatch.setattr("glassnet.data.held_out.MOST", 600)
    which = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], 2000))
    which[which == 2] = np.arange(2, 2002)
    source = TableBatches(
        write(tmp_path / "t.parquet", {"a": which * 1.0, "y": which % 2}, 500), "y",
        held_out=0.1, task="classification",
    )  # fmt: skip
    held = which[source.rows_held_out]
    assert 130 < (held == 0).sum() < 270 and 130 < (held == 1).sum() < 270
    assert 100 < (held > 1).sum() < 300


def test_a_rare_class_is_a_class_and_a_rare_category_none(tmp_path, monkeypatch):
    """The sample of some 100 rows lacks them both."""
    monkeypatch.setattr("glassnet.data.sampling.SAMPLE", 100)
    content = rows(0, 5000)
    unseen = int(np.flatnonzero(~_sampled(5000))[0])
    content["y"] = [7 if k == unseen else int(v) for k, v in enumerate(content["y"])]
    content["c"] = ["rare" if k == unseen else v for k, v in enumerate(content["c"])]
    source = TableBatches(write(tmp_path / "t.parquet", content, 1000), "y", shuffle=False)
    assert source.preprocessing.target.classes == (0, 1, 7)
    assert 50 < source.sample.n_samples < 200 and "5,000 rows, looked at a sample" in (
        source.description
    )
    x = np.concatenate([x for x, _ in source])
    categories = [f.startswith("c=") for f in source.preprocessing.feature_names]
    assert x[unseen, categories].tolist() == [0, 0, 0] and x[:, categories].sum() == 4999


def _sampled(n):
    return lots.Draw(0.0, 100 / n, 0).parts(np.arange(n))[1]


@given(seed=st.integers(0, 2**63), first=st.integers(0, 2**40))
def test_lots_are_even_and_folds_do_not_follow_them(seed, first):
    """Of n lots a share s ± 6·√(s(1 - s)/n) lies below s; so in every fold."""
    numbers = np.arange(first, first + 4000)
    held = lots.lots(numbers, seed) < 0.3
    fold = lots.folds(numbers, 8, seed)
    assert abs(held.mean() - 0.3) < 6 * np.sqrt(0.21 / 4000)
    assert set(fold.tolist()) == set(range(8))
    for k in range(8):
        part = held[fold == k]
        assert abs(len(part) / 4000 - 1 / 8) < 6 * np.sqrt(7 / 64 / 4000)
        assert abs(part.mean() - 0.3) < 6 * np.sqrt(0.21 / len(part))


def test_settings_that_cannot_be(tmp_path):
    write(tmp_path / "t.parquet", rows(0, 9))
    with pytest.raises(ConfigError, match="held_out must be at least 0 and below 1, got 1"):
        TableBatches(tmp_path, "y", held_out=1.0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="is a folder without a Parquet file"):
        TableBatches(tmp_path / "empty", "y")


ROWS = 3000


def csv_file(path, n=ROWS, odd=None):
    """Text that looks like numbers, quoted line breaks, gaps; only from row 2000 on a fraction."""
    lines = ["id, code,note,size,day,y"]
    for k in range(n):
        size = "" if k % 50 == 3 else f"{k // 7}" if k < 2000 else f"{k / 8}"
        note = '"one, ""two""\nthree"' if k % 3 else "plain"
        day = f"{2000 + k // 300}-{k % 12 + 1:02}-{k % 28 + 1:02}"
        lines.append(f"{k},{k % 5:04},{note},{size},{day},{'yes' if k % 2 else 'no'}")
    if odd is not None:
        lines[odd + 1] = lines[odd + 1].replace(f"{odd},", "oops,", 1)
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_csv_file_in_parts_is_the_table_that_it_is_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.data.csv_parts.PART_BYTES", 5000)
    path = csv_file(tmp_path / "big.csv")
    settings = {"missing": "fill", "ignore": ["code"], "scaling": "robust"}
    whole = load_table(path, "y", **settings)
    source = TableBatches(path, "y", shuffle=False, batch_size=100, **settings)
    assert len(source._parts) > 10 and source.n_samples == ROWS
    assert source.preprocessing == whole.preprocessing
    np.testing.assert_allclose(np.concatenate([x for x, _ in source]), whole.x, atol=1e-6)
    np.testing.assert_array_equal(np.concatenate([y for _, y in source]), whole.y)
    shuffled = TableBatches(path, "y", batch_size=100, buffer_rows=500, **settings)
    order = np.concatenate([b.rows.copy() for b in shuffled.numbered(np.random.default_rng(1))])
    assert sorted(order.tolist()) == list(range(ROWS)) and order.tolist() != list(range(ROWS))


def test_types_of_a_csv_file_are_those_of_rows_from_all_over_it(tmp_path, monkeypatch):
    """The first 2000 rows hold whole numbers; a class stands in the last row alone."""
    monkeypatch.setattr("glassnet.data.csv_parts.PART_BYTES", 3000)
    monkeypatch.setattr("glassnet.data.sampling.SAMPLE", 300)
    lines = [f"{k if k < 2000 else k + 0.5},{k % 3}.0" for k in range(2999)] + ["7.5,9.0"]
    path = tmp_path / "big.csv"
    path.write_text("\n".join(["x,y", *lines]))
    source = TableBatches(path, "y", task="classification", shuffle=False)
    assert source.preprocessing.target.classes == (0, 1, 2, 9)
    labels = np.concatenate([y for _, y in source])
    assert len(labels) == 3000 and labels[-1] == 3
    assert labels[:-1].tolist() == [k % 3 for k in range(2999)]


def test_rows_of_a_csv_file_that_cannot_be_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.data.csv_parts.PART_BYTES", 2000)
    monkeypatch.setattr("glassnet.data.sampling.SAMPLE", 100)
    path = tmp_path / "big.csv"
    lines = [f"{k},{k % 2}" for k in range(1000)]
    path.write_text("\n".join(["x,y", *lines[:700], "1,2,3", *lines[700:]]))
    with pytest.raises(DataError, match="row 702 has 3 fields, but the header has 2: '1,2,3'"):
        TableBatches(path, "y")
    path.write_text("\n".join(["x,y", *lines[:700], "oops,1", *lines[700:]]))
    with pytest.raises(DataError, match="must hold numbers, but row 702 has 'oops'"):
        list(TableBatches(path, "y", shuffle=False))
    path.write_text("\n".join(["x,y", *lines[:300], '"3,1', *lines[300:]]))
    monkeypatch.setattr("glassnet.data.csv_parts.LONGEST", 3000)
    with pytest.raises(DataError, match=r"line 302 does not end .*quotation mark left open"):
        TableBatches(path, "y")
    packed = tmp_path / "big.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DataError, match=r"is compressed, .* unpack it first"):
        TableBatches(packed, "y")
    with pytest.raises(DataError, match=r"bytes that are not utf-16 text\. Save it as UTF-8"):
        TableBatches(path, "y", encoding="utf-16")


def test_the_next_items_are_made_while_one_is_used():
    made = []

    def items():
        for i in range(3):
            made.append(i)
            yield i
        raise OSError("the disk is gone")

    coming = ahead(items())
    assert next(coming) == 0
    until = time.monotonic() + 10
    while made != [0, 1] and time.monotonic() < until:  # the second, though nobody has asked
        time.sleep(0.001)
    assert made == [0, 1]
    with pytest.raises(OSError, match="the disk is gone"):
        list(coming)
    begun = ahead(items())
    next(begun)
    begun.close()  # in the middle: the thread ends


def test_another_batch_size_is_as_if_opened_with_it(tmp_path):
    write(tmp_path / "t.parquet", {"x": np.arange(100.0), "y": ["a", "b"] * 50}, 30)
    options = {"target": "y", "buffer_rows": 40, "held_out": 0.2}
    one = TableBatches(tmp_path / "t.parquet", batch_size=7, **options).of(16)
    other = TableBatches(tmp_path / "t.parquet", batch_size=16, **options)
    for (x, y), (x2, y2) in zip(one.batches(3), other.batches(3), strict=True):
        np.testing.assert_array_equal(x, x2)
        np.testing.assert_array_equal(y, y2)
