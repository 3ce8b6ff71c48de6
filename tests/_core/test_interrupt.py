"""Ctrl-C: asked for, deferred, passed on, and never lost."""

import ctypes
import signal
import threading

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet._core.interrupt import ends_all, heard_at_last
from glassnet.callbacks import Callback


def lost() -> None:
    """Ctrl-C in a callback of C, as LLVM makes them: ctypes forgets what is raised there."""
    kind = ctypes.CFUNCTYPE(None)
    kind(lambda: signal.raise_signal(signal.SIGINT))()


def test_a_lost_interrupt_is_raised_after_all(capfd):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), heard_at_last():
        lost()
    assert signal.getsignal(signal.SIGINT) is before
    assert capfd.readouterr().err == ""


def test_an_error_that_comes_of_it_is_no_error():
    def compiled():
        lost()
        raise RuntimeError("no compiled object yet")

    with pytest.raises(KeyboardInterrupt), heard_at_last():
        compiled()
    with pytest.raises(RuntimeError, match="of its own"), heard_at_last():
        raise RuntimeError("of its own")


def test_in_another_thread_nothing_changes():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        with heard_at_last():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


class PressesCtrlC(Callback):
    def on_train_batch_end(self, batch, logs):
        signal.raise_signal(signal.SIGINT)


def test_an_interrupted_part_of_something_ends_the_whole():
    model = Sequential([layers.Dense(1)], seed=0)
    model.compile("sgd", loss="mse")

    def fit():
        return model.fit(np.ones((4, 1)), np.ones(4), batch_size=1, epochs=2, verbose=0,
                         callbacks=[PressesCtrlC()])  # fmt: skip

    assert fit().stopped.startswith("interrupted")
    with pytest.raises(KeyboardInterrupt), ends_all():
        fit()
    assert fit().stopped.startswith("interrupted")
