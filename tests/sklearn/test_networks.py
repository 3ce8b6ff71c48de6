"""Any Sequential as an estimator."""

import pickle

import numpy as np
import pytest
from sklearn import datasets
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, scale

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
    [layers.Dense(8, "tanh"), layers.Dense(3, "softmax")],
    "mlp",
    {"name": "mlp", "hidden": (8,), "activation": "tanh"},
    net(layers.Dropout(0.1), layers.BatchNormalization(), layers.Dense(3, "softmax")),
    None,
], ids=["value", "function", "function of n", "list", "name", "dict", "stack", "none"])  # fmt: skip
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
    (3, "network"),
    ([1, 2], "expected a layer"),
    ([], "no layers"),
    ("lenett", "did you mean 'lenet'"),
    ({"name": "mlp", "hiden": (3,)}, "did you mean 'hidden'"),
    ({}, "unknown network ''"),
], ids=["outputs", "no softmax", "no network", "a number", "numbers", "nothing", "name", "setting",
        "no name"])  # fmt: skip
def test_what_does_not_fit_is_refused(wrong, message):
    model = NetworkClassifier(wrong, **QUICK)
    with pytest.raises((GlassnetError, ValueError), match=message):
        model.fit(X, Y)


def test_a_loss_without_probabilities_says_so():
    model = NetworkClassifier(net(layers.Dense(1)), loss="hinge", **QUICK).fit(X, Y > 0)
    assert model.score(X, Y > 0) > 0.9
    with pytest.raises(ConfigError, match="hinge"):
        model.predict_proba(X)


IMAGES, DIGITS = (
    part[:240] for part in (datasets.load_digits().images, datasets.load_digits().target)
)
BRIEF = {
    **QUICK,
    "max_iter": 4,
    "batch_size": 32,
    "optimizer": {"name": "adam", "learning_rate": 0.01},
}
SHAPED = [IMAGES, IMAGES[..., None], IMAGES.astype(np.uint8)]
CONVOLVED = [layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(10, "softmax")]


@pytest.mark.parametrize("network", ["lenet", {"name": "cnn", "dropout": 0.1}, CONVOLVED])
def test_networks_for_images(network):
    """With or without the axis of one channel, bytes or floats: the same fit."""
    found = [NetworkClassifier(network, **BRIEF).fit(x, DIGITS) for x in SHAPED]
    assert found[0].score(IMAGES, DIGITS) > 0.8
    assert found[0].network_.dtype == np.float32
    assert found[0].loss_curve_ == found[1].loss_curve_ == found[2].loss_curve_
    again = pickle.loads(pickle.dumps(found[0]))
    assert (again.predict(IMAGES) == found[0].predict(IMAGES)).all()
    assert clone(found[0]).fit(IMAGES, DIGITS).loss_curve_ == found[0].loss_curve_


def test_a_network_by_name_divides_by_the_largest_number():
    model = NetworkClassifier("lenet", **BRIEF).fit(IMAGES, DIGITS)
    scaled = NetworkClassifier("lenet", **BRIEF).fit(IMAGES / 16, DIGITS)
    np.testing.assert_allclose(model.loss_curve_, scaled.loss_curve_, rtol=1e-4)
    assert "rescaling" in [layer.kind for layer in model.network_.layers]
    assert "rescaling" not in [layer.kind for layer in scaled.network_.layers]


def test_images_as_rows_in_a_pipeline_and_a_grid():
    rows = IMAGES.reshape(len(IMAGES), -1)
    lenet = {"name": "lenet", "input_shape": (8, 8)}
    steps = make_pipeline(MinMaxScaler(), NetworkClassifier(lenet, **BRIEF))
    grid = GridSearchCV(
        steps, {"networkclassifier__network": [lenet, {"name": "mlp", "hidden": (9,)}]}, cv=2
    )
    grid.fit(rows, DIGITS)
    assert grid.predict(rows).shape == (240,) and grid.best_score_ > 0.3


def test_images_for_values_two_classes_and_several_labels():
    model = NetworkRegressor("lenet", **BRIEF).fit(IMAGES, DIGITS.astype(float))
    assert model.predict(IMAGES).shape == (240,) and model.network_.outputs == 1
    model = NetworkClassifier("lenet", **BRIEF).fit(IMAGES, DIGITS > 4)
    assert model.predict_proba(IMAGES).shape == (240, 2)
    rows = np.column_stack([DIGITS > 4, DIGITS % 2, DIGITS == 0]).astype(int)
    model = NetworkClassifier("lenet", **BRIEF).fit(IMAGES, rows)
    assert model.predict(IMAGES).shape == rows.shape


@pytest.mark.parametrize("network, x, message", [
    ("lenet", IMAGES.reshape(240, 64), r"X.reshape\(-1, 8, 8\).*'input_shape': \(8, 8\)"),
    ("cnn", IMAGES.reshape(240, 64)[:, :63], r"X.reshape\(-1, rows, columns\)"),
    ({"name": "cnn", "input_shape": (8, 9)}, IMAGES.reshape(240, 64), "72 numbers"),
    (CONVOLVED, IMAGES.reshape(240, 64), r"Put Reshape\(\(8, 8, 1\)\) before it"),
    ("lenet", np.ones((240, 3, 32, 32)), "channels first"),
    ("lenet", np.ones((240, 2, 2)), "too small"),
])  # fmt: skip
def test_what_is_no_image_is_said_with_the_way_out(network, x, message):
    with pytest.raises(ValueError, match=message):
        NetworkClassifier(network, **BRIEF).fit(x, DIGITS)


@pytest.mark.parametrize("x", [IMAGES.reshape(240, 64), IMAGES[:, :7], IMAGES[:, :, :7],
                               IMAGES[..., None]])  # fmt: skip
def test_images_of_another_shape_are_not_predicted(x):
    model = NetworkClassifier("lenet", **{**BRIEF, "max_iter": 1}).fit(IMAGES, DIGITS)
    with pytest.raises(ValueError, match=r"expected \(n, 8, 8\)"):
        model.predict(x)
