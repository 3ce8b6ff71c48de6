"""What the experiments on digits claim, at sizes that are quick, over several seeds."""

import numpy as np
import pytest

from glassnet import experiments
from glassnet.errors import DataError
from glassnet.experiments import batches, batchnorm, digits, overfitting, search, weights
from glassnet.experiments.result import Setting

SEEDS = pytest.mark.parametrize("seed", range(3))


@SEEDS
def test_what_comes_through_five_layers(seed):
    tanh, relu = (weights.spreads_of_outputs(f, seed, n=200) for f in ("tanh", "relu"))
    assert tanh["0.01"][-1] < 1e-4
    assert 0.2 < tanh["Xavier"][-1] < 0.5
    assert relu["0.01"][-1] < 1e-4 * relu["0.01"][0]
    assert relu["Xavier"][-1] < 0.4 * relu["Xavier"][0]
    assert 0.5 < relu["He"][-1] / relu["He"][0] < 1.5


@SEEDS
def test_spread_and_speed_of_learning(seed):
    runs = weights.learning(digits.load(Setting(seed), most=800, most_test=100), seed, epochs=6)
    loss = {name: run.history["loss"] for name, run in runs.items()}
    assert min(loss["0.01"]) > 2.2
    assert loss["He"][-1] < 0.8
    assert loss["He"][1] < loss["Xavier"][1] - 0.1


@SEEDS
@pytest.mark.parametrize("spread", [0.05, 0.01, 0.004])
def test_batch_normalization_does_not_mind_the_spread(spread, seed):
    images = digits.load(Setting(seed), most_test=10).first(800)
    plain, normal = (
        batchnorm.learn(images, spread, normalized, seed, epochs=8, hidden=4, units=40)
        for normalized in (False, True)
    )
    assert normal[-1] > 0.75
    assert not plain or plain[-1] < normal[-1] - 0.05


def test_a_network_that_broke_at_once_has_no_accuracy(monkeypatch):
    def learn(images, spread, normalized, seed):
        return [0.5, 0.9] if normalized else []

    monkeypatch.setattr(batchnorm, "learn", learn)
    result = batchnorm.run(Setting(0))
    assert all(np.isnan(row["plain"]) for row in result.numbers.values())
    assert result.claims[0].holds


@SEEDS
def test_overfitting_and_its_cures(seed):
    result = overfitting.run(Setting(seed), epochs=60)
    assert [claim.text for claim in result.claims if not claim.holds] == []


@pytest.mark.parametrize("seed", [0, 1])
def test_small_batches_get_further_in_as_many_epochs(seed):
    result = batches.run(Setting(seed), epochs=5)
    assert result.claims[0].holds, result.claims[0].text
    assert [row["updates"] for row in result.numbers.values()] == [1800, 450, 115, 30, 5]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_search_at_random(seed):
    result = search.run(Setting(seed), trials=30, epochs=8, optuna=False)
    assert result.numbers["way"] == "at random"
    assert result.numbers["best accuracy"] > 0.85
    assert result.claims[0].holds, result.claims[0].text
    again = search.run(Setting(seed), trials=30, epochs=8, optuna=False)
    assert again.numbers == result.numbers


def test_random_settings_are_even_by_their_logarithm():
    drawn = search.at_random(lambda *pair: search.Trial(*pair, [], []), 2000, seed=0)
    for name, (low, high) in (("learning_rate", search.RATES), ("weight_decay", search.DECAYS)):
        tens = np.log10([getattr(trial, name) for trial in drawn])
        parts, _ = np.histogram(tens, bins=4, range=(np.log10(low), np.log10(high)))
        assert parts.sum() == 2000
        assert parts.min() > 430


def test_the_search_by_optuna():
    pytest.importorskip("optuna")
    result = search.run(Setting(0), trials=6, epochs=2)
    assert result.numbers["way"] == "Optuna"
    assert result.numbers["trials"] == 6


def test_a_folder_without_mnist_is_told(workplace, monkeypatch):
    with pytest.raises(DataError, match="not all there"):
        digits.load(Setting(data_dir=str(workplace)))
    monkeypatch.setenv("GLASSNET_DATA", str(workplace))
    assert digits.load(Setting()).name == "digits"


def test_every_experiment_has_its_module():
    for name, (module, line) in experiments.EXPERIMENTS.items():
        assert module == name
        assert line
