"""The published trainings: what the mistakes do, and that the check catches each."""

import numpy as np
import pytest

from glassnet import data
from glassnet.errors import UnknownNameError
from glassnet.experiments import compared, published, vertical
from glassnet.experiments.result import Setting


def test_without_a_mistake_it_is_what_fit_does():
    points = data.vertical(50, seed=3)
    ours = published.train(published.article_net(1), points, (), 3, 10).model
    theirs = published.article_net(1)
    theirs.fit(points.x, points.y, batch_size=150, shuffle=False, epochs=30, verbose=0)
    assert np.array_equal(ours.parameters.values, theirs.parameters.values)


def test_one_stale_step_by_hand():
    """The second backward pass reads the first forward pass, so the last layer moves on alike."""
    points = data.vertical(20, seed=0)
    model = published.article_net(0)
    start = model.parameters.view("dense_1/b").copy()
    step = published.train(published.article_net(0), points, (), 1, 1).model
    twice = published.train(model, points, ("stale_gradient",), 1, 2).model
    one = step.parameters.view("dense_1/b") - start
    assert np.allclose(twice.parameters.view("dense_1/b") - start, 2 * one, rtol=1e-4)


def test_mean_for_the_bias_is_n_times_too_slow():
    points = data.vertical(20, seed=0)
    start = published.article_net(0).parameters.view("dense_1/b").copy()
    moved = [
        published.train(published.article_net(0), points, mistakes, 1, 1).model
        .parameters.view("dense_1/b") - start
        for mistakes in ((), ("mean_of_bias_gradient",))
    ]  # fmt: skip
    assert np.allclose(moved[0], 60 * moved[1], rtol=1e-3)


def test_unknown_mistake():
    with pytest.raises(UnknownNameError, match="softmax_twice"):
        published.train(published.article_net(0), data.vertical(5), ("softmax_twise",), 1, 1)


@pytest.mark.parametrize("kind", [data.vertical, data.spiral])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_check_catches_each_mistake(kind, seed):
    claim = compared.check_claim(compared.checks(kind(30, seed=seed), seed))
    assert claim.holds, claim.text


def test_right_beats_published_over_seeds():
    """Middle of several seeds: one of them alone is luck."""
    right, wrong = [], []
    for seed in range(5):
        points = data.vertical(30, seed=seed)
        right.append(published.train(published.article_net(seed), points, (), 20, 50).end_loss)
        made = published.train(published.article_net(seed), points, published.ALL, 20, 50)
        wrong.append(made.end_loss)
    assert np.median(right) < 0.6
    assert not np.median(wrong) < 1.2 * np.median(right)


@pytest.mark.parametrize("seed", [0, 4])
def test_vertical_done_right(seed):
    result = vertical.run(Setting(seed), outer=4, inner=10)
    assert result.claims[0].holds, result.claims[0].text
    assert result.claims[2].holds, result.claims[2].text
