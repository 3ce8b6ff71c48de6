"""Any Sequential as an estimator."""

import numpy as np
import pytest
from sklearn import datasets
from sklearn.preprocessing import scale

from glassnet import Sequential, layers
from glassnet.errors import ConfigError, GlassnetError
from glassnet.sklearn import NetworkClassifier, NetworkRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = datasets.load_iris(return_X_y=True)
X = scale(X)
VALUES = X @ [1.0, -2.0, 0.5, 0.0]
ADAM = {"name": "adam", "learning_rate": 0.05}
QUICK = {"optimizer": ADAM, "max_iter": 40, "batch_size": 50, "random_state": 0}


def net(*stack, **settings):
    return Sequential([layers.Dense(8, "tanh"), *stack], **settings)


@pytest.mark.parametrize("network", [
    net(layers.Dense(3, "softmax")),
    lambda: net(layers.Dense(3, "softmax")),
    lambda n: net(layers.Dense(n, "softmax")),
    net(layers.Dropout(0.1), layers.BatchNormalization(), layers.Dense(3, "softmax")),
    None,
], ids=["value", "function", "function of n", "stack", "none"])  # fmt: skip
def test_ways_to_describe_a_network(network):
    model = NetworkClassifier(network, **QUICK).fit(X, Y)
    assert model.score(X, Y) > 0.9
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1, rtol=1e-5)
    again = NetworkClassifier(network, **QUICK).fit(X, Y)
    assert again.loss_curve_ == model.loss_curve_


def test_a_trained_network_is_learned_anew_and_stays_as_it_is():
    trained = net(layers.Residual([layers.Dense(8, "relu")]), layers.Dense(3, "softmax"), seed=0)
    fresh = NetworkClassifier(trained, **QUICK).fit(X, Y)
    trained.compile(ADAM, "sparse_categorical_crossentropy")
    trained.fit(X, Y, epochs=2, verbose=0)
    before = trained.predict(X)
    again = NetworkClassifier(trained, **QUICK).fit(X, Y)
    assert again.loss_curve_ == fresh.loss_curve_
    assert (trained.predict(X) == before).all()


def test_two_classes_with_one_output_or_two():
    for last in (layers.Dense(1, "sigmoid"), layers.Dense(2, "softmax")):
        model = NetworkClassifier(net(last), **QUICK).fit(X, np.where(Y > 0, "late", "early"))
        assert model.score(X, np.where(Y > 0, "late", "early")) > 0.9
        assert model.predict_proba(X).shape == (150, 2)
        assert list(model.classes_) == ["early", "late"]


def test_several_labels_at_once():
    rows = np.column_stack([Y == 0, X[:, 3] > 0, X[:, 0] > 0]).astype(int)
    model = NetworkClassifier(net(layers.Dense(3, "sigmoid")), **QUICK).fit(X, rows)
    assert model.predict(X).shape == rows.shape
    assert model.score(X, rows) > 0.8


def test_what_the_network_was_compiled_with_is_used():
    given = net(layers.Dense(3, "softmax"), dtype="float64")
    given.compile({"name": "rmsprop", "learning_rate": 0.01}, "categorical_crossentropy")
    model = NetworkClassifier(given, max_iter=20, random_state=0).fit(X, Y)
    assert model.network_.optimizer.get_config()["learning_rate"] == 0.01
    assert model.network_.loss.name == "categorical_crossentropy"
    assert model.network_.dtype == np.float64
    assert not given.built


def test_images_keep_their_shape():
    images, digits = datasets.load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8)[:300] / 16
    stack = Sequential([layers.Flatten(), layers.Dense(20, "relu"), layers.Dense(10, "softmax")])
    model = NetworkClassifier(stack, **QUICK).fit(images, digits[:300])
    assert model.network_.input_shape == (8, 8)
    assert model.score(images, digits[:300]) > 0.9


def test_values():
    model = NetworkRegressor(net(layers.Dense(1)), **{**QUICK, "max_iter": 100}).fit(X, VALUES)
    assert model.predict(X).shape == VALUES.shape
    assert model.score(X, VALUES) > 0.9
    columns = np.column_stack([VALUES, -VALUES])
    assert NetworkRegressor(**QUICK).fit(X, columns).predict(X).shape == columns.shape
    counts = NetworkRegressor(net(layers.Dense(1, "exponential")), **QUICK).fit(X, Y)
    assert counts.network_.loss.name == "poisson"
    assert counts.predict(X).min() > 0


def test_partial_fit_warm_start_and_early_stopping():
    model = NetworkClassifier(net(layers.Dense(3, "softmax")), **QUICK)
    for rows in (slice(0, 60), slice(60, 150)):
        model.partial_fit(X[rows], Y[rows], classes=[0, 1, 2])
    assert model.t_ == 150
    model.set_params(warm_start=True, max_iter=2).fit(X, Y)
    assert model.t_ == 450
    with pytest.raises(ConfigError, match="network"):
        model.set_params(network=net(layers.Dropout(0.1), layers.Dense(3, "softmax"))).fit(X, Y)
    stopped = NetworkClassifier(early_stopping=True, n_iter_no_change=2, **QUICK).fit(X, Y)
    assert len(stopped.validation_scores_) == stopped.n_iter_
    weighted = NetworkClassifier(class_weight={0: 0.0, 1: 1.0, 2: 1.0}, **QUICK).fit(X, Y)
    assert weighted.score(X[Y > 0], Y[Y > 0]) > 0.8


@pytest.mark.parametrize("wrong, message", [
    (net(layers.Dense(4, "softmax")), "4 outputs, but y needs 3"),
    (net(layers.Dense(3)), "softmax"),
    (lambda: "a network", "Sequential"),
    (net(layers.Dense(3, "softmax"), dtype="float64").layers, "network"),
], ids=["outputs", "no softmax", "no network", "a list"])  # fmt: skip
def test_what_does_not_fit_is_refused(wrong, message):
    model = NetworkClassifier(wrong, **QUICK)
    with pytest.raises((GlassnetError, ValueError), match=message):
        model.fit(X, Y)


def test_a_loss_without_probabilities_says_so():
    model = NetworkClassifier(net(layers.Dense(1)), loss="hinge", **QUICK).fit(X, Y > 0)
    assert model.score(X, Y > 0) > 0.9
    with pytest.raises(ConfigError, match="hinge"):
        model.predict_proba(X)
