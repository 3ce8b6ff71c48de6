"""What a learner gets wrong in the small functions: refused in a sentence."""

import numpy as np
import pytest

from glassnet import Perceptron, data, losses, plots
from glassnet.callbacks import EarlyStopping, LambdaCallback
from glassnet.errors import ConfigError, DataError


@pytest.mark.parametrize("w", ["ab", ["a", "b"], [np.nan, 1.0], [None, 1.0]])
def test_weights_of_a_perceptron_are_numbers(w):
    with pytest.raises(DataError, match="w"):
        Perceptron(w)


def test_a_perceptron_is_not_asked_about_nan():
    with pytest.raises(DataError, match=r"x\[0, 1\] is nan"):
        Perceptron([1.0, 1.0]).predict([[0.0, np.nan]])


@pytest.mark.parametrize(
    ("name", "truth", "logits"),
    [
        ("binary_crossentropy", [1, 0], [1.9, 0.2]),
        ("binary_crossentropy", [1, 0], [0.5, -0.2]),
        ("sparse_categorical_crossentropy", [1], [[-1.0, 2.0]]),
        ("categorical_crossentropy", [[0, 1]], [[-1.0, 2.0]]),
    ],
)
def test_logits_are_no_probabilities(name, truth, logits):
    with pytest.raises(DataError, match="from_logits=True"):
        losses.get(name)(truth, logits)
    assert losses.get({"name": name, "from_logits": True})(truth, logits) > 0


def test_shares_and_rounding_pass():
    assert losses.get("categorical_crossentropy")([1], [[1.0, 3.0]]) == pytest.approx(np.log(4 / 3))
    assert losses.get("binary_crossentropy")([1.0], [1.000001]) < 1e-6


@pytest.mark.parametrize(
    "ask",
    [
        lambda: data.spiral(10, noise="a"),
        lambda: data.spiral(10).split("a"),
        lambda: EarlyStopping("loss", min_delta="a"),
        lambda: LambdaCallback(on_epoch_end=3),
        lambda: plots.save(None, "nothing.png"),
    ],
)
def test_settings_of_another_kind(ask, workplace):
    with pytest.raises(ConfigError):
        ask()
    assert not list(workplace.iterdir())
