"""Training in the lab is training by the library, and its curves stay small."""

from __future__ import annotations

import math

import numpy as np
import pytest

from glassnet import Sequential, data, layers
from glassnet.errors import DataError
from glassnet.lab.session.curves import MOST_POINTS, SERIES, Curves
from glassnet.lab.session.trainer import Trainer
from glassnet.lab.session.until import condition


def network(learning_rate: float = 0.01, dropout: float = 0.2) -> Sequential:
    model = Sequential(
        [layers.Dense(8, "tanh"), layers.Dropout(dropout), layers.Dense(3, "softmax")], seed=3
    )
    model.compile({"name": "adam", "learning_rate": learning_rate},
                  "sparse_categorical_crossentropy", metrics=["accuracy"])  # fmt: skip
    model.build((2,))
    model.classes = np.arange(3)
    return model


def trainer(model: Sequential | None = None, batch_size: int = 32, name: str = "spiral") -> Trainer:
    part = data.load(name, n_samples_per_class=30, seed=1).split(0.3, seed=2)
    assert part.x_test is not None and part.y_test is not None
    return Trainer(model or network(), part.x, part.y, part.x_test, part.y_test, batch_size)


def test_the_same_seed_gives_the_weights_of_fit_bit_for_bit() -> None:
    mine = trainer()
    for _ in range(3):
        mine.one_epoch()
    model = network()
    history = model.fit(mine.x, mine.y, batch_size=32, epochs=3, verbose=0,
                        validation_data=(mine.x_test, mine.y_test),
                        evaluate_training=True)  # fmt: skip
    np.testing.assert_array_equal(mine.model.parameters.values, model.parameters.values)
    assert mine.measured["loss"] == history.history["train_loss"][-1]
    assert mine.measured["test_loss"] == history.history["val_loss"][-1]
    assert mine.measured["test_accuracy"] == history.history["val_accuracy"][-1]


def test_batch_by_batch_is_the_same_as_epoch_by_epoch() -> None:
    first, second, third = trainer(), trainer(), trainer()
    first.one_epoch()
    for _ in range(second.steps_per_epoch):
        second.one_batch()
    third.run(1e9, third.steps_per_epoch)
    for other in (second, third):
        assert other.epoch == 1 and other.batch == 0
        np.testing.assert_array_equal(first.model.parameters.values, other.model.parameters.values)


def test_measuring_in_between_changes_nothing() -> None:
    plain, looked_at = trainer(), trainer()
    for _ in range(6):
        plain.one_batch()
        looked_at.one_batch()
        looked_at.model.predict(looked_at.x)
        looked_at.touched()
    np.testing.assert_array_equal(plain.model.parameters.values, looked_at.model.parameters.values)


def test_when_it_diverges_it_stops_with_the_last_good_weights() -> None:
    model = Sequential([layers.Dense(1)], seed=0)
    model.compile({"name": "sgd", "learning_rate": 1e6}, "mean_squared_error")
    model.build((2,))
    x = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    y = x.sum(axis=1)
    mine = Trainer(model, x, y, x, y, 10)
    for _ in range(100):
        mine.one_epoch()
        if mine.stopped:
            break
    assert mine.stopped == "diverged" and mine.diverged is not None
    assert set(mine.diverged) == {"epoch", "batch", "layer"}
    assert np.isfinite(model.parameters.values).all()
    assert mine.run(1.0, 10) == 0  # it does not go on by itself


def test_curves_stay_small_and_keep_the_first_and_the_newest() -> None:
    curves = Curves()
    for epoch in range(50_000):
        curves.add(epoch, (epoch, 0.0, 0.0, 0.0))
        assert len(curves.epochs) <= MOST_POINTS
    found = curves.array()
    assert found.shape[0] == 1 + len(SERIES) and found.shape[1] > MOST_POINTS / 3
    assert found[0, 0] == 0 and found[0, -1] == 49_999
    np.testing.assert_array_equal(found[0], found[1])
    steps = np.diff(found[0][:-1])
    assert (steps == steps[0]).all()


def test_the_batch_size_may_change_on_the_way() -> None:
    mine = trainer()
    mine.one_batch()
    mine.set_batch_size(5)
    assert mine.batch == 0
    mine.one_epoch()
    assert mine.epoch == 1 and mine.steps_per_epoch == math.ceil(len(mine.x) / 5)


@pytest.mark.parametrize(
    ("kind", "value"), [("epochs", 3), ("loss", 0.5), ("test_loss", 0.5), ("accuracy", 80)]
)
def test_it_stops_where_the_condition_holds(kind: str, value: float) -> None:
    mine = trainer(network(0.05, 0.0), name="blobs")
    mine.until = condition(kind, value, mine)
    mine.run(1e9, 100_000)
    assert mine.stopped == "reached"
    measured = {**mine.measured, "epochs": mine.epoch}
    found = 100 * measured["test_accuracy"] if kind == "accuracy" else measured[kind]
    assert found >= value if kind in ("accuracy", "epochs") else found <= value


def test_patience_counts_epochs_without_a_better_test_loss() -> None:
    mine = trainer()
    stop = condition("patience", 2, mine)
    losses = iter([3.0, 2.0, 2.5, 2.4])
    answers = []
    for epoch in range(4):
        mine.stands_at(epoch)
        mine.curves.add(epoch, (0.0, next(losses), 0.0, 0.0))
        answers.append(stop(mine))
    assert answers == [False, False, False, True]


def test_values_have_no_accuracy_to_wait_for() -> None:
    mine = trainer()
    mine.curves.add(1, (0.0, 0.0, math.nan, math.nan))
    with pytest.raises(DataError, match="no accuracy"):
        condition("accuracy", 90, mine)
