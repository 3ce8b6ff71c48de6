"""From and to scikit-learn's MLP."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.datasets import make_multilabel_classification as multilabel
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor

from glassnet import Sequential, interop, layers
from glassnet import sklearn as ours
from glassnet.errors import ConfigError, NotBuiltError


def fitted(estimator, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X, y)


def data(load):
    X, y = load(return_X_y=True)
    return X / abs(X).max(axis=0), y


@pytest.mark.parametrize("kind", [MLPClassifier, ours.MLPClassifier])
@pytest.mark.parametrize("load", [load_iris, load_breast_cancer])
def test_a_classifier_there_and_back(kind, load):
    X, y = data(load)
    y = np.array(["one", "three", "two"])[y]
    mlp = fitted(kind((6, 4), "tanh", max_iter=20, random_state=0), X, y)
    model = interop.from_sklearn(mlp)
    assert type(model) is Sequential
    p = mlp.predict_proba(X)
    expected = p if p.shape[1] > 2 else p[:, 1:]
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-12)
    assert model.predict_classes(X).tolist() == mlp.predict(X).tolist()
    back = interop.to_sklearn(model)
    assert type(back) is MLPClassifier
    np.testing.assert_allclose(back.predict_proba(X), p, atol=1e-12)
    assert back.predict(X).tolist() == mlp.predict(X).tolist()
    assert back.score(X, y) == mlp.score(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y, epochs=1, verbose=0)  # it is compiled, and knows the labels


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("kind", [MLPRegressor, ours.MLPRegressor])
def test_a_regressor_there_and_back(kind, outputs):
    X, y = data(load_diabetes)
    y = y if outputs == 1 else np.column_stack([y, -y])
    mlp = fitted(kind(hidden_layer_sizes=(5,), max_iter=10, random_state=0), X, y)
    model = interop.from_sklearn(mlp)
    found = model.predict(X)
    np.testing.assert_allclose(found[:, 0] if outputs == 1 else found, mlp.predict(X), rtol=1e-12)
    np.testing.assert_allclose(interop.to_sklearn(model).predict(X), mlp.predict(X), rtol=1e-12)


def test_several_labels_at_once():
    X, y = multilabel(random_state=0)
    mlp = fitted(MLPClassifier((5,), max_iter=20, random_state=0), X, y)
    model = interop.from_sklearn(mlp)
    np.testing.assert_allclose(model.predict(X), mlp.predict_proba(X), atol=1e-12)
    np.testing.assert_array_equal(interop.to_sklearn(model).predict(X), mlp.predict(X))


def test_scaling_and_two_classes_are_worked_into_the_weights():
    model = Sequential([layers.Input((3, 3)), layers.Flatten(), layers.Rescaling(1 / 16, 0.5),
                        layers.Dense(7, "relu", use_bias=False), layers.Dropout(0.2),
                        layers.Dense(2, "softmax")], seed=0, dtype="float64")  # fmt: skip
    model.build((3, 3))
    x = np.random.default_rng(0).uniform(0, 16, (20, 3, 3))
    mlp = interop.to_sklearn(model)
    np.testing.assert_allclose(
        mlp.predict_proba(x.reshape(20, 9)), model.predict(x), rtol=0, atol=1e-15
    )
    assert mlp.get_params()["hidden_layer_sizes"] == (7,)


def test_a_network_without_hidden_layers():
    model = Sequential([layers.Dense(3, "softmax")], seed=0)
    model.build((4,))
    x = np.ones((2, 4), np.float32)
    np.testing.assert_allclose(
        interop.to_sklearn(model).predict_proba(x), model.predict(x), atol=1e-6
    )


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        ([layers.Dense(3, "gelu"), layers.Dense(2)], "no activation 'gelu'.*relu"),
        ([layers.Dense(3, "relu"), layers.Dense(3, "tanh"), layers.Dense(2)], "one activation"),
        ([layers.BatchNormalization(), layers.Dense(2)], "no such layer.*dense"),
        ([layers.Dense(2), layers.Rescaling(2.0), layers.Dense(2)], "before the first dense"),
        ([layers.Dense(2), layers.Flatten()], "ends with a dense layer"),
        ([layers.Dense(2, "relu")], "its last layer has no relu"),
    ],
)
def test_what_scikit_learn_does_not_have_is_named(stack, words):
    model = Sequential(stack)
    model.build((4,))
    with pytest.raises(ConfigError, match=words):
        interop.to_sklearn(model)


def test_labels_that_are_not_sorted():
    model = Sequential([layers.Dense(2, "softmax")])
    model.build((4,))
    model.classes = ["b", "a"]
    with pytest.raises(ConfigError, match="labels sorted"):
        interop.to_sklearn(model)


def test_what_is_no_fitted_mlp():
    with pytest.raises(NotBuiltError, match="not fitted"):
        interop.from_sklearn(MLPClassifier())
    with pytest.raises(ConfigError, match="got LogisticRegression"):
        interop.from_sklearn(LogisticRegression())
    with pytest.raises(ConfigError, match="got int"):
        interop.from_sklearn(3)
    with pytest.raises(NotBuiltError):
        interop.to_sklearn(Sequential([layers.Dense(2)]))
    mlp = fitted(MLPClassifier((2,), max_iter=2), *data(load_iris))
    mlp.coefs_[0][0, 0] = np.nan
    with pytest.raises(ConfigError, match="not finite"):
        interop.from_sklearn(mlp)
