import numpy as np
import pytest
from matplotlib.colors import to_hex

from glassnet import data, plots
from glassnet.errors import DataError, LabelError, ShapeError
from glassnet.plots import style
from glassnet.plots.data import principal_components


def clouds(figure):
    return [c for c in figure.axes[0].collections if len(c.get_offsets())]


def test_points_lie_where_they_are_with_colour_and_shape_of_their_class(assert_tidy):
    x, y = np.array([[0.0, 1], [2, 3], [4, 5], [6, 7]]), ["cat", "dog", "cat", "bird"]
    figure = plots.data_points(x, y, feature_names=["height (cm)", "mass (kg)"])
    bird, cat, dog = clouds(figure)
    np.testing.assert_array_equal(cat.get_offsets(), x[[0, 2]])
    np.testing.assert_array_equal(dog.get_offsets(), x[[1]])
    colors = [to_hex(c.get_facecolor()[0]).upper() for c in (bird, cat, dog)]
    assert colors == [style.class_color(i) for i in range(3)]
    shapes = [len(c.get_paths()[0].vertices) for c in (bird, cat, dog)]
    assert len(set(shapes)) == 3
    assert {"bird", "cat", "dog", "height (cm)", "mass (kg)"} <= set(assert_tidy(figure))


def test_a_data_set_brings_its_names(assert_tidy):
    x = np.random.default_rng(0).normal(size=(30, 2, 2))
    flowers = data.Dataset("flowers", x, np.arange(30) % 2, class_names=("rose", "lily"))
    texts = assert_tidy(plots.data_points(flowers))
    assert {"rose", "lily", "flowers"} <= set(texts)
    assert any("component 1" in text for text in texts)


def test_principal_components_are_uncorrelated_and_ordered():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)) @ rng.normal(size=(5, 5)) * [1, 10, 100, 1, 0]
    flat, shares = principal_components(x)
    standard = (x[:, :4] - x[:, :4].mean(0)) / x[:, :4].std(0)
    eigenvalues = np.sort(np.linalg.eigvalsh(standard.T @ standard))[::-1]
    np.testing.assert_allclose((flat**2).sum(0), eigenvalues[:2])
    assert abs(flat[:, 0] @ flat[:, 1]) < 1e-8 * (flat**2).sum()
    np.testing.assert_allclose(shares, eigenvalues[:2] / eigenvalues.sum())


def test_constant_features_do_not_divide_by_zero():
    plots.data_points(np.ones((5, 3)), [0, 1, 0, 1, 0])


def test_regression_over_one_feature():
    x = np.arange(100) / 100
    figure = plots.data_points(x, np.sin(2 * np.pi * x), task="regression")
    np.testing.assert_allclose(clouds(figure)[0].get_offsets(), np.c_[x, np.sin(2 * np.pi * x)])


def test_regression_over_two_features_has_a_key(texts_of):
    x = np.random.default_rng(0).normal(size=(50, 2))
    figure = plots.data_points(x, x[:, 0], task="regression", target_name="price (€)")
    np.testing.assert_array_equal(clouds(figure)[0].get_array(), x[:, 0])
    assert "price (€)" in texts_of(figure)


def test_one_feature_without_target_and_points_without_labels(assert_tidy):
    assert_tidy(plots.data_points([3.0, 1.0, 2.0]))
    assert_tidy(plots.data_points([[3.0, 1.0]]))


def test_26_classes_with_long_names(assert_tidy):
    names = [f"class with a rather long name {chr(97 + i)}" for i in range(26)]
    x = np.random.default_rng(0).normal(size=(260, 2))
    figure = plots.data_points(x, np.arange(260) % 26, class_names=names)
    keys = [text for text in assert_tidy(figure) if "…" in text]
    assert len(set(keys)) == 26


def test_one_class_needs_no_key():
    figure = plots.data_points([[0.0, 1], [1, 2]], [0, 0])
    assert figure.axes[0].get_legend() is None


def test_large_data_is_thinned_evenly_and_says_so(texts_of):
    x = np.stack([np.arange(1000.0), np.arange(1000.0)], axis=1)
    figure = plots.data_points(x, np.arange(1000) // 500, limit=100)
    offsets = np.concatenate([c.get_offsets() for c in clouds(figure)])
    np.testing.assert_array_equal(np.sort(offsets[:, 0]), np.arange(0, 1000, 10))
    assert "100 of 1,000 points" in texts_of(figure)


def test_no_class_lies_on_top_of_all_others():
    x = np.random.default_rng(0).normal(size=(4000, 2))
    figure = plots.data_points(x, np.arange(4000) % 2)
    order = [to_hex(c.get_facecolor()[0]).upper() for c in clouds(figure)]
    assert order[0] != order[1] and order[:2] * (len(order) // 2) == order
    assert sum(len(c.get_offsets()) for c in clouds(figure)) == 4000


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([], None, DataError, "empty"),
        ([[1.0, np.nan], [0, 0]], None, DataError, "row 0, column 1"),
        (["a", "b"], None, DataError, "numbers"),
        ([[1.0, 2]], [0, 1], ShapeError, r"expected \(1,\)"),
        ([[1.0, 2], [3, 4]], [0, 7], LabelError, r"y\[1\] is .*7"),
        ([[1.0, 2], [3, 4]], [0, 0.5], LabelError, r"y\[1\]"),
    ],
)
def test_bad_input(x, y, error, message):
    with pytest.raises(error, match=message):
        plots.data_points(x, y, class_names=["a", "b"])


def test_wrong_number_of_names_and_targets():
    with pytest.raises(ShapeError, match="3 feature names for 2"):
        plots.data_points([[1.0, 2]], feature_names=["a", "b", "c"])
    with pytest.raises(ShapeError, match="one number for each row"):
        plots.data_points([[1.0, 2]], [1.0, 2.0], task="regression")
