import math
import re

import numpy as np
import pytest

from glassnet.calculus import RACE, gradient_descent, race
from glassnet.errors import ConfigError, DataError, ShapeError, UnknownNameError
from glassnet.optimizers import SGD, Adam


def bowl(x):
    return x[0] ** 2 + x[1] ** 2


def valley(x):
    return x[0] ** 2 / 20 + x[1] ** 2


# --- the numbers of the book ---------------------------------------------------------------


def test_the_descent_of_the_book():
    start = np.array([-3, 4])
    x, x_history = gradient_descent(bowl, init_x=start, lr=0.1, step_num=20)
    assert x.round(4).tolist() == [-0.0346, 0.0461]
    assert x_history.shape == (21, 2)
    assert x_history[0].tolist() == [-3, 4] and (x_history[-1] == x).all()
    assert start.tolist() == [-3, 4] and start.dtype.kind == "i"


def test_one_hundred_steps_arrive():
    run = gradient_descent(bowl, [-3.0, 4.0], lr=0.1)
    assert run.end == pytest.approx([-6.111e-10, 8.148e-10], rel=1e-3)
    assert run.status == "converged" and run.ok


def test_too_fast_and_too_slow():
    fast = gradient_descent(bowl, [-3.0, 4.0], lr=10.0)
    # the true path: x ← x - 10·2x = -19·x; the book's freezes at 1e13, where x + h == x
    assert fast.end == pytest.approx(np.array([-3.0, 4.0]) * 19.0**100, rel=0.5)
    assert fast.status == "diverged"
    assert "f went from 25 to 1.4" in fast.message and "smaller learning rate" in fast.message

    slow = gradient_descent(bowl, [-3.0, 4.0], lr=1e-10)
    assert slow.end == pytest.approx([-2.99999994, 3.99999992], abs=1e-9)
    assert slow.status == "stalled" and "1e-10 is too small" in slow.message


def test_with_the_exact_gradient():
    run = gradient_descent(bowl, [-3.0, 4.0], lr=0.1, step_num=20, gradient=lambda x: 2 * x)
    assert run.path == pytest.approx(
        np.array([-3.0, 4.0]) * 0.8 ** np.arange(21)[:, None], rel=1e-12
    )
    assert run.slopes == pytest.approx(10 * 0.8 ** np.arange(21), rel=1e-12)
    assert run.values == pytest.approx(25 * 0.64 ** np.arange(21), rel=1e-12)


def test_the_race_of_the_book():
    """The four update rules of the book, written out, against glassnet's optimizers."""
    runs = race(valley, (-7, 2))
    assert list(runs) == ["SGD", "Momentum", "AdaGrad", "Adam"] == list(RACE)

    def gradient(w):
        return np.array([w[0] / 10, 2 * w[1]])

    w = {name: np.array([-7.0, 2.0]) for name in runs}
    v, h, m, s = (np.zeros(2) for _ in range(4))
    for t in range(1, 31):
        w["SGD"] = w["SGD"] - 0.95 * gradient(w["SGD"])
        v = 0.9 * v - 0.1 * gradient(w["Momentum"])
        w["Momentum"] = w["Momentum"] + v
        g = gradient(w["AdaGrad"])
        h = h + g**2
        w["AdaGrad"] = w["AdaGrad"] - 1.5 * g / (np.sqrt(h) + 1e-7)
        g = gradient(w["Adam"])
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        rate = 0.3 * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        w["Adam"] = w["Adam"] - rate * m / (np.sqrt(s) + 1e-7)
        for name, run in runs.items():
            assert run.path[t] == pytest.approx(w[name], abs=2e-6), (name, t)
    assert all(run.steps == 30 for run in runs.values())


# --- endings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "start", "settings", "status", "says"),
    [
        (bowl, [-3, 4], {"lr": 0.4}, "converged", "slope from 10 to"),
        (bowl, [0, 0], {}, "converged", "f went from 0 to 0"),
        (lambda x: max(x, 0), 1.0, {"lr": 0.1}, "converged", "at -0.05"),
        (bowl, [-3, 4], {"lr": 0.1, "step_num": 20}, "stopped short", "larger learning rate"),
        (bowl, [-3, 4], {"lr": 0.99}, "stopped short", "smaller learning rate than 0.99"),
        (bowl, [-3, 4], {"lr": 0.3, "step_num": 1}, "stopped short", "after 1 step f"),
        (bowl, [-3, 4], {"step_num": 0}, "stopped short", "no steps were made"),
        (bowl, [-3, 4], {"lr": 0.01, "step_num": 400}, "stopped short", "slope from 10 to 0.003"),
        (bowl, [-3, 4], {"lr": 1.0}, "oscillating", "to and fro"),
        (abs, 1.03, {"lr": 0.1}, "oscillating", "smaller learning rate than 0.1"),
        (bowl, [-3, 4], {"lr": 1.01}, "diverged", "overshoot"),
        (bowl, [-3, 4], {"lr": 10, "step_num": 1000}, "diverged", "step 120 went too far: f ret"),
        (lambda x: -bowl(x), [1, 0], {"lr": 0.1}, "diverged", "falls without end"),
        (lambda x: x**3, -1.0, {"lr": 0.1}, "diverged", "f returned -inf at x = "),
        (lambda x: np.log(x), 1.5, {"lr": 0.1}, "diverged", "f returned nan at x = "),
        (lambda x: math.exp(x) + math.exp(-x), 5.0, {"lr": 1}, "diverged", "f fails at x = "),
        (lambda x: -bowl(x), [0, 0], {}, "stalled", r"both sides of x\[0\]: a maximum or a saddle"),
        (lambda x: x[0] ** 2 - x[1] ** 2, [1, 0], {"lr": 0.1}, "stalled", r"sides of x\[1\]"),
        (lambda x: 5.0, [1, 2], {}, "stalled", "f is flat around"),
        (lambda x: np.tanh(x) ** 2, 10, {"lr": 0.1}, "stalled", "plateau"),
    ],
)
def test_how_it_ended(f, start, settings, status, says):
    run = gradient_descent(f, start, **settings)
    assert (run.status, run.ok) == (status, status == "converged"), run.message
    assert re.search(says, run.message), run.message
    assert str(run) == f"{status}: {run.message}"
    assert np.isfinite(run.path).all() and np.isfinite(run.values).all()
    assert len(run.path) == len(run.values) == len(run.slopes) == run.steps + 1


@pytest.mark.parametrize(
    ("f", "start", "settings", "reason"),
    [
        (bowl, [-3, 4], {"lr": 0.4}, "arrived"),
        (bowl, [-3, 4], {"lr": 1.01}, "overshoot"),
        (bowl, [-3, 4], {"lr": 10, "step_num": 1000}, "no number"),
        (lambda x: -bowl(x), [1, 0], {"lr": 0.1}, "endless"),
        (lambda x: x[0] ** 2 - x[1] ** 2, [1, 0], {"lr": 0.1}, "saddle"),
        (lambda x: 5.0, [1, 2], {}, "flat"),
        (lambda x: np.tanh(x) ** 2, 10, {"lr": 0.1}, "plateau"),
        (bowl, [-3, 4], {"lr": 1e-10}, "small rate"),
        (bowl, [-3, 4], {"lr": 1.0}, "to and fro"),
        (bowl, [-3, 4], {"lr": 0.99}, "turning"),
        (bowl, [-3, 4], {"lr": 0.1, "step_num": 20}, "slow"),
        (bowl, [-3, 4], {"step_num": 0}, "no steps"),
        (lambda x: 1e20 * (x - 1.0), 2.0, {"lr": 1e-40}, "no motion"),
    ],
)
def test_why_it_ended_so(f, start, settings, reason):
    run = gradient_descent(f, start, **settings)
    assert run.reason == reason, run.message


def test_going_round_is_not_going_to_and_fro():
    """A wrong gradient that points along the contour: f stays, but no step turns back."""
    inwards = (1 - math.sqrt(1 - 0.1**2)) / 0.1  # holds the circle against the drift outwards

    def around(x):
        return np.array([-x[1], x[0]]) + inwards * x

    run = gradient_descent(bowl, [1.0, 0.0], lr=0.1, gradient=around)
    assert run.values == pytest.approx(np.ones(101), rel=1e-12)
    assert run.status == "stopped short"


# --- optimizers --------------------------------------------------------------------------------


def test_an_optimizer_by_name_configuration_or_object():
    by_name = gradient_descent(bowl, [-3, 4], lr=0.3, optimizer="adam")
    config = gradient_descent(bowl, [-3, 4], optimizer={"name": "adam", "learning_rate": 0.3})
    used = Adam(0.3)
    by_object = gradient_descent(bowl, [-3, 4], optimizer=used)
    assert (by_name.path == config.path).all() and (by_name.path == by_object.path).all()
    assert by_name.optimizer["name"] == "adam"
    assert used.steps == 0 and not used.state  # the caller's object was not used up
    again = gradient_descent(bowl, [-3, 4], optimizer=used)
    assert (again.path == by_object.path).all()


def test_a_configuration_without_rate_takes_lr():
    a = gradient_descent(bowl, [-3, 4], lr=0.2, optimizer={"name": "sgd"})
    assert (a.path == gradient_descent(bowl, [-3, 4], lr=0.2).path).all()


def test_a_race_of_one_s_own():
    runs = race(bowl, [-3, 4], ["sgd", {"name": "sgd", "learning_rate": 0.1}, SGD(0.2)], steps=5)
    assert list(runs) == ["sgd", "sgd 2", "sgd 3"]
    assert len({run.end[0] for run in runs.values()}) == 3
    assert list(race(bowl, [-3, 4], {"slow": SGD(0.01)}, steps=0)) == ["slow"]
    with pytest.raises(ConfigError, match="no optimizers"):
        race(bowl, [-3, 4], [])


# --- shapes ------------------------------------------------------------------------------------


def test_a_number_and_a_matrix():
    run = gradient_descent(lambda x: (x - 2) ** 2, 5, lr=0.1)
    assert isinstance(run.end, float) and run.end == pytest.approx(2, abs=1e-8)
    assert run.path.shape == (101,)
    square = gradient_descent(lambda x: np.sum((x - 1) ** 2), np.zeros((2, 3), np.float32), lr=0.1)
    assert square.path.shape == (101, 2, 3) and square.path.dtype == np.float64
    assert square.end == pytest.approx(np.ones((2, 3)), abs=1e-8)


def test_the_end_is_not_a_window_on_the_path():
    run = gradient_descent(bowl, [-3, 4])
    run.end[0] = 99
    assert run.path[-1, 0] != 99


def test_f_may_write_into_its_argument():
    start = np.array([-3.0, 4.0])

    def rude(x):
        x *= x
        return x.sum()

    def rude_gradient(x):
        x *= 2
        return x

    run = gradient_descent(rude, start, lr=0.1, step_num=20, gradient=rude_gradient)
    assert run.end.round(4).tolist() == [-0.0346, 0.0461]
    assert start.tolist() == [-3, 4]


# --- bad input ---------------------------------------------------------------------------------


def test_bad_input():
    with pytest.raises(ShapeError, match="init_x is empty"):
        gradient_descent(bowl, [])
    with pytest.raises(DataError, match="nan"):
        gradient_descent(lambda x: math.nan, [1.0, 2.0])
    with pytest.raises(DataError, match="inf at x = "):
        gradient_descent(bowl, [1e200, 2.0])
    with pytest.raises(ShapeError, match=r"shape \(2,\)"):
        gradient_descent(lambda x: x**2, [1.0, 2.0])
    with pytest.raises(DataError, match="'abc'"):
        gradient_descent(lambda x: "abc", [1.0, 2.0])
    for steps in (-1, 1.5, "a", None, math.nan):
        with pytest.raises(ConfigError, match="step_num is"):
            gradient_descent(bowl, [1.0, 2.0], step_num=steps)
    for lr in (-0.1, math.nan, "a", None):
        with pytest.raises(ConfigError, match="learning_rate is"):
            gradient_descent(bowl, [1.0, 2.0], lr=lr)
    with pytest.raises(UnknownNameError, match="did you mean 'adam'"):
        gradient_descent(bowl, [1.0, 2.0], optimizer="adan")


@pytest.mark.parametrize("bad", [lambda x: x[0], lambda x: "a", lambda x: None, lambda x: [[1, 2]]])
def test_a_gradient_of_another_shape(bad):
    with pytest.raises(ShapeError, match=r"the gradient at x = .* the shape of x, \(2,\)"):
        gradient_descent(bowl, [1.0, 2.0], gradient=bad)
