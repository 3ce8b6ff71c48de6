import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, recall_score

from glassnet import plots
from glassnet.errors import DataError, LabelError, ShapeError
from glassnet.plots.confusion import count_confusions

RNG = np.random.default_rng(0)


def written(figure):
    """(row, column) -> what is written in the cell."""
    cells = {}
    for text in figure.axes[0].texts:
        column, row = text.get_position()
        if text.get_text()[0].isdigit() and text.get_transform() == figure.axes[0].transData:
            cells[int(row), int(column)] = text.get_text()
    return cells


@pytest.mark.parametrize("kind", ["numbers", "strings", "booleans", "one-hot"])
def test_counts_as_scikit_learn(kind):
    true, predicted = RNG.integers(0, 3, 200), RNG.integers(0, 3, 200)
    forms = {
        "numbers": lambda y: y,
        "strings": lambda y: np.array(["cat", "dog", "emu"])[y],
        "booleans": lambda y: y > 0,
        "one-hot": lambda y: np.eye(3)[y],
    }
    form = forms[kind]
    counts, _ = count_confusions(form(true), form(predicted))
    flat = (lambda y: y) if kind == "one-hot" else form
    np.testing.assert_array_equal(counts, confusion_matrix(flat(true), flat(predicted)))


def test_cells_labels_and_recall(assert_tidy):
    true, predicted = RNG.integers(0, 4, 5000), RNG.integers(0, 4, 5000)
    names = ["north", "south", "east", "west"]
    figure = plots.confusion_matrix(true, predicted, names)
    expected = confusion_matrix(true, predicted)
    assert written(figure) == {(i, j): f"{expected[i, j]:,}" for i in range(4) for j in range(4)}
    texts = assert_tidy(figure)
    assert {"true class", "predicted class", "recall"} <= set(texts)
    assert sum(name in texts for name in names) == 4 and texts.count("north") == 2
    for share in recall_score(true, predicted, average=None):
        assert f"{share:.1%}" in texts
    assert any(f"of 5,000 right ({(true == predicted).mean():.1%})" in text for text in texts)


def test_right_is_blue_wrong_is_orange_by_share_of_the_row():
    figure = plots.confusion_matrix([0, 0, 0, 0, 1], [0, 0, 0, 1, 1])
    values = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(values, [[np.sqrt(0.75), -0.5], [0, 1]])


def test_a_class_that_was_never_there(texts_of):
    figure = plots.confusion_matrix([0, 0], [0, 2], ["a", "b", "c"])
    assert "none" in texts_of(figure)  # no recall for b and c


@pytest.mark.parametrize("k", [1, 26, 60])
def test_any_number_of_classes_with_long_names(k, assert_tidy):
    names = [f"class with a rather long name {i}" for i in range(k)]
    y = np.arange(4 * k) % k
    figure = plots.confusion_matrix(y, np.where(RNG.random(4 * k) < 0.2, 0, y), names)
    if k < 60:
        assert_tidy(figure)
    assert figure.get_figwidth() < 15
    assert bool(written(figure)) == (k <= 32)


def test_bad_input():
    with pytest.raises(ShapeError, match=r"y_pred has shape \(1,\)"):
        plots.confusion_matrix([0, 1], [0])
    with pytest.raises(ShapeError, match=r"y_pred has shape \(1,\)"):
        plots.confusion_matrix([0, 1], [0], ["a", "b"])
    with pytest.raises(LabelError, match="y_pred"):
        plots.confusion_matrix([0, 1], [0, 2], ["a", "b"])
    with pytest.raises(DataError, match="empty"):
        plots.confusion_matrix([], [])
