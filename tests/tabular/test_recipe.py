"""The recipe for tables: folds, temperatures, weights, and the network that comes out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet
from glassnet._core import team
from glassnet.callbacks import Callback
from glassnet.data import load_table
from glassnet.errors import ConfigError, DataError, UnknownNameError
from glassnet.layers import PiecewiseLinearEncoding
from glassnet.tabular import MemberSettings, Recipe, fit_dataset, fit_table
from glassnet.tabular.calibration import best_temperature, extrapolated, softmax
from glassnet.tabular.folds import distinct_rows, folds_of
from glassnet.tabular.model import assembled
from glassnet.tabular.training import EnsembleTraining, RowsInMemory
from glassnet.tabular.weighting import combine

WAVES = (MemberSettings("silu", bins=False, waves=0.5), MemberSettings(waves=0.5))
SMALL = Recipe(
    rounds=((MemberSettings(), MemberSettings("silu")), WAVES),
    folds=4,
    units=(8, 8),
    min_epochs=4,
    steps=8,
)


def table(n=120, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    return x, (x[:, 0] + 0.3 * rng.normal(size=n) > 0).astype(np.int64)


# ---- folds -----------------------------------------------------------------------------


@given(st.integers(8, 200), st.integers(2, 8), st.integers(1, 5))
def test_each_fold_has_its_share_of_each_class(n, folds, classes):
    y = np.arange(n) % classes
    found = folds_of(y, folds, np.random.default_rng(n))
    sizes = np.bincount(found, minlength=folds)
    assert sizes.max() - sizes.min() <= 1
    for k in range(classes):
        of_class = np.bincount(found[y == k], minlength=folds)
        assert of_class.max() - of_class.min() <= 2  # the classes' ends share a group of folds


def test_the_same_rows_lie_in_one_fold():
    """Noise that stands twice in a table is not answered by heart."""
    rng = np.random.default_rng(0)
    x = np.tile(rng.normal(size=(100, 5)).astype(np.float32), (2, 1))
    y = np.tile(rng.integers(0, 2, 100), 2)
    first, which = distinct_rows(x)
    assert len(first) == 100
    np.testing.assert_array_equal(x[first][which], x)
    fitted = fit_table(x, y, "classification", effort=SMALL)
    assert fitted.combination.loss > 0.6  # ln 2 = 0.69: nothing can be known


# ---- how sure --------------------------------------------------------------------------


def test_the_temperature_makes_it_as_sure_as_it_is_right():
    """Logits that are twice too large want T = 2."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(20_000, 3)) * 2
    p = softmax(z.copy())
    y = (p.cumsum(axis=1) > rng.random((len(p), 1))).argmax(axis=1)
    t, loss = best_temperature(2 * z, y)
    assert t == pytest.approx(2, rel=0.06)
    assert loss == pytest.approx(-np.log(p[np.arange(len(y)), y]).mean(), abs=2e-3)


def test_the_temperature_of_many_goes_on_where_that_of_few_points():
    """ln T(k) = ln T(inf) + c/k: through T(1) = 2 and T(2) = 1.6, c = 2·ln(2/1.6)."""
    c = 2 * np.log(2 / 1.6)
    expected = 1.6 * np.exp(-c * (1 / 2 - 1 / 16))
    assert extrapolated(2.0, 1.6, 2, 16) == pytest.approx(expected)
    assert extrapolated(1.0, 1.0, 1, 1) == 1.0  # one network, and no others


# ---- training --------------------------------------------------------------------------


def test_one_core_and_two_give_the_same_bits(monkeypatch):
    x, y = table()
    answers = []
    for size in (1, 2):
        monkeypatch.setattr("glassnet.tabular.training.TEAM", team.Team(size))
        answers.append(fit_table(x, y, "classification", effort=SMALL, seed=3).model.predict(x))
    np.testing.assert_array_equal(*answers)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_one_network_is_the_weighted_mean_of_the_members(task):
    x, y = table()
    target = y if task == "classification" else (x[:, :1] - x[:, 1:2]).astype(np.float32)
    encoding = PiecewiseLinearEncoding([[-1, 0, 1], None, [-2, 2]])
    encoded = encoding(x).copy()
    rows = RowsInMemory(encoded, target, None, encoding, 4)
    training = EnsembleTraining(rows, 2 if task == "classification" else 1, task, SMALL, 0)
    training.finish()
    found = combine(training.groups, target, None, task)
    assert found.weights.sum() == pytest.approx(1)
    expected = 0.0
    for group, share, t in zip(training.groups, found.weights, found.temperatures):
        for member in group.members:
            member.network.parameters.values[...] = member.best
            seen = encoded if group.settings.bins else encoded[:, [0, 3, 4]]
            out = member.network.predict(seen).astype(np.float64)
            p = softmax(out, t) if task == "classification" else out
            expected = expected + share / len(group.members) * p

    model = assembled(encoding, training.groups, found, task, 0)
    assert sum(group.settings.waves > 0 for group in training.groups) == 2
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-5, atol=1e-6)


def test_every_row_is_judged_by_networks_that_never_saw_it():
    x, y = table()
    rows = RowsInMemory(x, y, None, PiecewiseLinearEncoding([None] * 3), 4)
    training = EnsembleTraining(rows, 2, "classification", SMALL, 0)
    for number in (0, 1):
        groups = [group for group in training.groups if group.round == number]
        judged = np.concatenate([group.rows for group in groups])
        np.testing.assert_array_equal(np.sort(judged), np.arange(len(x)))
    for member in training.members:
        assert not set(member.batches.rows) & set(member.held_out)


class StopAfter(Callback):
    def __init__(self, epochs):
        self.epochs = epochs

    def on_epoch_end(self, epoch, logs):
        if epoch + 1 == self.epochs:
            self.run.stop("enough")


def test_a_round_of_one_network_takes_the_first_of_its_settings():
    x, y = table()
    rows = RowsInMemory(x, y, None, PiecewiseLinearEncoding([None] * 3), 4)
    training = EnsembleTraining(rows, 2, "classification", replace(SMALL, members=1), 0)
    training.finish()
    assert [group.settings for group in training.groups] == [s[0] for s in SMALL.rounds]


def test_a_training_that_is_stopped_keeps_its_best_epochs():
    x, y = table()
    fitted = fit_table(x, y, "classification", effort=SMALL, callbacks=[StopAfter(2)])
    assert fitted.history.stopped == "enough"
    assert fitted.history.epoch == [0, 1]
    assert max(fitted.epochs) <= 2
    assert np.isfinite(fitted.model.predict(x)).all()


# ---- from a table to answers -----------------------------------------------------------


def test_a_table_with_all_there_is_in_tables(tmp_path):
    """Gaps, texts, booleans and dates; saved and loaded; raw rows with what was never there."""
    n = 160
    rng = np.random.default_rng(1)
    size = rng.normal(10, 3, n)
    color = rng.choice(["red", "blue"], n)
    columns = {
        "size": [None if i % 9 == 0 else float(v) for i, v in enumerate(size)],
        "color": color.tolist(),
        "old": (rng.random(n) > 0.5).tolist(),
        "when": np.datetime64("2026-01-01") + np.arange(n),
        "price": (5 * size + 8 * (color == "red") + rng.normal(size=n)).tolist(),
    }
    data = load_table(columns, "price", missing="fill", scaling="robust", scale_target=True,
                      unknown="zeros", test_fraction=0.25)  # fmt: skip
    fitted = fit_dataset(data, effort="quick")
    assert fitted.model.evaluate(data.x_test, data.y_test)["loss"] < 0.3
    fitted.model.save(tmp_path / "m.safetensors")
    loaded = glassnet.load(tmp_path / "m.safetensors")
    strange = {"size": [None, 12.0], "color": ["green", None], "old": [None, True],
               "when": ["2030-05-06", None]}  # fmt: skip
    answers = loaded.predict(strange)
    assert answers.shape == (2, 1)
    assert np.isfinite(answers).all()
    np.testing.assert_array_equal(answers, fitted.model.predict(strange))
    quantiles = loaded.preprocessing.target.error_quantiles
    assert 0 < quantiles[len(quantiles) // 2] < 10  # in the units of the price


def test_what_no_table_can_be_learned_from_is_said():
    x, y = table(20)
    with pytest.raises(DataError, match=r"4 rows are there .* is learned from 8"):
        fit_table(x[:4], y[:4], "classification")
    with pytest.raises(DataError, match="all rows are the same"):
        fit_table(np.ones_like(x), y, "classification")
    with pytest.raises(UnknownNameError, match=r"unknown effort 'bst'.*best"):
        fit_table(x, y, "classification", effort="bst")
    with pytest.raises(ConfigError, match="'spiral' is no table"):
        fit_dataset(glassnet.data.load("spiral"))
    values = load_table({"a": range(40), "b": np.arange(40) / 3}, "b")
    with pytest.raises(ConfigError, match="scale_target=True"):
        fit_dataset(values)
