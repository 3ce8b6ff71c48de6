"""Each classic mistake turns the check red, and only where it should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet.errors import ConfigError, UnknownNameError
from glassnet.explain import MISTAKES, StepExplanation, explain_step

Dense = layers.Dense


def network(*stack: Any, optimizer: Any = "sgd", loss: str = "sparse_categorical_crossentropy",
            seed: int = 1, dtype: str = "float64") -> Sequential:  # fmt: skip
    model = Sequential(list(stack), seed=seed, dtype=dtype)
    model.compile(optimizer, loss)
    model.build(2)
    rng = np.random.default_rng(seed)
    model.parameters.values[...] = rng.normal(0, 0.8, model.parameters.size)
    return model


def usual(**settings: Any) -> Sequential:
    return network(Dense(4, "tanh"), Dense(3, "softmax"), **settings)


X = np.array([[0.6, 0.9], [-1.0, 0.3], [0.2, -0.7], [1.5, -0.4]])
Y = [2, 0, 1, 2]


def verdicts(step: StepExplanation) -> dict[str, str]:
    return {check.parameter: check.verdict for check in step.checks}


ALL = {"dense/W", "dense/b", "dense_1/W", "dense_1/b"}

CAUGHT: list[tuple[str, set[str]]] = [
    ("softmax_twice", ALL),
    ("mean_of_bias_gradient", {"dense/b", "dense_1/b"}),
    ("stale_gradient", ALL),
    ("sum_for_mean", ALL),
    ("leftover_gradient", ALL),
    ("update_in_backward", {"dense/W", "dense/b"}),
    ("prediction_overwritten", set()),
]


@pytest.mark.parametrize(("mistake", "red"), CAUGHT)
def test_what_goes_red(mistake: str, red: set[str]) -> None:
    model = usual(optimizer={"name": "sgd", "learning_rate": 0.5})
    assert explain_step(model, X, Y).ok
    step = explain_step(model, X, Y, mistakes={mistake})
    assert {name for name, verdict in verdicts(step).items() if verdict == "off"} == red
    assert step.ok == (not red)
    assert step.mistakes == (mistake,) and MISTAKES[mistake].title in step.notes[0]
    if red:
        name, parameter = sorted(red)[0].split("/")
        assert step.value(name, f"d{parameter}", (0, 0)[: 1 + (parameter == "W")]).verdict == "off"
        assert "✗" in str(step)


def test_the_formula_says_what_is_right_and_what_the_mistake_made_of_it() -> None:
    model = usual(optimizer={"name": "nesterov", "learning_rate": 0.5})
    model.train_on_batch(X, Y)

    def said(mistake: str, *place: Any) -> str:
        return explain_step(model, X, Y, mistakes={mistake}).value(*place).with_numbers

    assert "but here" not in explain_step(model, X, Y).value("dense_1", "db", (0,)).with_numbers
    assert "but here" in said("mean_of_bias_gradient", "dense_1", "db", (0,))
    assert "but here" in said("softmax_twice", "dense_1", "dz", (0, 0))
    assert "but here" in said("sum_for_mean", "dense_1", "dz", (0, 0))
    assert "but here" in said("update_in_backward", "dense_1", "dx", (0, 0))
    assert "but here" in said("prediction_overwritten", "dense_1", "y", (0, 0))
    assert "but here" in said("leftover_gradient", "dense", "dW", (0, 0))
    assert "but here" in said("old_velocity", "dense", "W_new", (0, 0))
    assert "but here" in said("stale_gradient", "dense", "z", (0, 0))


def test_softmax_twice_starves_a_confident_mistake() -> None:
    model = network(Dense(3, "softmax"))
    model.parameters.view("dense/W")[...] = [[20.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    model.parameters.view("dense/b")[...] = 0
    right = explain_step(model, [[1.0, 0.0]], [2])
    wrong = explain_step(model, [[1.0, 0.0]], [2], mistakes={"softmax_twice"})
    assert np.abs(right.layers[0]["dz"]).max() > 0.99
    assert np.abs(wrong.layers[0]["dz"]).max() < 1e-6


def test_stale_gradient_is_that_of_the_old_weights() -> None:
    model = usual(optimizer={"name": "sgd", "learning_rate": 0.5})
    first = explain_step(model, X, Y)
    second = explain_step(model, X, Y, mistakes={"stale_gradient"})
    np.testing.assert_array_equal(first.layers[1]["W_new"], second.layers[1]["W"])
    np.testing.assert_array_equal(first.layers[1]["dW"], second.layers[1]["dW"])
    assert np.abs(second.layers[0]["dW"] - first.layers[0]["dW"]).max() > 1e-3


def test_the_overwritten_prediction_is_no_probability() -> None:
    step = explain_step(usual(), X, Y, mistakes={"prediction_overwritten"})
    assert np.abs(step.loss["p"].sum(axis=1)).max() < 1e-9  # p - t sums to 0
    model = network(Dense(4, "tanh"), Dense(2, "sigmoid"), loss="mean_squared_error")
    t = np.zeros((4, 2))
    assert explain_step(model, X, t).ok
    assert set(verdicts(explain_step(model, X, t, mistakes="prediction_overwritten")).values()) == {
        "off"
    }


def test_float32_differences_blame_a_right_gradient() -> None:
    model = usual()
    step = explain_step(model, X, Y, mistakes={"float32_differences"})
    right = explain_step(model, X, Y)
    for wrong_layer, layer in zip(step.layers, right.layers):
        np.testing.assert_array_equal(wrong_layer["dW"], layer["dW"])
    assert not step.ok


def test_the_gradient_of_the_way_around_is_overwritten() -> None:
    model = network(Dense(3), layers.Residual([Dense(3, "relu")]), Dense(3, "softmax"))
    assert explain_step(model, X, Y).ok
    step = explain_step(model, X, Y, mistakes={"gradient_overwritten"})
    red = {name for name, verdict in verdicts(step).items() if verdict == "off"}
    assert red == {"dense/W", "dense/b"}


@pytest.mark.parametrize(
    "block",
    [
        [Dense(3, "tanh")],
        [Dense(3), layers.BatchNormalization(), layers.Activation("relu")],
        [Dense(3, "sigmoid"), layers.Dropout(0.5)],
        [Dense(3, "linear"), layers.Dropout(0.5)],
    ],
)
def test_whatever_ends_the_block_writes_into_the_gradient(block: list[Any]) -> None:
    model = network(Dense(3), layers.Residual(block), Dense(3, "softmax"))
    right = explain_step(model, X, Y)
    step = explain_step(model, X, Y, mistakes={"gradient_overwritten"})
    red = {name for name, verdict in verdicts(step).items() if verdict == "off"}
    assert red == {"dense/W", "dense/b"}
    # By hand: what comes back through the block, and the array as its last layers left it.
    inner = right.inside(right.layer("residual"))
    changed = inner[-1]["dz" if "dz" in inner[-1].quantities else "dx"]
    if inner[0].activation == "sigmoid":  # the dropout wrote, and then the sigmoid
        changed = inner[0]["dz"]
    np.testing.assert_allclose(
        step.layer("residual")["dx"], inner[0]["dx"] + changed, rtol=1e-12, atol=1e-15
    )
    assert step.value("residual", "dx", (0, 0)).verdict == "off"
    assert "but here" in step.value("residual", "dx", (0, 0)).with_numbers


def test_the_sum_of_a_block_both_ways() -> None:
    model = network(Dense(3), layers.Residual([Dense(3, "relu")]), Dense(3, "softmax"))
    step = explain_step(model, X, Y)
    block, inner = step.layer("residual"), step.layer("residual/dense")
    np.testing.assert_array_equal(block["y"], block["x"] + inner["y"])
    np.testing.assert_array_equal(block["dx"], block["dy"] + inner["dx"])
    assert step.value("residual", "y", (0, 1)).formula == "y₂⁽¹⁾ = x₂⁽¹⁾ + F₂⁽¹⁾"
    assert step.value("residual", "dx", (0, 1)).verdict == "ok"
    assert "F" in step.value("residual", "dx", (0, 1)).formula


def test_the_unstable_formula_starves_a_confident_mistake() -> None:
    model = network(Dense(3, "softmax"))
    model.parameters.view("dense/b")[...] = 0
    for steep, share in ((2.0, 1.0), (20.0, 0.02), (200.0, np.nan)):
        model.parameters.view("dense/W")[...] = [[steep, 0.0, 0.0], [0.0, 0.0, 0.0]]
        right = explain_step(model, [[1.0, 0.0]], [2])
        wrong = explain_step(model, [[1.0, 0.0]], [2], mistakes={"unstable_formula"})
        found = wrong.layers[0]["dz"][0, 2] / right.layers[0]["dz"][0, 2]
        np.testing.assert_allclose(found, share, atol=2e-3)
        assert wrong.ok == (steep == 2.0)  # below 1 % it shows


@pytest.mark.parametrize("label", [0, 1])
def test_the_unstable_formula_by_hand_for_a_sigmoid(label: int) -> None:
    model = network(Dense(1, "sigmoid"), loss="binary_crossentropy")
    model.parameters.view("dense/b")[...] = 0
    model.parameters.view("dense/W")[...] = [[1.0], [0.0]]
    x = np.array([[-100.0, 0.0], [-12.0, 0.0], [0.5, 0.0], [12.0, 0.0]])
    step = explain_step(model, x, [label] * 4, mistakes={"unstable_formula"})
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-x[:, 0].astype(np.float32)))
    least = np.float32(1e-7)
    by_p = -1 / (p + least) if label else 1 / (1 - p + least)
    np.testing.assert_allclose(step.layers[0]["dz"][:, 0], by_p * p * (1 - p) / 4, rtol=1e-6)
    weights = [1.0, 0.0, 2.0, 1.0]
    step = explain_step(model, x, [label] * 4, weights, mistakes={"unstable_formula"})
    scale = explain_step(model, x, [label] * 4, weights).layers[0]["dz"][2, 0] / (
        1 / (1 + np.exp(-0.5)) - label
    )
    np.testing.assert_allclose(step.layers[0]["dz"][1, 0], 0)
    np.testing.assert_allclose(
        step.layers[0]["dz"][2, 0], by_p[2] * p[2] * (1 - p[2]) * scale, rtol=1e-6
    )


def test_the_old_velocity_is_caught_by_the_formula_of_the_update() -> None:
    model = usual(optimizer="nesterov")
    model.train_on_batch(X, Y)
    assert explain_step(model, X, Y).value("dense", "W_new", (0, 0)).verdict == "ok"
    step = explain_step(model, X, Y, mistakes={"old_velocity"})
    assert step.ok  # the gradient is right
    assert step.value("dense", "W_new", (0, 0)).verdict == "off"


def test_one_sample_hides_what_needs_two() -> None:
    step = explain_step(usual(), X[:1], Y[:1], mistakes=["sum_for_mean", "mean_of_bias_gradient"])
    assert step.ok
    assert sum("pass two or more" in note for note in step.notes) == 2


def test_mistakes_add_up_and_leave_the_model_alone() -> None:
    model = usual()
    before = model.parameters.values.tobytes()
    step = explain_step(model, X, Y, mistakes={"leftover_gradient", "sum_for_mean"})
    right = explain_step(model, X, Y)
    np.testing.assert_allclose(step.layers[0]["dW"], 8 * right.layers[0]["dW"], rtol=1e-12)
    assert model.parameters.values.tobytes() == before


def test_what_cannot_be_made_says_why() -> None:
    linear = network(Dense(2), loss="mean_squared_error")
    with pytest.raises(UnknownNameError, match="did you mean 'softmax_twice'"):
        explain_step(usual(), X, Y, mistakes={"softmax_twise"})
    for name, reason in (
        ("softmax_twice", "needs softmax with cross-entropy"),
        ("unstable_formula", "needs softmax with cross-entropy"),
        ("update_in_backward", "only one"),
        ("old_velocity", "the optimizer is 'sgd'"),
        ("gradient_overwritten", "Residual"),
    ):
        with pytest.raises(ConfigError, match=reason):
            explain_step(linear, X, np.zeros((4, 2)), mistakes={name})
    for stack in (
        [layers.Residual([Dense(2, "relu")]), Dense(2)],  # nothing below the block
        [Dense(3), layers.Residual([Dense(3)]), Dense(2)],  # nothing is changed in it
    ):
        with pytest.raises(ConfigError, match=r"Residual|ReLU"):
            explain_step(network(*stack, loss="mean_squared_error"), X, np.zeros((4, 2)),
                         mistakes={"gradient_overwritten"})  # fmt: skip
    without_bias = network(Dense(2, use_bias=False), loss="mean_squared_error")
    with pytest.raises(ConfigError, match="no layer has a bias"):
        explain_step(without_bias, X, np.zeros((4, 2)), mistakes={"mean_of_bias_gradient"})


def test_every_mistake_is_described() -> None:
    for name, mistake in MISTAKES.items():
        assert mistake.name == name and mistake.__doc__
        for text in (mistake.title, mistake.what, mistake.why, mistake.caught):
            assert text
        for part in ("title", "why", "caught"):
            assert any("가" <= c <= "힣" for c in mistake.message(part, "ko"))
