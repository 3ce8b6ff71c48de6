"""The estimators in what people have built with scikit-learn already."""

import copy
import pickle
import warnings

import joblib
import numpy as np
import pytest
import sklearn
from sklearn import datasets
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import BaggingClassifier
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_validate
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import get_tags, shuffle

from glassnet import Sequential, layers
from glassnet.callbacks import EarlyStopping
from glassnet.sklearn import MLPClassifier, MLPRegressor, NetworkClassifier, NetworkRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = shuffle(*datasets.load_iris(return_X_y=True), random_state=0)
NET = Sequential([layers.Dense(8, "tanh"), layers.Dense(3, "softmax")])
QUICK = {"max_iter": 15, "random_state": 0}
MADE = {
    "MLPClassifier": MLPClassifier((8,), learning_rate_init=0.05, **QUICK),
    "MLPRegressor": MLPRegressor(hidden_layer_sizes=(8,), learning_rate_init=0.05, **QUICK),
    "NetworkClassifier": NetworkClassifier(
        NET, optimizer={"name": "adam", "learning_rate": 0.05}, **QUICK
    ),
    "NetworkRegressor": NetworkRegressor(batch_size=16, **QUICK),
}
each = pytest.mark.parametrize("model", MADE.values(), ids=MADE)


@each
def test_clone(model):
    fitted = clone(model).fit(X, Y)
    again = clone(fitted)
    assert not hasattr(again, "network_")
    np.testing.assert_array_equal(again.fit(X, Y).predict(X), fitted.predict(X))
    # what is given is neither changed nor shared
    special = clone(model).set_params(callbacks=[EarlyStopping("loss", patience=3)])
    assert [type(c) for c in clone(special).callbacks] == [EarlyStopping]


@each
@pytest.mark.parametrize("way", ["pickle", "joblib", "deepcopy"])
def test_what_is_kept_answers_the_same(model, way, tmp_path):
    fitted = clone(model).fit(X, Y)
    if way == "pickle":
        again = pickle.loads(pickle.dumps(fitted))
    elif way == "joblib":
        joblib.dump(fitted, tmp_path / "model.joblib")
        again = joblib.load(tmp_path / "model.joblib")
    else:
        again = copy.deepcopy(fitted)
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    if hasattr(again, "coefs_"):  # still windows on the network's own weights
        again.coefs_[0][...] = 0.0
        assert not np.array_equal(again.network_.predict(X), fitted.network_.predict(X))
    again.partial_fit(X, Y)


@each
def test_pipeline_and_cross_validation(model):
    pipeline = make_pipeline(StandardScaler(), clone(model))
    found = cross_validate(pipeline, X, Y, cv=3, return_train_score=True)
    assert found["train_score"].mean() > 0.5


@pytest.mark.timeout(300)  # two processes that import everything
def test_grid_search_with_several_workers():
    pipeline = make_pipeline(StandardScaler(), MADE["MLPClassifier"])
    grid = {
        "mlpclassifier__hidden_layer_sizes": [(4,), (8, 4)],
        "mlpclassifier__activation": ["tanh", ["gelu", "relu"]],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two hidden layers are two functions: one is refused
        alone = GridSearchCV(pipeline, grid, cv=2, error_score=np.nan).fit(X, Y)
        search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2, error_score=np.nan).fit(X, Y)
    scores = search.cv_results_["mean_test_score"]
    np.testing.assert_array_equal(scores, alone.cv_results_["mean_test_score"])
    assert np.isnan(scores).sum() == 1
    assert search.best_score_ > 0.8
    assert search.best_estimator_.score(X, Y) > 0.8


def test_grid_search_over_networks():
    def deep(n_outputs):
        return Sequential([layers.Dense(8, "relu"), layers.Dense(n_outputs, "softmax")])

    search = GridSearchCV(MADE["NetworkClassifier"], {"network": [NET, deep, None]}, cv=2)
    assert search.fit(X, Y).best_score_ > 0.5
    assert not NET.built  # it was a description


@pytest.mark.timeout(300)
def test_grid_search_on_a_dask_cluster():
    distributed = pytest.importorskip("distributed")
    search = GridSearchCV(MADE["MLPClassifier"], {"alpha": [1e-4, 1.0]}, cv=2)
    expected = search.fit(X, Y).cv_results_["mean_test_score"]
    drawn = RandomizedSearchCV(MADE["MLPClassifier"], {"alpha": [1e-4, 1e-2, 1.0]}, n_iter=2,
                               cv=2, random_state=0)  # fmt: skip
    by_chance = drawn.fit(X, Y).cv_results_["mean_test_score"]
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=True, host="127.0.0.1",
            dashboard_address="127.0.0.1:0", worker_dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config(backend="dask"),
    ):  # fmt: skip
        warnings.simplefilter("ignore")
        found = GridSearchCV(MADE["MLPClassifier"], search.param_grid, cv=2).fit(X, Y)
        other = drawn.fit(X, Y)
        ran = client.run(lambda dask_worker: dask_worker.state.task_counter)
    np.testing.assert_array_equal(found.cv_results_["mean_test_score"], expected)
    np.testing.assert_array_equal(other.cv_results_["mean_test_score"], by_chance)
    assert ran


def test_calibration():
    model = CalibratedClassifierCV(MADE["MLPClassifier"], cv=2).fit(X, Y)
    p = model.predict_proba(X)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert model.score(X, Y) > 0.8


def test_permutation_importance():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    model = MLPRegressor(hidden_layer_sizes=(10,), solver="lbfgs", random_state=0)
    model.fit(x, 2 * x[:, 1])
    found = permutation_importance(model, x, 2 * x[:, 1], n_repeats=3, random_state=0)
    assert found.importances_mean.argmax() == 1
    assert abs(found.importances_mean[[0, 2]]).max() < 0.1


def test_other_ensembles():
    assert BaggingClassifier(MADE["MLPClassifier"], 3, random_state=0).fit(X, Y).score(X, Y) > 0.8
    columns = np.column_stack([X[:, 2], X[:, 3]])
    several = MultiOutputRegressor(MADE["MLPRegressor"]).fit(X, columns)
    assert several.predict(X).shape == columns.shape


def test_tables_with_names_through_set_output():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=["a", "b", "c", "d"]).assign(kind=["x", "y"] * 75)
    columns = make_column_transformer(
        (StandardScaler(), ["a", "b", "c", "d"]),
        (OneHotEncoder(sparse_output=False), ["kind"]),
        verbose_feature_names_out=False,
    )
    pipeline = make_pipeline(columns, MADE["MLPClassifier"]).set_output(transform="pandas")
    fitted = pipeline.fit(table, Y)
    assert list(fitted[-1].feature_names_in_) == ["a", "b", "c", "d", "kind_x", "kind_y"]
    assert fitted.score(table, Y) > 0.8


@pytest.mark.skipif(
    tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 8),
    reason="before 1.8 scikit-learn passes no weights on to a pipeline's score",
)
@each
def test_metadata_routing(model):
    weights = (Y != 2).astype(float)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = (
            clone(model).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        )
        assert asked.get_metadata_routing().fit.requests["sample_weight"] is True
        pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), asked)
        search = GridSearchCV(pipeline, {}, cv=2, error_score="raise")
        search.fit(X, Y, sample_weight=weights)
        refused = make_pipeline(clone(model))
        with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError):
            refused.fit(X, Y, sample_weight=weights)
    plain = make_pipeline(StandardScaler(), clone(model))
    weighted = plain.fit(X, Y, **{f"{type(model).__name__.lower()}__sample_weight": weights})
    np.testing.assert_array_equal(search.predict(X), weighted.predict(X))


def test_validation_data_goes_through_the_pipeline():
    scaled = {"X_val": True, "y_val": True}
    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPClassifier((8,), max_iter=5, random_state=0).set_fit_request(**scaled)
        pipeline = make_pipeline(StandardScaler(), model, transform_input=["X_val"])
        pipeline.fit(X[::2], Y[::2], X_val=X[1::2], y_val=Y[1::2])
    scaler = StandardScaler().fit(X[::2])
    alone = MLPClassifier((8,), max_iter=5, random_state=0).fit(
        scaler.transform(X[::2]), Y[::2], X_val=scaler.transform(X[1::2]), y_val=Y[1::2]
    )
    assert pipeline[-1].validation_loss_curve_ == alone.validation_loss_curve_


def test_tags():
    for name, model in MADE.items():
        tags = get_tags(model)
        classifies = "Classifier" in name
        assert is_classifier(model) == classifies
        assert is_regressor(model) == (not classifies)
        assert tags.input_tags.sparse == name.startswith("MLP")
        assert tags.target_tags.multi_output == (not classifies)
        assert tags.target_tags.required
        if classifies:
            assert tags.classifier_tags.multi_label and tags.classifier_tags.multi_class


@each
def test_html_in_a_notebook(model):
    for made in (clone(model), clone(model).fit(X, Y), make_pipeline(clone(model))):
        page = made._repr_html_()
        assert type(model).__name__ in page
        assert "sk-" in page
    assert type(model).__name__ in repr(model)
