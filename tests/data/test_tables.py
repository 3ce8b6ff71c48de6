"""CSV and Parquet tables: what is learned from them, and every kind of bad table."""

import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from glassnet.data import load_table, read_table
from glassnet.data.preprocessing import Preprocessor
from glassnet.errors import (
    ConfigError,
    DataError,
    FileFormatError,
    GlassnetError,
    LabelError,
)


@pytest.fixture
def table(tmp_path):
    """Writes a CSV file and reads it as a data set with the target y."""

    def load(content, target="y", name="t.csv", strict=True, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_table(path, target, strict=strict, **options)

    return load


def rows(*columns):
    """A CSV table of lists with a first element that is the name."""
    return "".join(",".join(map(str, row)) + "\n" for row in zip(*columns))


# What is learned


def test_a_table_by_hand(table):
    data = table("size,color,new,y\n1,red,true,a\n2,blue,false,b\n6,red,true,a\n")
    # mean 3, variance (4 + 1 + 9)/3
    scale = np.sqrt(14 / 3)
    np.testing.assert_allclose(
        data.x,
        [[-2 / scale, 0, 1, 1], [-1 / scale, 1, 0, 0], [3 / scale, 0, 1, 1]],
        rtol=1e-6,
    )
    assert data.x.dtype == np.float32
    assert data.feature_names == ("size", "color=blue", "color=red", "new")
    assert data.y.tolist() == [0, 1, 0] and data.y.dtype == np.int64
    assert data.class_names == ("a", "b") and data.task == "classification"
    assert "3 rows, 4 columns, 4 features" in data.description


@pytest.mark.parametrize(
    ("values", "task", "names"),
    [
        (["u", "v", "u"], "classification", ("u", "v")),
        (["true", "false", "true"], "classification", ("false", "true")),
        ([3, 7, 3], "classification", ("3", "7")),
        ([0.5, 1.5, 2.5], "regression", None),
        ([1.0, 2.5, 2.5], "regression", None),
    ],
)
def test_the_task_is_inferred_and_said(table, values, task, names):
    data = table(rows(["a", 1, 2, 3], ["y", *values]))
    assert data.task == task and data.class_names == names
    assert f"{task} of 'y' (the target" in data.description
    if task == "regression":
        assert data.y.dtype == np.float32
        np.testing.assert_allclose(data.y, values)


def test_many_whole_numbers_are_a_regression_and_the_task_can_be_given(table):
    content = rows(["a", *range(40)], ["y", *(k % 30 for k in range(40))])
    assert table(content).task == "regression"
    assert table(content, task="classification").class_names == tuple(map(str, range(30)))
    data = table(rows(["a", 1, 2, 3], ["y", "0.0", "1.0", "0.0"]))  # as pandas writes beside gaps
    assert data.class_names == ("0", "1") and data.y.tolist() == [0, 1, 0]
    assert table(rows(["a", 1, 2, 3], ["y", 0, 1, 0]), task="regression").y.tolist() == [0, 1, 0]


def test_whole_number_classes_are_in_the_order_of_numbers(table):
    data = table(rows(["a", 1, 2, 3], ["y", 10, 9, 2]))
    assert data.class_names == ("2", "9", "10") and data.y.tolist() == [2, 1, 0]


def test_codes_are_categories_when_named(table):
    content = rows(["a", 1, 2, 3, 4], ["zip", 10, 20, 10, 20], ["y", *"uvuv"])
    assert table(content).feature_names == ("a", "zip")
    assert table(content, categorical=["zip"]).feature_names == ("a", "zip=10", "zip=20")


def test_constant_columns_are_left_out_and_named(table):
    content = rows(["a", 1, 2], ["c", 5, 5], ["d", "k", "k"], ["e", "true", "true"], ["y", *"uv"])
    data = table(content)
    assert data.feature_names == ("a",)
    assert "never change: 'c', 'd', 'e'" in data.description
    with pytest.raises(DataError, match="every column but the target has the same value"):
        table(rows(["c", 5, 5], ["y", *"uv"]))


def test_a_constant_that_the_variance_does_not_see_as_one(table):
    data = table(rows(["a", *[0.1] * 11], ["b", *range(11)], ["y", *"uvuvuvuvuvu"]))
    assert data.feature_names == ("b",)
    tiny = table(rows(["a", "0", "1e-200"], ["y", *"uv"]))
    np.testing.assert_allclose(tiny.x[:, 0], [-0.5, 0.5])


def test_the_target_can_be_standardised_and_turned_back(table):
    data = table(rows(["a", 1, 2, 3], ["y", 1.5, 2.5, 6.5]), scale_target=True)
    assert data.y.mean() == pytest.approx(0, abs=1e-6) and data.y.std() == pytest.approx(1)
    np.testing.assert_allclose(data.preprocessing.decode_target(data.y), [1.5, 2.5, 6.5], rtol=1e-6)


def test_a_share_of_the_rows_can_be_held_out_and_teaches_nothing(table):
    rng = np.random.default_rng(0)
    a, y = rng.normal(5, 3, 100), np.arange(100) % 2
    data = table(rows(["a", *a], ["y", *y]), test_fraction=0.2, seed=3)
    assert len(data.x) == 80 and len(data.x_test) == 20
    assert np.bincount(data.y_test).tolist() == [10, 10]
    assert data.x.mean() == pytest.approx(0, abs=1e-6) and abs(data.x_test.mean()) > 1e-4
    (column,) = data.preprocessing.columns
    everything = np.concatenate([data.x, data.x_test])[:, 0] * column.scale + column.mean
    np.testing.assert_allclose(sorted(everything), sorted(a), rtol=1e-5, atol=1e-5)


def test_a_category_that_only_held_out_rows_have_is_none_of_the_known(table):
    content = rows(["c", *"ab" * 20, "rare"], ["y", *"uv" * 20, "u"])
    for seed in range(60):
        data = table(content, test_fraction=0.2, seed=seed)
        if data.feature_names == ("c=a", "c=b"):
            assert (data.x_test.sum(axis=1) == 0).sum() == 1
            return
    pytest.fail("no seed held the rare row out")


def test_an_earlier_preprocessor_reads_a_new_table(table):
    train = table("a,c,y\n1,r,u\n3,s,v\n")
    new = table("y,junk,c,a\nv,1,r,5\n", preprocessing=train.preprocessing)
    assert new.x.tolist() == [[3, 1, 0]] and new.y.tolist() == [1]
    assert new.feature_names == train.feature_names
    with pytest.raises(LabelError, match="does not fit the classes: column 'y' is 'w' in row 2"):
        table("y,c,a\nw,r,5\n", preprocessing=train.preprocessing)


def test_tables_in_memory_of_every_library():
    pandas = pytest.importorskip("pandas")
    columns = {"a": [1.0, 2.0, 3.0], "c": ["r", "s", "r"], "y": [0, 1, 0]}
    frame = pandas.DataFrame(columns, index=[7, 8, 9])
    frame["k"] = pandas.Categorical([5, 6, 5])
    expected = load_table(columns | {"k": ["5", "6", "5"]}, "y")
    for data in (frame, pa.Table.from_pandas(frame), pa.RecordBatch.from_pandas(frame)):
        got = load_table(data, "y")
        np.testing.assert_array_equal(got.x, expected.x)
        assert got.feature_names == expected.feature_names == ("a", "c=r", "c=s", "k=5", "k=6")


@pytest.mark.parity
def test_polars_tables():
    polars = pytest.importorskip("polars")
    columns = {"a": [1.0, 2.0, None], "c": ["r", "s", "r"], "y": [0, 1, 0]}
    got = load_table(polars.DataFrame(columns), "y", missing="fill")
    np.testing.assert_array_equal(got.x, load_table(columns, "y", missing="fill").x)


# Files


def test_delimiters_and_decimal_signs(table):
    expected = table("a,c,y\n1.5,r,u\n2.5,s,v\n")
    for content, options in [
        ("a;c;y\n1.5;r;u\n2.5;s;v\n", {}),
        ("a\tc\ty\n1.5\tr\tu\n2.5\ts\tv\n", {}),
        ("a|c|y\n1.5|r|u\n2.5|s|v\n", {}),
        ("a:c:y\n1.5:r:u\n2.5:s:v\n", {"delimiter": ":"}),
        ("a;c;y\n1,5;r;u\n2,5;s;v\n", {"decimal": ","}),
        ("\ufeffa, c ,y\r\n 1.5,r , u\r\n2.5, s,v\r\n", {}),
        (gzip.compress(b"a,c,y\n1.5,r,u\n2.5,s,v\n"), {"name": "t.csv.gz"}),
        ("a,c,y\n1.5,r,u\n2.5,s,v\n".encode("utf-16"), {"encoding": "utf-16"}),
    ]:
        data = table(content, **options)
        np.testing.assert_array_equal(data.x, expected.x)
        assert data.feature_names == ("a", "c=r", "c=s")


def test_quotes_hold_commas_and_line_ends(table):
    data = table('a,c,y\n1,"x, y",u\n2,"line\nend",v\n')
    assert data.feature_names == ("a", "c=line\nend", "c=x, y")


def test_parquet_is_told_by_its_bytes(tmp_path):
    content = pa.table({"a": [1.0, 3.0], "y": ["u", "v"]})
    for name in ("t.parquet", "t.dat", "t.csv"):
        pa.parquet.write_table(content, tmp_path / name)
        assert load_table(tmp_path / name, "y").x.tolist() == [[-1], [1]]


def test_the_row_numbers_that_pandas_writes_are_left_out(table, tmp_path):
    assert table(",a,y\n0,5,u\n1,7,v\n").feature_names == ("a",)
    assert table(",a,y\n4,5,u\n1,7,v\n").feature_names == ("column 1", "a")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [5, 7], "y": ["u", "v"]}, index=[10, 20])
    frame.to_parquet(tmp_path / "t.parquet")
    assert load_table(tmp_path / "t.parquet", "y").feature_names == ("a",)


# Missing values

HOLES = "a,c,y\n1,red,u\n,blue,v\n3,,u\n4,red,\n5,red,v\n"


def test_missing_values_are_refused_with_columns_and_rows(table):
    with pytest.raises(
        DataError, match=r"'a' in row 3; 'c' in row 4; 'y' in row 5 .*\"drop\".*\"fill\""
    ):
        table(HOLES)
    many = rows(["a", *[""] * 9, 1], ["b", *range(10)], ["y", *"uvuvuvuvuv"])
    with pytest.raises(DataError, match=r"'a' in rows 2, 3, 4, 5, 6 and 4 more"):
        table(many)


def test_rows_with_missing_values_are_dropped(table):
    data = table(HOLES.replace("5,red,v", "5,blue,v"), missing="drop")
    assert data.x[:, 0].tolist() == [-1, 1] and data.y.tolist() == [0, 1]
    assert "3 rows dropped" in data.description
    with pytest.raises(DataError, match="each of the 2 rows lacks a value"):
        table("a,b,y\n1,,u\n,2,v\n", missing="drop")


def test_missing_values_are_filled_with_the_median_and_a_category_of_its_own(table):
    data = table(HOLES, missing="fill")  # the row without a target goes
    assert data.feature_names == ("a", "c=blue", "c=red", "c=(missing)")
    (a, c) = data.preprocessing.columns
    assert a.fill == 3 and a.mean == 3 and a.scale == pytest.approx(np.sqrt(8 / 3))
    np.testing.assert_allclose(data.x[:, 0] * a.scale + a.mean, [1, 3, 3, 5], rtol=1e-6)
    assert data.x[:, 1:].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert c.missing and "1 row without 'y' is left out" in data.description


def test_booleans_with_holes_have_three_values_when_filled(table):
    data = table("b,y\ntrue,u\nfalse,v\n,u\n", missing="fill")
    assert data.feature_names == ("b=false", "b=true", "b=(missing)")


@pytest.mark.parametrize("hole", ["", "NA", "NaN", "null", "n/a"])
def test_what_counts_as_missing(table, hole):
    with pytest.raises(DataError, match="'a' in row 2 "):
        table(rows(["a", hole, 1], ["b", 1, 2], ["y", *"uv"]))
    with pytest.raises(DataError, match="'a' in row 2 "):
        table(rows(["a", hole, "x", "z"], ["b", 1, 2, 3], ["y", *"uvu"]))


def test_more_words_for_missing(table):
    content = rows(["a", 1, "--", 3, 4, 5], ["y", *"uvuvu"])
    with pytest.raises(DataError, match=r"numbers, but for '--'\? .*missing_values=\['--'\]"):
        table(content)
    assert len(table(content, missing_values=["--"], missing="drop").x) == 4


@pytest.mark.parametrize("missing", ["error", "drop", "fill"])
def test_a_column_without_any_value(table, missing):
    with pytest.raises(DataError, match=r"column 'a' has no value in any row\..*ignore=\['a'\]"):
        table("a,b,y\n,1,u\n,2,v\n", missing=missing)


# Bad tables


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("", DataError, "the file is empty"),
        ("\n\n", DataError, "the file is empty"),
        ("a,y\n", DataError, "no rows below the header"),
        ("a,b\n1,2\n", DataError, "unknown target column 'y': Known are a, b"),
        ("a,Y \n1,2\n2,3\n", DataError, "did you mean 'Y'"),
        ("a,a,y\n1,2,u\n", DataError, "more than one column called 'a'"),
        ("a,y\n1,u\n2\n3,v\n", DataError, "row 3 has 1 field, but the header has 2: '2'"),
        ("a,y\n1,u\n2,v,9\n3\n", DataError, r"row 3 has 3 fields, .*\(and 1 row more\)"),
        ('a,y\n"x\nx",u\n2\n', DataError, "row 3 has 1 field"),
        ('a,y\n"1,u\n2,v\n', DataError, "row 2 has 1 field"),
        ("a,y\n1,u\ninf,v\n", DataError, "column 'a' is infinite in row 3 "),
        ("a,y\n1,u\n-1e999,v\n", DataError, "column 'a' is infinite in row 3 "),
        ("a,y\n1,1.5\n2,inf\n", DataError, "column 'y' is infinite in row 3 "),
        ("a,y\n1e300,u\n-1e300,v\n", DataError, "column 'a' has values up to 1e[+]300, too large"),
        (b"a,y\nx,u\n\xe9,v\n", DataError, "column 'a' that are not utf8 .*latin-1"),
        (b"\xe9,y\nx,u\n", DataError, "in the header that are not utf8"),
        (bytes(range(256)) * 4, FileFormatError, "not a CSV file; it holds binary data"),
        ("a,y\n1,u\n".encode("utf-16"), FileFormatError, "UTF-16 text: encoding=.utf-16"),
        ('a,y\n"1,000",u\n"2,000",v\n"7",u', DataError, "part the thousands"),
        ("a,y\n" + "x" * 3_000_000 + ",u\n", DataError, "longer than a megabyte; is a quotation"),
        ("a,y\n1,\n2,\n", DataError, "'y' has no value in any row$"),
        ("y\n1\n2\n", DataError, "no column to learn from"),
        ("a,y\n1,2020-01-01\n2,2020-01-02\n", DataError, "'y' holds dates"),
        ("a,y\n1,u\n2,u\n", LabelError, "'u' in every row"),
        ("a,y\n1,4\n2,4\n", LabelError, "4 in every row"),
        ("a;y\n1,5;u\n2,5;v\n3,5;u\n", DataError, "decimal comma, such as '1,5'. Then decimal="),
        ("a;y\n1;2,5\n2;3,5\n3;4,5\n", LabelError, "'y' is text: numbers with a decimal comma"),
        (rows(["n", *(f"name{k}" for k in range(12))], ["b", *range(12)], ["y", *"uv" * 6]),
         DataError, r"'n' is text with a different value in each of its 12 rows.*ignore=\['n'\]"),
        (rows(["n", *(f"k{k // 2}" for k in range(240))], ["y", *"uv" * 120]),
         DataError, r"'n' is text with more than 100 different values"),
        (rows(["a", *range(30)], ["y", *(f"id{k}" for k in range(30))]),
         LabelError, "30 different values in 30 rows; these are no classes"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused_with_the_place_and_the_way_out(table, content, error, message):
    with pytest.raises(error, match=message) as caught:
        table(content)
    assert "t.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"missing": "guess"}, ConfigError, "missing must be"),
        ({"task": "clustering"}, ConfigError, "task must be"),
        ({"task": "regression"}, LabelError, "regression needs numbers"),
        ({"ignore": "a"}, ConfigError, "ignore must be a list"),
        ({"max_categories": "9"}, ConfigError, "max_categories"),
        ({"max_categories": 1}, ConfigError, "max_categories"),
        ({"dtype": "int8"}, ConfigError, "dtype must be float32 or float64"),
        ({"ignore": ["q"]}, DataError, "unknown column 'q'"),
        ({"categorical": ["cc"]}, DataError, "unknown column 'cc': did you mean 'c'"),
        ({"ignore": ["a", "c"]}, DataError, "no column to learn from"),
        ({"delimiter": ";;"}, ConfigError, "delimiter must be one character"),
        ({"delimiter": ".", "decimal": "."}, ConfigError, "both"),
        ({"encoding": "latin-99"}, ConfigError, "unknown encoding"),
        ({"test_fraction": 1.5}, ConfigError, "between 0 and 1"),
        ({"unknown": "maybe"}, ConfigError, "unknown must be"),
        ({"categorical": ["a"], "max_categories": 2}, DataError, "raise max_categories"),
    ],
)
def test_bad_options_are_refused(table, options, error, message):
    with pytest.raises(error, match=message):
        table("a,c,y\n1,r,u\n2,s,v\n3,r,u\n", **options)


def test_a_limit_that_is_raised_lets_many_categories_in(table):
    content = rows(["n", *(f"k{k // 2}" for k in range(240))], ["y", *"uv" * 120])
    assert table(content, max_categories=200).x.shape == (240, 120)


def test_files_that_are_not_there_or_no_files(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        load_table(tmp_path / "nowhere.csv", "y")
    with pytest.raises(DataError, match="is a folder"):
        load_table(tmp_path, "y")


def test_parquet_files_that_are_none(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_text("a,y\n1,2\n")
    with pytest.raises(FileFormatError, match="not a Parquet file"):
        load_table(path, "y")
    pa.parquet.write_table(pa.table({"a": list(range(5000)), "y": [0, 1] * 2500}), path)
    whole = path.read_bytes()
    for cut in (4, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(FileFormatError, match="damaged Parquet file"):
            load_table(path, "y")
    spoilt = bytearray(whole)
    spoilt[4:200] = bytes(196)
    path.write_bytes(bytes(spoilt))
    with pytest.raises(FileFormatError, match="damaged Parquet file"):
        load_table(path, "y")


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.array([[1], [2]]), "holds lists or records"),
        (pa.array([{"k": 1}, {"k": 2}]), "holds lists or records"),
        (pa.array([b"x", b"y"]), "holds bytes"),
        (pa.array([1, 2], pa.duration("s")), "holds dates or times"),
    ],
)
def test_columns_that_are_no_numbers_or_text(column, message):
    with pytest.raises(DataError, match=f"column 'a' {message}.*ignore="):
        load_table(pa.table({"a": column, "b": [1, 2], "y": ["u", "v"]}), "y", strict=True)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 3], pa.decimal128(5, 2)),
        pa.array([1, 3], pa.uint64()),
        pa.array([1, 3], pa.float32()),
        pa.array([1, 3], pa.int8()),
    ],
)
def test_numbers_of_every_type(column):
    assert load_table(pa.table({"a": column, "y": ["u", "v"]}), "y").x.tolist() == [[-1], [1]]


@pytest.mark.parametrize(
    "data",
    [[1, 2], np.ones((2, 2)), "a", None, {"a": [1, 2], "y": [1]}, {"a": [1, "x"], "y": [0, 1]}],
)
def test_what_is_no_table(data):
    with pytest.raises(GlassnetError):
        load_table(data, "y")


def test_decimal_classes_and_mixed_columns_of_pandas():
    data = load_table(
        pa.table({"a": [1, 3], "y": pa.array([1, 2], pa.decimal128(5, 1))}),
        "y",
        task="classification",
    )
    assert data.class_names == ("1", "2") and data.y.tolist() == [0, 1]
    pandas = pytest.importorskip("pandas")
    with pytest.raises(DataError, match=r"column a .*Could not convert 'x'"):
        load_table(pandas.DataFrame({"a": [1, "x", 2.5], "y": [0, 1, 0]}), "y")


def test_an_empty_table_in_memory():
    with pytest.raises(DataError, match="no rows"):
        load_table({"a": [], "y": []}, "y")


def test_read_table_gives_the_raw_rows(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,\n2,x\n")
    assert read_table(path).to_pydict() == {"a": [1, 2], "b": [None, "x"]}


def test_dates_become_numbers_that_mean_something(tmp_path):
    """Saturday 2024-02-03 12:00 is 19,756.5 days after 1970 began; weekdays count from Monday."""
    table = {
        "when": pa.array(["2024-02-03 12:00", "2024-02-04 00:00", "2024-03-05 06:00", None]),
        "at": pa.array([43_200, 0, 21_600, 0], pa.time32("s")),
        "y": ["u", "v", "u", "v"],
    }
    table["when"] = pa.compute.strptime(table["when"], format="%Y-%m-%d %H:%M", unit="s")
    loaded = load_table(pa.table(table), "y", missing="fill")
    found = dict(zip(loaded.feature_names, loaded.x.T))
    assert loaded.feature_names == (
        "when.days", "when.month", "when.day", "when.weekday", "when.hour", "at.hour"
    )  # fmt: skip
    columns = {part.name: part for column in loaded.preprocessing.columns for part in column.parts}
    raw = {name: found[name] * part.scale + part.mean for name, part in columns.items()}
    np.testing.assert_allclose(raw["when.days"][:3], [19756.5, 19757.0, 19787.25], rtol=1e-6)
    np.testing.assert_allclose(raw["when.weekday"][:3], [5, 6, 1], atol=1e-5)
    np.testing.assert_allclose(raw["at.hour"], [12, 0, 6, 0], atol=1e-5)
    text = loaded.preprocessing.transform({"when": ["2024-02-03 12:00"], "at": [None]})
    np.testing.assert_allclose(text[0, :5], loaded.x[0, :5], atol=1e-6)
    again = Preprocessor.from_config(json.loads(json.dumps(loaded.preprocessing.to_config())))
    assert again == loaded.preprocessing


def test_robust_scaling_leaves_the_far_ones_far_and_notes_the_gaps():
    """Median 3, quartiles 2 and 4: (5 - 3)/((4 - 2)/1.349)."""
    table = {"a": [1, 2, 3, 4, 1000.0, None], "c": ["x", "y"] * 3, "y": [0, 1] * 3}
    loaded = load_table(table, "y", missing="fill", scaling="robust", dtype="float64")
    assert loaded.feature_names == ("a", "a=(missing)", "c=x", "c=y")
    assert loaded.preprocessing.feature_groups == (1, 1, 2)
    np.testing.assert_allclose(loaded.x[:, 0], np.array([-2, -1, 0, 1, 997, 0]) * 1.349 / 2)
    np.testing.assert_array_equal(loaded.x[:, 1], [0, 0, 0, 0, 0, 1])
    # half of the values are one: the others' distance counts
    many = load_table({"a": [0] * 8 + [4, 6], "y": [0, 1] * 5}, "y", scaling="robust")
    assert many.preprocessing.columns[0].scale == pytest.approx(5 / 1.349)
    with pytest.raises(ConfigError, match='scaling must be "standard" or "robust"'):
        load_table(table, "y", scaling="rubost")
