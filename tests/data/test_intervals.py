"""Intervals hold the truth as often as they say."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np
import pytest

from glassnet.data import NumberColumn, Preprocessor, Target
from glassnet.data.intervals import error_quantiles, half_width
from glassnet.errors import ConfigError, DataError, FileFormatError


@pytest.mark.parametrize("n", [1, 9, 10, 199, 1000, 12345])
def test_quantiles_are_those_of_the_theorem(n: int) -> None:
    """The ⌈(n+1)·level⌉-th smallest, in exact fractions."""
    found = error_quantiles(np.arange(n, 0, -1))  # 1 … n: the r-th smallest is r
    k = len(found) - 1
    expected = [ceil(Fraction((n + 1) * j, k)) for j in range(1, k)]
    assert list(found[1:-1]) == expected
    assert k == min(200, n + 1)


@pytest.mark.parametrize("n", [19, 60, 500])
def test_a_new_row_lies_inside_as_often_as_promised(n: int) -> None:
    """Over 4,000 draws of n errors and a new one; a normal quantile of 0.9 would be too low."""
    rng = np.random.default_rng(n)
    inside = [
        abs(rng.standard_t(3)) <= half_width(error_quantiles(rng.standard_t(3, n)), 0.9)
        for _ in range(4000)
    ]
    assert 0.9 - 3 * 0.0048 < np.mean(inside) < 0.9 + 1 / (n + 1) + 3 * 0.0048


def test_few_rows_vouch_for_no_high_level() -> None:
    quantiles = error_quantiles(range(1, 10))
    assert half_width(quantiles, 0.9) == 9
    with pytest.raises(ConfigError, match=r"9 rows can vouch for .* at most 0\.9"):
        half_width(quantiles, 0.95)
    with pytest.raises(ConfigError, match=r"goes up to 0\.995"):
        half_width(error_quantiles(range(1000)), 0.999)


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1, True, "0.9"])
def test_levels_are_shares(level: object) -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        half_width((0.0, 1.0), level)  # type: ignore[arg-type]


def test_the_preprocessing_keeps_them() -> None:
    target = Target("y", "regression", (), 10.0, 2.0, error_quantiles(range(1, 10)))
    rows = Preprocessor((NumberColumn("a", 0.0, 1.0),), target)
    again = Preprocessor.from_config(json.loads(json.dumps(rows.to_config())))
    assert again == rows
    lower, upper = again.interval([5.0, 7.0], 0.5)
    assert lower.tolist() == [0.0, 2.0]
    assert upper.tolist() == [10.0, 12.0]
    without = replace(rows, target=replace(target, error_quantiles=()))
    with pytest.raises(DataError, match="no interval is known"):
        without.interval([5.0])


@pytest.mark.parametrize("bad", [[1.0], [2.0, 1.0], [-1.0, 1.0], ["x", 1], [float("nan"), 1.0]])
def test_damaged_ones_are_refused(bad: list[object]) -> None:
    rows = Preprocessor((NumberColumn("a", 0.0, 1.0),), Target("y", "regression"))
    config = rows.to_config()
    config["target"]["error_quantiles"] = bad
    with pytest.raises(FileFormatError, match="damaged"):
        Preprocessor.from_config(config)


def test_files_of_before_have_none() -> None:
    rows = Preprocessor((NumberColumn("a", 0.0, 1.0),), Target("y", "regression"))
    config = rows.to_config()
    del config["target"]["error_quantiles"]
    assert Preprocessor.from_config(config) == rows
