"""Encodings and ensembles explained: worked by hand, and the chain down into a member."""

import numpy as np
import pytest

from glassnet import Sequential, explain
from glassnet.layers import Dense, Ensemble, PeriodicEmbedding, PiecewiseLinearEncoding

X, Y = [[0.3, 0.4], [0.5, 2]], [0, 1]
ENCODING = "piecewise_linear_encoding"


@pytest.fixture(scope="module")
def step():
    encoding = PiecewiseLinearEncoding([[-1, 0, 0.5, 2], None], 2, [0.1] * 5, [2] * 5)
    members = [[Dense(3, "tanh"), Dense(2, "softmax")], [Dense(2, "softmax")]]
    model = Sequential([encoding, Ensemble(members, [0.75, 0.25])], seed=1, dtype="float64")
    model.compile("adam", "sparse_categorical_crossentropy")
    model.build((2,))
    return explain.explain_step(model, X, Y)


def test_every_gradient_is_the_difference(step):
    assert step.ok and len(step.checks) == 6
    for layer in step.layers:
        for name in ("dx", "dz"):
            if name in layer.quantities:
                q = layer.quantities[name]
                np.testing.assert_allclose(q.value, q.numerical, atol=1e-5, err_msg=layer.name)


@pytest.mark.parametrize(
    ("place", "formula", "numbers"),
    [
        ((ENCODING, "y", (0, 0)), "(x₁⁽¹⁾/√(1 + (x₁⁽¹⁾/clip)²) − μ₁)·s₁",
         "(0.3/√(1 + (0.3/2)²) − 0.1)·2 = 0.3934"),
        ((ENCODING, "y", (0, 2)), "(clip((x₁⁽¹⁾ − e₁₁)/(e₁₂ − e₁₁), 0, 1) − μ₃)·s₃",
         "(clip((0.3 − 0)/(0.5 − 0), 0, 1) − 0.1)·2 = 1"),
        ((ENCODING, "y", (1, 4)), "(x₂⁽²⁾ − μ₅)·s₅", "(2 − 0.1)·2 = 3.8"),
        ((ENCODING, "dx", (1, 0)),  # on an edge: half of each side
         "∂L/∂y₁⁽²⁾·s₁·c′(x₁⁽²⁾) + ∂L/∂y₃⁽²⁾·s₃·½/(e₁₂ − e₁₁) + ∂L/∂y₄⁽²⁾·s₄·½/(e₁₃ − e₁₂)", None),
        (("ensemble", "y", (0, 1)), "w₁·m₁₂⁽¹⁾ + w₂·m₂₂⁽¹⁾", None),
        (("ensemble/member_0", "dy", (0, 1)), "w₁·∂L/∂y₂⁽¹⁾", "0.75·0.5 = 0.375"),
        (("ensemble/member_1", "x", (0, 1)), "x₂⁽¹⁾ (ensemble)", None),
        (("ensemble/member_1", "y", (0, 1)), "y₂⁽¹⁾ (dense)", None),
    ],
)  # fmt: skip
def test_a_number_says_how_it_was_made(step, place, formula, numbers):
    value = step.value(*place)
    assert value.formula.partition(" = ")[2] == formula
    if numbers:
        assert value.with_numbers.partition(" = ")[2] == numbers
    for there in value.inputs:
        assert there[0].startswith((ENCODING, "ensemble", "loss"))


def test_the_chain_goes_into_one_member_by_its_weight(step):
    links = step.value("ensemble/member_0/dense", "dW", (1, 1)).chain
    assert [link.layer for link in links] == [
        "loss", "ensemble", *["ensemble/member_0/dense_1"] * 2, *["ensemble/member_0/dense"] * 3,
    ]  # fmt: skip
    assert links[1].local == 0.75
    np.testing.assert_allclose(links[1].so_far, 0.75 * np.array(links[0].so_far))
    assert links[-1].so_far == pytest.approx(
        step.value("ensemble/member_0/dense", "dW", (1, 1)).value
    )


# ---- waves -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def waves():
    embedding = PeriodicEmbedding(2, 2, columns=[1])
    model = Sequential([embedding, Dense(2, "softmax")], seed=1, dtype="float64")
    model.compile("adam", "sparse_categorical_crossentropy")
    model.build((2,))
    embedding.f[...], embedding.p[...] = [[0.5, 0.25]], [[0.0, 1.0]]
    embedding.V[...], embedding.c[...] = [[[1.0, 2.0], [3.0, 4.0]]], [[0.5, -0.5]]
    return explain.explain_step(model, X, Y)


def test_every_gradient_of_waves_is_the_difference(waves):
    assert waves.ok and len(waves.checks) == 6
    layer = waves.layers[0]
    np.testing.assert_allclose(
        layer.quantities["dx"].value, layer.quantities["dx"].numerical, atol=1e-5
    )


@pytest.mark.parametrize(
    ("quantity", "place", "formula"),
    [
        ("a", (1, 0, 1), "2π·f₁₂·x₂⁽²⁾ + p₁₂"),
        ("t", (1, 0, 1), "cos(a₁₂⁽²⁾)"),
        ("y", (0, 1), "x₂⁽¹⁾"),
        ("y", (0, 3), "t₁₁⁽¹⁾·v₁₁₂ + t₁₂⁽¹⁾·v₁₂₂ + c₁₂"),
        ("dx", (0, 0), "∂L/∂y₁⁽¹⁾"),
        ("dx", (0, 1), "∂L/∂y₂⁽¹⁾ + 2π·f₁₁·∂L/∂a₁₁⁽¹⁾ + 2π·f₁₂·∂L/∂a₁₂⁽¹⁾"),
        ("df", (0, 1), "2π·x₂⁽¹⁾·∂L/∂a₁₂⁽¹⁾ + 2π·x₂⁽²⁾·∂L/∂a₁₂⁽²⁾"),
        ("dp", (0, 0), "∂L/∂a₁₁⁽¹⁾ + ∂L/∂a₁₁⁽²⁾"),
        ("dV", (0, 1, 0), "t₁₂⁽¹⁾·∂L/∂y₃⁽¹⁾ + t₁₂⁽²⁾·∂L/∂y₃⁽²⁾"),
        ("dc", (0, 1), "∂L/∂y₄⁽¹⁾ + ∂L/∂y₄⁽²⁾"),
    ],
)
def test_a_number_of_waves_says_how_it_was_made(waves, quantity, place, formula):
    value = waves.value("periodic_embedding", quantity, place)
    assert value.formula.partition(" = ")[2] == formula
