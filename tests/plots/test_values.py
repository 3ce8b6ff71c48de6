"""The map of values over two features."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import plots
from glassnet.errors import ConfigError, ShapeError

CORNERS = np.array([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])


def slope(points):
    """x1 + 10·x2."""
    return points[:, 0] + 10 * points[:, 1]


def test_it_shows_what_the_model_answers(texts_of):
    figure = plots.value_map(
        slope, CORNERS, slope(CORNERS) + 0.5, resolution=4, feature_names=["width", "height"]
    )
    ax = figure.axes[0]
    image, points = ax.images[0], ax.collections[0]
    values = np.asarray(image.get_array())
    middles = np.array([-0.87, -0.29, 0.29, 0.87])
    np.testing.assert_allclose(values, middles[None, :] + 10 * middles[:, None], atol=1e-9)
    np.testing.assert_allclose(points.get_array(), slope(CORNERS) + 0.5)
    assert image.norm is points.norm and image.norm.vmax == 11.5  # one scale for both
    assert {"width", "height", "value", "mean error 0.5 at 4 points"} <= set(texts_of(figure))


def test_other_features_are_at_their_means():
    x = np.column_stack([CORNERS, [3.0, 5.0, 3.0, 5.0]])
    figure = plots.value_map(lambda p: p[:, [2]], x, features=(0, 1), resolution=2)
    np.testing.assert_allclose(np.asarray(figure.axes[0].images[0].get_array()), 4.0)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"x": [1.0, 2.0]}, ShapeError, "regression_curve"),
        ({"x": np.zeros((3, 3))}, ShapeError, "choose two"),
        ({"model": lambda p: np.c_[p, p]}, ShapeError, "4 outputs"),
        ({"y": [1.0, 2.0]}, ShapeError, r"y has shape \(2, 1\)"),
        ({"resolution": 1}, ConfigError, "2 to 2000"),
    ],
)
def test_what_does_not_fit_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        plots.value_map(**({"model": slope, "x": CORNERS} | given))
