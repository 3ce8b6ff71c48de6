"""What can never learn is refused in words; what is merely odd is not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from glassnet import Sequential, calculus, data, layers
from glassnet.errors import ConfigError, DataError

Dense = layers.Dense
X, Y = data.moons(20, seed=0)
LOGITS = {"name": "binary_crossentropy", "from_logits": True}


@pytest.mark.parametrize(
    ("stack", "loss", "says"),
    [
        ([Dense(1, "softmax")], "binary_crossentropy", "single output is always the same"),
        ([Dense(1, "softmax")], "mse", "Dense 'dense': softmax over a single output"),
        ([Dense(1, "softmax"), Dense(2, "softmax")], "sparse_categorical_crossentropy", "single"),
        ([Dense(1, "sigmoid")], "hinge", r"'sigmoid' gives 0 … 1: one of the two.*use tanh"),
        ([Dense(1, "relu")], "hinge", "nothing below 0"),
        ([Dense(1, "softplus")], LOGITS, "with from_logits=True tells two classes by the sign"),
        ([Dense(1, "tanh")], "poisson", r"'tanh' gives -1 … 1. Give the last layer 'softplus'"),
        ([Dense(1)], "poisson", "gives any number"),
        ([Dense(4, "step"), Dense(1)], "mse", "derivative is 0 everywhere"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else "",
)
def test_compile_refuses_it(stack, loss, says):
    with pytest.raises(ConfigError, match=says):
        Sequential(stack).compile("adam", loss)


@pytest.mark.parametrize(
    ("stack", "loss"),
    [
        ([Dense(2, "softmax")], "sparse_categorical_crossentropy"),
        ([Dense(1, "sigmoid")], "binary_crossentropy"),
        ([Dense(1, "tanh")], "hinge"),
        ([Dense(1)], "hinge"),
        ([Dense(1)], LOGITS),
        ([Dense(1, "exponential")], "poisson"),
        ([Dense(1)], {"name": "poisson", "from_logits": True}),
        ([Dense(1, "sigmoid")], "mse"),
    ],
    ids=str,
)
def test_its_healthy_twin_trains(stack, loss):
    model = Sequential(stack, seed=0)
    model.compile("adam", loss)
    model.fit(X, Y, epochs=1, verbose=0)


def test_softmax_as_a_layer_of_its_own_is_seen_once_the_shapes_are_known():
    model = Sequential([Dense(1), layers.Softmax()])
    model.compile("adam", "binary_crossentropy")
    with pytest.raises(ConfigError, match="single output"):
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("as_batches", [False, True])
def test_values_out_of_reach(as_batches):
    def fit(y):
        model = Sequential([Dense(1, "sigmoid")], seed=0)
        model.compile("adam", "mse")
        one = ([(X, y)],) if as_batches else (X, y)
        model.fit(*one, epochs=1, verbose=0)

    with pytest.raises(DataError, match=r"'sigmoid' can give \(0 … 1\).*bring y into that range"):
        fit(np.linspace(0, 9, len(X)))
    strays = np.linspace(0, 1, len(X))
    strays[0] = 1.2
    fit(strays)


def test_nothing_that_would_change():
    model = Sequential([Dense(2, "softmax", trainable=False)])
    model.compile("adam", "sparse_categorical_crossentropy")  # to be judged, it may be frozen
    model.build(2)
    assert len(model.evaluate(X, Y)) == 1
    with pytest.raises(ConfigError, match="every layer has trainable=False"):
        model.fit(X, Y, verbose=0)
    bare = Sequential([layers.Flatten()])
    bare.compile("adam", "mse")
    with pytest.raises(ConfigError, match="no weights"):
        bare.fit(X, X, verbose=0)


def test_a_class_that_the_split_cuts_off_is_said_before_the_first_epoch():
    order = np.argsort(Y, kind="stable")
    model = Sequential([Dense(2, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.warns(UserWarning, match="all of the class 1: training would never see one"):
        model.fit(X[order], Y[order], validation_split=0.5, verbose=0)
    mixed = np.random.default_rng(0).permutation(len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X[mixed], Y[mixed], validation_split=0.5, verbose=0)
        model.fit(X[mixed], X[mixed, 0] > 0, validation_split=0.2, verbose=0)


def test_a_gradient_check_with_a_step_lost_in_rounding_proves_nothing():
    model = Sequential([Dense(4, "tanh"), Dense(2, "softmax")], seed=0, dtype="float64")
    model.compile("adam", "sparse_categorical_crossentropy")
    report = calculus.check_gradient(model, X[:8], Y[:8], h=1e-12)
    assert not report.ok and "NO PROOF: with h = 1e-12" in str(report)
    assert calculus.check_gradient(model, X[:8], Y[:8]).ok
    assert calculus.check_gradient(model, X[:8], Y[:8], h=1e-6).ok
