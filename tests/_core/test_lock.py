"""Several threads and one model."""

import copy
import pickle
import threading

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet.callbacks import LambdaCallback
from glassnet.errors import ConfigError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 10)).astype(np.float32)
Y = RNG.integers(0, 3, 400)


def network():
    model = Sequential(
        [layers.Dense(32, "relu"), layers.Dense(16, "gelu"), layers.Dense(3, "softmax")], seed=0
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build(10)
    return model


def test_a_network_is_asked_while_it_learns():
    """Without turns the two write into each other's arrays, to the end of the process."""
    alone = network().fit(X, Y, epochs=30, verbose=0).history
    model, done, answers = network(), threading.Event(), []

    def ask():
        while not done.is_set():
            answers.append(model.predict(X[:300]).sum())
            model.evaluate(X[:50], Y[:50])

    thread = threading.Thread(target=ask)
    thread.start()
    while not answers:
        pass
    beside = model.fit(X, Y, epochs=30, verbose=0).history
    asked = len(answers)
    done.set()
    thread.join()
    assert beside == alone
    assert asked > 5  # it was not kept waiting to the end
    np.testing.assert_allclose(answers, 300, rtol=1e-4)


def test_one_fit_at_a_time():
    model = network()
    again = LambdaCallback(on_epoch_end=lambda epoch, logs: model.fit(X, Y, verbose=0))
    with pytest.raises(ConfigError, match="being trained already"):
        model.fit(X, Y, epochs=2, verbose=0, callbacks=[again])
    model.fit(X, Y, epochs=1, verbose=0)


def test_copies_have_turns_of_their_own():
    model = network()
    found = []

    def keep(epoch, logs):
        found.extend([copy.deepcopy(model), pickle.loads(pickle.dumps(model)), model.copy()])

    model.fit(X, Y, epochs=1, verbose=0, callbacks=[LambdaCallback(on_epoch_end=keep)])
    for twin in found:
        twin.compile("sgd", "sparse_categorical_crossentropy")
        assert len(twin.fit(X, Y, epochs=1, verbose=0).epoch) == 1
