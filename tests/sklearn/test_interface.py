"""Everything that a program may ask of scikit-learn's estimators is there, and answers alike."""

import inspect
import re
import warnings

import numpy as np
import pytest
import sklearn.neural_network as theirs
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError

import glassnet.sklearn as ours

KINDS = ["MLPClassifier", "MLPRegressor"]
SOLVERS = ["adam", "sgd", "lbfgs"]
X, Y = datasets.load_iris(return_X_y=True)
X32 = X.astype(np.float32)


def both(kind, **settings):
    settings = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0, **settings}
    return [getattr(module, kind)(**settings) for module in (theirs, ours)]


def quiet(model, *data, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(*data, **named)


@pytest.mark.parametrize("kind", KINDS)
def test_constructor_parameters_and_defaults(kind):
    a, b = (inspect.signature(getattr(module, kind)).parameters for module in (theirs, ours))
    positional = [n for n, p in a.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == [n for n, p in b.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    for name, parameter in a.items():
        assert b[name].default == parameter.default, name
        assert type(b[name].default) is type(parameter.default), name
    for name in set(b) - set(a):  # what is beyond changes nothing until it is set
        assert b[name].default in (None, False, 0.0, "log_loss"), name


@pytest.mark.parametrize("kind", KINDS)
def test_methods_and_their_arguments(kind):
    a, b = (getattr(module, kind) for module in (theirs, ours))
    names = [n for n in dir(a) if not n.startswith("_") and callable(getattr(a, n))]
    assert {"fit", "partial_fit", "predict", "score", "set_params"} < set(names)
    for name in names:
        x, y = (inspect.signature(getattr(cls, name)).parameters for cls in (a, b))
        for argument, parameter in x.items():
            assert y[argument].default == parameter.default, (name, argument)
        if not name.startswith("set_"):
            first = [p.name for p in y.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
            assert first == [p.name for p in x.values() if p.kind is p.POSITIONAL_OR_KEYWORD]


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("kind", KINDS)
def test_fitted_attributes(kind, solver, early_stopping):
    pandas = pytest.importorskip("pandas")
    a, b = both(kind, solver=solver, early_stopping=early_stopping)
    table = pandas.DataFrame(X, columns=list("abcd"))
    for model in (a, b):
        quiet(model, table, Y)
    documented = re.findall(r"^(\w+_) : ", inspect.getdoc(type(a)), re.MULTILINE)
    assert {"coefs_", "t_", "feature_names_in_"} < set(documented)
    left = {n for n in vars(a) if n.endswith("_") and not n.startswith("_")}
    for name in left | set(documented):
        if hasattr(a, name):  # after lbfgs theirs has no validation_scores_; ours are None
            x, y = getattr(a, name), getattr(b, name)
            assert type(x) is type(y) or isinstance(x, type(y)), (name, x, y)
    assert list(b.feature_names_in_) == list("abcd")
    assert b.n_features_in_ == 4


def test_what_is_there_depends_on_the_solver():
    for model in both("MLPClassifier", solver="lbfgs"):
        assert not hasattr(model, "partial_fit")
    for model in both("MLPClassifier", solver="sgd"):
        assert hasattr(model, "partial_fit")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("setting", [
    {"hidden_layer_sizes": -1}, {"hidden_layer_sizes": (5, 0)}, {"solver": "hadoken"},
    {"alpha": -1}, {"alpha": "a"}, {"learning_rate_init": -1}, {"learning_rate_init": 0},
    {"momentum": 2}, {"momentum": -0.5}, {"nesterovs_momentum": "no"}, {"shuffle": "true"},
    {"early_stopping": "true"}, {"validation_fraction": 1.0}, {"validation_fraction": -0.1},
    {"beta_1": 1}, {"beta_2": 1}, {"epsilon": 0}, {"max_iter": 0}, {"max_iter": 2.5},
    {"batch_size": 0}, {"tol": -1}, {"n_iter_no_change": -1}, {"warm_start": "yes"},
    {"learning_rate": "converge"}, {"activation": "ghost"}, {"power_t": -1}, {"max_fun": 0},
], ids=lambda s: str(s))  # fmt: skip
def test_settings_out_of_range_are_refused_by_both(kind, setting):
    for model in both(kind, **setting):
        with pytest.raises(ValueError):
            model.fit(X, Y)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("kind", KINDS)
def test_bad_data_is_refused_by_both(kind):
    bad = X.copy()
    bad[3, 1] = np.nan
    for model in both(kind):
        with pytest.raises(NotFittedError):
            model.predict(X)
        for x, y in ((bad, Y), (X[:0], Y[:0]), (X, Y[:-1]), (X, None), (X[:, 0], Y)):
            with pytest.raises(ValueError):
                model.fit(x, y)
        with pytest.raises((ValueError, ZeroDivisionError)):  # the second: theirs before 1.9
            model.fit(X, Y, sample_weight=np.zeros(len(X)))
        with pytest.raises(ValueError, match="features"):
            quiet(model, X, Y).predict(X[:, :2])


def test_partial_fit_says_what_is_wrong_as_theirs_does():
    for model in both("MLPClassifier"):
        with pytest.raises(ValueError, match="classes"):
            model.partial_fit(X, Y)
        model.partial_fit(X, Y, classes=[0, 1, 2])
        with pytest.raises(ValueError, match="classes"):
            model.partial_fit(X, Y, classes=[0, 1, 2, 3])
        with pytest.raises(ValueError):
            model.partial_fit(X, Y + 7)
    for model in both("MLPClassifier", warm_start=True):
        quiet(model, X, Y)
        with pytest.raises(ValueError, match="warm_start"):
            model.fit(X, Y + 1)


def test_early_stopping_and_partial_fit_exclude_each_other():
    for model in both("MLPRegressor", early_stopping=True):
        with pytest.raises(ValueError, match="early_stopping"):
            model.partial_fit(X, Y)


@pytest.mark.parametrize("kind", KINDS)
def test_warnings_of_the_same_class(kind):
    for model in both(kind):
        with pytest.warns(ConvergenceWarning):
            model.fit(X, Y)
        with pytest.warns(DataConversionWarning), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, Y.reshape(-1, 1))
    table = pytest.importorskip("pandas").DataFrame(X, columns=list("abcd"))
    for model in both(kind):
        quiet(model, table, Y)
        with pytest.warns(UserWarning, match="feature names"):
            model.predict(X)
        with pytest.raises(ValueError, match="feature names"):
            model.predict(table.rename(columns={"a": "z"}))


def test_labels_of_any_type_come_back():
    names = np.array(["setosa", "versicolor", "virginica"])[Y]
    for labels in (names, names.astype(object), Y == 1, Y * 10 - 5, Y.astype(float)):
        a, b = both("MLPClassifier", max_iter=30, learning_rate_init=0.05)
        for model in (a, b):
            quiet(model, X, labels)
        assert b.classes_.dtype == a.classes_.dtype
        np.testing.assert_array_equal(b.predict(X), a.predict(X))
        assert b.score(X, labels) == a.score(X, labels) > 0.6


def test_several_labels_and_several_values():
    rows = np.column_stack([Y == 0, X[:, 3] > 1, X[:, 0] > 5.8]).astype(int)
    for model in both("MLPClassifier", max_iter=200, learning_rate_init=0.05):
        quiet(model, X, rows)
        assert model.predict(X).shape == model.predict_proba(X).shape == rows.shape
        assert model.out_activation_ == "logistic"
        assert model.score(X, rows) > 0.8
    columns = X[:, 2:] @ [[1, 2, 3], [0, 1, -1]]
    for model in both("MLPRegressor", solver="lbfgs", max_iter=200):
        quiet(model, X, columns)
        assert model.predict(X).shape == columns.shape
        assert model.score(X, columns) > 0.9


def test_warm_start_goes_on_and_a_new_fit_does_not():
    for model in both("MLPClassifier", warm_start=True, max_iter=5):
        first = quiet(model, X, Y).loss_
        assert quiet(model, X, Y).loss_ < first
        assert model.t_ == 10 * len(X)
        assert model.n_iter_ == 5
    for model in both("MLPClassifier", max_iter=5):
        assert quiet(model, X, Y).loss_ == quiet(model, X, Y).loss_


def test_verbose_prints_what_theirs_prints(capsys):
    printed = []
    for model in both("MLPClassifier", verbose=True):
        quiet(model, X, Y)
        printed.append([w for w in capsys.readouterr().out.splitlines() if w.startswith("Iter")])
    assert printed[0] == printed[1]
    assert len(printed[1]) == 3


def test_weights_that_are_put_in_are_used():
    for model in both("MLPRegressor"):
        quiet(model, X, Y)
        model.coefs_ = [np.zeros_like(W) for W in model.coefs_]
        model.intercepts_[-1][...] = 7.0
        np.testing.assert_array_equal(model.predict(X), np.full(len(X), 7.0))
