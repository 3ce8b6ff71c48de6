"""What an output means: where the loss cuts it, and which loss reads it."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Sequential, activations, layers, losses, metrics, plots
from glassnet.interop.about import labels_of

LOGITS = {"name": "binary_crossentropy", "from_logits": True}
CASES = pytest.mark.parametrize(
    ("loss", "activation", "threshold"),
    [
        (LOGITS, None, 0.0),
        ("hinge", None, 0.0),
        ("binary_crossentropy", "sigmoid", 0.5),
        ("mean_squared_error", None, 0.5),
    ],
    ids=["logits", "hinge", "probabilities", "values"],
)


def trained(loss, activation):
    """A network whose outputs lie on both sides of 0 and of 0.5."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 2)).astype(np.float32)
    y = (x.sum(axis=1) + rng.standard_normal(300) > 0).astype(np.int64)
    model = Sequential([layers.Dense(1, activation)], seed=0)
    model.compile(
        {"name": "sgd", "learning_rate": 0.01}, loss, ["accuracy", "precision", "recall", "f1"]
    )
    history = model.fit(x, y, epochs=3, validation_data=(x, y), verbose=0)
    return model, x, y, history


@CASES
def test_history_evaluate_and_predicted_classes_agree(loss, activation, threshold):
    model, x, y, history = trained(loss, activation)
    assert losses.get(loss).threshold == threshold
    outputs = model.predict(x)[:, 0]
    assert ((outputs > 0) != (outputs > 0.5)).any() or activation == "sigmoid"
    right = outputs > threshold
    classes = np.asarray(model.predict_classes(x)).reshape(-1)
    np.testing.assert_array_equal(classes > 0.5, right)
    judged = model.evaluate(x, y)
    share = (right == (y == 1)).mean()
    hits = (right & (y == 1)).sum()
    names = ("accuracy", "precision", "recall", "f1")
    for measured in (judged, {n: history.history[f"val_{n}"][-1] for n in names}):
        assert measured["accuracy"] == pytest.approx(share)
        assert measured["precision"] == pytest.approx(hits / right.sum())
        assert measured["recall"] == pytest.approx(hits / (y == 1).sum())
        assert measured["f1"] == pytest.approx(2 * hits / (right.sum() + (y == 1).sum()))


@CASES
def test_pictures_and_written_programs_cut_there_too(loss, activation, threshold):
    model = Sequential([layers.Dense(1, activation)], seed=0)
    model.compile("sgd", loss)
    model.build((2,))
    assert labels_of(model, ["no", "yes"]).threshold == threshold
    model.classes = ["no", "yes"]
    figure = plots.decision_boundary(
        model, np.array([[-1.0, -1], [1, 1]]), np.array(["no", "yes"]), resolution=20
    )
    assert figure.axes


def test_a_threshold_of_ones_own_stays():
    model = Sequential([layers.Dense(1)], seed=0)
    own = metrics.Accuracy(0.7)
    model.compile("sgd", LOGITS, [own, "f1"])
    assert [metric.threshold for metric in model.metrics] == [0.7, 0.0]
    assert [metric.get_config()["threshold"] for metric in model.metrics] == [0.7, 0.0]


@pytest.mark.parametrize(
    ("activation", "task", "outputs", "expected"),
    [
        ("softmax", "classification", 3, losses.SparseCategoricalCrossentropy()),
        ("sigmoid", "classification", 1, losses.BinaryCrossentropy()),
        ("sigmoid", "classification", 4, losses.BinaryCrossentropy()),
        ("linear", "classification", 1, losses.BinaryCrossentropy(from_logits=True)),
        (None, "classification", 3, losses.SparseCategoricalCrossentropy(from_logits=True)),
        ("linear", "regression", 1, losses.MeanSquaredError()),
        ("sigmoid", "regression", 1, losses.MeanSquaredError()),
        ("exponential", "regression", 1, losses.Poisson()),
    ],
)
def test_the_loss_for_an_output(activation, task, outputs, expected):
    f = None if activation is None else activations.get(activation)
    assert losses.for_output(f, task, outputs) == expected


def test_the_probabilities_of_logits():
    z = np.array([[0.5], [-2.0]])
    loss = losses.BinaryCrossentropy(from_logits=True)
    np.testing.assert_array_equal(loss.probabilities(z), activations.sigmoid(z))
    assert losses.Hinge().probabilities(z) is z
