"""Copies and pickles of a model are models of their own."""

import copy
import pickle

import numpy as np
import pytest

from glassnet import Sequential, layers


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_learns_and_leaves_the_original(copied):
    """Its layers read the vectors that its optimizer writes."""
    x, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2
    inside = [layers.Dense(3, "tanh"), layers.BatchNormalization()]
    model = Sequential([layers.Residual(inside), layers.Dense(2, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, verbose=0)
    before = model.predict(x)
    twin = copied(model)
    assert np.array_equal(twin.predict(x), before)
    model.fit(x, y, epochs=3, verbose=0)
    assert not np.array_equal(model.predict(x), before)
    assert np.array_equal(twin.predict(x), before)
    twin.fit(x, y, epochs=3, verbose=0)
    assert np.array_equal(twin.predict(x), model.predict(x))
