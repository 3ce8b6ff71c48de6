"""The loop as an iterator of steps: all at once, one by one, and going on where it stood."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, data, layers
from glassnet.callbacks import Callback, EarlyStopping, LambdaCallback, Logs
from glassnet.callbacks.base import attach
from glassnet.data.batches import ArrayBatches
from glassnet.errors import DataError, DivergedError
from glassnet.training.loop import Training
from glassnet.training.run import Run

SPIRAL = data.spiral(40, seed=0)  # 120 samples: 5 batches of 25, the last one short
STEPS = 5


def network(rate: float = 0.05) -> Sequential:
    model = Sequential(
        [layers.Dense(8, "relu"), layers.Dropout(0.2), layers.Dense(3, "softmax")], seed=3
    )
    model.compile({"name": "adam", "learning_rate": rate}, "sparse_categorical_crossentropy")
    model.build(2)
    model.classes = np.arange(3)
    return model


def training(model: Sequential, epochs: int = 3, callbacks: Any = (), **more: Any) -> Training:
    batches = ArrayBatches(SPIRAL.x, model.encode_targets(SPIRAL.y), batch_size=25)
    run = Run(epochs=epochs, callbacks=callbacks)
    attach(model, run)
    return Training(model, batches, run, **more)


class Log(Callback):
    """Everything that happens, in its order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []

    def on_train_begin(self) -> None:
        self.events.append(("begin", 0))

    def on_epoch_begin(self, epoch: int) -> None:
        self.events.append(("epoch", epoch))

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        self.events.append(("batch", batch))

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.events.append(("end", epoch))


def test_step_by_step_is_what_fit_does() -> None:
    one, other = network(), network()
    losses = list(training(one))
    history = other.fit(SPIRAL, batch_size=25, epochs=3, verbose=0)
    np.testing.assert_array_equal(one.parameters.values, other.parameters.values)
    assert len(losses) == 3 * STEPS
    sizes = np.array([25, 25, 25, 25, 20])
    means = [np.average(losses[i : i + STEPS], weights=sizes) for i in range(0, 15, STEPS)]
    np.testing.assert_allclose(means, history.history["loss"])


@pytest.mark.parametrize("first", [1, 3, STEPS, STEPS + 2])
def test_another_iteration_goes_on_where_the_run_stands(first: int) -> None:
    whole, parts = network(), network()
    list(training(whole))
    steps = training(parts)
    assert len(list(islice(steps, first))) == first
    assert (steps.run.epoch, steps.run.batch) == divmod(first, STEPS)
    rest = list(steps)
    assert len(rest) == 3 * STEPS - first
    np.testing.assert_array_equal(whole.parameters.values, parts.parameters.values)
    assert steps.run.history.epoch == [0, 1, 2]


def test_the_end_of_an_epoch_is_part_of_its_last_step() -> None:
    log = Log()
    steps = iter(training(network(), 2, [log], validate=lambda: {"val_loss": 1.0}))
    for _ in range(STEPS - 1):
        next(steps)
    assert log.events == [("epoch", 0), *(("batch", i) for i in range(STEPS - 1))]
    next(steps)
    assert log.events[-2:] == [("batch", STEPS - 1), ("end", 0)]


def test_without_a_known_number_of_batches_the_epoch_ends_with_the_next_draw() -> None:
    log, model = Log(), network()
    batches = [(SPIRAL.x[:60], SPIRAL.y[:60]), (SPIRAL.x[60:], SPIRAL.y[60:])]
    model.fit(lambda: iter(batches), epochs=2, verbose=0, callbacks=log)
    expected = [("epoch", 0), ("batch", 0), ("batch", 1), ("end", 0)]
    assert log.events[:5] == [("begin", 0), *expected]
    twin = network()
    twin.fit(batches, epochs=2, verbose=0)
    np.testing.assert_array_equal(model.parameters.values, twin.parameters.values)


def test_what_diverges_is_said_once_and_the_last_good_weights_are_back() -> None:
    model = network(1e30)
    with np.errstate(all="ignore"), pytest.raises(DivergedError, match="epoch 1, batch"):
        list(training(model))
    assert np.isfinite(model.parameters.values).all()


@pytest.mark.parametrize("stack", [[], [layers.BatchNormalization()]], ids=["weights", "moving"])
def test_a_last_update_that_overflows_is_no_normal_end(stack: list[Any]) -> None:
    """One update: no loss comes after it. Of the moving variance no loss in training knows."""
    model = Sequential([*stack, layers.Dense(1)], seed=0)
    rate = 1.0 if stack else 1e30
    model.compile({"name": "sgd", "learning_rate": rate}, "mse")
    x, y = np.array([[3e25], [1e25]]) if stack else np.array([[1e5], [2e5]]), np.array([1e5, -1e5])
    with pytest.raises(DivergedError, match="a weight became NaN or infinite in epoch 1, batch 1"):
        model.fit(x.astype(np.float32), y, epochs=1, batch_size=2, verbose=0)
    assert model.parameters.first_not_finite() == ""


def test_an_epoch_needs_a_batch() -> None:
    class Nothing:
        steps_per_epoch = None

        def epoch(self, rng: np.random.Generator, skip: int = 0) -> Any:
            return iter(())

    with pytest.raises(DataError, match="no batch"):
        list(Training(network(), Nothing(), Run(epochs=1)))


# ---- stop_training, as in Keras ------------------------------------------------------------


def test_a_callback_that_sets_stop_training_ends_the_training_after_the_epoch() -> None:
    model = network()

    def stop(epoch: int, logs: Logs) -> None:
        model.stop_training = epoch == 1

    history = model.fit(SPIRAL, epochs=9, verbose=0, callbacks=LambdaCallback(on_epoch_end=stop))
    assert history.epoch == [0, 1] and "stop_training" in history.stopped
    assert model.fit(SPIRAL, epochs=2, verbose=0).epoch == [0, 1]  # the next fit begins again


def test_set_between_two_batches_it_ends_after_this_one_and_the_epoch_is_measured() -> None:
    model, log = network(), Log()

    def stop(batch: int, logs: Logs) -> None:
        model.stop_training = batch == 2

    history = model.fit(
        SPIRAL, batch_size=25, epochs=9, verbose=0, validation_data=SPIRAL,
        callbacks=[LambdaCallback(on_train_batch_end=stop), log],
    )  # fmt: skip
    assert log.events[-2:] == [("batch", 2), ("end", 0)]
    assert history.epoch == [0] and len(history.history["val_loss"]) == 1


def test_a_callback_that_runs_last_may_set_it_too() -> None:
    model = network()

    class Last(Callback):
        last = True

        def on_epoch_end(self, epoch: int, logs: Logs) -> None:
            self.model.stop_training = True

    assert model.fit(SPIRAL, epochs=9, verbose=0, callbacks=Last()).epoch == [0]


def test_a_reason_that_was_given_stays() -> None:
    model = network()
    early = EarlyStopping("loss", patience=1, min_delta=9.0)

    def stop(epoch: int, logs: Logs) -> None:
        model.stop_training = bool(early.run.stopped)

    callbacks = [early, LambdaCallback(on_epoch_end=stop)]
    history = model.fit(SPIRAL, epochs=9, verbose=0, callbacks=callbacks)
    assert "has not become better" in history.stopped
