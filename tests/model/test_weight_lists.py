"""get_weights, set_weights, count_params, as in Keras."""

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet.errors import DataError, NotBuiltError, ShapeError

X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)


def network(seed=0):
    model = Sequential(
        [layers.Dense(3, "tanh"), layers.BatchNormalization(), layers.Residual([layers.Dense(3)]),
         layers.Dense(2, "softmax", use_bias=False)], seed=seed,
    )  # fmt: skip
    model.build(4)
    return model


def test_the_weights_of_one_network_make_another_answer_the_same():
    one, other = network(0), network(1)
    one.compile("adam", "sparse_categorical_crossentropy")
    one.fit(X, np.arange(20) % 2, epochs=2, verbose=0)  # the running means are no zeros
    weights = one.get_weights()
    shapes = [w.shape for w in weights]
    assert shapes == [(4, 3), (3,), (3,), (3,), (3,), (3,), (3, 3), (3,), (3, 2)]
    assert one.count_params() == sum(w.size for w in weights) == 45
    other.set_weights(weights)
    np.testing.assert_array_equal(one.predict(X), other.predict(X))
    weights[0][...] = 7  # copies: nothing of the network changes
    np.testing.assert_array_equal(one.predict(X), other.predict(X))
    other.set_weights([w.tolist() for w in one.get_weights()])
    np.testing.assert_array_equal(one.predict(X), other.predict(X))


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (lambda w: w[:-1], ShapeError, "8 arrays came, but .* has 9: dense/W, dense/b"),
        (lambda w: [w[0].T, *w[1:]], ShapeError, r"dense/W has shape \(4, 3\), .*\(3, 4\)"),
        (lambda w: [*w[:-1], np.full((3, 2), np.nan)], DataError, r"dense_\d/W\[0, 0\]"),
        (lambda w: [*w[:-1], np.full((3, 2), 1e99)], DataError, "too large for float32"),
        (lambda w: [*w[:-1], [["a", "b"]] * 3], DataError, "must hold numbers"),
    ],
)
def test_what_does_not_fit_changes_nothing(spoil, error, words):
    model = network()
    before = model.get_weights()
    changed = [w + 1 for w in before]
    with pytest.raises(error, match=words):
        model.set_weights(spoil(changed))
    for a, b in zip(before, model.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_a_network_without_weights_says_so():
    model = Sequential([layers.Dense(3)])
    for ask in (model.get_weights, model.count_params, lambda: model.set_weights([])):
        with pytest.raises(NotBuiltError, match="build"):
            ask()


@pytest.mark.parity
def test_the_order_is_that_of_keras():
    keras = pytest.importorskip("keras")
    peer = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, activation="tanh"),
         keras.layers.BatchNormalization(), keras.layers.Dense(2, activation="softmax")]
    )  # fmt: skip
    rng = np.random.default_rng(1)
    given = [rng.uniform(0.2, 1, w.shape).astype(np.float32) for w in peer.get_weights()]
    peer.set_weights(given)
    model = Sequential(
        [layers.Dense(3, "tanh"), layers.BatchNormalization(), layers.Dense(2, "softmax")]
    )
    model.build(4)
    model.set_weights(given)
    assert model.count_params() == peer.count_params()
    np.testing.assert_allclose(model.predict(X), peer.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
