"""The classic mistakes of convolution and pooling: each goes red, and only where it should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet.errors import ConfigError
from glassnet.explain import StepExplanation, explain_step

L = layers
Y = [0, 2]


def network(*stack: Any, shape: tuple[int, ...] = (6, 6, 2)) -> Sequential:
    model = Sequential([*stack, L.Flatten(), L.Dense(3, "softmax")], seed=1, dtype="float64")
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build(shape)
    rng = np.random.default_rng(3)
    model.parameters.values[...] = rng.normal(0, 0.5, model.parameters.size)
    return model


def images(shape: tuple[int, ...] = (6, 6, 2), n: int = 2) -> Any:
    return np.random.default_rng(5).normal(size=(n, *shape))


def usual() -> Sequential:
    return network(
        L.Conv2D(2, 3, activation="tanh", padding="same", name="low"),
        L.Conv2D(3, 3, activation="tanh", padding="same", name="high"),
        L.MaxPooling2D(2),
    )


def red(step: StepExplanation) -> set[str]:
    return {check.parameter for check in step.checks if check.verdict == "off"}


LOW = {"low/W", "low/b"}
BOTH = {*LOW, "high/W", "high/b"}


@pytest.mark.parametrize(
    ("mistake", "expected"),
    [
        ("flipped_kernel", {*LOW, "high/W"}),
        ("col2im_overwrites", LOW),
        ("padding_wrong_side", LOW),
        ("bias_mean_over_places", {"low/b", "high/b"}),
        ("pool_gradient_to_all", BOTH),
        ("pooling_reshaped_rows", BOTH),
        ("update_in_backward", BOTH),
        ("mean_of_bias_gradient", {"low/b", "high/b", "dense/b"}),
        ("leftover_gradient", {*BOTH, "dense/W", "dense/b"}),
    ],
)
def test_what_goes_red(mistake: str, expected: set[str]) -> None:
    model = usual()
    model.optimizer.learning_rate = 0.5
    assert explain_step(model, images(), Y).ok
    step = explain_step(model, images(), Y, mistakes=[mistake])
    assert red(step) == expected
    assert "✗" in str(step)


def test_each_number_beside_the_right_one() -> None:
    """What each mistake made, by hand, from the right step."""
    model = usual()
    right = explain_step(model, images(), Y, check=False)

    def made(mistake: str, layer: str, name: str) -> Any:
        return explain_step(model, images(), Y, check=False, mistakes=[mistake]).layer(layer)[name]

    high, pool = right.layer("high"), right.layer("max_pooling2d")
    np.testing.assert_allclose(
        made("flipped_kernel", "high", "dW"), high["dW"][::-1, ::-1], rtol=1e-12
    )
    dz, W = high["dz"], high["W"]
    np.testing.assert_allclose(
        made("bias_mean_over_places", "high", "db"), dz.sum(axis=(0, 1, 2)) / 36, rtol=1e-12
    )
    # ∂L/∂x of the pixel in the middle by the last window that wrote to it
    assert made("col2im_overwrites", "high", "dx")[0, 3, 3, 1] == pytest.approx(
        float(dz[0, 2, 2] @ W[2, 2, 1])
    )
    # what belongs to the pixel before, row and column
    np.testing.assert_allclose(
        made("padding_wrong_side", "high", "dx")[:, 1:, 1:], high["dx"][:, :-1, :-1], rtol=1e-12
    )
    each = pool["dy"].repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_allclose(made("pool_gradient_to_all", "max_pooling2d", "dx"), each)
    mixed = made("pooling_reshaped_rows", "max_pooling2d", "dx")
    for s, p, q in np.ndindex(2, 3, 3):  # a window's gradients are all there, in wrong places
        window = (s, slice(2 * p, 2 * p + 2), slice(2 * q, 2 * q + 2))
        assert mixed[window].sum() == pytest.approx(pool["dx"][window].sum())
    assert np.abs(mixed - pool["dx"]).max() > 1e-3


def test_the_formula_says_what_the_mistake_made() -> None:
    model = usual()

    def said(mistake: str, *place: Any) -> Any:
        return explain_step(model, images(), Y, mistakes=[mistake]).value(*place)

    for mistake, place in (
        ("flipped_kernel", ("high", "dW", (0, 0, 0, 0))),
        ("col2im_overwrites", ("high", "dx", (0, 3, 3, 1))),
        ("padding_wrong_side", ("high", "dx", (0, 3, 3, 1))),
        ("bias_mean_over_places", ("high", "db", (1,))),
        ("pool_gradient_to_all", ("max_pooling2d", "dx", (0, 0, 0, 0))),
    ):
        wrong = said(mistake, *place)
        assert "but here" in wrong.with_numbers and wrong.verdict == "off", mistake
        right = explain_step(model, images(), Y).value(*place)
        assert "but here" not in right.with_numbers and right.verdict == "ok"


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size", [2, 3])
def test_series_and_uneven_padding(padding: str, size: int) -> None:
    model = network(
        L.Conv1D(2, 3, activation="tanh", name="low"),
        L.Conv1D(4, size, padding=padding, groups=2, activation="tanh", name="high"),
        L.MaxPooling1D(2, padding=padding),
        shape=(9, 2),
    )
    x = images((9, 2))
    assert explain_step(model, x, Y).ok
    for mistake in ("flipped_kernel", "col2im_overwrites", "pool_gradient_to_all"):
        assert red(explain_step(model, x, Y, mistakes=[mistake])), mistake
    if padding == "same":
        assert red(explain_step(model, x, Y, mistakes=["padding_wrong_side"])) == LOW


def test_zeros_around_and_pooling_over_all() -> None:
    model = Sequential(
        [
            L.Conv2D(2, 2, name="low", activation="tanh"), L.ZeroPadding2D(((1, 2), (0, 1))),
            L.Conv2D(3, 2, strides=2), L.GlobalMaxPooling2D(), L.Dense(3, "softmax"),
        ],
        seed=2, dtype="float64",
    )  # fmt: skip
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build((6, 6, 2))
    x = images()
    assert red(explain_step(model, x, Y, mistakes=["padding_wrong_side"])) == LOW
    assert red(explain_step(model, x, Y, mistakes=["pool_gradient_to_all"])) >= LOW
    with pytest.raises(ConfigError, match="two channels or more"):
        explain_step(model, x, Y, mistakes=["pooling_reshaped_rows", "col2im_overwrites"])


def test_what_cannot_be_made_says_why() -> None:
    dense = network(L.Flatten(), shape=(6,))
    alone = network(L.Conv2D(2, 3, padding="same", use_bias=False), L.MaxPooling2D(1))
    for model, name, reason in (
        (dense, "flipped_kernel", "needs a convolution whose kernel"),
        (dense, "bias_mean_over_places", "needs a convolution with a bias"),
        (dense, "padding_wrong_side", "padding='same', or a ZeroPadding2D"),
        (dense, "pool_gradient_to_all", "needs a max pooling over more"),
        (alone, "pool_gradient_to_all", "needs a max pooling over more"),
        (alone, "bias_mean_over_places", "with a bias"),
        (alone, "col2im_overwrites", "none below"),
        (alone, "padding_wrong_side", "none below"),
    ):
        shape = model.input_shape
        assert shape is not None
        with pytest.raises(ConfigError, match=reason):
            explain_step(model, images(shape), Y, mistakes=[name])
    one_channel = network(L.Conv2D(1, 3), L.MaxPooling2D(2))
    with pytest.raises(ConfigError, match="two channels"):
        explain_step(one_channel, images(), Y, mistakes=["pooling_reshaped_rows"])


def test_inside_a_residual_block() -> None:
    inside = [
        L.Conv2D(3, 3, padding="same", activation="tanh"),
        L.Conv2D(2, 3, padding="same", activation="relu"),
    ]
    model = network(L.Conv2D(2, 3, activation="tanh", name="low"), L.Residual(inside))
    x = images()
    assert explain_step(model, x, Y).ok
    for mistake in ("col2im_overwrites", "padding_wrong_side", "gradient_overwritten"):
        assert red(explain_step(model, x, Y, mistakes=[mistake])) >= LOW, mistake
