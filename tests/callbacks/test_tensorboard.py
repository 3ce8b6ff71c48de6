"""The TensorBoard callback: TensorBoard itself reads what was written."""

import sys
import types

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from glassnet import Sequential, callbacks, layers
from glassnet.callbacks import Callback, Checkpoint, TensorBoard
from glassnet.callbacks.event_file import EventFile
from glassnet.errors import ConfigError

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


def network():
    model = Sequential([layers.Dense(5, "relu"), layers.Dense(2, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(*watching, epochs=3, **settings):
    model = network()
    history = model.fit(
        X, Y, epochs=epochs, batch_size=20, verbose=0, validation_data=(X, Y), callbacks=watching,
        **settings,
    )  # fmt: skip
    return model, history.history


@pytest.fixture
def read(monkeypatch):
    """TensorBoard's own reader, without TensorFlow even where that is installed."""
    pytest.importorskip("tensorboard")
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", types.ModuleType("notf"))
    from tensorboard.backend.event_processing import event_accumulator

    def found(folder):
        sizes = {event_accumulator.SCALARS: 0, event_accumulator.HISTOGRAMS: 0}
        return event_accumulator.EventAccumulator(str(folder), sizes).Reload()

    return found


def curve(events, name):
    return [(e.step, e.value) for e in events.Scalars(name)]


def test_the_numbers_of_each_epoch(tmp_path, read):
    _, history = fit(TensorBoard(tmp_path))
    train, held = read(tmp_path / "train"), read(tmp_path / "validation")
    assert set(train.Tags()["scalars"]) == {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"}
    assert set(held.Tags()["scalars"]) == {"epoch_loss", "epoch_accuracy"}
    for events, prefix in ((train, ""), (held, "val_")):
        for name in ("loss", "accuracy"):
            expected = list(enumerate(np.float32(history[prefix + name])))
            assert curve(events, f"epoch_{name}") == expected
    assert curve(train, "epoch_learning_rate")[0] == (0, np.float32(0.001))
    assert train.Tags()["histograms"] == []


def test_batches(tmp_path, read):
    losses = []

    class Watch(Callback):
        def on_train_batch_end(self, batch, logs):
            losses.append(logs["loss"])

    fit(Watch(), TensorBoard(tmp_path / "all", update_freq="batch"),
        TensorBoard(tmp_path / "some", update_freq=2))  # fmt: skip
    found = curve(read(tmp_path / "all" / "batches"), "batch_loss")
    assert found == list(enumerate(np.float32(losses), start=1))
    assert curve(read(tmp_path / "some" / "batches"), "batch_loss") == found[1::2]


def test_histograms_of_weights_and_gradients(tmp_path, read):
    model, _ = fit(TensorBoard(tmp_path, histogram_freq=2), epochs=4)
    events = read(tmp_path / "train")
    names = model.parameters.names
    assert set(events.Tags()["histograms"]) == {
        f"{n}/{what}" for n in names for what in ("histogram", "gradient")
    }
    first = f"{names[0]}/histogram"
    assert [e.step for e in events.Histograms(first)] == [1, 3]
    last, W = events.Histograms(first)[-1].histogram_value, model.parameters.view(names[0])
    assert (last.num, last.min, last.max) == (W.size, W.min(), W.max())
    assert sum(last.bucket) == W.size
    assert last.sum_squares == pytest.approx((W.astype(float) ** 2).sum())


def test_a_resumed_run_replaces_what_was_logged_after_the_checkpoint(tmp_path, read):
    checkpoint, log = tmp_path / "c.safetensors", tmp_path / "logs"
    fit(TensorBoard(log, update_freq="batch"), epochs=3)
    fit(Checkpoint(checkpoint), epochs=2)
    resumed = Checkpoint(checkpoint), TensorBoard(log, update_freq="batch")
    _, history = fit(*resumed, epochs=5, resume_from=checkpoint)
    for folder, name in (("train", "loss"), ("validation", "val_loss")):
        found = curve(read(log / folder), "epoch_loss")
        assert found == list(enumerate(np.float32(history[name])))
    steps = [step for step, _ in curve(read(log / "batches"), "batch_loss")]
    assert steps == list(range(1, 16))


def test_numbers_that_are_none(tmp_path, read):
    file = EventFile(tmp_path)
    for step, value in enumerate((float("nan"), float("inf"), 1e300)):
        file.scalar("x", value, step)
    file.histogram("h", np.array([np.nan, 1.0, np.inf]), 300)
    file.histogram("none", np.array([np.nan]), 1)
    file.histogram("huge", np.array([1e200, -1e200]), 1)
    file.close()
    events = read(tmp_path)
    np.testing.assert_array_equal([v for _, v in curve(events, "x")], [np.nan, np.inf, np.inf])
    assert set(events.Tags()["histograms"]) == {"h", "huge"}
    assert events.Histograms("h")[0].histogram_value.num == 1
    assert events.Histograms("h")[0].step == 300


def test_a_killed_run_leaves_its_numbers(tmp_path, read):
    class Stumble(Callback):
        def on_epoch_end(self, epoch, logs):
            if epoch == 1:
                raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        fit(TensorBoard(tmp_path), Stumble())
    assert curve(read(tmp_path / "train"), "epoch_loss")


def test_a_folder_that_cannot_be_written_is_said_before_the_first_update(tmp_path):
    (tmp_path / "file").write_text("here")
    model = network()
    model.build(4)
    before = model.parameters.values.copy()
    with pytest.raises(OSError, match="file"):
        model.fit(X, Y, verbose=0, callbacks=[TensorBoard(tmp_path / "file")])
    np.testing.assert_array_equal(model.parameters.values, before)


def test_estimators_log_their_scores(tmp_path, read):
    from glassnet.sklearn import MLPClassifier

    model = MLPClassifier((5,), max_iter=3, random_state=0, callbacks=[TensorBoard(tmp_path)])
    with pytest.warns(ConvergenceWarning):
        model.fit(X, Y, X_val=X, y_val=Y)
    assert curve(read(tmp_path / "train"), "epoch_loss") == list(
        enumerate(np.float32(model.loss_curve_))
    )
    assert curve(read(tmp_path / "validation"), "epoch_score") == list(
        enumerate(np.float32(model.validation_scores_))
    )


def test_settings():
    assert callbacks.TensorBoard is TensorBoard
    for wrong in ({"update_freq": "step"}, {"update_freq": 0}, {"histogram_freq": -1}):
        with pytest.raises(ConfigError):
            TensorBoard(**wrong)


def test_it_changes_nothing_and_writes_nothing_before_it_must(tmp_path):
    plain, _ = fit()
    logged, _ = fit(TensorBoard(tmp_path, histogram_freq=1, update_freq="batch"))
    np.testing.assert_array_equal(plain.parameters.values, logged.parameters.values)
    TensorBoard(tmp_path / "later")
    assert not (tmp_path / "later").exists()
