"""One training step: the numbers are those of training, and those that one gets by hand."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, layers
from glassnet.errors import (
    ConfigError,
    DataError,
    LabelError,
    NotBuiltError,
    ShapeError,
    UnknownNameError,
)
from glassnet.explain import MAX_SAMPLES, explain_step

# The 2×3 net of "Deep Learning from Scratch", chapter 4, with its printed W.
W = [[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]]


def two_by_three() -> Sequential:
    model = Sequential(
        [layers.Dense(3, "softmax", use_bias=False)], seed=0, dtype="float64", name="simple"
    )
    model.compile({"name": "sgd", "learning_rate": 0.1}, "categorical_crossentropy")
    model.build(2)
    model.parameters.view("dense/W")[...] = W
    return model


def test_the_two_by_three_net_worked_by_hand() -> None:
    said = json.loads(explain_step(two_by_three(), [[0.6, 0.9]], [[0, 0, 1]]).to_json())
    dense = said["layers"][0]["quantities"]

    # by hand, with nothing but the four rules
    z = [0.6 * W[0][j] + 0.9 * W[1][j] for j in range(3)]
    assert z == pytest.approx([1.05414809, 0.63071653, 1.1328074], abs=1e-8)  # as the book prints
    e = [math.exp(v) for v in z]
    p = [v / sum(e) for v in e]
    dz = [p[0], p[1], p[2] - 1.0]
    dW = [[0.6 * v for v in dz], [0.9 * v for v in dz]]
    new = [[W[i][j] - 0.1 * dW[i][j] for j in range(3)] for i in range(2)]

    assert dense["x"]["value"] == [[0.6, 0.9]]
    assert dense["z"]["value"][0] == pytest.approx(z, rel=1e-14)
    assert dense["y"]["value"][0] == pytest.approx(p, rel=1e-14)
    assert dense["dz"]["value"][0] == pytest.approx(dz, rel=1e-14)
    np.testing.assert_allclose(dense["dW"]["value"], dW, rtol=1e-13)
    np.testing.assert_allclose(dense["W"]["value"], W, rtol=0)
    np.testing.assert_allclose(dense["W_new"]["value"], new, rtol=1e-15)
    dx = [sum(dz[j] * W[i][j] for j in range(3)) for i in range(2)]
    assert dense["dx"]["value"][0] == pytest.approx(dx, rel=1e-13)
    assert said["loss"]["value"] == pytest.approx(-math.log(p[2]), rel=1e-14)
    assert said["loss"]["by_sample"] == [pytest.approx(0.92806853663411326, rel=1e-7)]

    # as the book prints the gradient of W
    printed = [[0.21924763, 0.14356247, -0.36281009], [0.32887144, 0.2153437, -0.54421514]]
    np.testing.assert_allclose(dense["dW"]["value"], printed, atol=1e-8)
    np.testing.assert_allclose(dense["dW"]["numerical"], printed, atol=1e-8)
    assert [dense["dW"]["shape"], dense["z"]["shape"]] == [[2, 3], [1, 3]]
    assert said["checks"][0]["verdict"] == "ok" and said["ok"]


def test_the_two_by_three_net_in_words() -> None:
    step = explain_step(two_by_three(), [[0.6, 0.9]], [[0, 0, 1]])
    z = step.value("dense", "z", (0, 0))
    assert z.formula == "z₁ = x₁·w₁₁ + x₂·w₂₁"
    assert z.with_numbers == "z₁ = 0.6·0.4736 + 0.9·0.8556 = 1.054"
    assert z.latex == r"z_{1} = x_{1} \cdot w_{1,1} + x_{2} \cdot w_{2,1}"
    assert z.numerical is None and z.chain == ()
    assert z.inputs == (
        ("dense", "x", (0, 0)), ("dense", "x", (0, 1)),
        ("dense", "W", (0, 0)), ("dense", "W", (1, 0)),
    )  # fmt: skip
    dz = step.value("dense", "dz", (0, 2))
    assert (dz.formula, dz.with_numbers) == ("∂L/∂z₃ = p₃ − t₃", "∂L/∂z₃ = 0.3953 − 1 = -0.6047")
    dw = step.value("dense", "dW", [1, 2])
    assert dw.with_numbers == "∂L/∂w₂₃ = 0.9·(-0.6047) = -0.5442"
    assert dw.verdict == "ok"
    assert dw.numerical == pytest.approx(dw.value, rel=1e-9)
    factors = [(link.local_symbol, link.so_far) for link in dw.chain]
    assert factors[-1] == ("∂z/∂w = x", pytest.approx(dw.value))
    assert dw.chain[-1].local == 0.9
    new = step.value("dense", "W_new", (1, 2))
    assert new.with_numbers == "w′ = 0.6942 - 0.1·(-0.5442) = 0.7486"
    assert step.value("loss", "l", 0).with_numbers == "l = −log(0.3953) = 0.9281"
    assert json.loads(json.dumps(dw.to_dict()))["index"] == [1, 2]


def test_both_ways_of_softmax_with_crossentropy() -> None:
    step = explain_step(two_by_three(), [[0.6, 0.9]], [[0, 0, 1]])
    loss = step.loss
    assert loss.fused
    by_hand = loss["dp"][0] @ loss["jacobian"][0]  # Σᵢ ∂L/∂pᵢ·∂pᵢ/∂zⱼ
    np.testing.assert_allclose(loss["chain"][0], by_hand, rtol=1e-12)
    np.testing.assert_allclose(loss["gradient"], loss["p"] - loss["t"], rtol=1e-13)
    assert np.abs(loss["difference"]).max() < 1e-15
    jacobian = np.diag(loss["p"][0]) - np.outer(loss["p"][0], loss["p"][0])
    np.testing.assert_allclose(loss["jacobian"][0], jacobian, atol=1e-15)


# ---- any network -----------------------------------------------------------------------------

SMOOTH = ["linear", "sigmoid", "tanh", "elu", "gelu", "silu", "softplus", "selu"]
ENDS: list[tuple[str | None, str]] = [
    ("softmax", "sparse_categorical_crossentropy"),
    ("sigmoid", "binary_crossentropy"),
    ("sigmoid", "mean_squared_error"),
    ("softmax", "mean_squared_error"),
    (None, "mean_squared_error"),
    (None, "huber"),
]


@st.composite
def networks(draw: st.DrawFn) -> tuple[Sequential, Any, Any, Any]:
    """A small network, a batch for it, and perhaps weights of the samples."""
    seed = draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    n, features = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    stack: list[layers.Layer] = []
    for _ in range(draw(st.integers(0, 2))):
        units = draw(st.integers(1, 4))
        l2 = layers.L2(0.1) if draw(st.booleans()) else None
        f = draw(st.sampled_from(SMOOTH))
        stack.append(layers.Dense(units, f, kernel_regularizer=l2, use_bias=draw(st.booleans())))
        extra = draw(st.sampled_from(["", "", "dropout", "layer norm", "residual", "function"]))
        if extra == "dropout":
            stack.append(layers.Dropout(0.4))
        elif extra == "layer norm":
            stack.append(layers.LayerNormalization())
        elif extra == "residual":
            stack.append(layers.Residual([layers.Dense(units, "tanh"), layers.Dropout(0.3)]))
        elif extra == "function":
            stack += [layers.BatchNormalization(), layers.Activation("tanh")]
    end, loss = draw(st.sampled_from(ENDS))
    outputs = 1 if loss == "binary_crossentropy" else draw(st.integers(2, 3))
    stack.append(layers.Dense(outputs, end, trainable=draw(st.booleans()) or len(stack) == 0))
    model = Sequential(stack, seed=seed, dtype=draw(st.sampled_from(["float32", "float64"])))
    optimizer: Any = draw(
        st.sampled_from(
            ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "nadam", "adamw",
             {"name": "sgd", "clipnorm": 0.1}]
        )
    )  # fmt: skip
    model.compile(optimizer, loss)
    model.build(features)
    model.parameters.values[...] = rng.normal(0, 0.7, model.parameters.size)
    x = rng.normal(size=(n, features))
    y: Any
    if loss == "sparse_categorical_crossentropy":
        y = rng.integers(0, outputs, n)
    elif loss == "binary_crossentropy":
        y = rng.integers(0, 2, n)
    else:
        y = rng.normal(size=(n, outputs))
    weight = rng.uniform(0.5, 2, n) if draw(st.booleans()) else None
    return model, x, y, weight


@settings(max_examples=20, deadline=None)
@given(networks())
def test_every_derivative_is_that_of_differences(case: tuple[Sequential, Any, Any, Any]) -> None:
    model, x, y, weight = case
    step = explain_step(model, x, y, weight)
    single = model.dtype == np.float32
    seen = 0
    for layer in step.layers:
        for q in layer.quantities.values():
            if q.numerical is None:
                continue
            size = max(1.0, np.abs(q.value).max(initial=0.0))
            tolerance = (1e-4 if single else 1e-7) * size
            np.testing.assert_allclose(q.value, q.numerical, rtol=0, atol=tolerance)
            seen += 1
    assert seen >= 2
    assert step.ok and all(check.checked == check.size for check in step.checks)


@settings(max_examples=20, deadline=None)
@given(networks())
def test_the_new_weights_are_those_of_training_and_the_model_stays(
    case: tuple[Sequential, Any, Any, Any],
) -> None:
    model, x, y, weight = case
    twin = model.copy()
    kept = (
        model.parameters.values.tobytes(), model.parameters.gradients.tobytes(),
        model.parameters.state.tobytes(), str(model.rng.bit_generator.state),
        str(model.optimizer.get_state()), model.classes is None,
    )  # fmt: skip
    step = explain_step(model, x, y, weight)
    assert kept == (
        model.parameters.values.tobytes(), model.parameters.gradients.tobytes(),
        model.parameters.state.tobytes(), str(model.rng.bit_generator.state),
        str(model.optimizer.get_state()), model.classes is None,
    )  # fmt: skip
    twin.classes = np.arange(2 if twin.outputs == 1 else twin.outputs)
    loss = twin.train_on_batch(x, y, weight)
    assert step.loss.value == loss
    for layer in step.layers:
        for name in layer.parameters:
            new = twin.parameters.view(f"{layer.name}/{name}")
            assert layer[f"{name}_new"].tobytes() == new.tobytes()
            assert layer[name].dtype == model.dtype


# ---- what it is asked for --------------------------------------------------------------------


def ready(**settings: Any) -> Sequential:
    model = Sequential([layers.Dense(4, "relu"), layers.Dense(3, "softmax")], seed=0, **settings)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.build(2)
    return model


def test_bad_input_is_refused_with_the_way_out() -> None:
    unbuilt = Sequential([layers.Dense(3, "softmax")])
    unbuilt.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(NotBuiltError, match=r"explain_step needs parameters.*build"):
        explain_step(unbuilt, [[1.0]], [0])
    uncompiled = Sequential([layers.Dense(3, "softmax")])
    uncompiled.build(1)
    with pytest.raises(NotBuiltError, match=r"not compiled.*Call compile"):
        explain_step(uncompiled, [[1.0]], [0])
    model = ready()
    with pytest.raises(DataError, match=rf"300 samples are too many.*x\[:{MAX_SAMPLES}\]"):
        explain_step(model, np.zeros((300, 2)), np.zeros(300, int))
    with pytest.raises(ShapeError, match="5 features, but the layer was built for 2"):
        explain_step(model, np.zeros((1, 5)), [0])
    with pytest.raises(LabelError, match="7"):
        explain_step(model, np.zeros((1, 2)), [7])
    with pytest.raises(DataError, match="NaN"):
        explain_step(model, [[np.nan, 0.0]], [0])
    with pytest.raises(ConfigError, match="numerical_h"):
        explain_step(model, [[0.0, 0.0]], [0], numerical_h=0)
    with pytest.raises(ConfigError, match="expected a Sequential, got str"):
        explain_step("model", [[0.0, 0.0]], [0])  # type: ignore[arg-type]
    large = Sequential([layers.Dense(800), layers.Dense(800), layers.Dense(3, "softmax")])
    large.compile("adam", "sparse_categorical_crossentropy")
    large.build(800)
    with pytest.raises(DataError, match="too large to keep every number"):
        explain_step(large, np.zeros((1, 800)), [0])


def test_a_place_that_is_not_there() -> None:
    step = explain_step(ready(), [[0.1, 0.2]], [1], check=False)
    with pytest.raises(UnknownNameError, match="did you mean 'dense'"):
        step.value("dens", "z", (0, 0))
    with pytest.raises(UnknownNameError, match="'dense': 'dWs': did you mean 'dW'"):
        step.value("dense", "dWs", (0, 0))
    with pytest.raises(ShapeError, match=r"z has shape \(1, 4\)"):
        step.value("dense", "z", (0, 4))
    with pytest.raises(ShapeError, match=r"z has shape"):
        step.value("dense", "z", (-1, 0))
    with pytest.raises(ShapeError, match="there are 2"):
        step.value(2, "z", (0, 0))
    with pytest.raises(ShapeError, match="sample 5"):
        step.value("dense", "dW", (0, 0), sample=5)
    with pytest.raises(UnknownNameError, match="quantity of the loss"):
        step.value("loss", "z", (0, 0))


def test_without_check_the_difference_comes_when_asked() -> None:
    step = explain_step(ready(), [[0.4, -0.2]], [1], check=False)
    assert step.checks == () and step.layers[0].quantities["dW"].numerical is None
    one = step.value("dense", "dW", (1, 2))
    assert one.numerical == pytest.approx(one.value, abs=1e-6) and one.verdict == "ok"
    dz = step.value("dense", "dz", (0, 1))
    assert dz.numerical == pytest.approx(dz.value, abs=1e-6)


@pytest.mark.parametrize("function", ["relu", "leaky_relu"])
def test_several_corners_at_once_are_a_kink_and_a_mistake_is_red_there_too(function: str) -> None:
    # one sample: batch normalization makes 0 of it, and each unit after it stands at its corner
    model = Sequential(
        [layers.Dense(4, "tanh"), layers.BatchNormalization(), layers.Dense(4, function),
         layers.Dense(1, "sigmoid")], seed=0, dtype="float64",
    )  # fmt: skip
    model.compile("sgd", "binary_crossentropy")
    model.build(2)
    x, y = [[0.5, -1.0]], [1]
    verdicts = {c.parameter: c.verdict for c in explain_step(model, x, y).checks}
    assert set(verdicts.values()) == {"ok", "kink"}
    assert verdicts["batch_normalization/beta"] == "kink"
    doubled = explain_step(model, x, y, mistakes=["leftover_gradient"])
    wrong = {c.parameter for c in doubled.checks if c.verdict == "off"}
    assert ("batch_normalization/beta" in wrong) == (function == "leaky_relu")  # ReLU: 2·0 = 0
    assert "dense_2/b" in wrong


def test_a_corner_of_the_loss_is_called_a_kink() -> None:
    model = ready(dtype="float64")
    model.parameters.view("dense/b")[...] = 0
    step = explain_step(model, [[0.0, 0.0]], [1])  # every z of the ReLUs is 0: a corner
    assert {c.parameter: c.verdict for c in step.checks}["dense/b"] == "kink"
    assert step.ok
    slopes = [step.value("dense", "dz", (0, j)) for j in range(4)]
    assert {slope.verdict for slope in slopes} <= {"kink", "ok"} and slopes[0].value == 0


def test_adam_in_words_with_its_memory() -> None:
    model = ready()
    model.train_on_batch([[0.4, -0.2], [1.0, 2.0]], [1, 2])
    step = explain_step(model, [[0.4, -0.2]], [1])
    assert step.optimizer.step == 2
    place = (0, int(np.abs(step.layers[0]["dW"][0]).argmax()))
    new = step.value("dense", "W_new", place)
    lines = new.with_numbers.split("\n")
    assert [line.split(" = ")[0] for line in lines] == ["m′", "v′", "c₁", "c₂", "α", "w′"]
    assert new.verdict == "ok"
    after = model.copy()
    after.classes = np.arange(3)
    after.train_on_batch([[0.4, -0.2]], [1])
    assert step.value("dense", "W_m_new", place).value == pytest.approx(
        float(after.optimizer.state["m"][:8].reshape(2, 4)[place])
    )
    assert ("dense", "W_v", place) in new.inputs


def test_frozen_layers_and_max_norm() -> None:
    model = Sequential(
        [layers.Dense(4, "tanh", trainable=False), layers.Dense(3, "softmax", max_norm=0.1)], seed=0
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build(2)
    step = explain_step(model, [[0.4, -0.2]], [1])
    frozen, short = step.layers
    assert "frozen" in frozen.notes[0]
    np.testing.assert_array_equal(frozen["W"], frozen["W_new"])
    assert np.linalg.norm(short["W_new"], axis=0).max() <= 0.1 + 1e-6
    assert "max_norm" in step.value("dense_1", "W_new", (0, 0)).with_numbers


def test_images_are_followed_down_to_the_bytes() -> None:
    model = Sequential(
        [layers.Rescaling(1 / 16), layers.Flatten(), layers.Dense(3, "softmax")], seed=0
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build((2, 2))
    step = explain_step(model, np.array([[[0, 4], [8, 16]]], np.uint8), [2])
    flat = step.value("flatten", "dx", (0, 1, 1))
    assert flat.value == step.value("flatten", "dy", (0, 3)).value
    pixel = step.value("rescaling", "dx", (0, 1, 1))
    assert pixel.value == pytest.approx(flat.value / 16)
    assert pixel.numerical == pytest.approx(pixel.value, abs=1e-7)
    assert step.value("rescaling", "y", (0, 0, 1)).with_numbers == "y₁₂ = 4·0.0625 + 0 = 0.25"


def test_a_large_sum_is_cut_to_its_largest_terms_and_says_so() -> None:
    model = Sequential([layers.Dense(3, "softmax")], seed=0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build(784)
    x = np.random.default_rng(0).random((2, 784))
    step = explain_step(model, x, [0, 1])
    z = step.value("dense", "z", (1, 2))
    assert "… (779 smaller terms" in z.with_numbers
    assert len(z.with_numbers) < 200
    check = step.checks[0]
    assert check.checked < check.size == 2352 and check.verdict == "ok"
    said = step.to_dict()["layers"][0]["quantities"]["dW"]
    assert said["lines_cut"] == "the first 64 of 2,352"
    assert "… the first 8×3 of 784×3" in str(step)


@pytest.mark.parametrize(
    ("loss", "end", "y"),
    [
        ("hinge", None, [[1.0, -1.0], [-1.0, 1.0]]),
        ("mean_absolute_error", "tanh", [[0.1, 0.2], [0.3, -0.4]]),
        ("mean_squared_logarithmic_error", "softplus", [[1.0, 20.0], [0.0, 3.5]]),
        ("mean_squared_logarithmic_error", None, [[1.0, 20.0], [0.0, 3.5]]),
        ("kl_divergence", "softmax", [[0.2, 0.8], [0.5, 0.5]]),
        ("binary_crossentropy", "sigmoid", [[1.0, 0.0], [1.0, 1.0]]),
        ({"name": "binary_crossentropy", "label_smoothing": 0.1}, "sigmoid", [[1, 0], [0, 1]]),
        ({"name": "binary_crossentropy", "from_logits": True}, None, [[1.0, 0.0], [1.0, 1.0]]),
        ("categorical_crossentropy", "softmax", [[0.2, 0.8], [0.5, 0.5]]),
        ({"name": "categorical_crossentropy", "label_smoothing": 0.1}, "softmax", [0, 1]),
        ({"name": "sparse_categorical_crossentropy", "from_logits": True}, None, [0, 1]),
        ("mean_squared_error", "log_softmax", [[0.1, 0.2], [0.3, -0.4]]),
    ],
)
@pytest.mark.parametrize("weights", [None, [0.5, 2.0]])
def test_every_loss_tells_itself(loss: Any, end: str | None, y: Any, weights: Any) -> None:
    model = Sequential(
        [layers.Input(2), layers.Dense(3, "leaky_relu"), layers.Dense(2), layers.Activation(end)],
        seed=1,
        dtype="float64",
    )  # fmt: skip
    model.compile("rmsprop", loss)
    x = np.array([[0.3, -0.8], [1.2, 0.5]])
    step = explain_step(model, x, y, weights)
    assert step.ok
    per_sample = step.loss["l"] * (1 if weights is None else np.array(weights))
    assert step.loss.value == pytest.approx(per_sample.mean())
    for name, q in step.loss.quantities.items():
        for index in np.ndindex(q.shape):
            assert step.value("loss", name, index).with_numbers
    if "chain" in step.loss.quantities:
        np.testing.assert_allclose(step.loss["chain"], step.loss["gradient"], atol=1e-7)
    assert step.value("input", "dx", (0, 1)).verdict == "ok"
    assert str(step) and step.to_json() and step.to_latex()


def test_a_diverged_network_is_explained_too() -> None:
    model = ready()
    model.parameters.values[...] = 1e30
    step = explain_step(model, [[1.0, 1.0]], [0])
    assert not step.ok
    assert json.loads(step.to_json())["layers"]
    str(step)
