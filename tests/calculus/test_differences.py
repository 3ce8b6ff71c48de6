import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.calculus import (
    numerical_diff,
    numerical_gradient,
    numerical_gradient_rows,
    partial_derivative,
)
from glassnet.errors import ConfigError, DataError, ShapeError


def parabola(x):
    return 0.01 * x**2 + 0.1 * x


def bowl(x):
    return x[0] ** 2 + x[1] ** 2


# --- the numbers of the book ---------------------------------------------------------------


def test_the_slopes_of_the_book():
    assert repr(numerical_diff(parabola, 5)) == "0.1999999999990898"
    assert repr(numerical_diff(parabola, 10)) == "0.2999999999986347"


def test_the_gradients_of_the_book():
    assert numerical_gradient(bowl, np.array([3.0, 4.0])) == pytest.approx([6, 8], abs=1e-9)
    assert numerical_gradient(bowl, np.array([0.0, 2.0])) == pytest.approx([0, 4], abs=1e-9)
    assert numerical_gradient(bowl, np.array([3.0, 0.0])) == pytest.approx([6, 0], abs=1e-9)


@pytest.mark.parametrize("dtype", [int, np.int8, np.uint8, bool, np.float16, np.float32, object])
def test_any_number_type_is_computed_in_float64(dtype):
    x = np.array([3, 4], dtype=dtype)
    if dtype is object:
        with pytest.raises(DataError, match="real numbers: its type is object"):
            numerical_gradient(bowl, x)
        return
    before = x.copy()
    gradient = numerical_gradient(bowl, x)
    assert gradient.dtype == np.float64
    assert gradient == pytest.approx(2 * x.astype(float), abs=1e-9)
    assert x.dtype == before.dtype and (x == before).all()


def test_partial_derivatives():
    assert partial_derivative(bowl, [3, 4], 0) == pytest.approx(6)
    assert partial_derivative(bowl, [3, 4], -1) == pytest.approx(8)
    square = np.arange(6.0).reshape(2, 3)
    assert partial_derivative(lambda x: np.sum(x**2), square, (1, 2)) == pytest.approx(10)


# --- shapes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 2)])
def test_a_gradient_has_the_shape_of_x(shape):
    x = np.random.default_rng(0).normal(size=shape)
    gradient = numerical_gradient(lambda x: np.sum(np.sin(x)), x)
    assert gradient.shape == shape
    assert gradient == pytest.approx(np.cos(x), abs=1e-7)


def test_rows_are_points():
    points = np.array([[3, 4], [0, 2], [3, 0]])
    expected = [[6, 8], [0, 4], [6, 0]]
    assert numerical_gradient_rows(bowl, points) == pytest.approx(np.array(expected), abs=1e-9)
    # f sees one point at a time, so a sum over everything cannot mix the rows
    assert numerical_gradient_rows(lambda x: np.sum(x**2), points) == pytest.approx(
        np.array(expected), abs=1e-9
    )


def test_a_slope_at_each_element():
    x = np.linspace(-2, 2, 12).reshape(3, 4)
    assert numerical_diff(np.sin, x) == pytest.approx(np.cos(x), abs=1e-8)
    assert isinstance(numerical_diff(math.sin, 1), float)


# --- what the caller holds -------------------------------------------------------------------


def test_x_stays_as_it_is_even_when_f_writes_into_its_argument():
    x = np.array([3.0, 4.0])

    def rude(x):
        x *= x
        return x.sum()

    assert numerical_gradient(rude, x) == pytest.approx([6, 8], abs=1e-9)
    assert x.tolist() == [3, 4]
    assert partial_derivative(rude, x, 0) == pytest.approx(6)
    assert numerical_diff(lambda x: x.__imul__(x), x) == pytest.approx([6, 8], abs=1e-9)
    assert x.tolist() == [3, 4]


def test_a_read_only_x_will_do():
    x = np.array([3.0, 4.0])
    x.flags.writeable = False
    assert numerical_gradient(bowl, x) == pytest.approx([6, 8], abs=1e-9)
    assert numerical_gradient(lambda x: 1.0, x).tolist() == [0, 0]


def test_the_book_s_way_of_looking_at_x_from_outside():
    W = np.random.default_rng(0).normal(size=(2, 3))
    before = W.copy()
    gradient = numerical_gradient(lambda _: float(np.sum(W**3)), W)
    assert gradient == pytest.approx(3 * before**2, abs=1e-7)
    assert (before == W).all()


def test_looking_from_outside_at_an_x_too_coarse_is_refused_and_x_is_whole():
    W = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    before = W.copy()
    with pytest.raises(DataError, match="float32: too coarse"):
        numerical_gradient(lambda _: float(np.sum(W**2)), W)
    assert (before == W).all()


def test_x_is_whole_again_after_f_failed():
    x = np.array([1.0, 2.0])

    def fails_when_x_moves(_):
        if x[1] != 2.0:
            raise RuntimeError("mine")
        return 0.0

    with pytest.raises(RuntimeError, match="mine"):
        numerical_gradient(fails_when_x_moves, x)
    assert x.tolist() == [1, 2]


# --- huge x, tiny h --------------------------------------------------------------------------


@pytest.mark.parametrize("x", [1e3, 1e6, 1e8, 1e12, 1e100, -1e9, 1e150])
def test_no_freezing_at_huge_x(x):
    assert numerical_diff(lambda x: x**2, x) == pytest.approx(2 * x, rel=1e-5)
    assert numerical_gradient(lambda x: x[0] ** 2 + x[1], [x, 1.0])[0] == pytest.approx(
        2 * x, rel=1e-5
    )


def test_a_function_too_fast_for_the_floats_at_huge_x_is_an_error():
    assert numerical_diff(math.sin, 1e8) == pytest.approx(math.cos(1e8), abs=1e-6)
    with pytest.raises(DataError, match=r"no trustworthy slope at x = 1e\+12: floats there are"):
        numerical_diff(math.sin, 1e12)


def test_a_flat_function_at_huge_x_is_flat():
    assert numerical_diff(lambda x: 3.0, 1e15) == 0
    assert numerical_diff(lambda x: (x - 1e15) ** 2, 1e15) == 0


@pytest.mark.parametrize("h", [0, -1e-4, math.nan, math.inf, "a", None, 1j, [1e-4]])
@pytest.mark.parametrize("function", [numerical_diff, numerical_gradient])
def test_h_must_be_a_positive_number(function, h):
    with pytest.raises(ConfigError, match="the step of a difference is a positive number"):
        function(lambda x: np.sum(x), 1.0, h)


def test_a_step_lost_in_rounding_is_said():
    with pytest.raises(ConfigError, match=r"h = 1e-50 is lost at x = 5: x \+ h == x"):
        numerical_diff(parabola, 5, h=1e-50)
    # a small one that still moves x is taken as it is: its rounding error is a lesson
    assert numerical_diff(parabola, 5, h=1e-13) != pytest.approx(0.2, rel=1e-6)
    assert numerical_diff(parabola, 5, h=1e-13) == pytest.approx(0.2, rel=1e-2)


# --- bad functions, bad x --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda x: "abc", DataError, r"f returned 'abc' \(str\); a real number was expected"),
        (lambda x: None, DataError, "is a `return` missing"),
        (lambda x: 1j, DataError, "complex"),
        (lambda x: {"a": 1}, DataError, "dict"),
        (lambda x: [[1], [1, 2]], DataError, "list"),
        (lambda x: math.nan, DataError, "f returned nan at x = "),
        (lambda x: 1 / (np.sum(x) - np.sum(x)), DataError, "f returned inf at x = "),
        (lambda x: np.array([1.0, 2.0]), ShapeError, r"shape \(2,\)"),
        (lambda x: [], ShapeError, r"shape \(0,\)"),
    ],
)
def test_a_function_that_returns_no_number(f, error, message):
    with pytest.raises(error, match=message):
        numerical_diff(f, 1.0)
    with pytest.raises(error, match=message):
        numerical_gradient(f, [1.0, 2.0])
    with pytest.raises(error, match=message):
        numerical_gradient_rows(f, [[1.0, 2.0]])


def test_a_function_of_the_elements_has_no_gradient():
    with pytest.raises(ShapeError, match=r"shape \(2,\) at x = .*numerical_gradient_rows"):
        numerical_gradient(lambda x: x**2, [1.0, 2.0])
    with pytest.raises(ShapeError, match="numerical_gradient"):
        numerical_diff(np.sum, np.ones(3))


def test_the_point_where_a_function_ends_is_named():
    with pytest.raises(DataError, match=r"nan at x = -0\.0001"):
        numerical_diff(np.log, 0)
    with pytest.raises(DataError, match=r"nan at x = -0\.0001"):
        numerical_diff(np.log, np.array([1.0, 0.0]))


def test_errors_of_f_itself_come_through():
    with pytest.raises(KeyError):
        numerical_diff(lambda x: {}[x], 1.0)
    with pytest.raises(DataError, match=r"f fails at x = 1\.0001: .*division"):
        numerical_diff(lambda x: 1 // 0, 1.0)
    with pytest.raises(DataError, match=r"f fails at x = \[1000\.0001 0\. *\]: math range error"):
        numerical_gradient(lambda x: math.exp(x[0]), [1000, 0])


@pytest.mark.parametrize("x", ["ab", [1, "b"], [[1], [1, 2]], None, 1j, [math.nan], math.inf])
def test_x_must_be_finite_numbers(x):
    for function in (numerical_diff, numerical_gradient, numerical_gradient_rows):
        with pytest.raises(DataError):
            function(np.sum, x)


def test_shapes_that_do_not_fit():
    with pytest.raises(ShapeError, match="x is empty"):
        numerical_gradient(np.sum, [])
    for points in (3.0, [1.0, 2.0], np.zeros((2, 2, 2)), np.zeros((0, 2))):
        with pytest.raises(ShapeError, match="one point to a row"):
            numerical_gradient_rows(np.sum, points)
    for index in (2, -3, (0, 0), "a", 0.5, slice(None), (slice(None),)):
        with pytest.raises(ShapeError, match="not one coordinate"):
            partial_derivative(bowl, [3.0, 4.0], index)
    with pytest.raises(ShapeError, match="not one coordinate"):
        partial_derivative(np.sum, [[3.0, 4.0]], 0)


# --- against known derivatives ---------------------------------------------------------------

coefficients = st.lists(st.floats(-10, 10), min_size=1, max_size=5)


@settings(max_examples=50, deadline=None)
@given(coefficients, st.floats(-5, 5))
def test_polynomials(coefficients, x):
    polynomial = np.polynomial.Polynomial(coefficients)
    expected = polynomial.deriv()(x)
    scale = sum(abs(c) * max(1, abs(x)) ** i for i, c in enumerate(coefficients))
    # h²/6·f''' and rounding/h, both in units of the polynomial's size
    assert numerical_diff(polynomial, x) == pytest.approx(expected, rel=1e-7, abs=1e-6 * scale)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda n: st.tuples(
            st.lists(st.floats(-3, 3), min_size=n * n, max_size=n * n),
            st.lists(st.floats(-3, 3), min_size=n, max_size=n),
        )
    )
)
def test_quadratic_forms(drawn):
    entries, x = drawn
    A = np.array(entries).reshape(len(x), len(x))
    gradient = numerical_gradient(lambda x: x @ A @ x, x)
    assert gradient == pytest.approx((A + A.T) @ np.array(x), abs=1e-8)


def test_the_two_by_three_net():
    """Softmax and cross-entropy of x·W: dL/dW = xᵀ·(softmax(x·W) - t)."""
    W = np.random.default_rng(3).normal(size=(2, 3))
    x, t = np.array([0.6, 0.9]), np.array([0.0, 0.0, 1.0])

    def loss(W):
        z = x @ W
        return np.log(np.sum(np.exp(z))) - z @ t

    p = np.exp(x @ W) / np.sum(np.exp(x @ W))
    assert numerical_gradient(loss, W) == pytest.approx(np.outer(x, p - t), abs=1e-8)
