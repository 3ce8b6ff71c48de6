"""What a model has learned: numbers worked by hand, and scikit-learn's on the same rows."""

import json

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.calibration import calibration_curve as calibration_by_sklearn
from sklearn.inspection import partial_dependence as dependence_by_sklearn
from sklearn.inspection import permutation_importance as importance_by_sklearn

from glassnet import Sequential, data, insight, layers
from glassnet.data import Preprocessor, Target
from glassnet.data.features import CategoryColumn, NumberColumn
from glassnet.errors import ConfigError, DataError, LabelError, ShapeError, UnknownNameError
from glassnet.insight.small import wilson


def table(n=400, seed=0):
    """kg and city decide, noise does not; the answer is "yes" or "no", or an amount."""
    rng = np.random.default_rng(seed)
    kg, city = rng.normal(70, 15, n), rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])
    value = 0.5 * kg + 20 * (city == "b") + rng.normal(0, 3, n)
    return {
        "kg": kg.round(1), "city": city, "noise": rng.normal(size=n).round(3),
        "value": value.round(2), "label": np.where(value > 42, "yes", "no"),
    }  # fmt: skip


def trained(target, epochs=30):
    ignored = "value" if target == "label" else "label"
    loaded = data.load_table(table(), target, ignore=[ignored], test_fraction=0.5,
                             scale_target=True)  # fmt: skip
    classes = target == "label"
    last = layers.Dense(2 if classes else 1, activation="softmax" if classes else None)
    model = Sequential([layers.Dense(16, activation="tanh"), last], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy" if classes else "mse")
    model.optimizer.learning_rate = 0.01
    model.fit(loaded, epochs=epochs, verbose=0)
    return model, insight.Rows.of(model, loaded)


@pytest.fixture(scope="module")
def classes():
    return trained("label")[1]


@pytest.fixture(scope="module")
def values():
    return trained("value")[1]


class Wrapped(BaseEstimator):
    """A model of glassnet as scikit-learn knows estimators; one feature stands for a column."""

    def __init__(self, rows=None):
        self.rows = rows

    def fit(self, x, y):
        return self

    def __sklearn_is_fitted__(self):
        return True

    @property
    def classes_(self):
        return np.arange(2)

    def predict(self, x):
        found = self.rows.answers(x)
        return found if found.ndim == 1 else found.argmax(axis=1)


class WrappedClassifier(ClassifierMixin, Wrapped):
    def predict_proba(self, x):
        return self.rows.answers(x)


class WrappedRegressor(RegressorMixin, Wrapped):
    pass


NUMBERS = ["kg", "noise"]  # columns of one feature: scikit-learn shuffles features


@pytest.mark.parametrize(
    ("kind", "ours", "theirs"),
    [
        ("classes", "log_loss", "neg_log_loss"),
        ("classes", "accuracy", "accuracy"),
        ("classes", "roc_auc", "roc_auc"),
        ("values", "r2", "r2"),
        ("values", "mae", "neg_mean_absolute_error"),
        ("values", "rmse", "neg_root_mean_squared_error"),
    ],
)
def test_importance_is_scikit_learns_to_the_shuffle(kind, ours, theirs, request):
    rows = request.getfixturevalue(kind)
    found = insight.permutation_importance(rows, ours, n_repeats=4, random_state=3)
    wrapped = (WrappedClassifier if kind == "classes" else WrappedRegressor)(rows)
    theirs = importance_by_sklearn(wrapped, rows.x, rows.y, scoring=theirs, n_repeats=4,
                                   random_state=3)  # fmt: skip
    # float32: 1 - p has other ties than p, and p of all classes do not quite add up to 1
    close = {"roc_auc": 1e-4, "log_loss": 1e-5}.get(ours, 1e-9)
    for name in NUMBERS:
        place, feature = found.names.index(name), rows.column(name).start
        assert found.importances[ours][place] == pytest.approx(
            theirs.importances[feature], abs=close
        )
        assert found.std(ours)[place] == pytest.approx(theirs.importances_std[feature], abs=close)
    assert found.names[-1] == "noise"


def test_a_column_of_words_is_shuffled_as_one(classes):
    found = insight.permutation_importance(classes, "accuracy", n_repeats=1, random_state=0)
    state = np.random.RandomState(np.random.RandomState(0).randint(2**31))
    order = np.arange(len(classes))
    state.shuffle(order)
    city = classes.column("city")
    assert city.stop - city.start == 3
    x = classes.x.copy()
    x[:, city.start : city.stop] = x[order, city.start : city.stop]
    fell = (classes.given.argmax(1) == classes.y).mean() - (
        classes.answers(x).argmax(1) == classes.y
    ).mean()
    place = found.names.index("city")
    assert found.importances["accuracy"][place, 0] == pytest.approx(fell)
    assert fell > 0.1


@pytest.mark.parametrize("kind", ["classes", "values"])
def test_dependence_is_scikit_learns(kind, request):
    rows = request.getfixturevalue(kind)
    grid = [50.0, 70.0, 90.0]
    found = insight.partial_dependence(rows, "kg", grid=grid)
    column = rows.column("kg")
    wrapped = (WrappedClassifier if kind == "classes" else WrappedRegressor)(rows)
    theirs = dependence_by_sklearn(
        wrapped, rows.x.astype(np.float64), [column.start], method="brute", kind="average",
        custom_values={column.start: column.features(grid)[:, 0]},
    )  # fmt: skip
    assert found.average[:, 0] == pytest.approx(theirs["average"][0], abs=1e-6)
    assert found.average[0, 0] < found.average[2, 0]


def test_dependence_of_values_is_in_the_units_of_the_table(values):
    found = insight.partial_dependence(values, "kg", grid=[60.0, 80.0])
    assert found.average[1, 0] - found.average[0, 0] == pytest.approx(10, abs=2.5)  # 0.5 a kg
    assert sum(found.counts) > 0.95 * len(values) and found.outputs == ("value",)
    words = insight.partial_dependence(values, "city")
    assert words.grid == ("a", "b", "c") and sum(words.counts) == len(values)
    assert words.average[1, 0] - words.average[0, 0] == pytest.approx(20, abs=5)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_calibration_is_scikit_learns(classes, strategy):
    found = insight.calibration_curve(classes, n_bins=8, strategy=strategy)
    true, predicted = calibration_by_sklearn(
        classes.y, classes.given[:, 1], n_bins=8, strategy=strategy
    )
    assert [b.true for b in found.bins] == pytest.approx(true)
    assert [b.predicted for b in found.bins] == pytest.approx(predicted, abs=1e-6)
    assert sum(b.count for b in found.bins) == len(classes)


def by_hand(given, y, names=("no", "yes")):
    """Rows whose answers are these; one column, x, of two values."""
    model = Sequential([layers.Dense(len(names), activation="softmax")])
    model.build((1,))
    model.compile("sgd", "sparse_categorical_crossentropy")
    columns = (insight.Column("x", 0, 1),)
    rows = insight.Rows(model, np.zeros((len(y), 1)), np.array(y), columns, names)
    rows.__dict__["given"] = np.array(given)
    return rows


def test_calibration_error_by_hand():
    rows = by_hand([[0.9, 0.1]] * 4 + [[0.2, 0.8]] * 5, [0, 0, 0, 1, 1, 1, 1, 1, 0])
    found = insight.calibration_curve(rows, n_bins=2)
    assert [(b.count, b.predicted, b.true) for b in found.bins] == [
        (4, pytest.approx(0.1), 0.25), (5, pytest.approx(0.8), 0.8),
    ]  # fmt: skip
    assert found.error == pytest.approx((4 * 0.15 + 5 * 0.0) / 9)
    assert found.about == "yes"


def test_intervals_are_wilsons():
    from scipy.stats import binomtest

    for hits, n in ((0, 7), (3, 10), (99, 100)):
        theirs = binomtest(hits, n).proportion_ci(0.95, "wilson")
        assert wilson(hits, n) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_groups_count_and_warn_of_few(classes):
    found = insight.errors_by_group(classes, ["city", "kg"])
    wrong = classes.given.argmax(axis=1) != classes.y
    cities = classes.values(classes.column("city"))
    for group in found.groups[:3]:
        inside = cities == group.group
        assert (group.count, group.error) == (inside.sum(), pytest.approx(wrong[inside].mean()))
    quarters = found.groups[3:]
    assert len(quarters) == 4 and sum(g.count for g in quarters) == len(classes)
    assert [g.small for g in found.groups] == [g.count < 20 for g in found.groups]
    assert quarters[0].group.startswith("≤ ") and quarters[3].group.startswith("> ")


def test_a_group_that_is_worse_stands_out_and_a_small_one_does_not():
    x = np.repeat([0.0, 1.0, 2.0], [100, 100, 5])[:, np.newaxis]
    wrong = np.r_[np.zeros(100), np.tile([0, 1], 50), np.ones(5)].astype(int)
    rows = by_hand(np.tile([1.0, 0.0], (205, 1)), wrong)
    rows = insight.Rows(rows.model, x, rows.y, rows.columns, rows.class_names)
    rows.__dict__["given"] = np.tile([1.0, 0.0], (205, 1))
    found = insight.errors_by_group(rows)
    assert [(g.group, g.stands_out, g.small) for g in found.groups] == [
        ("0", True, False), ("1", True, False), ("2", False, True),
    ]  # fmt: skip
    assert found.sentences() == [
        "Where x is 1 (100 rows), the error is 50.0%; in all rows it is 26.8%."
    ]


def test_the_surest_mistakes_come_first_with_the_tables_own_values(classes):
    found = insight.surest_mistakes(classes, most=3)
    sure = [row["probability"] for row in found]
    assert sure == sorted(sure, reverse=True)
    first = found[0]
    assert {first["true"], first["predicted"]} == {"yes", "no"}
    raw, has = table(), first["values"]
    place = np.flatnonzero(np.isclose(raw["kg"], has["kg"]) & (raw["city"] == has["city"]))
    assert first["true"] in raw["label"][place]


def test_residuals_are_predicted_minus_true_in_the_tables_units(values):
    found = insight.residuals(values)
    error = values.given - values.y
    assert found.bias == pytest.approx(error.mean())
    assert found.mae == pytest.approx(np.abs(error).mean()) and found.mae < 10
    assert found.quantiles[0.5] == pytest.approx(np.median(error))
    assert sum(part.count for part in found.parts) == len(values)
    assert abs(values.y.mean() - 41) < 5  # as in the table, not standardised


def exactly():
    """value = 2·kg + 10·(city = b), as a network without bends; target in units of 4."""
    columns = (NumberColumn("kg", 70.0, 10.0), CategoryColumn("city", ("a", "b")))
    rows = Preprocessor(columns, Target("value", "regression", (), 100.0, 4.0))
    model = Sequential([layers.Dense(1)])
    model.build((3,))
    model.compile("sgd", "mse")
    model.layers[0].W = np.array([[2 * 10 / 4], [0.0], [10 / 4]])
    model.layers[0].b = np.array([(2 * 70 - 100) / 4])
    model.preprocessing = rows
    raw = {"kg": [60, 70, 80, 70], "city": ["b", "a", "b", "b"]}
    raw["value"] = [2 * kg + 10 * (city == "b") for kg, city in zip(raw["kg"], raw["city"])]
    return model, raw


def test_one_row_in_kilograms_by_hand():
    model, raw = exactly()
    rows = insight.Rows.of(model, raw)
    assert rows.given == pytest.approx(raw["value"], abs=1e-3)
    found = insight.explain_row(rows, 2)
    kg, city = found.effects
    # 80 kg where the mean is 70; "b" where three of four are
    assert (kg.column, kg.value, kg.typical) == ("kg", 80, 70)
    assert kg.effect == pytest.approx(20, abs=1e-3) and kg.drawn == pytest.approx(150, abs=1e-3)
    assert kg.slope == pytest.approx(2, abs=1e-5)  # for one kilogram, not one deviation
    assert kg.gradient_effect == pytest.approx(20, abs=1e-4)
    assert city.effect == pytest.approx(2.5, abs=1e-3) and city.slope is None
    assert found.sentences()[0] == (
        "kg is 80: that makes value larger. With kg from other rows it would be 150, not 170."
    )
    assert "kg = 80" in found.sentences("ko")[0] and "평균 150" in found.sentences("ko")[0]


def test_the_other_class_is_moved_the_other_way(classes):
    yes, no = (insight.explain_row(classes, 5, about) for about in ("yes", "no"))
    assert yes.number + no.number == pytest.approx(1, abs=1e-6)
    of_no = {e.column: e.effect for e in no.effects}
    for effect in yes.effects:
        assert effect.effect == pytest.approx(-of_no[effect.column], abs=1e-6)


def test_constant_answers_by_hand():
    found = insight.Constant.of(np.array([0, 0, 0, 1]), 2)
    scores = found.scores(np.array([0, 1]))
    assert found.answer == 0 and scores["accuracy"] == 0.5
    assert scores["log_loss"] == pytest.approx(-(np.log(0.75) + np.log(0.25)) / 2)
    mean = insight.Constant.of(np.array([1.0, 3.0]))
    scores = mean.scores(np.array([2.0, 6.0]))
    assert mean.answer == 2 and scores["mae"] == 2 and scores["r2"] == pytest.approx(-1)
    for one in (found, mean):
        assert insight.Constant.kept(one.to_dict()) == one
    assert insight.never_answered(np.array([0, 1, 1, 2]), np.array([0, 0, 0, 0]), 4) == [1, 2]


def test_peers_learn_from_the_same_rows(classes, values):
    for kind, rows in (("label", classes), ("value", values)):
        loaded = data.load_table(table(), kind, test_fraction=0.5,
                                 ignore=["value" if kind == "label" else "label"])  # fmt: skip
        found = insight.compare(rows, loaded.x, loaded.y)
        assert set(found) == {"linear", "boosting"}
        first = "accuracy" if kind == "label" else "r2"
        assert found["linear"][first] > 0.85 and found["boosting"][first] > 0.8


def test_a_table_comes_as_it_is_and_wrong_input_is_named(classes):
    model, raw = exactly()
    import pandas as pd

    assert insight.Rows.of(model, pd.DataFrame(raw)).y.tolist() == [130, 140, 170, 150]
    with pytest.raises(DataError, match="value"):
        insight.Rows.of(model, {"kg": [1], "city": ["a"]})
    with pytest.raises(ShapeError, match=r"\(1, 2\).*\(n, 3\)"):
        insight.Rows.of(model, np.zeros((1, 2)), [0])
    with pytest.raises(DataError, match="true answers are missing"):
        insight.Rows.of(model, np.zeros((1, 3)))
    with pytest.raises(DataError, match="nothing to look at"):
        insight.Rows.of(model, np.zeros((0, 3)), [])
    with pytest.raises(LabelError, match="'maybe' is none of the classes no, yes"):
        insight.Rows.of(classes.model, classes.x[:1], ["maybe"])
    with pytest.raises(DataError, match="unknown column 'kgs': did you mean 'kg'"):
        insight.partial_dependence(classes, "kgs")
    with pytest.raises(UnknownNameError, match="unknown score 'r2'"):
        insight.permutation_importance(classes, "r2")
    with pytest.raises(ConfigError, match="classes"):
        insight.residuals(classes)
    with pytest.raises(DataError, match="no row 200"):
        insight.explain_row(classes, 200)


def test_everything_shows_itself_and_is_json(classes, values):
    for rows in (classes, values):
        study = insight.Study(rows, most=500)
        written = study.to_dict()
        assert json.loads(json.dumps(written, allow_nan=False)) == written
        shown = [study.importance, study.dependence[0], study.groups, insight.explain_row(rows, 0)]
        shown.append(study.calibration or study.residuals)
        for one in shown:
            html = one._repr_html_()
            assert "data:image/png" in html and one.headline() in html.replace("&lt;", "<")
            assert one.headline() in str(one)


def test_a_date_is_one_column_and_a_gap_is_none():
    days = np.arange("2024-01-01", "2024-06-29", dtype="datetime64[D]")
    raw = {
        "day": days, "kg": [None if i % 9 == 0 else 50 + i % 40 for i in range(len(days))],
        "y": np.arange(len(days)) * 0.1,
    }  # fmt: skip
    loaded = data.load_table(raw, "y", missing="fill", scaling="robust", scale_target=True,
                             test_fraction=0.3)  # fmt: skip
    model = Sequential([layers.Dense(1)], seed=0)
    model.compile("adam", "mse")
    model.fit(loaded, epochs=1, verbose=0)
    rows = insight.Rows.of(model, loaded)
    assert [column.name for column in rows.columns] == ["day", "kg"]
    day = rows.column("day")
    assert day.dated and day.plain(rows.values(day)[0]) == str(
        days[0] + round((loaded.preprocessing.decode_target(loaded.y_test[0])) * 10)
    )
    found = insight.partial_dependence(rows, "day")
    assert found.to_dict()["grid"][0].startswith("2024-0")
    steps = np.diff(found.average[:, 0])
    assert (steps > 0).all() or (steps < 0).all() or np.ptp(found.average) > 0
    groups = insight.errors_by_group(rows, ["kg"]).groups
    assert groups[-1].group == "(none)" and sum(g.count for g in groups) == len(rows)
    effects = {e.column: e for e in insight.explain_row(rows, 0).effects}
    assert effects["day"].value.startswith("2024-") and effects["day"].slope is None


def test_peers_say_what_is_missing(classes, monkeypatch):
    import sys

    from glassnet.errors import MissingDependencyError

    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.raises(MissingDependencyError, match="pip install scikit-learn"):
        insight.compare(classes, classes.x, classes.y)


def test_balanced_classes_weigh_as_scikit_learn_says():
    from sklearn.utils.class_weight import compute_class_weight

    x, y = np.arange(12.0).reshape(6, 2) / 10, np.array([0, 0, 0, 0, 2, 1])
    by_hand = dict(enumerate(compute_class_weight("balanced", classes=np.arange(3), y=y)))
    models = []
    for weights in ("balanced", by_hand, None):
        model = Sequential([layers.Dense(3, activation="softmax")], seed=0)
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.fit(x, y, class_weight=weights, epochs=3, verbose=0)
        models.append(model.parameters.values.copy())
    assert models[0] == pytest.approx(models[1]) and models[0] != pytest.approx(models[2])
    with pytest.raises(DataError, match='or "balanced"'):
        model.fit(x, y, class_weight="balance", verbose=0)
