import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.calculus import gradient_field, tangent_line
from glassnet.errors import ConfigError, DataError, ShapeError


def parabola(x):
    return 0.01 * x**2 + 0.1 * x


def bowl(x):
    return x[0] ** 2 + x[1] ** 2


def test_the_line_touches():
    line = tangent_line(parabola, 5)
    assert line(5) == pytest.approx(0.75)
    assert line.slope == pytest.approx(0.2)
    assert line.intercept == pytest.approx(-0.25)
    assert str(line) == "y = 0.2·x - 0.25"
    t = np.arange(0.0, 20.0, 0.1)
    assert line(t) == pytest.approx(0.2 * t - 0.25)
    assert isinstance(line(5), float)


@settings(max_examples=30, deadline=None)
@given(st.floats(-4, 4), st.floats(-3, 3), st.floats(-100, 100))
def test_the_tangent_of_a_line_is_the_line(slope, at, height):
    line = tangent_line(lambda x: slope * x + height, at)
    t = np.linspace(-5, 5, 7)
    assert line(t) == pytest.approx(slope * t + height, abs=1e-8)


def test_a_tangent_at_one_number_only():
    with pytest.raises(ShapeError, match=r"shape \(2,\), one number"):
        tangent_line(parabola, [1, 2])
    with pytest.raises(DataError):
        tangent_line(np.log, -1)
    with pytest.raises(ConfigError):
        tangent_line(parabola, 5, h=0)


def test_a_field_over_a_grid():
    x0, x1, g0, g1 = gradient_field(bowl, np.arange(-2, 2.5, 0.25), (-1, 1), points=5)
    assert x0.shape == x1.shape == g0.shape == g1.shape == (5, 18)
    assert x0[0, :3].tolist() == [-2, -1.75, -1.5]
    assert x1[:, 0].tolist() == [-1, -0.5, 0, 0.5, 1]
    assert g0 == pytest.approx(2 * x0, abs=1e-9)
    assert g1 == pytest.approx(2 * x1, abs=1e-9)


def test_a_field_by_name():
    field = gradient_field(bowl, (-2, 2), (-2, 2), points=3)
    assert field.g1[2, 0] == pytest.approx(4)


@pytest.mark.parametrize("bad", [(2, -2), (1, 1), 3, [], [1.0], [[1, 2], [3, 4]]])
def test_a_range_needs_two_ends(bad):
    with pytest.raises(ConfigError, match=r"x1_range = .*low < high"):
        gradient_field(bowl, (-1, 1), bad)


def test_a_field_needs_points():
    with pytest.raises(ConfigError, match="points = 1"):
        gradient_field(bowl, (-1, 1), (-1, 1), points=1)
    with pytest.raises(DataError, match="nan at x = "):
        gradient_field(lambda x: np.log(x[0]), (-1, 1), (-1, 1))
