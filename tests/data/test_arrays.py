"""What comes in through the door, what does not, and what the errors say."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from glassnet.data import as_array, check_arrays, check_x, check_y
from glassnet.data.arrays import CHUNK, check_finite
from glassnet.errors import DataError, LabelError, ShapeError

X = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]


# What comes in


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "u1", "i4", "i8", ">f4", ">i2"])
def test_numbers_come_in_with_their_type_and_without_a_copy(dtype):
    x = np.arange(6).reshape(3, 2).astype(dtype)
    back = check_x(x)
    assert back.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(back, x)
    assert np.shares_memory(back, x) == x.dtype.isnative


def test_booleans_become_0_and_1_and_long_doubles_float64():
    assert check_x(np.array([[True], [False]])).dtype == np.uint8
    assert check_x(np.ones((2, 2), np.longdouble)).dtype == np.float64


def test_lists_and_objects_that_are_numbers():
    x, y = check_arrays(X, [0, 1, 2])
    assert x.dtype == np.float64 and y.dtype == np.int64
    assert check_x(np.array(X, dtype=object)).tolist() == X


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ([0, 1, 1], "i"),
        ([True, False, True], "b"),
        (["a", "b", "a"], "U"),
        (np.array(["a", "b", "a"], dtype=object), "U"),
        (np.array(["a", "b", "a"], dtype=np.dtypes.StringDType()), "U"),
        (np.array([True, False, True], dtype=object), "b"),
        (np.array([1, 2, 3], dtype=object), "i"),
        (np.array([1, 2.5, 3], dtype=object), "f"),
        ([0.5, 1.5, 2.5], "f"),
        (np.eye(3), "f"),
    ],
)
def test_labels_of_every_form(labels, kind):
    y = check_y(labels)
    assert y.dtype.kind == kind and len(y) == 3


def test_pandas_polars_pyarrow_torch_and_jax_on_the_cpu():
    pandas = pytest.importorskip("pandas")
    import pyarrow

    columns = {"a": [1.0, 3.0, 5.0], "b": [2.0, 4.0, 6.0]}
    for table in (pandas.DataFrame(columns), pyarrow.table(columns)):
        assert check_x(table).tolist() == X
    assert check_y(pandas.Series(["u", "v"])).tolist() == ["u", "v"]
    assert check_y(pandas.Series(["u", "v"], dtype="category")).tolist() == ["u", "v"]
    assert check_y(pyarrow.array([1, 2])).tolist() == [1, 2]
    assert check_y(pyarrow.chunked_array([["u"], ["v"]])).tolist() == ["u", "v"]


def test_tables_of_pandas_name_the_column_that_is_none_of_numbers():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(DataError, match=r"x\[0, 1\] \(column 'b'\) is 'x'"):
        check_x(pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    with pytest.raises(DataError, match=r"x\[1, 0\] is nan"):
        check_x(pandas.DataFrame({"a": pandas.array([1, None], "Int64"), "b": [1.0, 2.0]}))
    with pytest.raises(LabelError, match=r"y\[1\] is missing"):
        check_y(pandas.array([True, None], "boolean"))


@pytest.mark.parity
def test_polars_torch_and_jax():
    polars = pytest.importorskip("polars")
    assert check_x(polars.DataFrame({"a": [1.0, 3.0, 5.0], "b": [2.0, 4.0, 6.0]})).tolist() == X
    assert check_y(polars.Series(["u", "v"])).tolist() == ["u", "v"]
    torch = pytest.importorskip("torch")
    assert check_x(torch.tensor(X)).tolist() == X
    with pytest.raises(DataError, match=r"detach\(\)"):
        check_x(torch.tensor(X, requires_grad=True))
    jax = pytest.importorskip("jax.numpy")
    assert check_x(jax.asarray(X)).tolist() == X
    assert check_x(jax.asarray(X, dtype=jax.bfloat16)).dtype == np.float32


# What does not


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([], DataError, r"x is empty: its shape is \(0,\)"),
        (np.ones((0, 3)), DataError, "x is empty"),
        (np.ones((3, 0)), DataError, "without a single feature"),
        (3.0, ShapeError, "single value"),
        (None, DataError, "x is a NoneType"),
        ({"a": [1]}, DataError, "x is a dict"),
        ([[1, 2], [3]], DataError, "row 1 has 1 values, row 0 has 2"),
        ([["a", "b"]], DataError, r"x must hold numbers, got strings .*load_table"),
        (np.array([[1, "a"]], dtype=object), DataError, r"x\[0, 1\] is 'a' \(str\)"),
        (np.array([[1, [2]]], dtype=object), DataError, r"x\[0, 1\] is \[2\] \(list\)"),
        (np.array([[b"a"]]), DataError, "bytes"),
        (np.array([[1j]]), DataError, "complex numbers"),
        (np.array(["2020-01-01"], dtype="M8[D]"), DataError, "dates"),
        (np.zeros(2, dtype=[("a", "f4")]), DataError, "records"),
        (csr_matrix(np.eye(2)), DataError, r"csr_matrix, not an array .*toarray"),
        (np.ma.masked_array([[1.0, 2.0]], mask=[[0, 1]]), DataError, "masked"),
        (np.array([[1.0, None]], dtype=object), DataError, r"x\[0, 1\] is nan"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(x, error, message):
    with pytest.raises(error, match=message):
        check_x(x)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ([], DataError, "y is empty"),
        (3, ShapeError, "single value"),
        (np.array(["a", None], dtype=object), LabelError, r"y\[1\] is missing"),
        (np.array(["a", np.nan], dtype=object), LabelError, r"y\[1\] is missing"),
        (np.array([10**30, 1], dtype=object), LabelError, "too large for 64 bits"),
        (np.array(["a", 1], dtype=object), LabelError, r"mixes types \(int, str\)"),
        ([1j], LabelError, "complex"),
        (np.array(["2020-01-01"], dtype="M8[D]"), LabelError, "dates"),
        ([0.0, np.inf], DataError, r"y\[1\] is inf"),
        ([[0], [1, 2]], DataError, "rectangular"),
    ],
)
def test_answers_that_are_none_are_refused(y, error, message):
    with pytest.raises(error, match=message):
        check_y(y)


def test_lengths_that_differ():
    with pytest.raises(ShapeError, match="x has 3 samples, but y has 2"):
        check_arrays(X, [0, 1])


# Not finite


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_row_and_column_are_named_wherever_it_is(dtype, value, order):
    rows = 2 * CHUNK // 10 + 7
    for row, column in [(0, 0), (rows // 2, 9), (rows - 1, 3)]:
        x = np.zeros((rows, 10), dtype, order=order)
        x[row, column] = value
        with pytest.raises(DataError, match=rf"1 value that is .*x\[{row}, {column}\] is {value}"):
            check_finite(x, "x")


def test_many_are_counted_and_the_first_few_named():
    x = np.zeros((100_000, 3), np.float32)
    x[::1000, 1] = np.nan
    message = r"100 values that are NaN or .*: x\[0, 1\] is nan, .*x\[4000, 1\] is nan and 95 more"
    with pytest.raises(DataError, match=message):
        check_x(x)


def test_plus_and_minus_infinity_do_not_hide_each_other_and_images_have_three_numbers():
    x = np.zeros((2, 3, 3))
    x[1, 2, 0], x[1, 2, 1] = np.inf, -np.inf
    with pytest.raises(DataError, match=r"x\[1, 2, 0\] is inf, x\[1, 2, 1\] is -inf"):
        check_x(x)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_huge_numbers_whose_sum_overflows_are_finite(dtype):
    x = np.full((1000, 4), np.finfo(dtype).max, dtype)
    assert check_x(x) is not None


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 40),
    bad=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 2)), max_size=4),
)
def test_it_agrees_with_isfinite(rows, bad):
    x = np.ones((rows, 3))
    for row, column in bad:
        x[row % rows, column] = np.nan
    if np.isfinite(x).all():
        check_finite(x, "x")
    else:
        with pytest.raises(DataError, match=f"has {int(np.isnan(x).sum())} value"):
            check_finite(x, "x")


def test_no_array_as_large_as_the_data_is_made():
    x = np.ones((40_000, 100), np.float32)  # 16 MB; the booleans would be 4 MB
    tracemalloc.start()
    try:
        check_finite(x, "x")
        check_x(x)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_an_array_is_itself():
    x = np.ones((2, 2))
    assert as_array(x, "x") is x
