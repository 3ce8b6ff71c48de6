"""Optimizers: steps worked by hand, frozen stretches, settings, saved states."""

import copy
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import optimizers, schedules
from glassnet.errors import ConfigError, ShapeError, UnknownNameError
from glassnet.optimizers import OPTIMIZERS

# Every branch of every update.
VARIANTS = [
    {"name": "sgd"},
    {"name": "sgd", "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    {"name": "momentum"},
    {"name": "nesterov"},
    {"name": "adagrad"},
    {"name": "rmsprop"},
    {"name": "rmsprop", "momentum": 0.5, "centered": True},
    {"name": "adam"},
    {"name": "adam", "amsgrad": True, "beta_2": 0.3},
    {"name": "adamw"},
    {"name": "nadam"},
    {"name": "adam", "clipnorm": 0.1},
    {"name": "sgd", "clipvalue": 0.1},
    {"name": "momentum", "global_clipnorm": 0.1},
]
DTYPES = [np.float32, np.float64]


def label(config):
    return "-".join(str(v) if k == "name" else k for k, v in config.items())


variants = pytest.mark.parametrize("config", VARIANTS, ids=label)
dtypes = pytest.mark.parametrize("dtype", DTYPES)


# -- by hand: w = 1, g = 0.5 and then g = -1 ------------------------------------------------------

ROOT = math.sqrt
BY_HAND = [
    # w - η·g
    (optimizers.SGD(0.1), 1 - 0.05, 1 - 0.05 + 0.1),
    # u = -0.05, then 0.9·(-0.05) + 0.1 = 0.055
    (optimizers.SGD(0.1, momentum=0.9), 0.95, 0.95 + 0.055),
    (optimizers.Momentum(0.1), 0.95, 0.95 + 0.055),
    # 0.9·(-0.05) - 0.05 = -0.095, then 0.9·0.055 + 0.1 = 0.1495, with the new velocity both times
    (optimizers.Nesterov(0.1), 0.905, 0.905 + 0.1495),
    (optimizers.SGD(0.1, 0.9, True), 0.905, 0.905 + 0.1495),
    # a = 0.1 + 0.25, then + 1
    (optimizers.Adagrad(0.1), 1 - 0.05 / ROOT(0.35), 1 - 0.05 / ROOT(0.35) + 0.1 / ROOT(1.35)),
    # a = 0.1·0.25, then 0.9·0.025 + 0.1
    (
        optimizers.RMSprop(0.1),
        1 - 0.05 / ROOT(0.025),
        1 - 0.05 / ROOT(0.025) + 0.1 / ROOT(0.1225),
    ),
    # and u = 0.05/√0.025, then half of it - 0.1/√0.1225
    (
        optimizers.RMSprop(0.1, momentum=0.5),
        1 - 0.05 / ROOT(0.025),
        1 - 1.5 * 0.05 / ROOT(0.025) + 0.1 / ROOT(0.1225),
    ),
    # b = 0.05, then 0.045 - 0.1 = -0.055
    (
        optimizers.RMSprop(0.1, centered=True),
        1 - 0.05 / ROOT(0.025 - 0.0025),
        1 - 0.05 / ROOT(0.0225) + 0.1 / ROOT(0.1225 - 0.055**2),
    ),
    # m̂ = g and v̂ = g²: a step of η; then m = 0.045 - 0.1, v = 0.999·0.00025 + 0.001
    (
        optimizers.Adam(0.1),
        0.9,
        0.9 + 0.1 * (0.055 / (1 - 0.81)) / ROOT(0.00124975 / (1 - 0.998001)),
    ),
    # v = 0.125, then 0.0625 + 0.5, the largest so far both times
    (
        optimizers.Adam(0.1, beta_2=0.5, amsgrad=True),
        0.9,
        0.9 + 0.1 * (0.055 / (1 - 0.81)) / ROOT(0.5625 / 0.75),
    ),
    # the weight shrinks by 0.1·0.5 first
    (optimizers.AdamW(0.1, weight_decay=0.5), 0.95 - 0.1, None),
    (optimizers.SGD(0.1, weight_decay=0.5), 0.95 - 0.05, 0.9 * 0.95 + 0.1),
    # μ₁ = 0.9·(1 - 0.48) = 0.468, μ₂ = 0.9·(1 - 0.5·0.9216) = 0.48528; m = 0.05, v̂ = 0.25
    (
        optimizers.Nadam(0.1),
        1 - 0.1 * (0.48528 * 0.05 / (1 - 0.468 * 0.48528) + (1 - 0.468) * 0.5 / (1 - 0.468)) / 0.5,
        None,
    ),
]


@dtypes
@pytest.mark.parametrize(("optimizer", "first", "second"), BY_HAND, ids=str)
def test_two_steps_by_hand(optimizer, first, second, dtype):
    optimizer = copy.deepcopy(optimizer)
    w = np.array([1.0], dtype)
    optimizer.step(w, np.array([0.5], dtype))
    assert w[0] == pytest.approx(first, rel=3e-6)
    if second is not None:
        optimizer.step(w, np.array([-1.0], dtype))
        assert w[0] == pytest.approx(second, rel=3e-6)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_whether_to_look_ahead_is_a_setting_of_sgd_alone(name):
    with pytest.raises(UnknownNameError, match=f"setting of {name} 'nesterov'"):
        optimizers.get({"name": name, "nesterov": True})  # it would be lost in a saved model
    ahead = optimizers.SGD(momentum=0.9, nesterov=True)
    assert optimizers.get(ahead.get_config()).variant == "nesterov"


def test_amsgrad_divides_by_the_largest_v_and_plain_adam_keeps_no_such_vector():
    optimizer, w = optimizers.Adam(0.1, beta_2=0.5, amsgrad=True), np.zeros(1)
    optimizer.step(w, np.array([2.0]))  # v = 2, m = 0.2
    before = w[0]
    optimizer.step(w, np.array([0.0]))  # v = 1, v̂ = 2, m = 0.18
    assert (optimizer.state["v"][0], optimizer.state["v_hat"][0]) == (1.0, 2.0)
    assert w[0] - before == pytest.approx(-0.1 * ROOT(0.75) / 0.19 * 0.18 / (ROOT(2) + 1e-7))
    plain = optimizers.Adam()
    plain.step(w, np.ones(1))
    assert set(plain.state) == {"m", "v"}
    with pytest.raises(ConfigError, match="amsgrad cannot become True under way"):
        plain.amsgrad = True
    with pytest.raises(UnknownNameError, match="setting of nadam 'amsgrad'"):
        optimizers.Nadam(amsgrad=True)
    with pytest.raises(ConfigError, match="saved by another optimizer"):
        plain.set_state(optimizer.get_state())


def test_nesterov_looks_ahead_with_the_new_velocity():
    """The usual slip takes the velocity from before the update: then the first step is plain."""
    w = np.array([1.0])
    optimizers.Nesterov(0.1, momentum=0.9).step(w, np.array([1.0]))
    with_old_velocity = 1.0 + 0.9 * 0.9 * 0.0 - 1.9 * 0.0 - 0.1
    assert w[0] == pytest.approx(1.0 - 0.1 - 0.9 * 0.1)
    assert abs(w[0] - with_old_velocity) > 0.08


# -- the race of REFERENCE: x²/20 + y² from (-7, 2), 30 steps -------------------------------------


def race(optimizer):
    w = np.array([-7.0, 2.0])
    for _ in range(30):
        optimizer.step(w, np.array([w[0] / 10, 2 * w[1]]))
    return w


def by_hand(rule):
    w, memory = np.array([-7.0, 2.0]), {}
    for t in range(1, 31):
        w = rule(w, np.array([w[0] / 10, 2 * w[1]]), memory, t)
    return w


def momentum_rule(w, g, memory, t):
    memory["u"] = 0.9 * memory.get("u", 0.0) - 0.1 * g
    return w + memory["u"]


def adagrad_rule(w, g, memory, t):
    memory["a"] = memory.get("a", 0.1) + g**2
    return w - 1.5 * g / np.sqrt(memory["a"] + 1e-7)


def adam_rule(w, g, memory, t):
    memory["m"] = 0.9 * memory.get("m", 0.0) + 0.1 * g
    memory["v"] = 0.999 * memory.get("v", 0.0) + 0.001 * g**2
    alpha = 0.3 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return w - alpha * memory["m"] / (np.sqrt(memory["v"]) + 1e-7)


@pytest.mark.parametrize(
    ("optimizer", "end"),
    [
        # Gradient descent is a multiplication: x by 1 - 0.95/10, y by 1 - 2·0.95.
        (optimizers.SGD(0.95), np.array([-7 * 0.905**30, 2 * 0.9**30])),
        (optimizers.Momentum(0.1), by_hand(momentum_rule)),
        (optimizers.Adagrad(1.5), by_hand(adagrad_rule)),
        (optimizers.Adam(0.3), by_hand(adam_rule)),
    ],
    ids=["sgd", "momentum", "adagrad", "adam"],
)
def test_race(optimizer, end):
    np.testing.assert_allclose(race(copy.deepcopy(optimizer)), end, rtol=1e-5, atol=1e-6)


def test_race_ends_near_the_valley():
    for optimizer in (optimizers.SGD(0.95), optimizers.Adagrad(1.5), optimizers.Adam(0.3)):
        x, y = race(optimizer)
        assert x**2 / 20 + y**2 < 0.03 * (49 / 20 + 4)


# -- vectors --------------------------------------------------------------------------------------


def vectors(dtype, size=200, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=size).astype(dtype), rng.normal(size=(4, size)).astype(dtype)


@variants
@dtypes
def test_each_number_is_updated_alone(config, dtype):
    """A vector gives what its numbers give one by one: no mixing, no odd ends."""
    if {"clipnorm", "global_clipnorm"} & config.keys():
        return
    w, gradients = vectors(dtype, size=37)
    singles = w.copy()
    whole = optimizers.get(config)
    for g in gradients:
        whole.step(w, g)
    for i in range(w.size):
        alone = optimizers.get(config)
        for g in gradients:
            alone.step(singles[i : i + 1], g[i : i + 1])
    np.testing.assert_allclose(w, singles, rtol=1e-6 if dtype is np.float32 else 1e-14)


@variants
@dtypes
def test_frozen_stretches_stay(config, dtype):
    w, gradients = vectors(dtype)
    gradients[:, 50:120] = np.nan  # left over from another step, or never written
    start = w.copy()
    optimizer = optimizers.get(config)
    optimizer.initialize(w.size, dtype)
    for g in gradients:
        optimizer.step(w, g, [slice(0, 50), slice(120, 200)])
    np.testing.assert_array_equal(w[50:120], start[50:120])
    fresh = optimizers.get(config)
    fresh.initialize(w.size, dtype)
    for name, vector in optimizer.state.items():
        np.testing.assert_array_equal(vector[50:120], fresh.state[name][50:120])
        assert (vector[:50] != fresh.state[name][:50]).all()
    assert np.isfinite(w).all()
    assert (w[:50] != start[:50]).mean() > 0.5
    assert (w[120:] != start[120:]).mean() > 0.5
    assert optimizer.steps == 4

    # The trained stretches go as if the frozen one did not exist.
    kept = np.r_[0:50, 120:200]
    alone, w_alone = optimizers.get(config), start[kept]
    alone.initialize(130, dtype)
    for g in gradients:
        alone.step(w_alone, g[kept], [slice(0, 50), slice(50, 130)])
    np.testing.assert_allclose(w[kept], w_alone, rtol=1e-5 if dtype is np.float32 else 1e-12)


@variants
def test_gradients_stay(config):
    w, gradients = vectors(np.float32)
    before = gradients.copy()
    optimizer = optimizers.get(config)
    for g in gradients:
        optimizer.step(w, g)
    np.testing.assert_array_equal(gradients, before)


@variants
@dtypes
def test_type_stays(config, dtype):
    w, gradients = vectors(dtype)
    optimizer = optimizers.get(config)
    optimizer.step(w, gradients[0])
    assert w.dtype == dtype
    assert all(vector.dtype == dtype for vector in optimizer.state.values())


@variants
def test_float32_follows_float64(config):
    single, double = vectors(np.float32), vectors(np.float64)
    for w, gradients in (single, double):
        optimizer = optimizers.get(config)
        for g in gradients:
            optimizer.step(w, g)
    np.testing.assert_allclose(single[0], double[0], rtol=2e-5, atol=2e-6)


@variants
def test_nan_is_not_hidden(config):
    w, gradients = vectors(np.float32)
    gradients[0, 3] = np.nan
    optimizers.get(config).step(w, gradients[0])
    assert np.isnan(w[3])


@variants
def test_a_zero_gradient_at_the_start_moves_nothing_but_the_decay(config):
    optimizer = optimizers.get(config)
    w = np.ones(5)
    optimizer.step(w, np.zeros(5))
    rate, decay = optimizer.current_learning_rate, optimizer.weight_decay or 0.0
    np.testing.assert_allclose(w, 1.0 - rate * decay, rtol=1e-15)


@settings(max_examples=25, deadline=None)
@given(
    config=st.sampled_from(VARIANTS),
    size=st.integers(1, 70),
    cut=st.integers(0, 70),
    seed=st.integers(0, 99),
)
def test_two_runs_that_cover_everything_are_as_one(config, size, cut, seed):
    w, gradients = vectors(np.float64, size, seed)
    parts, cut = w.copy(), min(cut, size)
    whole, split = optimizers.get(config), optimizers.get(config)
    for optimizer in (whole, split):
        optimizer.initialize(size, np.float64, [slice(0, cut), slice(cut, size)])
    for g in gradients:
        whole.step(w, g)
        split.step(parts, g, [slice(0, cut), slice(cut, size)])
    np.testing.assert_allclose(parts, w, rtol=1e-13)


def test_wrong_shapes_and_types():
    optimizer = optimizers.Adam()
    optimizer.initialize(4, np.float32)
    w = np.zeros(4, np.float32)
    for values, gradients in [
        (w, np.zeros(3, np.float32)),
        (np.zeros(5, np.float32), np.zeros(5, np.float32)),
        (w.reshape(2, 2), np.zeros((4, 1), np.float32)),
        (w, np.zeros(4)),
        (np.zeros(4), np.zeros(4)),
    ]:
        with pytest.raises(ShapeError, match=r"adam: values of shape .* initialize"):
            optimizer.step(values, gradients)
    assert optimizer.steps == 0
    with pytest.raises(ConfigError, match="are int64, but must be float32 or float64"):
        optimizers.SGD().step(np.arange(3), np.arange(3))
    optimizer.initialize(5, np.float64)
    optimizer.step(np.zeros(5), np.ones(5))


# -- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_config_makes_the_same_again(name):
    rate = schedules.CosineDecay(0.1, 10)
    first = OPTIMIZERS[name](learning_rate=rate, weight_decay=0.1, global_clipnorm=2.0)
    again = optimizers.get(json.loads(json.dumps(first.get_config())))
    assert type(again) is type(first)
    assert again.get_config() == first.get_config()
    w, gradients = vectors(np.float64)
    other = w.copy()
    for g in gradients:
        first.step(w, g)
        again.step(other, g)
    np.testing.assert_array_equal(w, other)


def test_get_by_name_object_and_config():
    adam = optimizers.Adam(0.1)
    assert optimizers.get(adam) is adam
    assert isinstance(optimizers.get("nadam"), optimizers.Nadam)
    assert optimizers.get({"name": "sgd", "momentum": 0.5}).momentum == 0.5
    assert (
        repr(adam)
        == "Adam(learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False)"
    )


def test_unknown_names_and_settings_name_the_closest():
    with pytest.raises(UnknownNameError, match="unknown optimizer 'adm': did you mean 'adam'"):
        optimizers.get("adm")
    with pytest.raises(UnknownNameError, match="setting of adam 'beta1': did you mean 'beta_1'"):
        optimizers.get({"name": "adam", "beta1": 0.5})
    with pytest.raises(UnknownNameError, match="setting of adam 'beta1': did you mean 'beta_1'"):
        optimizers.Adam(beta1=0.5)
    with pytest.raises(UnknownNameError):
        optimizers.get(None)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("sgd", "learning_rate", -0.1),
        ("sgd", "learning_rate", float("nan")),
        ("sgd", "learning_rate", "fast"),
        ("sgd", "momentum", 1.1),
        ("nesterov", "momentum", -0.1),
        ("adagrad", "initial_accumulator_value", -1.0),
        ("adagrad", "epsilon", 0.0),
        ("rmsprop", "rho", 1.0),
        ("rmsprop", "momentum", -0.5),
        ("adam", "beta_1", 1.0),
        ("adam", "beta_2", -0.1),
        ("adam", "epsilon", -1e-7),
        ("adamw", "weight_decay", None),
        ("adamw", "weight_decay", -0.1),
        ("nadam", "clipnorm", 0.0),
        ("sgd", "clipvalue", -1.0),
        ("sgd", "global_clipnorm", float("inf")),
    ],
)
def test_settings_out_of_range(name, setting, value):
    with pytest.raises(ConfigError, match=f"{name}: {setting} is "):
        optimizers.get({"name": name, setting: value})


def test_learning_rate_can_be_set_between_updates():
    optimizer, w, g = optimizers.SGD(1.0), np.zeros(2), np.ones(2)
    optimizer.step(w, g)
    optimizer.learning_rate *= 0.5
    optimizer.step(w, g)
    optimizer.learning_rate = schedules.StepDecay(0.25, 3)
    optimizer.step(w, g)
    optimizer.learning_rate = np.float32(0.125)
    optimizer.step(w, g)
    np.testing.assert_allclose(w, -1.875)
    assert type(optimizer.learning_rate) is float
    with pytest.raises(ConfigError, match="learning_rate is -1"):
        optimizer.learning_rate = -1
    assert optimizer.learning_rate == 0.125


def test_schedule_is_asked_for_the_updates_made_so_far():
    optimizer = optimizers.SGD(schedules.PiecewiseConstantDecay([0], [1.0, 10.0]))
    w, g = np.zeros(1), np.ones(1)
    assert optimizer.current_learning_rate == 1.0
    optimizer.step(w, g)
    assert w[0] == -1.0
    assert optimizer.current_learning_rate == 10.0
    optimizer.step(w, g)
    assert w[0] == -11.0


# -- keeping --------------------------------------------------------------------------------------


@variants
@dtypes
def test_state_round_trip_is_bit_exact(config, dtype):
    rng = np.random.default_rng(0)
    w, gradients = rng.normal(size=50).astype(dtype), rng.normal(size=(12, 50)).astype(dtype)
    unbroken = optimizers.get(config)
    for t, g in enumerate(gradients):
        if t == 6:
            unbroken.learning_rate = 0.02
            saved, w_saved = unbroken.get_state(), w.copy()
        unbroken.step(w, g)
    text = json.dumps({k: v for k, v in saved.items() if k != "vectors"})
    resumed = optimizers.get(config)
    resumed.set_state({**json.loads(text), "vectors": saved["vectors"]})
    for g in gradients[6:]:
        resumed.step(w_saved, g)
    np.testing.assert_array_equal(w_saved, w)
    assert resumed.steps == unbroken.steps == 12
    for name in unbroken.state:
        np.testing.assert_array_equal(resumed.state[name], unbroken.state[name])


def test_state_is_a_copy():
    optimizer, w = optimizers.Adam(), np.zeros(3)
    optimizer.step(w, np.ones(3))
    state = optimizer.get_state()
    optimizer.step(w, np.ones(3))
    np.testing.assert_allclose(state["vectors"]["m"], 0.1)
    optimizer.set_state(state)
    optimizer.step(w, np.ones(3))
    np.testing.assert_allclose(state["vectors"]["m"], 0.1)


def test_state_of_another_optimizer_or_network():
    adam, w = optimizers.Adam(), np.zeros(3)
    adam.step(w, np.ones(3))
    with pytest.raises(ConfigError, match="saved by another optimizer"):
        optimizers.RMSprop().set_state(adam.get_state())
    with pytest.raises(ConfigError, match="saved by another optimizer"):
        optimizers.Nadam().set_state(adam.get_state())
    other = optimizers.Adam()
    other.initialize(4, np.float64)
    with pytest.raises(ConfigError, match="saved with another network"):
        other.set_state(adam.get_state())
    assert (other.state["m"] == 0).all()


@variants
def test_copies_are_independent(config):
    optimizer, (w, gradients) = optimizers.get(config), vectors(np.float64)
    optimizer.step(w, gradients[0])
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        mine, theirs = w.copy(), w.copy()
        twin.step(theirs, gradients[1])
        again = copy.deepcopy(optimizer)
        again.step(mine, gradients[1])
        np.testing.assert_array_equal(mine, theirs)
    assert optimizer.steps == 1


def test_ten_thousand_steps_of_nadam_stay_finite():
    optimizer, w = optimizers.Nadam(0.01), np.ones(2)
    for _ in range(10_000):
        optimizer.step(w, 2 * w)
    assert np.abs(w).max() < 0.05
