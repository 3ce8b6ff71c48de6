"""Which way is better is what the metric says, under every name that it can be asked for by."""

import numpy as np
import pytest

from glassnet import Sequential, layers, metrics
from glassnet.callbacks import Callback, EarlyStopping, ReduceLROnPlateau
from glassnet.errors import ConfigError

X = np.random.default_rng(0).normal(size=(80, 2)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64)
BETTER_HIGHER = {
    "auc",
    "accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy", "binary_accuracy",
    "top_k", "top_k_categorical_accuracy", "precision", "recall", "f1", "r2",
}  # fmt: skip


def network(measured):
    model = Sequential([layers.Dense(2, "softmax")], seed=1)
    model.compile({"name": "sgd", "learning_rate": 0.5}, metrics=measured,
                  loss="sparse_categorical_crossentropy")  # fmt: skip
    return model


@pytest.mark.parametrize("name", metrics.METRICS)
@pytest.mark.parametrize("prefix", ["", "val_", "train_"])
def test_every_metric_says_which_way_is_better(name, prefix):
    assert metrics.higher_is_better(prefix + name) is (name in BETTER_HIGHER)
    assert EarlyStopping(prefix + name).sign == (-1.0 if name in BETTER_HIGHER else 1.0)


@pytest.mark.parametrize("name", ["acc", "accuracy", metrics.Accuracy()])
def test_early_stopping_ends_with_the_best_accuracy(name):
    model = network([name])
    key = f"val_{model.metrics[0].name}"
    watcher = EarlyStopping(key, patience=6)
    history = model.fit(X, Y, epochs=12, verbose=0, validation_data=(X, Y), callbacks=[watcher])
    values = history.history[key]
    assert watcher.best_epoch == int(np.argmax(values)) and max(values) > 0.9
    assert model.evaluate(X, Y)[key.removeprefix("val_")] == max(values)


def test_the_rate_is_kept_while_accuracy_grows():
    model = network(["acc"])
    watcher = ReduceLROnPlateau("val_acc", patience=1, factor=0.5)
    history = model.fit(X, Y, epochs=3, verbose=0, validation_data=(X, Y), callbacks=[watcher])
    grew = np.diff(history.history["val_acc"]) > 1e-4
    assert model.optimizer.current_learning_rate == 0.5 * 0.5 ** int((~grew).sum())


def test_a_metric_under_a_name_of_its_own():
    metric = metrics.Accuracy()
    metric.name = "right"
    model = network([metric])
    watcher = EarlyStopping("val_right", patience=3)
    model.fit(X, Y, epochs=3, verbose=0, validation_data=(X, Y), callbacks=[watcher])
    assert watcher.sign == -1.0


def test_a_number_that_nobody_knows_needs_a_mode():
    def add(epoch, logs):
        logs["cost"] = 1.0

    class Adds(Callback):
        def on_epoch_end(self, epoch, logs):
            add(epoch, logs)

    model = network([])
    with pytest.raises(ConfigError, match=r"'cost' is better. Give mode='max'"):
        model.fit(X, Y, epochs=1, verbose=0, callbacks=[Adds(), EarlyStopping("cost")])
    watcher = EarlyStopping("cost", mode="min")
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[Adds(), watcher])
    assert watcher.best == 1.0
    assert EarlyStopping("val_auc").sign == EarlyStopping("score").sign == -1.0
