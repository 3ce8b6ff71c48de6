"""One update explained: the formula with numbers must give the numbers."""

import math
import re

import numpy as np
import pytest

from glassnet import optimizers, schedules
from glassnet.errors import ConfigError

VARIANTS = [
    {"name": "sgd"},
    {"name": "momentum"},
    {"name": "nesterov", "weight_decay": 0.1},
    {"name": "adagrad"},
    {"name": "rmsprop"},
    {"name": "rmsprop", "momentum": 0.5},
    {"name": "rmsprop", "centered": True},
    {"name": "rmsprop", "centered": True, "momentum": 0.5, "weight_decay": 0.1},
    {"name": "adam"},
    {"name": "adam", "clipvalue": 0.2},
    {"name": "adam", "amsgrad": True, "beta_2": 0.3},
    {"name": "adamw"},
    {"name": "adamw", "amsgrad": True},
    {"name": "nadam"},
    {"name": "nadam", "weight_decay": 0.1},
]
variants = pytest.mark.parametrize("config", VARIANTS, ids=lambda c: "-".join(map(str, c.values())))


def value_of(text):
    """The number that a line's right side comes to, as a calculator reads it."""
    text = re.sub(r"√(\([^()]*\)|[\d.e-]+)", r"sqrt(\1)", text)
    text = re.sub(r"√", "sqrt", text).replace("·", "*").replace("²", "**2").replace("^", "**")
    return eval(text, {"sqrt": math.sqrt})


def three_steps(config):
    rng = np.random.default_rng(0)
    optimizer, w = optimizers.get(config), rng.normal(size=6)
    optimizer.initialize(6, np.float64)
    for _ in range(3):
        optimizer.step(w, rng.normal(size=6))
    return optimizer, w, rng.normal(size=6)


@variants
def test_every_line_comes_to_its_number(config):
    optimizer, w, g = three_steps(config)
    for index in range(6):
        update = optimizer.describe_update(index, w, g)
        lines = update.with_numbers(17).splitlines()
        assert len(lines) == len(update.lines)
        for line in lines:
            left, right = line.split(" = ")
            expected = float(left.strip("()"))
            assert value_of(right) == pytest.approx(expected, rel=1e-9, abs=1e-14), line


@variants
def test_it_says_what_the_step_then_does(config):
    optimizer, w, g = three_steps(config)
    for index in range(6):
        update = optimizer.describe_update(index, w, g)
        assert optimizer.steps == 3
        after, twin = w.copy(), optimizers.get(config)
        twin.set_state(optimizer.get_state())
        twin.step(after, g)
        assert update.value == w[index]
        assert update.new_value == pytest.approx(after[index], rel=1e-15)
        assert update.delta == pytest.approx(after[index] - w[index], rel=1e-9)
        assert update.step == twin.steps == 4
        assert update.state_before == optimizer.state_at(index)
        assert update.state_after == pytest.approx(twin.state_at(index), rel=1e-14)
        assert update.learning_rate == optimizer.current_learning_rate


@variants
def test_asking_changes_nothing(config):
    optimizer, w, g = three_steps(config)
    before, kept = optimizer.get_state(), (w.copy(), g.copy())
    optimizer.describe_update(2, w, g)
    after = optimizer.get_state()
    for name in before["vectors"]:
        np.testing.assert_array_equal(after["vectors"][name], before["vectors"][name])
    assert {**after, "vectors": 0} == {**before, "vectors": 0}
    np.testing.assert_array_equal(w, kept[0])
    np.testing.assert_array_equal(g, kept[1])


def test_formula_as_text():
    update = optimizers.SGD(0.1, momentum=0.9).explain_update(1.0, -0.5, {"velocity": 0.2}, 7)
    assert update.formula == "u′ = μ·u - η·g\nw′ = w + u′"
    assert update.formula_with_numbers == "0.23 = 0.9·0.2 - 0.1·(-0.5)\n1.23 = 1 + 0.23"
    assert update.numbers["u"] == 0.2
    assert update.numbers["u′"] == pytest.approx(0.23)
    assert update.delta == pytest.approx(0.23)
    decayed = optimizers.SGD(0.1, weight_decay=0.5).explain_update(2.0, 1.0)
    assert decayed.formula == "w′ = (1 - η·λ)·w - η·g"
    assert decayed.formula_with_numbers == "1.8 = (1 - 0.1·0.5)·2 - 0.1·1"


def test_the_first_update_of_adam_in_numbers():
    update = optimizers.Adam(0.1).explain_update(1.0, 0.5)
    assert update.step == 1
    numbers = update.numbers
    assert numbers["m′"] == pytest.approx(0.05)
    assert numbers["v′"] == pytest.approx(0.00025)
    assert numbers["c₁"] == pytest.approx(0.1)
    assert numbers["c₂"] == pytest.approx(0.001)
    assert update.new_value == pytest.approx(0.9, rel=1e-4)


def test_a_schedule_is_asked_for_the_step_explained():
    optimizer = optimizers.SGD(schedules.StepDecay(1.0, 1, 0.5))
    assert optimizer.explain_update(0.0, 1.0, step=3).new_value == -0.25


def test_float32_is_explained_in_float32():
    optimizer, w, g = optimizers.Adam(), np.full(3, 0.1, np.float32), np.ones(3, np.float32)
    update = optimizer.describe_update(0, w, g)
    optimizer.step(w, g)
    assert np.float32(update.new_value) == w[0]


def test_clipping_comes_first():
    optimizer = optimizers.SGD(1.0, global_clipnorm=1.0)
    update = optimizer.describe_update(1, np.zeros(2), np.array([3.0, 4.0]))
    assert update.gradient == pytest.approx(0.8)
    assert update.new_value == pytest.approx(-0.8)


class Unwritten(optimizers.SGD):
    """{formula}"""

    name = "unwritten"
    formulas = {"formula": "step = η·g\nw′ = w - step"}  # noqa: RUF012
    variant = "formula"


def test_the_docstring_is_made_of_the_formula():
    assert Unwritten.__doc__ == "step = η·g\nw′ = w - step"
    for cls in optimizers.OPTIMIZERS.values():
        assert "{" not in cls.__doc__.replace('{"name"', "")
    for line in optimizers.Adam(0.1).explain_update(1.0, 1.0).formula.splitlines():
        assert line in optimizers.Adam.__doc__


def test_a_formula_with_an_unknown_number_is_refused():
    with pytest.raises(ConfigError, match=r"'step = \{η\}·\{g\}' makes a number"):
        Unwritten(0.1).explain_update(1.0, 1.0)
