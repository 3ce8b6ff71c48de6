"""Raw rows at prediction: the same features as in training, or an error that names the row."""

import copy
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.data import Preprocessor, Target, load_table
from glassnet.data.features import BooleanColumn, CategoryColumn, NumberColumn
from glassnet.errors import ConfigError, DataError, FileFormatError, LabelError

ROWS = Preprocessor(
    (
        NumberColumn("age", 40.0, 10.0),
        CategoryColumn("color", ("blue", "red")),
        BooleanColumn("new"),
    ),
    Target("kind", "classification", ("u", "v")),
)
GOOD = {"age": [50, 20], "color": ["red", "blue"], "new": [True, False]}
FEATURES = [[1, 0, 1, 1], [-2, 1, 0, 0]]


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        {**GOOD, "name": ["x", "y"], "kind": [None, None]},
        {"new": ["true", "False"], "age": ["50", " 20 "], "color": [" red", "blue"]},
        {"new": [1, 0], "age": np.array([50.0, 20.0]), "color": np.array(["red", "blue"])},
        {"new": [1.0, 0.0], "age": [True, False], "color": ["red", "blue"]},
        [
            {"age": 50, "color": "red", "new": True},
            {"color": "blue", "new": False, "age": 20, "more": 1},
        ],
    ],
)
def test_rows_of_every_form(data):
    x = ROWS.transform(data)
    expected = copy.deepcopy(FEATURES)
    if data is not GOOD and data.__class__ is dict and data["age"][0] is True:
        expected[0][0], expected[1][0] = -3.9, -4.0
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, expected, rtol=1e-6)


def test_a_single_row_of_single_values():
    assert ROWS.transform({"age": 50, "color": "red", "new": True}).tolist() == [FEATURES[0]]


def test_pandas_rows():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(GOOD)
    assert ROWS.transform(frame).tolist() == FEATURES
    assert ROWS.transform(frame.astype({"color": "category", "age": "Int64"})).tolist() == FEATURES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"color": ["red", "green"]},
            r"'color' is 'green' in row 2.*known are 'blue', 'red'.*zeros",
        ),
        ({"color": ["red", None]}, "'color' has no value in row 2"),
        ({"color": ["red", "  "]}, "'color' has no value in row 2"),
        ({"age": [None, 3]}, "'age' has no value in row 1"),
        ({"age": [1.0, np.nan]}, "'age' has no value in row 2"),
        ({"age": [1.0, np.inf]}, "'age' is infinite in row 2"),
        ({"age": ["12", "old"]}, "'age' must hold numbers, but row 2 has 'old'"),
        ({"age": [[1], [2]]}, "'age' must hold numbers, but it holds lists"),
        ({"new": ["yes", "no"]}, "'new' is 'yes' in row 1"),
        ({"new": [2, 0]}, "'new' is '2' in row 1"),
        ({"color": [[1], [2]]}, "'color' holds lists"),
    ],
)
def test_bad_values_are_named_with_their_row(change, message):
    with pytest.raises(DataError, match=message):
        ROWS.transform(GOOD | change)


def test_unknown_categories_can_be_none_of_the_known():
    rows = GOOD | {"color": ["green", None]}
    assert ROWS.transform(rows, unknown="zeros")[:, 1:3].tolist() == [[0, 0], [0, 0]]
    with pytest.raises(ConfigError, match="unknown must be"):
        ROWS.transform(rows, unknown="guess")


def test_missing_columns_are_named():
    with pytest.raises(DataError, match="unknown column 'age': did you mean 'Age'"):
        ROWS.transform({"Age": [1], "color": ["red"], "new": [True]})
    with pytest.raises(DataError, match="lacks the columns 'age', 'new'; it has 'color'"):
        ROWS.transform({"color": ["red"]})


def test_numbers_and_texts_of_a_category_are_the_same():
    rows = Preprocessor((CategoryColumn("zip", ("10", "20")),), Target("y", "regression"))
    for values in ([10, 20], [10.0, 20.0], ["10", "20"]):
        assert rows.transform({"zip": values}).tolist() == [[1, 0], [0, 1]]


def test_targets_there_and_back():
    assert ROWS.encode_target({"kind": ["v", "u"]}).tolist() == [1, 0]
    assert ROWS.decode_target(np.array([1, 0])).tolist() == ["v", "u"]
    with pytest.raises(LabelError, match="'kind' is 'w' in row 1"):
        ROWS.encode_target({"kind": ["w"]})
    with pytest.raises(DataError, match="'kind' has no value in row 2"):
        ROWS.encode_target({"kind": ["u", None]})
    booleans = Preprocessor((), Target("y", "classification", (False, True)))
    assert booleans.encode_target({"y": [True, False]}).tolist() == [1, 0]
    assert booleans.encode_target({"y": ["TRUE", "0"]}).tolist() == [1, 0]
    assert booleans.decode_target([0, 1]).tolist() == [False, True]
    price = Preprocessor((), Target("y", "regression", (), 100.0, 10.0))
    assert price.encode_target({"y": [120, 90]}).tolist() == [2, -1]
    assert price.decode_target(np.array([2.0, -1.0])).tolist() == [120, 90]
    with pytest.raises(DataError, match="infinite in row 1"):
        price.encode_target({"y": [np.inf]})


# Kept as JSON

values = st.one_of(
    st.tuples(
        st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.one_of(st.none(), st.floats(-1e3, 1e3))
    ),
    st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True),
    st.none(),
)


@settings(max_examples=50, deadline=None)
@given(
    kinds=st.lists(values, min_size=1, max_size=4),
    classes=st.one_of(
        st.lists(st.text(), unique=True),
        st.lists(st.integers(-9, 9), unique=True),
        st.just([False, True]),
    ),
    unknown=st.sampled_from(["error", "zeros"]),
    scale=st.floats(1e-3, 1e3),
)
def test_what_was_learned_survives_json_exactly(kinds, classes, unknown, scale):
    columns = []
    for i, kind in enumerate(kinds):
        if isinstance(kind, tuple):
            columns.append(NumberColumn(f"c{i}", *kind))
        elif isinstance(kind, list):
            columns.append(CategoryColumn(f"c{i}", tuple(kind), missing=len(kind) % 2 == 0))
        else:
            columns.append(BooleanColumn(f"c{i}"))
    task = "classification" if classes else "regression"
    rows = Preprocessor(tuple(columns), Target("y", task, tuple(classes), 0.1, scale), unknown)
    back = Preprocessor.from_config(json.loads(json.dumps(rows.to_config(), allow_nan=False)))
    assert back == rows
    assert [type(label) for label in back.target.classes] == [type(label) for label in classes]


def test_a_learned_preprocessor_gives_the_same_features_after_json(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c,y\n1,red,true,u\n,blue,false,v\n4,,true,u\n7,red,,v\n")
    data = load_table(path, "y", missing="fill")
    back = Preprocessor.from_config(json.loads(json.dumps(data.preprocessing.to_config())))
    raw = {"a": [None, 9], "b": [None, "blue"], "c": [None, False]}
    assert back.transform(raw).tobytes() == data.preprocessing.transform(raw).tobytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c.pop("columns"),
        lambda c: c.pop("target"),
        lambda c: c.pop("format"),
        lambda c: c.update(unknown="guess"),
        lambda c: c.update(columns=3),
        lambda c: c["columns"][0].update(kind="magic"),
        lambda c: c["columns"][0].update(scale=0),
        lambda c: c["columns"][0].update(mean="much"),
        lambda c: c["columns"][0].update(mean=float("nan")),
        lambda c: c["columns"][0].update(extra=1),
        lambda c: c["columns"][0].pop("name"),
        lambda c: c["columns"][0].update(name=3),
        lambda c: c["columns"][1].update(categories=[1]),
        lambda c: c["columns"][1].update(categories="x", name=None),
        lambda c: c["target"].update(task="magic"),
        lambda c: c["target"].update(classes=[[1]]),
    ],
)
def test_damaged_descriptions_are_refused(damage):
    config = json.loads(json.dumps(ROWS.to_config()))
    damage(config)
    with pytest.raises(FileFormatError, match="the preprocessing is damaged"):
        Preprocessor.from_config(config)


def test_a_newer_description_is_refused():
    config = ROWS.to_config() | {"format": 99}
    with pytest.raises(FileFormatError, match="format 99, newer"):
        Preprocessor.from_config(config)


def test_features_turn_back_into_the_values_of_the_table() -> None:
    table = {"kg": [70.5, 1923.0, -0.25], "smokes": [True, False, True], "city": ["b", "a", None]}
    columns = (
        NumberColumn("kg", 71.3, 14.7),
        BooleanColumn("smokes"),
        CategoryColumn("city", ("a", "b"), missing=True),
    )
    rows = Preprocessor(columns, Target("y", "regression"))
    x, start = rows.transform(table), 0
    for column in columns:
        stop = start + len(column.features)
        found = column.decode(x[:, start:stop]).tolist()
        assert found == {**table, "smokes": ["true", "false", "true"]}[column.name]
        start = stop
    assert CategoryColumn("city", ("a", "b")).decode(np.zeros((1, 2))).tolist() == [None]
