"""Checked settings."""

import numpy as np
import pytest

from glassnet._core.settings import number, refuse_unknown, whole_number
from glassnet.errors import ConfigError, UnknownNameError


@pytest.mark.parametrize("value", [0.5, 1, np.float32(0.5), np.int64(1)])
def test_numbers_become_floats(value):
    assert type(number("sgd", "momentum", value, minimum=0.0, maximum=1.0)) is float


@pytest.mark.parametrize("value", ["0.5", None, True, float("nan"), float("inf"), 1j, [0.5]])
def test_not_numbers(value):
    with pytest.raises(ConfigError, match=r"sgd: momentum is .*, but must be a finite number"):
        number("sgd", "momentum", value)


def test_ends_of_the_range():
    ends = {"above": 0.0, "below": 1.0}
    for value in (0.0, 1.0, -1, 2):
        with pytest.raises(ConfigError, match="a number above 0 and below 1"):
            number("adam", "beta", value, **ends)
    assert number("a", "b", 0.0, minimum=0.0, maximum=0.0) == 0.0


@pytest.mark.parametrize("value", [3, 3.0, np.int32(3)])
def test_whole_numbers(value):
    assert type(whole_number("step_decay", "every", value)) is int


@pytest.mark.parametrize("value", [0, 2.5, "3", True, None, float("inf"), float("nan")])
def test_not_whole_numbers(value):
    with pytest.raises(ConfigError, match="a whole number of at least 1"):
        whole_number("step_decay", "every", value)


def test_unknown_settings():
    refuse_unknown("adam", ["beta_1"], ["beta_1", "beta_2"])
    with pytest.raises(UnknownNameError, match="unknown setting of adam 'beta1': did you mean"):
        refuse_unknown("adam", ["beta1"], ["beta_1", "beta_2"])
