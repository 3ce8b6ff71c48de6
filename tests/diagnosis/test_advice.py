"""What a good teacher would say: each illness, and its healthy twin."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Sequential, data, layers, texts
from glassnet.errors import DivergedError

Dense, L2 = layers.Dense, layers.L2
X, Y = data.moons(100, noise=0.1, seed=0)
XOR, XOR_Y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([0, 1, 1, 0])


def findings(stack, rate, epochs=5, x=X, y=Y, optimizer="sgd", seed=0, **settings):
    model = Sequential(stack, seed=seed)
    loss = "binary_crossentropy" if stack[-1].units == 1 else "sparse_categorical_crossentropy"
    model.compile({"name": optimizer, "learning_rate": rate}, loss)
    try:
        history = model.fit(x, y, epochs=epochs, verbose=0, **settings)
    except DivergedError as error:
        history = error.history
    return history.diagnosis


def begun(activation, hidden, output):
    return [
        Dense(8, activation, kernel_initializer=hidden),
        Dense(2, "softmax", kernel_initializer=output),
    ]


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_all_weights_zero(activation):
    found = findings(begun(activation, "zeros", "zeros"), 0.1)
    assert found.kinds() == ["equal_weights"], str(found)
    assert "learning rate" not in found[0].advice()
    if activation != "sigmoid":  # whose outputs of ½ do move the weights, all alike
        assert "began at 0" in found[0].message()


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_all_weights_equal(activation):
    start = {"name": "constant", "value": 0.5}
    found = findings(begun(activation, start, start), 0.1, epochs=20)
    assert found.kinds() == ["equal_weights"], str(found)
    assert "however many there are" in found[0].message() and "units" not in found[0].advice()


@pytest.mark.parametrize("hidden", ["zeros", {"name": "constant", "value": 0.5}, "glorot_uniform"])
def test_equal_columns_under_unequal_ones_are_well(hidden):
    """The output layer's weights differ, and so do the gradients of the units."""
    found = findings(begun("tanh", hidden, "glorot_uniform"), 0.1, epochs=20)
    assert found.kinds() == [], str(found)


def penalized(strength):
    return [
        Dense(8, "relu", kernel_regularizer=L2(strength)),
        Dense(2, "softmax", kernel_regularizer=L2(strength)),
    ]


def test_a_penalty_that_diverges():
    found = findings(penalized(10), 0.3)
    assert found.kinds() == ["penalty_diverges"], str(found)
    assert "0.3 times 2·10 = 6" in found[0].message()
    assert found[0].cure == {"l2": 0.3}
    assert findings(penalized(0.3), 0.3).kinds() != ["penalty_diverges"]
    model = Sequential(penalized(10), seed=0)
    model.compile({"name": "sgd", "learning_rate": 0.3}, "sparse_categorical_crossentropy")
    with pytest.raises(DivergedError, match=r"takes 6 times a weight off.*smaller L2 penalty"):
        model.fit(X, Y, epochs=9, verbose=0)


def test_a_step_that_is_too_large_is_no_matter_of_the_penalty():
    found = findings(penalized(1e-4), 500.0, epochs=9)
    assert not {"penalty_diverges", "penalty_outweighs"} & set(found.kinds())
    assert found, "a rate of 500 is an illness"


def test_a_penalty_that_outweighs_the_data():
    found = findings(penalized(1), 0.05, epochs=20)
    assert found.kinds() == ["penalty_outweighs"], str(found)
    assert 0 < found[0].cure["l2"] <= 0.01
    mended = findings(penalized(found[0].cure["l2"]), 0.05, epochs=20)
    assert mended.kinds() == [], str(mended)


@pytest.mark.parametrize("strength", [1e-4, 1e-2])
def test_the_penalty_on_the_first_weights_is_no_rise_of_the_loss(strength):
    for epochs in (1, 2, 12):
        found = findings(penalized(strength), 0.01, epochs, optimizer="adam")
        assert "learning_rate_too_large" not in found.kinds(), str(found)


def xor(seed, units=2, epochs=1500):
    stack = [Dense(units, "sigmoid"), Dense(1, "sigmoid")]
    return findings(stack, 1.0, epochs, XOR, XOR_Y, seed=seed, batch_size=4)


def test_xor_in_a_valley():
    found = xor(4, epochs=2500)
    assert found.kinds() == ["stuck_in_a_valley"], str(found)
    assert "another seed" in found[0].advice()


def test_xor_on_its_way_and_at_the_goal():
    assert xor(2).kinds() == [] and xor(0).kinds() == []
    assert "stuck_in_a_valley" not in xor(0, epochs=200).kinds()


def test_noise_that_nobody_can_learn_is_no_valley():
    rng = np.random.default_rng(0)
    y = (X[:, 0] + rng.normal(size=len(X)) > 0.5).astype(np.int64)
    found = findings([Dense(1, "sigmoid")], 0.5, 200, y=y)
    assert "stuck_in_a_valley" not in found.kinds()


@pytest.mark.parametrize("kind", [
    "zero_weights", "equal_weights", "penalty_diverges", "penalty_outweighs", "stuck_in_a_valley",
])  # fmt: skip
def test_they_are_said_in_both_languages(kind):
    for part in ("message", "advice"):
        english, korean = (
            texts.catalogue(tongue)[f"diagnosis.{kind}.{part}"] for tongue in ("en", "ko")
        )
        assert english != korean
