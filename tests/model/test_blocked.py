"""The stack by blocks beside the layers' own way, on any number of threads."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from glassnet import Sequential, callbacks, layers
from glassnet._core.crew import PATIENCE, Crew
from glassnet.diagnosis.examiner import Examiner
from glassnet.model import blocked, compiled
from glassnet.model.blocked import BlockedStack
from glassnet.model.compiled import CompiledStack

LOSSES = {
    "sparse_categorical_crossentropy": ("softmax", lambda rng, n, k: rng.integers(0, k, n)),
    "binary_crossentropy": ("sigmoid", lambda rng, n, k: rng.integers(0, 2, (n, k)).astype(float)),
    "mean_squared_error": ("tanh", lambda rng, n, k: rng.standard_normal((n, k))),
}
TOLERANCE = {"float32": 2e-4, "float64": 1e-11}


def network(sizes, activation="relu", last="softmax", dtype="float32", loss=None, **settings):
    stack = [layers.Dense(units, activation, **settings) for units in sizes[1:-1]]
    model = Sequential([*stack, layers.Dense(sizes[-1], last, **settings)], seed=0, dtype=dtype)
    model.compile("adam", loss or "sparse_categorical_crossentropy")
    model.build(sizes[:1])
    return model


@settings(max_examples=60, deadline=None)
@given(
    loss=st.sampled_from(list(LOSSES)),
    dtype=st.sampled_from(list(TOLERANCE)),
    widths=st.lists(st.tuples(st.integers(1, 70), st.sampled_from(
        ["relu", "tanh", "sigmoid", "linear"]), st.booleans()), max_size=3),
    n=st.integers(24, 70), features=st.integers(1, 70), k=st.integers(2, 40),
    weighted=st.booleans(), seed=st.integers(0, 99), threads=st.integers(1, 3),
)  # fmt: skip
def test_loss_and_gradient_are_those_of_the_layers(
    loss, dtype, widths, n, features, k, weighted, seed, threads
):
    rng = np.random.default_rng(seed)
    activation, targets = LOSSES[loss]
    stack = [layers.Dense(units, f, use_bias=bias) for units, f, bias in widths]
    model = Sequential([*stack, layers.Dense(k, activation)], seed=seed, dtype=dtype)
    model.compile("sgd", loss)
    model.build((features,))
    model.parameters.values[...] = 0.3 * rng.standard_normal(model.parameters.size)
    x = rng.standard_normal((n, features)).astype(dtype)
    y = targets(rng, n, k)
    y = y if y.dtype == np.int64 else y.astype(dtype)
    weights = rng.random(n).astype(dtype) if weighted else None

    expected = model._through_the_layers(x, y, weights, True)
    gradients, read = model.parameters.gradients.copy(), model._read.copy()
    model.parameters.gradients[...] = np.nan
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocked, "CREW", Crew(threads))
        blocks = BlockedStack.of(CompiledStack.of(model, model.need_compiled()), model.optimizer)
        assert blocks.takes(x, y)
        tolerance = TOLERANCE[dtype]
        for _ in range(2):  # the second time into the same arrays
            found = blocks(x, y, weights)
            assert found == pytest.approx(expected, rel=tolerance, abs=tolerance)
            np.testing.assert_allclose(
                model.parameters.gradients, gradients, rtol=tolerance, atol=tolerance
            )
            np.testing.assert_allclose(blocks.read, read, rtol=tolerance, atol=tolerance)
        blocks.close()


def trained(threads, monkeypatch, optimizer="adam", blocks=True, **settings):
    """A training whose batches are of two sizes, by blocks; or not."""
    monkeypatch.setattr(blocked, "CREW", Crew(threads))
    monkeypatch.setattr(compiled, "MOST", 0)
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((300, 50)), rng.integers(0, 5, 300)
    model = network((50, 70, 33, 5), dtype=settings.pop("dtype", "float32"), **settings)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    if not blocks:
        monkeypatch.setattr(blocked, "MOST", 0)
    history = model.fit(x, y, batch_size=64, epochs=5, verbose=0)
    monkeypatch.undo()
    return model.parameters.values, history.history


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bits_are_the_same_on_any_number_of_threads(monkeypatch, dtype):
    values, history = trained(1, monkeypatch, dtype=dtype)
    for threads in (2, 3, 5):
        other, told = trained(threads, monkeypatch, dtype=dtype)
        np.testing.assert_array_equal(other, values)
        assert told["loss"] == history["loss"]


@pytest.mark.parametrize(
    "optimizer",
    ["adam", "adamw", {"name": "adam", "amsgrad": True}, "sgd", {"name": "adam", "clipnorm": 0.1}],
)
def test_every_optimizer_does_as_beside_the_layers(monkeypatch, optimizer):
    """Adam's rule is shared out; what is not it, or has clipped the gradient, is not."""
    settings = {"kernel_regularizer": layers.L2(1e-3), "max_norm": 3.0, "dtype": "float64"}
    by_blocks, one = trained(2, monkeypatch, optimizer, **settings)
    by_layers, other = trained(2, monkeypatch, optimizer, blocks=False, **settings)
    np.testing.assert_allclose(by_blocks, by_layers, rtol=1e-7, atol=1e-10)
    for name in ("loss", "accuracy"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, err_msg=name)


def test_frozen_layers_stay(monkeypatch):
    monkeypatch.setattr(compiled, "MOST", 0)
    model = network((30, 40, 3), dtype="float64")
    model.layers[0].trainable = False
    before = model.layers[0].W.copy()
    rng = np.random.default_rng(0)
    model.fit(rng.standard_normal((96, 30)), rng.integers(0, 3, 96), epochs=2, verbose=0)
    np.testing.assert_array_equal(model.layers[0].W, before)


def test_another_optimizer_and_other_weights_under_way(monkeypatch):
    """The helpers hold arrays of the optimizer before, and weights are set in place."""
    monkeypatch.setattr(compiled, "MOST", 0)
    monkeypatch.setattr(blocked, "CREW", Crew(2))
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((128, 30)), rng.integers(0, 3, 128)

    def run(blocks):
        monkeypatch.setattr(blocked, "MOST", 2**21 if blocks else 0)
        model = network((30, 40, 3), dtype="float64")

        def change(epoch, logs):
            if epoch == 1:
                model.optimizer = "adam"  # its state is new
            if epoch == 2:
                model.layers[0].W *= 0.5

        model.fit(x, y, batch_size=64, epochs=4, verbose=0, shuffle=False,
                  callbacks=[callbacks.LambdaCallback(on_epoch_end=change)])  # fmt: skip
        return model.parameters.values

    np.testing.assert_allclose(run(True), run(False), rtol=1e-7, atol=1e-10)


def test_a_class_that_there_is_not_is_nan(monkeypatch):
    model = network((30, 40, 3))
    blocks = BlockedStack.of(CompiledStack.of(model, model.need_compiled()), model.optimizer)
    assert np.isnan(blocks(np.ones((30, 30), np.float32), np.full(30, 7), None))


def test_copies_and_pickles_can_be_trained(monkeypatch):
    """The vectors of a copy have room behind them, as those of the network."""
    monkeypatch.setattr(compiled, "MOST", 0)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((96, 30)), rng.integers(0, 3, 96)
    model = network((30, 40, 3))
    kept = []
    model.fit(x, y, epochs=1, verbose=0, callbacks=[callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: kept.append(copy.deepcopy(model)))])  # fmt: skip
    for other in (kept[-1], pickle.loads(pickle.dumps(model))):
        for name in ("values", "gradients"):
            vector = getattr(other.parameters, name)
            assert vector.ctypes.data % 64 == 0
            room = vector.base.base if vector.base.base is not None else vector.base
            behind = room.ctypes.data + room.nbytes - vector.ctypes.data - vector.nbytes
            assert behind >= 128
        np.testing.assert_array_equal(other.parameters.values, model.parameters.values)
        other.fit(x, y, epochs=1, verbose=0)


# ---- threads ------------------------------------------------------------------------------


def test_two_networks_in_two_threads(monkeypatch):
    """One has the helpers, the other works alone: both get what they get by themselves."""
    monkeypatch.setattr(blocked, "CREW", Crew(2))
    monkeypatch.setattr(compiled, "MOST", 0)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((640, 30)), rng.integers(0, 3, 640)
    models = [network((30, 60, 3)) for _ in range(3)]
    alone, *together = models
    alone.fit(x, y, epochs=6, verbose=0)
    threads = [threading.Thread(target=lambda m=m: m.fit(x, y, epochs=6, verbose=0))
               for m in together]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    for model in together:
        np.testing.assert_array_equal(model.parameters.values, alone.parameters.values)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_helpers_of_its_own(monkeypatch):
    monkeypatch.setattr(compiled, "MOST", 0)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((96, 30)), rng.integers(0, 3, 96)
    model = network((30, 40, 3))
    model.fit(x, y, epochs=2, verbose=0)

    def again(answers):
        answers.put(model.fit(x, y, epochs=1, verbose=0).history["loss"])

    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=again, args=(answers,))
    child.start()
    found = answers.get(timeout=60)
    child.join(60)
    assert child.exitcode == 0
    assert found == model.fit(x, y, epochs=1, verbose=0).history["loss"]


def waits(crew):
    """Until the helpers sleep."""
    for _ in range(500):
        if all(crew._asleep):
            return True
        time.sleep(0.01)
    return False


def test_nothing_turns_after_fit(monkeypatch):
    crew = Crew(3)
    monkeypatch.setattr(blocked, "CREW", crew)
    monkeypatch.setattr(compiled, "MOST", 0)
    rng = np.random.default_rng(0)
    network((30, 40, 3)).fit(rng.standard_normal((96, 30)), rng.integers(0, 3, 96), verbose=0)
    assert len(crew._asleep) == 2 and waits(crew)


def test_openblas_has_one_thread_beside_the_blocks(monkeypatch):
    """Else its second one turns after each product between the steps, on a helper's core."""
    monkeypatch.setattr(compiled, "MOST", 0)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((96, 30)), rng.integers(0, 3, 96)
    before, seen = blas_threads(), []
    note = lambda *_: seen.append(blas_threads())  # noqa: E731
    monkeypatch.setattr(
        Examiner, "_layer", lambda *given, _plain=Examiner._layer: (note(), _plain(*given))[1]
    )
    watch = callbacks.LambdaCallback(on_epoch_end=note)
    network((30, 40, 3)).fit(x, y, epochs=2, verbose=0, callbacks=[watch])
    assert len(seen) > 4 and set().union(*seen) == {1} and blas_threads() == before


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_an_exception_in_a_callback_leaves_the_helpers_free(monkeypatch):
    crew = Crew(2)
    monkeypatch.setattr(blocked, "CREW", crew)
    monkeypatch.setattr(compiled, "MOST", 0)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((96, 30)), rng.integers(0, 3, 96)

    def fail(batch, logs):
        raise RuntimeError("mine")

    model = network((30, 40, 3))
    with pytest.raises(RuntimeError, match="mine"):
        model.fit(x, y, verbose=0, callbacks=[callbacks.LambdaCallback(on_train_batch_end=fail)])
    assert waits(crew)
    assert np.isfinite(model.fit(x, y, epochs=1, verbose=0).history["loss"][0])


def test_who_waits_long_works_alone_for_a_while():
    crew = Crew(2)
    for waited, alone in ((PATIENCE + 1, 2), (PATIENCE + 1, 4), (0, 4)):
        crew._heed(waited)
        assert crew.alone == alone
    crew.alone = 0
    for _ in range(8):
        crew._heed(0)
    crew._heed(PATIENCE + 1)
    assert crew.alone == 2


SCRIPT = """
import sys
import numpy as np
from glassnet import Sequential, callbacks, layers
from glassnet.model import compiled
compiled.MOST = 0
rng = np.random.default_rng(0)
x, y = rng.standard_normal((96, 30)), rng.integers(0, 3, 96)
model = Sequential([layers.Dense(40, "relu"), layers.Dense(3, "softmax")], seed=0)
model.compile("adam", "sparse_categorical_crossentropy")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_a_training_by_blocks():
    code = (
        SCRIPT
        + """
said = callbacks.LambdaCallback(on_epoch_end=lambda e, logs: e or print("on", flush=True))
history = model.fit(x, y, epochs=10**9, verbose=0, callbacks=[said])
print(history.stopped, np.isfinite(model.parameters.values).all())
"""
    )
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "on\n"
    run.send_signal(signal.SIGINT)
    told, _ = run.communicate(timeout=60)
    assert told.split() == ["interrupted", "by", "Ctrl-C", "True"]
    assert run.returncode == 0


def test_as_plain_python_it_computes_the_same(tmp_path):
    code = (
        SCRIPT
        + """
model.fit(x[:32], y[:32], epochs=2, batch_size=32, verbose=0)
np.save(sys.argv[1], model.parameters.values)
"""
    )
    found = []
    for off in ("0", "1"):
        place = tmp_path / f"{off}.npy"
        subprocess.run([sys.executable, "-c", code, str(place)], check=True,
                       env=os.environ | {"NUMBA_DISABLE_JIT": off})  # fmt: skip
        found.append(np.load(place))
    np.testing.assert_allclose(*found, rtol=1e-3, atol=1e-5)
