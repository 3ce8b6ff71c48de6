"""Data sets: what belongs together, and holding out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.data import Dataset, hold_out, spiral
from glassnet.errors import ConfigError, DataError, ShapeError


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 5),
)
def test_every_row_is_on_one_side_and_each_class_gives_its_share(counts, fraction, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    expected = round(len(y) * fraction)
    if not 0 < expected < len(y):
        return
    train, test = hold_out(y, fraction, seed=seed, stratify=True)
    assert sorted([*train, *test]) == list(range(len(y)))
    assert len(test) == expected
    share = len(test) / len(y)
    for k, count in enumerate(counts):
        assert abs(np.sum(y[test] == k) - count * share) < 1


def test_what_rounding_leaves_over_goes_to_the_largest_remainders():
    y = np.repeat([0, 1, 2], [1, 10, 10])  # 10 of 21: shares 0.48, 4.76, 4.76
    _, test = hold_out(y, 0.49, seed=0, stratify=True)
    assert np.bincount(y[test], minlength=3).tolist() == [0, 5, 5]


def test_split_is_seeded_and_keeps_x_and_y_together():
    data = spiral(50)
    a, b, c = data.split(0.2, seed=1), data.split(0.2, seed=1), data.split(0.2, seed=2)
    np.testing.assert_array_equal(a.x_test, b.x_test)
    assert not np.array_equal(a.x_test, c.x_test)
    assert np.bincount(a.y_test).tolist() == [10, 10, 10]
    label = {tuple(point): k for point, k in zip(data.x.tolist(), data.y)}
    assert [label[tuple(point)] for point in a.x_test.tolist()] == a.y_test.tolist()
    assert a.name == "spiral" and a.class_names == data.class_names


def test_split_without_strata_for_regression():
    data = Dataset("line", np.arange(10.0)[:, None], np.arange(10.0), task="regression")
    part = data.split(0.3)
    assert sorted([*part.y, *part.y_test]) == list(range(10)) and len(part.y_test) == 3


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan")])
def test_fractions_that_are_none(fraction):
    with pytest.raises(ConfigError, match="between 0 and 1"):
        spiral(5).split(fraction)


def test_too_few_samples_to_split():
    with pytest.raises(DataError, match="too few"):
        Dataset("two", np.ones((2, 1)), np.array([0, 1])).split(0.2)


def test_a_second_split_would_lose_the_first():
    with pytest.raises(ConfigError, match="test part already"):
        spiral(10).split().split()


def test_lengths_that_differ_are_refused():
    with pytest.raises(ShapeError, match="x has 3 samples, but y has 2"):
        Dataset("d", np.ones((3, 1)), np.ones(2))
    with pytest.raises(ShapeError, match="x_test has 3"):
        Dataset("d", np.ones((2, 1)), np.ones(2), np.ones((3, 1)), np.ones(2))
    with pytest.raises(ShapeError, match="go together"):
        Dataset("d", np.ones((2, 1)), np.ones(2), x_test=np.ones((3, 1)))


def test_the_one_line_that_describes_it():
    assert (
        repr(spiral(10).split())
        == "<Dataset 'spiral': x (24, 2) float32, 6 held out, classification, 3 classes>"
    )
