import numpy as np
import pytest
from matplotlib.figure import Figure

from glassnet import activations as functions
from glassnet import plots
from glassnet.errors import ConfigError, UnknownNameError
from glassnet.plots import style


def curves(ax):
    """label -> (x, y) of what is named in the key."""
    return {line.get_label(): line.get_data() for line in ax.lines if line.get_label()[0] != "_"}


def test_step_alone():
    figure = plots.activation_curves("step", -3, 3, 0.001, derivatives=False)
    x, y = curves(figure.axes[0])["step"]
    np.testing.assert_array_equal(x, np.arange(-3, 3, 0.001))
    np.testing.assert_array_equal(y, (x > 0).astype(float))


def test_step_beside_sigmoid():
    figure = plots.activation_curves(["step", "sigmoid"], -5, 5, derivatives=False)
    x, y = curves(figure.axes[0])["sigmoid"]
    np.testing.assert_allclose(y, 1 / (1 + np.exp(-x)), rtol=1e-12)
    assert x[0] == -5 and x[-1] < 5
    assert figure.axes[0].get_xlabel() == "x" and figure.axes[0].get_ylabel() == "f(x)"


def test_all_three_with_the_articles_limits(assert_tidy, assert_key_free):
    figure = plots.activation_curves(
        ["step", "sigmoid", "relu"], -5, 5, derivatives=False, y_limits=(-0.1, 5.1)
    )
    assert figure.axes[0].get_ylim() == (-0.1, 5.1)
    assert {"step", "sigmoid", "relu", "step, sigmoid, relu"} <= set(assert_tidy(figure))
    assert_key_free(figure)


def test_derivative_below_on_the_same_x_axis():
    figure = plots.activation_curves(["tanh", "gelu"])
    upper, lower = figure.axes if figure.axes[0].get_ylabel() == "f(x)" else figure.axes[::-1]
    assert lower.get_ylabel() == "f′(x)"
    assert upper.get_shared_x_axes().joined(upper, lower)
    for name, (x, slope) in curves(lower).items():
        f = functions.get(name)
        np.testing.assert_allclose(slope, (f(x + 1e-5) - f(x - 1e-5)) / 2e-5, atol=1e-8)
        np.testing.assert_array_equal(curves(upper)[name][1], f(x))


def test_softmax_is_shown_for_the_row_x_0(texts_of):
    figure = plots.activation_curves(["softmax", "log_softmax"])
    upper, lower = sorted(figure.axes, key=lambda ax: ax.get_ylabel())
    x, p = curves(upper)["softmax"]
    np.testing.assert_allclose(p, functions.sigmoid(x), rtol=1e-12)
    np.testing.assert_allclose(curves(lower)["softmax"][1], p * (1 - p), atol=1e-12)
    np.testing.assert_allclose(curves(lower)["log_softmax"][1], 1 - p, atol=1e-12)
    assert any("(x, 0)" in text for text in texts_of(figure))


@pytest.mark.parametrize("name", ["linear", "step", "softplus", "selu", "softmax"])
def test_the_key_hides_no_curve(name, assert_key_free):
    assert_key_free(plots.activation_curves([name, "relu"], derivatives=False))


def test_many_curves_differ_and_do_not_collide(assert_tidy, assert_key_free):
    figure = plots.activation_curves(list(functions.ACTIVATIONS))
    assert_tidy(figure)
    assert_key_free(figure)
    lines = [line for line in figure.axes[0].lines if line.get_label()[0] != "_"]
    assert len({(line.get_color(), str(line._dash_pattern)) for line in lines}) == len(lines)


def test_configured_and_own_values():
    f = functions.LeakyReLU(negative_slope=0.5)
    (x, y), *_ = curves(plots.activation_curves(f, derivatives=False).axes[0]).values()
    np.testing.assert_allclose(y[x < 0], 0.5 * x[x < 0])
    config = {"name": "elu", "alpha": 2.0}
    (x, y), *_ = curves(plots.activation_curves(config, derivatives=False).axes[0]).values()
    np.testing.assert_allclose(y[0], 2 * np.expm1(-5.0))


def test_into_the_callers_axes():
    own = Figure()
    ax = own.add_subplot(1, 2, 1)
    assert plots.activation_curves("relu", derivatives=False, ax=ax) is own
    assert "relu" in curves(ax)
    with pytest.raises(ConfigError, match="derivatives=False"):
        plots.activation_curves("relu", ax=ax)


def test_unknown_name_says_the_closest():
    with pytest.raises(UnknownNameError, match="unknown activation 'relo': did you mean 'relu'"):
        plots.activation_curves(["sigmoid", "relo"])


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(1, 1, None), (2, 1, None), (0, 1, 0), (0, 1, -1), (0, 1, 5), (0, np.nan, None), (0, 1e9, 1)],
)
def test_no_range(low, high, step):
    with pytest.raises(ConfigError, match=r"range|points"):
        plots.activation_curves("relu", low, high, step)


def test_nothing_to_draw():
    with pytest.raises(ConfigError, match="at least one"):
        plots.activation_curves([])


def test_positive_range_puts_the_key_outside(assert_key_free):
    figure = plots.activation_curves(["sigmoid", "tanh"], 0, 10, derivatives=False)
    assert_key_free(figure)
    assert figure.axes[0].lines[0].get_color() == style.FAINT  # the zero line
