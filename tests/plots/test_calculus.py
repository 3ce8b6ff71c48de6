import math

import numpy as np
import pytest
from matplotlib.colors import to_hex

from glassnet import plots
from glassnet.calculus import Formula, gradient_descent
from glassnet.errors import ConfigError, DataError, GlassnetError
from glassnet.plots import landscape, style


def drawn(figure):
    """label -> (x, y) of the lines of the first axes."""
    return {line.get_label(): line.get_data() for line in figure.axes[0].lines}


def test_tangents_touch_the_curve(assert_tidy, assert_key_free):
    figure = plots.tangents("0.01*x**2 + 0.1*x", [5, 10], (0, 20))
    lines = drawn(figure)
    x, y = lines["f(x)"]
    assert (x[0], x[-1]) == (0, 20) and y == pytest.approx(0.01 * x**2 + 0.1 * x)
    x, y = lines["at x = 5 the slope is 0.2"]
    assert y == pytest.approx(0.2 * x - 0.25, abs=1e-9)
    x, y = lines["at x = 10 the slope is 0.3"]
    assert y == pytest.approx(0.3 * x - 1, abs=1e-9)
    texts = assert_tidy(figure)
    assert "f(x) = $0.01 x^{2} + 0.1 x$" in texts
    assert_key_free(figure)


def test_tangents_of_any_function(assert_tidy):
    figure = plots.tangents(math.sin, [0, 1, 2, 4], title="Sine")
    assert "Sine" in assert_tidy(figure)
    low, high = figure.axes[0].get_xlim()
    assert low < 0 and high > 4
    colors = [
        to_hex(line.get_color()) for line in figure.axes[0].lines if "slope" in line.get_label()
    ]
    assert len(set(colors)) == 4
    assert plots.tangents(lambda x: x**2, 1).axes[0].get_title(loc="left") == "f(x)"


def test_no_line_across_a_pole():
    figure = plots.tangents("1/x", 1, (-3, 3))
    x, y = drawn(figure)["f(x)"]
    low, high = figure.axes[0].get_ylim()
    assert -20 < low < -1 and 1 < high < 20  # and not the hundreds near 0
    assert np.isnan(y[np.abs(x) < 1e-9]).all()
    tangent = plots.tangents("tan(x)", 0, (-4, 4))
    x, y = drawn(tangent)["f(x)"]
    low, high = tangent.axes[0].get_ylim()
    assert not (np.abs(np.diff(y)) > 2 * (high - low)).any()


def test_where_a_function_does_not_exist_there_is_a_gap():
    x, y = drawn(plots.tangents("log(x)", 1, (-1, 3)))["f(x)"]
    assert np.isnan(y[x < 0]).all() and np.isfinite(y[x > 0.01]).all()
    x, y = drawn(plots.tangents(math.log, 1, (-1, 3)))["f(x)"]
    assert np.isnan(y[x < 0]).all()


def test_into_axes_of_one_s_own():
    figure = style.figure()
    left, right = figure.subplots(1, 2)
    assert plots.tangents("x**2", 1, ax=left) is figure
    assert plots.gradient_field("x0**2 + x1**2", points=5, ax=right) is figure
    assert left.lines and right.collections


def test_the_arrows_are_the_gradient(assert_tidy):
    figure = plots.gradient_field("x0**2 + x1**2", points=5)
    (arrows,) = [c for c in figure.axes[0].collections if type(c).__name__ == "Quiver"]
    x0, x1 = arrows.XY.T
    assert np.allclose(arrows.U, -2 * x0)
    assert np.allclose(arrows.V, -2 * x1)
    texts = assert_tidy(figure)
    assert any("-∇f, the way down; the longest is a slope of 5.66" in text for text in texts)

    up = plots.gradient_field(lambda x: x[0] ** 2 + 3 * x[1], (-1, 1), (0, 2), 3, downhill=False)
    (arrows,) = [c for c in up.axes[0].collections if type(c).__name__ == "Quiver"]
    assert np.allclose(arrows.V, 3)
    # the longest arrow is about as long as two neighbours are apart
    assert np.hypot(2, 3) / arrows.scale == pytest.approx(1.1)


@pytest.mark.parametrize("f", ["3", "1e300*x0"])
def test_fields_of_flat_and_steep_functions(f):
    plots.gradient_field(f, points=3).canvas.draw()


def test_a_surface_with_a_path(assert_tidy):
    f = Formula.parse("x0**2/20 + x1**2")
    run = gradient_descent(f, (-7, 2), lr=0.95, step_num=5)
    figure = plots.surface(f, (-8, 8), (-3, 3), points=11, path=run)
    ax = figure.axes[0]
    assert ax.name == "3d" and ax.get_zlim()[0] < 0
    x, y, z = ax.lines[1].get_data_3d()
    assert np.column_stack([x, y]) == pytest.approx(run.path)
    assert z == pytest.approx(run.values)
    assert min(ax.get_zticks()) >= 0  # none for the room below the surface
    assert "f(x₀, x₁) = $\\frac{x_0^{2}}{20} + x_1^{2}$" in assert_tidy(figure)


def test_a_surface_with_holes():
    plots.surface("log(x0) + 2", points=5).canvas.draw()
    plots.surface(lambda x: 2.0, points=3)


def test_long_formulas_keep_inside(assert_tidy):
    long = " + ".join(["sin(x0)*cos(x1)**2"] * 9)
    assert_tidy(plots.surface(long, points=3))


@pytest.mark.parametrize(
    ("draw", "error", "says"),
    [
        (lambda: plots.tangents("x +", 1), ConfigError, "a value is missing"),
        (lambda: plots.tangents("x0*x1", 1), ConfigError, "one variable"),
        (lambda: plots.tangents(5, 1), ConfigError, "must be a function or a formula"),
        (lambda: plots.tangents("x", []), DataError, "at is empty"),
        (lambda: plots.tangents("x", "a"), DataError, "at must be"),
        (lambda: plots.tangents("x", range(8)), ConfigError, "at most 7"),
        (lambda: plots.tangents("x", 1, (3, 1)), ConfigError, "low < high"),
        (lambda: plots.tangents("x", 1, (0, math.inf)), ConfigError, "low < high"),
        (lambda: plots.tangents("x", 1, 3), ConfigError, "x_range = 3"),
        (lambda: plots.tangents("log(x)", -1), DataError, "nan at x"),
        (lambda: plots.tangents(lambda x: "a", 1), DataError, "'a'"),
        (lambda: plots.gradient_field("log(x0)"), DataError, "nan at x"),
        (lambda: plots.gradient_field("x0", (1, 1)), ConfigError, "x0_range"),
        (lambda: plots.gradient_field("x0", points=1), ConfigError, "points = 1"),
        (lambda: plots.surface("x0", (0, 1), (2, 1)), ConfigError, "x1_range"),
        (lambda: plots.surface("log(-1)*x0"), DataError, "nowhere in this range"),
        (lambda: plots.surface(lambda x: x), DataError, "one real number"),
    ],
)
def test_bad_input(draw, error, says):
    with pytest.raises(error, match=says) as caught:
        draw()
    assert isinstance(caught.value, GlassnetError)


def test_the_rings_of_a_bowl_are_evenly_wide():
    x0, x1 = landscape.grid((-1, 1), (-1, 1), 201)
    radii = np.sqrt(landscape.heights(x0**2 + x1**2)[:10])
    assert np.diff(radii) == pytest.approx(np.diff(radii).mean(), rel=0.15)
