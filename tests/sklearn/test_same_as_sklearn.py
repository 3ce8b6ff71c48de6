"""The same settings and random state give scikit-learn's own weights, to rounding.

Its random numbers are drawn in the same order, so in float64 whole fits can be compared.
"""

import warnings

import numpy as np
import pytest
import scipy.sparse
import sklearn.neural_network as theirs
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning

import glassnet.sklearn as ours

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

DIGITS = datasets.load_digits(return_X_y=True)
X, Y = DIGITS[0][:600] / 16, DIGITS[1][:600]
XR, YR = datasets.load_diabetes(return_X_y=True)
XM, YM = datasets.make_multilabel_classification(150, random_state=0)
WEIGHTS = np.random.default_rng(0).integers(0, 4, 600)

SETTINGS = {
    "default": {},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.1},
    "no nesterov": {"solver": "sgd", "nesterovs_momentum": False, "learning_rate_init": 0.1},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.5},
    "adaptive": {
        "solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.2, "tol": 0.2,
        "n_iter_no_change": 1,
    },
    "lbfgs": {"solver": "lbfgs", "max_iter": 6},
    "early": {"early_stopping": True, "n_iter_no_change": 2, "tol": 0.01},
    "logistic": {"activation": "logistic", "hidden_layer_sizes": (12, 8)},
    "tanh": {"activation": "tanh", "alpha": 10.0, "epsilon": 1e-3, "beta_1": 0.8, "beta_2": 0.9},
    "identity": {"activation": "identity", "hidden_layer_sizes": ()},
    "in order": {"shuffle": False, "batch_size": 64},
}  # fmt: skip


def pair(kind, x, y, sample_weight=None, **settings):
    """scikit-learn's estimator and glassnet's, fitted alike."""
    settings = {"hidden_layer_sizes": (15,), "max_iter": 6, "random_state": 3, **settings}
    made = [getattr(module, kind)(**settings) for module in (theirs, ours)]
    for model in made:
        model.fit(x, y, sample_weight=sample_weight)
    return made


def same(a, b, x):
    """Everything that a fit leaves behind."""
    for p, q in zip(a.coefs_ + a.intercepts_, b.coefs_ + b.intercepts_, strict=True):
        assert p.dtype == q.dtype
        np.testing.assert_allclose(q, p, rtol=0, atol=1e-10 * max(1, abs(p).max()))
    for name in ("n_iter_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(a, name) == getattr(b, name), name
    assert b.loss_ == pytest.approx(a.loss_, rel=1e-9)
    if a.solver != "lbfgs":
        assert a.t_ == b.t_
        np.testing.assert_allclose(b.loss_curve_, a.loss_curve_, rtol=1e-9)
        assert (a.best_loss_ is None) == (b.best_loss_ is None)
        assert (a.validation_scores_ is None) == (b.validation_scores_ is None)
        if a.validation_scores_ is not None:
            np.testing.assert_allclose(b.validation_scores_, a.validation_scores_, rtol=1e-9)
            assert b.best_validation_score_ == pytest.approx(a.best_validation_score_)
    np.testing.assert_allclose(b.predict(x), a.predict(x), rtol=1e-8)
    if hasattr(a, "predict_proba"):
        np.testing.assert_array_equal(a.classes_, b.classes_)
        np.testing.assert_allclose(b.predict_proba(x), a.predict_proba(x), rtol=1e-8)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_classes(settings):
    same(*pair("MLPClassifier", X, Y, **settings), X)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_values(settings):
    settings = {"learning_rate_init": 1e-3, **settings} | {"tol": 1e-4}
    same(*pair("MLPRegressor", XR, YR / 100, **settings), XR)


@pytest.mark.parametrize("which", ["default", "sgd", "lbfgs", "early"])
def test_two_classes_and_several_labels(which):
    same(*pair("MLPClassifier", X, Y > 4, **SETTINGS[which]), X)
    same(*pair("MLPClassifier", XM, YM, **SETTINGS[which]), XM)


@pytest.mark.parametrize("which", ["default", "lbfgs", "early"])
def test_weights_sparse_rows_counts_and_columns(which):
    settings = SETTINGS[which]
    same(*pair("MLPClassifier", X, Y, WEIGHTS, **settings), X)
    same(*pair("MLPClassifier", scipy.sparse.csr_matrix(X), Y, **settings), X)
    same(*pair("MLPRegressor", XR, np.round(YR / 50), loss="poisson", **settings), XR)
    same(*pair("MLPRegressor", XR, YR / 100, WEIGHTS[: len(YR)], **settings), XR)
    if which != "lbfgs":  # there theirs has a loss and a gradient that differ by a factor
        columns = np.column_stack([YR, YR[::-1], np.sqrt(YR)]) / 100
        same(*pair("MLPRegressor", XR, columns, **settings), XR)


def test_partial_fit_and_warm_start():
    made = [m.MLPClassifier((9,), random_state=0, solver="sgd", learning_rate="invscaling")
            for m in (theirs, ours)]  # fmt: skip
    for model in made:
        for rows in (slice(0, 100), slice(100, 350), slice(350, 600)):
            model.partial_fit(X[rows], Y[rows], classes=np.arange(10))
    same(*made, X)
    made = [m.MLPClassifier((9,), random_state=0, max_iter=3, warm_start=True)
            for m in (theirs, ours)]  # fmt: skip
    for model in made:
        model.fit(X, Y).fit(X[:300], Y[:300])
    same(*made, X)
    assert len(made[1].loss_curve_) == 6


def test_float32_follows_the_data():
    a, b = pair("MLPClassifier", X.astype(np.float32), Y)
    assert b.coefs_[0].dtype == b.predict_proba(X.astype(np.float32)).dtype == np.float32
    for p, q in zip(a.coefs_ + a.intercepts_, b.coefs_ + b.intercepts_, strict=True):
        np.testing.assert_allclose(q, p, atol=1e-4)


def test_warnings_are_of_the_same_class():
    for module in (theirs, ours):
        for settings in ({}, {"solver": "lbfgs"}):
            with pytest.warns(ConvergenceWarning):
                module.MLPClassifier((5,), max_iter=2, **settings).fit(X, Y)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            module.MLPClassifier((5,), max_iter=99, tol=10.0, random_state=0).fit(X, Y)
        with pytest.warns(UserWarning, match="batch_size"), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            module.MLPClassifier((5,), max_iter=1, batch_size=5000).fit(X, Y)
