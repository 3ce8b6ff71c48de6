import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb

from glassnet import Perceptron, Sequential, data, layers, plots
from glassnet.errors import ConfigError, DataError, LabelError, ShapeError
from glassnet.plots import style
from glassnet.plots.answers import ask

SQUARE = {"x_range": (-1.0, 1.0), "y_range": (-1.0, 1.0), "resolution": 20}
CORNERS = np.array([[-1.0, -1], [1, -1], [-1, 1], [1, 1]])


def thirds(points):
    """Scores of three classes that win in three vertical strips."""
    x = points[:, 0]
    return np.stack([-4 * x - 2, np.zeros_like(x), 4 * x - 2], axis=1)


def cells(figure, resolution=20, low=-1.0, high=1.0):
    """The middles of the cells, and the class whose colour each one has (-1: none of them)."""
    colors = np.asarray(figure.axes[0].images[0].get_array())
    edges = np.linspace(low, high, resolution + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    points = np.stack([a.ravel() for a in np.meshgrid(middle, middle)], axis=1)
    ink = 1 - colors.reshape(-1, 3)  # the class's colour, thinned with paper: parallel to its ink
    palette = 1 - np.array([to_rgb(style.class_color(i)) for i in range(8)])
    ink = ink / np.linalg.norm(ink, axis=1, keepdims=True)
    palette = palette / np.linalg.norm(palette, axis=1, keepdims=True)
    alike = ink @ palette.T
    return points, np.where(alike.max(axis=1) > 1 - 1e-6, alike.argmax(axis=1), -1)


def lines(figure):
    """The corners of the boundary lines."""
    found = [c for c in figure.axes[0].collections if type(c).__name__.endswith("ContourSet")]
    return [path.vertices for c in found for path in c.get_paths() if len(path.vertices)]


def fitted(y, last, loss, x=CORNERS):
    model = Sequential([layers.Dense(8, "tanh"), last], seed=1)
    model.compile({"name": "adam", "learning_rate": 0.1}, loss)
    model.fit(x, y, epochs=60, verbose=0)
    return model


def test_colours_are_the_predicted_classes():
    figure = plots.decision_boundary(thirds, **SQUARE)
    points, classes = cells(figure)
    np.testing.assert_array_equal(classes, thirds(points).argmax(axis=1))
    assert set(classes) == {0, 1, 2}


def test_lines_run_where_two_classes_are_equal():
    figure = plots.decision_boundary(thirds, **SQUARE)
    x = np.concatenate(lines(figure))[:, 0]
    np.testing.assert_allclose(np.abs(x), 0.5, atol=0.01)


def test_surer_is_stronger():
    figure = plots.decision_boundary(lambda p: 1 / (1 + np.exp(-5 * p[:, :1])), **SQUARE)
    colors = np.asarray(figure.axes[0].images[0].get_array())
    strength = 1 - colors[10].min(axis=1)
    assert (np.diff(strength[:10]) < 0).all() and (np.diff(strength[10:]) > 0).all()


@pytest.mark.parametrize(("threshold", "edge"), [(None, 0.5), (0.3, 0.3)])
def test_one_output_means_two_classes(threshold, edge):
    figure = plots.decision_boundary(lambda p: p[:, 0], threshold=threshold, **SQUARE)
    points, classes = cells(figure)
    np.testing.assert_array_equal(classes, points[:, 0] > edge)


@pytest.mark.parametrize("names", [np.array([3, 7]), np.array(["no", "yes"])])
def test_a_function_may_answer_with_labels(names, texts_of):
    figure = plots.decision_boundary(lambda p: names[(p[:, 1] > 0.1).astype(int)], **SQUARE)
    points, classes = cells(figure)
    np.testing.assert_array_equal(classes, points[:, 1] > 0.1)
    assert {str(name) for name in names} <= texts_of(figure)


@pytest.mark.parametrize(
    ("last", "loss", "y"),
    [
        (layers.Dense(1, "sigmoid"), "binary_crossentropy", [0, 1, 1, 0]),
        (layers.Dense(1), {"name": "binary_crossentropy", "from_logits": True}, [0, 1, 1, 0]),
        (layers.Dense(1, "tanh"), "hinge", [-1, 1, 1, -1]),
        (layers.Dense(2, "softmax"), "sparse_categorical_crossentropy", ["no", "yes", "yes", "no"]),
        (
            layers.Dense(2),
            {"name": "sparse_categorical_crossentropy", "from_logits": True},
            [5, 9, 9, 5],
        ),
    ],
)
def test_a_real_model_as_its_predict_classes(last, loss, y, texts_of):
    model = fitted(np.array(y), type(last)(**_settings(last)), loss)
    figure = plots.decision_boundary(model, CORNERS, y, **SQUARE)
    points, classes = cells(figure)
    labels = np.unique(y)
    np.testing.assert_array_equal(labels[classes], model.predict_classes(points))
    right = (model.predict_classes(CORNERS) == np.array(y)).mean()
    texts = texts_of(figure)
    assert f"{right:.1%} of 4 points right" in texts
    assert {str(label) for label in labels} <= texts


def _settings(layer):
    return {"units": layer.units, "activation": layer.activation}


def test_a_perceptron():
    model = Perceptron().fit(CORNERS, [0, 0, 0, 1])
    points, classes = cells(plots.decision_boundary(model, CORNERS, [0, 0, 0, 1], **SQUARE))
    np.testing.assert_array_equal(classes, model.predict(points))


def test_mistakes_are_marked_and_counted(assert_tidy):
    x, y = np.array([[-0.9, 0.0], [0.9, 0], [0, 0]]), [0, 0, 1]
    names = ["left", "middle", "right"]
    figure = plots.decision_boundary(thirds, x, y, class_names=names, **SQUARE)
    texts = assert_tidy(figure)
    assert {*names, "wrong answer (1)", "66.7% of 3 points right"} <= set(texts)
    clouds = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    (ring,) = (c for c in clouds if len(c.get_facecolor()) == 0 and len(c.get_offsets()))
    np.testing.assert_array_equal(ring.get_offsets(), [[0.9, 0.0]])


def test_more_features_need_a_choice_and_hold_the_others_at_their_means():
    x = np.array([[0.0, 10, 5, 1], [1, 20, 6, 3]])
    with pytest.raises(ShapeError, match=r"x has 4 features.*features=\(0, 1\)"):
        plots.decision_boundary(lambda p: p[:, :1], x)
    asked = []

    def spy(points):
        asked.append(points)
        return points[:, 2:3] > 5.5

    options = {"features": (2, 0), "feature_names": "abcd", "resolution": 5}
    figure = plots.decision_boundary(spy, x, [0, 1], **options)
    grid, last = asked
    assert grid.shape == (25, 4)
    np.testing.assert_array_equal(grid[:, 1], 15)
    np.testing.assert_array_equal(grid[:, 3], 2)
    assert len(np.unique(grid[:, 2])) == 5 and len(np.unique(grid[:, 0])) == 5
    np.testing.assert_array_equal(last, x)
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("c", "a")
    for wrong in [(0, 0), (0, 4), (-1, 1)]:
        with pytest.raises(ShapeError, match="two different numbers 0 to 3"):
            plots.decision_boundary(spy, x, features=wrong)


def test_without_points_each_region_has_its_sign(assert_tidy):
    def islands(points):  # class 1: two discs
        near = np.hypot(np.abs(points[:, 0]) - 0.5, points[:, 1]) < 0.3
        return np.where(near, 1.0, 0.0)

    figure = plots.decision_boundary(islands, **(SQUARE | {"resolution": 80}))
    assert_tidy(figure)
    first, second = figure.axes[0].lines
    np.testing.assert_allclose(np.sort(second.get_xdata()), [-0.5, 0.5], atol=0.03)
    assert len(first.get_xdata()) == 1
    for line, number in ((first, 0), (second, 1)):
        at = np.stack(line.get_data(), axis=1)
        np.testing.assert_array_equal(islands(at), number)
        assert line.get_marker() == style.class_marker(number)


def test_no_answer_is_no_class(texts_of):
    def broken(points):
        return np.where(points[:, :1] > 0, np.nan, thirds(points))

    figure = plots.decision_boundary(broken, CORNERS, [0, 0, 0, 0], **SQUARE)
    points, classes = cells(figure)
    np.testing.assert_array_equal(classes[points[:, 0] > 0], -1)
    assert (classes[points[:, 0] < 0] >= 0).all()
    assert {"no answer (NaN)", "wrong answer (2)"} <= texts_of(figure)


def test_one_class_everywhere(texts_of):
    figure = plots.decision_boundary(lambda p: np.zeros(len(p), dtype=int), CORNERS, [0] * 4)
    assert "100.0% of 4 points right" in texts_of(figure)


def test_26_classes_with_long_names(assert_tidy):
    centers = np.random.default_rng(0).uniform(-1, 1, size=(26, 2))

    def nearest(points):
        return -((points[:, None] - centers) ** 2).sum(axis=2)

    names = [f"class with a rather long name {chr(97 + i)}" for i in range(26)]
    assert_tidy(plots.decision_boundary(nearest, centers, np.arange(26), class_names=names,
                                        resolution=60))  # fmt: skip


def test_answers_to_one_hot_labels():
    answers = ask(thirds, [CORNERS], np.eye(3)[[0, 2, 0, 2]])
    np.testing.assert_array_equal(answers.index(np.eye(3)[[0, 2, 0, 2]]), answers.classes)
    np.testing.assert_allclose(answers.scores.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (lambda p: np.zeros(3), ShapeError, r"answered shape \(3,\)"),
        (lambda p: np.zeros((len(p), 2, 2)), ShapeError, "one row for each"),
        (lambda p: p[:, 0], ShapeError, "3 classes, but the model answers with 1 outputs"),
        ("model", TypeError, "str cannot predict"),
    ],
)
def test_answers_that_do_not_fit(model, error, message):
    with pytest.raises(error, match=message):
        plots.decision_boundary(model, CORNERS, [0, 1, 2, 2], resolution=5)


def test_labels_that_the_model_does_not_know():
    model = fitted(np.array(["no", "yes", "yes", "no"]), layers.Dense(2, "softmax"),
                   "sparse_categorical_crossentropy")  # fmt: skip
    with pytest.raises(LabelError, match=r"y\[3\] is .*'maybe'.*2 classes: no, yes"):
        plots.decision_boundary(model, CORNERS, ["no", "yes", "no", "maybe"], resolution=5)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ConfigError, "there is no range"),
        ({"x_range": (0, 1)}, ConfigError, "there is no range"),
        ({"x_range": (1, 0), "y_range": (0, 1)}, ConfigError, r"\(1, 0\) is no range"),
        (SQUARE | {"resolution": 1}, ConfigError, "2 to 2000"),
        (SQUARE | {"class_names": ["a"]}, ShapeError, "1 class names for 3"),
        ({"x": [[1.0, np.inf]]}, DataError, "row 0, column 1"),
        ({"x": [1.0, 2.0]}, ShapeError, "regression_curve"),
        ({"x": CORNERS, "y": [0, 1]}, ShapeError, r"expected \(4,\)"),
    ],
)
def test_bad_input(options, error, message):
    with pytest.raises(error, match=message):
        plots.decision_boundary(thirds, **options)


def test_regression_curve_is_what_the_model_answers(texts_of):
    toy = data.sine(50)
    model = Sequential([layers.Dense(4, "tanh"), layers.Dense(1)], seed=0)
    model.compile("adam", "mse")
    model.fit(toy, epochs=1, verbose=0)
    figure = plots.regression_curve(model, toy.x, toy.y, feature_name="time (s)", target_name="m")
    ax = figure.axes[0]
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(y, model.predict(x[:, None])[:, 0], rtol=1e-6)
    assert x[0] < toy.x.min() and x[-1] > toy.x.max()
    np.testing.assert_allclose(ax.collections[0].get_offsets(), np.c_[toy.x.ravel(), toy.y.ravel()])
    assert {"time (s)", "m", "data", "model"} <= texts_of(figure)


def test_regression_with_two_outputs_and_bad_input():
    both = plots.regression_curve(lambda p: np.c_[p, -p], [0.0, 1.0], [[0, 0], [1, -1]])
    assert len(both.axes[0].lines) == 2
    with pytest.raises(ShapeError, match="use decision_boundary"):
        plots.regression_curve(thirds, CORNERS)
    with pytest.raises(ShapeError, match="3 rows for 2"):
        plots.regression_curve(lambda p: p, [0.0, 1.0], [1, 2, 3])
