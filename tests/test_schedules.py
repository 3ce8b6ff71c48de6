"""Schedules: by hand at their corners, settings, configs."""

import json
import math

import numpy as np
import pytest

from glassnet import schedules
from glassnet.errors import ConfigError, UnknownNameError
from glassnet.schedules import READY

ALL = [
    schedules.Constant(0.1),
    schedules.StepDecay(0.1, 3, 0.5),
    schedules.PiecewiseConstantDecay([2, 5], [0.1, 0.05, 0.01]),
    schedules.ExponentialDecay(0.1, 10, 0.5),
    schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True),
    schedules.InverseTimeDecay(0.1, 10, 0.5),
    schedules.CosineDecay(0.1, 10, 0.1, warmup_target=0.2, warmup_steps=5),
    schedules.Warmup(0.1, 5),
    schedules.Warmup(schedules.CosineDecay(0.1, 10), 5, start=0.01),
    schedules.OneCycle(0.1, 20),
]


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (schedules.Constant(0.1), {0: 0.1, 1000: 0.1}),
        (schedules.StepDecay(0.1, 3, 0.5), {0: 0.1, 2: 0.1, 3: 0.05, 6: 0.025}),
        (
            schedules.PiecewiseConstantDecay([2, 5], [0.1, 0.05, 0.01]),
            {0: 0.1, 2: 0.1, 3: 0.05, 5: 0.05, 6: 0.01, 99: 0.01},
        ),
        (schedules.PiecewiseConstantDecay([], [0.1]), {0: 0.1, 9: 0.1}),
        (schedules.ExponentialDecay(0.1, 10, 0.5), {0: 0.1, 5: 0.1 * 0.5**0.5, 20: 0.025}),
        (schedules.ExponentialDecay(0.1, 10, 0.5, True), {9: 0.1, 10: 0.05, 19: 0.05}),
        (schedules.InverseTimeDecay(0.1, 10, 1.0), {0: 0.1, 5: 0.1 / 1.5, 10: 0.05}),
        (schedules.InverseTimeDecay(0.1, 10, 1.0, True), {9: 0.1, 10: 0.05}),
        (schedules.CosineDecay(0.1, 10), {0: 0.1, 5: 0.05, 10: 0.0, 11: 0.0}),
        (schedules.CosineDecay(0.1, 10, alpha=0.1), {0: 0.1, 5: 0.055, 10: 0.01, 99: 0.01}),
        (
            schedules.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=4),
            {0: 0.1, 2: 0.15, 4: 0.2, 9: 0.1, 14: 0.0},
        ),
        (schedules.Warmup(0.1, 4), {0: 0.0, 1: 0.025, 4: 0.1, 50: 0.1}),
        (schedules.Warmup(schedules.StepDecay(0.1, 2), 4, 0.02), {2: 0.06, 5: 0.1, 6: 0.01}),
        # up over 21·2/7 - 1 = 5 steps, then down to 1e-5 of it at step 20
        (schedules.OneCycle(0.1, 21, 2 / 7), {0: 0.004, 5: 0.1, 20: 4e-7, 30: 4e-7}),
        (schedules.OneCycle(0.1, 1), {0: 4e-7}),
        (schedules.OneCycle(0.1, 4, pct_start=1.0), {0: 0.004, 3: 0.1, 9: 4e-7}),
    ],
    ids=str,
)  # fmt: skip
def test_values_by_hand(schedule, values):
    for step, rate in values.items():
        assert schedule(step) == pytest.approx(rate, abs=1e-15), step


@pytest.mark.parametrize("schedule", ALL, ids=str)
def test_values_are_floats_and_never_negative(schedule):
    for step in range(60):
        rate = schedule(step)
        assert type(rate) is float
        assert rate >= 0.0


@pytest.mark.parametrize("schedule", ALL, ids=str)
def test_config_makes_the_same_again(schedule):
    again = schedules.get(json.loads(json.dumps(schedule.get_config())))
    assert again == schedule
    assert [again(t) for t in range(30)] == [schedule(t) for t in range(30)]
    assert schedules.get(schedule) is schedule


def test_numpy_numbers_become_plain_ones():
    schedule = schedules.ExponentialDecay(np.float32(0.5), np.int64(10), np.float64(0.5))
    assert json.loads(json.dumps(schedule.get_config()))["decay_steps"] == 10
    assert schedules.get(0.5) == schedules.Constant(0.5)


@pytest.mark.parametrize("name", READY)
@pytest.mark.parametrize("total", [1, 2, 7, 1000])
def test_ready_for_a_training_of_known_length(name, total):
    schedule = schedules.by_name(name, 0.1, total)
    rates = [schedule(t) for t in range(total)]
    assert all(math.isfinite(rate) and 0.0 <= rate <= 0.1 + 1e-12 for rate in rates)
    if total == 1000:
        assert max(rates) == pytest.approx(0.1, rel=1e-3)
        ends = {"constant": 0.1, "step": 0.001, "exponential": 0.001, "inverse_time": 0.01,
                "cosine": 0.0, "warmup": 0.1, "one_cycle": 0.1 / 25e4}  # fmt: skip
        assert rates[-1] == pytest.approx(ends[name], rel=0.01, abs=1e-5)


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="unknown schedule 'cosin': did you mean 'cosine'"):
        schedules.by_name("cosin", 0.1, 10)
    with pytest.raises(UnknownNameError, match="did you mean 'cosine_decay'"):
        schedules.get({"name": "cosine"})
    with pytest.raises(UnknownNameError, match="setting of one_cycle 'total': did you mean"):
        schedules.get({"name": "one_cycle", "max_learning_rate": 0.1, "total": 10})


@pytest.mark.parametrize(
    "config",
    [
        {"name": "constant", "learning_rate": -0.1},
        {"name": "constant"},
        {"name": "step_decay", "initial_learning_rate": 0.1, "step_size": 0},
        {"name": "step_decay", "initial_learning_rate": 0.1, "step_size": 3, "factor": 0.0},
        {"name": "piecewise_constant_decay", "boundaries": [1, 2], "values": [0.1, 0.2]},
        {"name": "piecewise_constant_decay", "boundaries": [2, 1], "values": [0.1, 0.2, 0.3]},
        {"name": "piecewise_constant_decay", "boundaries": [1], "values": [0.1, -0.2]},
        {"name": "exponential_decay", "initial_learning_rate": 0.1, "decay_steps": 0,
         "decay_rate": 0.5},
        {"name": "inverse_time_decay", "initial_learning_rate": 0.1, "decay_steps": 5,
         "decay_rate": -0.5},
        {"name": "cosine_decay", "initial_learning_rate": 0.1, "decay_steps": -3},
        {"name": "cosine_decay", "initial_learning_rate": 0.1, "decay_steps": 3,
         "warmup_steps": 3},
        {"name": "warmup", "learning_rate": 0.1, "warmup_steps": 2.5},
        {"name": "one_cycle", "max_learning_rate": 0.1, "total_steps": 10, "pct_start": 1.5},
    ],
)  # fmt: skip
def test_settings_out_of_range(config):
    with pytest.raises(ConfigError, match=config["name"]):
        schedules.get(config)


@pytest.mark.parametrize("bad", ["cosine", None, True])
def test_things_that_are_not_schedules(bad):
    with pytest.raises(ConfigError):
        schedules.get(bad)
