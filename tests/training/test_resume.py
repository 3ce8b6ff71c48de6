"""A run that was killed and resumed ends with the bits of the unbroken run."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, data
from glassnet.callbacks import (
    Callback,
    Checkpoint,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    ReduceLROnPlateau,
)
from glassnet.errors import DataError, FileFormatError, ShapeError
from glassnet.layers import BatchNormalization, Dense, Dropout

EPOCHS, BATCH = 4, 25  # 120 samples: 5 batches an epoch, the last one short
SPIRAL = data.spiral(40, seed=0)


class KilledError(Exception):
    pass


def network(optimizer="nadam") -> Sequential:
    model = Sequential(
        [Dense(6, "relu"), BatchNormalization(), Dropout(0.3), Dense(3, "softmax")], seed=3
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def watchers() -> list[Callback]:
    return [
        EarlyStopping("val_loss", patience=2),
        ReduceLROnPlateau("loss", patience=1, min_delta=0.5),
    ]


def run(model, path, kill_after=None, resume=False, watching=watchers, log=None):
    count = 0

    def strike(batch, logs):
        nonlocal count
        count += 1
        if count == kill_after:
            raise KilledError

    checkpoint = Checkpoint(path, every_batches=1)
    callbacks = [*watching(), checkpoint, LambdaCallback(on_train_batch_end=strike)]
    if log is not None:
        callbacks.append(CSVLogger(log))
    return model.fit(
        SPIRAL, batch_size=BATCH, epochs=EPOCHS, validation_data=SPIRAL, verbose=0,
        callbacks=callbacks, resume_from=path if resume else None,
    )  # fmt: skip


def everything(model):
    state = model.optimizer.get_state()
    return {
        "values": model.parameters.values,
        "state": model.parameters.state,
        "steps": state["steps"],
        "rate": state["learning_rate"],
        **state["vectors"],
    }


def assert_same(one, other):
    for name, value in everything(one).items():
        np.testing.assert_array_equal(value, everything(other)[name], err_msg=name)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 5 * EPOCHS - 1), st.sampled_from(["nadam", "adam", "rmsprop"]))
def test_killed_after_any_batch_and_resumed_it_ends_with_the_same_bits(
    tmp_path_factory, kill_after, optimizer
):
    folder = tmp_path_factory.mktemp("runs")
    whole = network(optimizer)
    unbroken = run(whole, folder / "whole")
    with pytest.raises(KilledError):
        run(network(optimizer), folder / "broken", kill_after)
    resumed = network(optimizer)
    history = run(resumed, folder / "broken", resume=True)
    assert_same(whole, resumed)
    assert history.history == unbroken.history
    assert history.epoch == unbroken.epoch


def test_killed_twice_with_a_schedule_and_clipping(tmp_path):
    optimizer = {
        "name": "adam", "global_clipnorm": 0.5,
        "learning_rate": {"name": "exponential_decay", "initial_learning_rate": 0.01,
                          "decay_steps": 3, "decay_rate": 0.8},
    }  # fmt: skip
    plain = lambda: [EarlyStopping("loss", patience=5)]  # noqa: E731
    whole = network(optimizer)
    run(whole, tmp_path / "whole", watching=plain)
    with pytest.raises(KilledError):
        run(network(optimizer), tmp_path / "c", 4, watching=plain)
    with pytest.raises(KilledError):
        run(network(optimizer), tmp_path / "c", 7, resume=True, watching=plain)
    resumed = network(optimizer)
    run(resumed, tmp_path / "c", resume=True, watching=plain)
    assert_same(whole, resumed)


SCRIPT = """
import sys
from tests_resume import network, run
model = network()
run(model, sys.argv[1], resume=sys.argv[2] == "resume")
model.save(sys.argv[1] + ".done")
"""


def test_a_process_killed_for_real_resumes_bit_for_bit(tmp_path):
    """kill -9 at random moments until it is through; the file is whole each time."""
    (tmp_path / "tests_resume.py").write_text(Path(__file__).read_text())
    (tmp_path / "train.py").write_text(SCRIPT)
    whole = network()
    run(whole, tmp_path / "whole")
    path = tmp_path / "checkpoint"
    rng = np.random.default_rng(0)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    kills = 0
    while not (tmp_path / "checkpoint.done").exists():
        how = "resume" if path.exists() else "anew"
        command = [sys.executable, str(tmp_path / "train.py"), str(path), how]
        process = subprocess.Popen(command, env=environment)
        began = time.monotonic()
        before = path.stat().st_mtime_ns if path.exists() else 0
        while kills < 3 and process.poll() is None and time.monotonic() - began < 60:
            if path.exists() and path.stat().st_mtime_ns != before:
                time.sleep(float(rng.uniform(0, 0.02)))
                process.send_signal(signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.001)
        assert process.wait(60) in (0, -signal.SIGKILL)
    assert_same(whole, _resumed(path))


def _resumed(path):
    model = network()
    run(model, path, resume=True)  # it had ended: nothing more is trained
    return model


def test_ctrl_c_ends_after_the_batch_and_the_run_can_be_resumed(tmp_path):
    whole = network()
    run(whole, tmp_path / "whole")
    model = network()
    strike = LambdaCallback(
        on_train_batch_end=lambda b, logs: b == 2 and signal.raise_signal(signal.SIGINT)
    )
    checkpoint = Checkpoint(tmp_path / "c", every_epochs=99)
    history = model.fit(
        SPIRAL, batch_size=BATCH, epochs=EPOCHS, validation_data=SPIRAL, verbose=0,
        callbacks=[*watchers(), checkpoint, strike],
    )  # fmt: skip
    assert "Ctrl-C" in history.stopped
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    resumed = network()
    run(resumed, tmp_path / "c", resume=True)
    assert_same(whole, resumed)


def test_the_second_ctrl_c_stops_at_once():
    model = network()

    def twice(batch, logs):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    history = model.fit(SPIRAL, epochs=5, verbose=0, callbacks=[
        LambdaCallback(on_train_batch_end=twice)])  # fmt: skip
    assert "Ctrl-C" in history.stopped
    assert model.predict(SPIRAL.x).shape == (120, 3)


def test_training_outside_the_main_thread_leaves_signals_alone():
    model, ends = network(), []
    thread = threading.Thread(
        target=lambda: ends.append(model.fit(SPIRAL, epochs=1, verbose=0, batch_size=60))
    )
    thread.start()
    thread.join()
    assert len(ends[0].epoch) == 1


def test_two_models_in_two_threads_do_not_disturb_each_other():
    alone = [network(), network("adam")]
    for model in alone:
        model.fit(SPIRAL, epochs=3, verbose=0, batch_size=17)
    together = [network(), network("adam")]
    how = {"epochs": 3, "verbose": 0, "batch_size": 17}
    threads = [threading.Thread(target=m.fit, args=(SPIRAL,), kwargs=how) for m in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, together):
        np.testing.assert_array_equal(one.parameters.values, other.parameters.values)


def test_the_log_of_a_resumed_run_is_that_of_the_unbroken_one(tmp_path):
    run(network(), tmp_path / "whole", log=tmp_path / "whole.csv")
    with pytest.raises(KilledError):
        run(network(), tmp_path / "c", 13, log=tmp_path / "c.csv")
    run(network(), tmp_path / "c", resume=True, log=tmp_path / "c.csv")
    assert (tmp_path / "c.csv").read_text() == (tmp_path / "whole.csv").read_text()


def test_a_checkpoint_is_also_a_model(tmp_path):
    model = network()
    run(model, tmp_path / "c", watching=list)
    twin = Sequential.load(tmp_path / "c")
    np.testing.assert_array_equal(twin.predict(SPIRAL.x), model.predict(SPIRAL.x))


def test_only_callbacks_that_know_something_are_asked_for(tmp_path):
    path = tmp_path / "c"
    fit = {"batch_size": 16, "verbose": 0}
    network().fit(SPIRAL, epochs=2, callbacks=[Checkpoint(path), LambdaCallback()], **fit)
    history = network().fit(SPIRAL, epochs=3, resume_from=path, **fit)  # without a callback
    assert history.epoch == [0, 1, 2]
    network().fit(SPIRAL, epochs=2, callbacks=[EarlyStopping("loss"), Checkpoint(path)], **fit)
    with pytest.raises(DataError, match=r"had EarlyStopping\(…\)") as caught:
        network().fit(SPIRAL, epochs=3, resume_from=path, callbacks=[Checkpoint(path)], **fit)
    assert "Diagnosing" not in str(caught.value)
    again = [Checkpoint(path), EarlyStopping("loss")]  # in another order
    history = network().fit(SPIRAL, epochs=3, resume_from=path, callbacks=again, **fit)
    assert history.epoch == [0, 1, 2] and again[1].best < 10


def test_what_cannot_be_resumed_says_why(tmp_path):
    path = tmp_path / "c"
    model = network()
    run(model, path, watching=list)
    model.save(tmp_path / "model")
    with pytest.raises(FileFormatError, match="not a checkpoint"):
        run(network(), tmp_path / "model", resume=True)
    with pytest.raises(FileNotFoundError, match="no such checkpoint"):
        run(network(), tmp_path / "nothing", resume=True)
    other = Sequential([Dense(3, "softmax")], seed=0)
    other.compile("nadam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    with pytest.raises(ShapeError, match="another network"):
        run(other, path, resume=True, watching=list)
    with pytest.raises(DataError, match="batch_size"):
        network().fit(SPIRAL, batch_size=7, epochs=EPOCHS, verbose=0, resume_from=path,
                      callbacks=[Checkpoint(path), LambdaCallback()])  # fmt: skip
