import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from glassnet import plots
from glassnet.calculus import Descent, Formula, gradient_descent, race
from glassnet.errors import ConfigError, ShapeError

BOWL = Formula.parse("x0**2 + x1**2")
VALLEY = Formula.parse("x0**2/20 + x1**2")


def trail(ax):
    """The points of the first path drawn."""
    return np.column_stack(ax.lines[0].get_data())


def test_a_path_on_contours(assert_tidy):
    run = gradient_descent(BOWL, (-3, 4), lr=0.1, step_num=20)
    figure = plots.descent(BOWL, run)
    ax = figure.axes[0]
    assert trail(ax) == pytest.approx(run.path)
    assert ax.collections  # the contours
    low, high = ax.get_xlim()
    assert low < -3 and high > 0
    texts = " ".join(assert_tidy(figure))
    assert "sgd, learning rate 0.1, 20 steps" in texts
    assert "stopped short: after 20 steps" in texts


@pytest.mark.parametrize("lr", [10.0, 1e150, 1e-10])
def test_paths_that_leave_and_paths_that_stay(lr):
    run = gradient_descent(BOWL, (-3, 4), lr=lr, step_num=100)
    figure = plots.descent("x0**2 + x1**2", run)
    shown = trail(figure.axes[0])
    assert np.abs(shown).max() < 1e5 and len(shown) >= min(2, len(run.path))
    assert shown[0].tolist() == [-3, 4]
    for low, high in (figure.axes[0].get_xlim(), figure.axes[0].get_ylim()):
        assert 0.5 < high - low < 1000
    assert any(text.get_text().startswith(run.status) for text in figure.findobj(Text))


def test_a_path_on_a_curve(assert_tidy):
    run = gradient_descent(lambda x: x**2, -3, lr=0.9, step_num=10)
    figure = plots.descent("x**2", run)
    x, y = figure.axes[0].lines[1].get_data()
    assert x == pytest.approx(run.path) and y == pytest.approx(run.values)
    assert_tidy(figure)


def test_own_ranges():
    run = gradient_descent(BOWL, (-3, 4), lr=0.1)
    ax = plots.descent(BOWL, run, (-10, 10), (-5, 5)).axes[0]
    assert ax.get_xlim() == (-10, 10) and ax.get_ylim() == (-5, 5)
    with pytest.raises(ConfigError, match="x1_range"):
        plots.descent(BOWL, run, (-10, 10), (5, -5))


def test_a_race(assert_tidy, assert_key_free):
    runs = race(VALLEY, (-7, 2))
    figure = plots.race(VALLEY, runs)
    together, *single = figure.axes
    assert len(single) == 4
    colors = set()
    for ax, run, label in zip(single, runs.values(), runs):
        assert trail(ax) == pytest.approx(run.path)
        assert ax.get_title(loc="left") == label
        assert ax.get_xlim() == together.get_xlim()
        colors.add(to_hex(ax.lines[0].get_color()))
    assert len(colors) == 4
    assert [t.get_text() for t in together.get_legend().get_texts()] == list(runs)
    texts = assert_tidy(figure)
    assert "rate 0.95: f = 0.013" in texts


def test_a_race_with_a_runaway():
    runs = race(BOWL, (-3, 4), {"wild": {"name": "sgd", "learning_rate": 3.0}, "tame": "sgd"})
    figure = plots.race(BOWL, runs)
    texts = [text.get_text() for text in figure.axes[1].findobj(Text)]
    assert "rate 3: diverged" in texts


def test_bad_input():
    three = gradient_descent(lambda x: np.sum(x**2), [1.0, 2, 3])
    with pytest.raises(ShapeError, match="a descent of 3 numbers has no picture"):
        plots.descent("x", three)
    line = gradient_descent(lambda x: x**2, 1.0)
    with pytest.raises(ShapeError, match="line: a race is over the plane"):
        plots.race("x0", {"line": line})
    with pytest.raises(ConfigError, match="0 descents in one picture"):
        plots.race("x0", {})
    with pytest.raises(ConfigError, match="must be a function or a formula"):
        plots.race(None, {"a": gradient_descent(BOWL, [1, 2])})
    assert isinstance(line, Descent)
