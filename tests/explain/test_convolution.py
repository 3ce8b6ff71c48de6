"""Convolution and pooling, number by number: each sum adds up to its value, and by other ways."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, layers
from glassnet.explain import StepExplanation, checking, explain_step
from glassnet.explain.equations import derive

L = layers


def network(*stack: Any, shape: tuple[int, ...], seed: int = 1, classes: int = 3) -> Sequential:
    model = Sequential([*stack, L.Flatten(), L.Dense(classes, "softmax")], seed=seed,
                       dtype="float64")  # fmt: skip
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build(shape)
    rng = np.random.default_rng(seed)
    model.parameters.values[...] = rng.normal(0, 0.5, model.parameters.size)
    return model


def numbers(shape: tuple[int, ...], n: int = 2, seed: int = 5) -> Any:
    return np.random.default_rng(seed).normal(size=(n, *shape))


def by_hand() -> StepExplanation:
    """One image of 3×3, one kernel of 2×2 and its bias."""
    model = network(L.Conv2D(1, 2, name="c"), shape=(3, 3, 1), classes=2)
    model.parameters.view("c/W")[...] = np.array([[1.0, 2.0], [-1.0, 0.5]]).reshape(2, 2, 1, 1)
    model.parameters.view("c/b")[...] = 0.25
    return explain_step(model, np.arange(9.0).reshape(1, 3, 3, 1), [0])


def test_a_unit_of_a_feature_map_worked_by_hand() -> None:
    step = by_hand()
    z = step.value("c", "z", (0, 1, 0, 0))  # the window 3 4 / 6 7
    assert float(z.value) == pytest.approx(3 * 1 + 4 * 2 - 6 * 1 + 7 * 0.5 + 0.25)
    assert z.formula == "z₂₁₁ = x₂₁₁·w₁₁₁₁ + x₂₂₁·w₁₂₁₁ + x₃₁₁·w₂₁₁₁ + x₃₂₁·w₂₂₁₁ + b₁"
    assert z.with_numbers == "z₂₁₁ = 3·1 + 4·2 + 6·(-1) + 7·0.5 + 0.25 = 8.75"
    assert z.where == "sample 1, row 2, column 1, filter 1"
    window, kernel, products = z.grids.lines[0]
    shown = [[list(row) for row in grid.rows] for grid in (window, kernel, products)]
    assert shown == [[[3, 4], [6, 7]], [[1, 2], [-1, 0.5]], [[3, 8], [-6, 3.5]]]
    assert str(z).split("\n")[1:7] == [
        f"  {z.formula}",
        f"  {z.with_numbers}",
        "    window, channel 1     kernel of filter 1     products",
        "    3  4                    1    2                 3    8",
        "    6  7               ·   -1  0.5            =   -6  3.5",
        "    all products together 8.5, with b₁ = 0.25 it is 8.75",
    ]


def test_the_gradient_of_a_kernels_weight_is_a_sum_over_the_places() -> None:
    step = by_hand()
    dz = step.layer("c")["dz"][0, :, :, 0]
    x = np.arange(9.0).reshape(3, 3)
    w = step.value("c", "dW", (0, 1, 0, 0))
    assert w.value == pytest.approx((x[:2, 1:] * dz).sum(), rel=1e-12)
    assert w.formula == (
        "∂L/∂w₁₂₁₁ = x₁₂₁·∂L/∂z₁₁₁ + x₁₃₁·∂L/∂z₁₂₁ + x₂₂₁·∂L/∂z₂₁₁ + x₂₃₁·∂L/∂z₂₂₁"
    )
    assert w.verdict == "ok"
    b = step.value("c", "db", (0,))
    assert b.value == pytest.approx(dz.sum(), rel=1e-12) and b.formula.count("∂L/∂z") == 4


def test_the_gradient_of_a_pixel_is_a_sum_over_the_windows_that_saw_it() -> None:
    step = by_hand()
    dz = step.layer("c")["dz"][0, :, :, 0]
    W = [[1.0, 2.0], [-1.0, 0.5]]
    middle = step.value("c", "dx", (0, 1, 1, 0))
    right = dz[0, 0] * W[1][1] + dz[0, 1] * W[1][0] + dz[1, 0] * W[0][1] + dz[1, 1] * W[0][0]
    assert middle.value == pytest.approx(right, rel=1e-12) and middle.verdict == "ok"
    assert middle.formula == (
        "∂L/∂x₂₂₁ = ∂L/∂z₁₁₁·w₂₂₁₁ + ∂L/∂z₁₂₁·w₂₁₁₁ + ∂L/∂z₂₁₁·w₁₂₁₁ + ∂L/∂z₂₂₁·w₁₁₁₁"
    )
    turned = [list(row) for row in middle.grids.lines[0][1].rows]
    assert turned == [[0.5, -1], [2, 1]]  # the kernel by half a turn
    corner = step.value("c", "dx", (0, 2, 2, 0))
    assert corner.formula == "∂L/∂x₃₃₁ = ∂L/∂z₂₂₁·w₂₂₁₁"


def test_zeros_of_padding_are_zeros() -> None:
    model = network(L.Conv2D(1, 3, padding="same", name="c"), shape=(3, 3, 1))
    step = explain_step(model, numbers((3, 3, 1), 1), [0])
    z = step.value("c", "z", (0, 0, 0, 0))
    window = z.grids.lines[0][0]
    assert window.padding == {(0, 0), (0, 1), (0, 2), (1, 0), (2, 0)}
    assert all(window.rows[i][j] == 0 for i, j in window.padding)
    assert "(0)" in str(z) and 'class="pad"' in z._repr_html_()
    # a window of few numbers names the zeros in its sum
    model = network(L.Conv2D(1, 2, padding="same", name="c"), shape=(2, 2, 1))
    edge = explain_step(model, numbers((2, 2, 1), 1), [0]).value("c", "z", (0, 1, 1, 0))
    assert edge.formula == "z₂₂₁ = x₂₂₁·w₁₁₁₁ + 0·w₁₂₁₁ + 0·w₂₁₁₁ + 0·w₂₂₁₁ + b₁"
    assert len([place for place in edge.inputs if place[1] == "x"]) == 1


def test_pooling_names_the_winner_and_where_its_gradient_goes() -> None:
    model = network(L.MaxPooling2D(2, name="p"), shape=(4, 4, 1))
    x = np.zeros((1, 4, 4, 1))
    x[0, :2, :2, 0] = [[1, 3], [7, 2]]
    step = explain_step(model, x, [0])
    y = step.value("p", "y", (0, 0, 0, 0))
    assert y.with_numbers == "y₁₁₁ = max(1, 3, 7, 2) = 7"
    assert y.formula == "y₁₁₁ = max(x₁₁₁, x₁₂₁, x₂₁₁, x₂₂₁) = x₂₁₁"
    assert y.grids.lines[0][0].marked == {(1, 0)} and "[7]" in str(y)
    won, lost = (step.value("p", "dx", (0, i, 0, 0)) for i in (1, 0))
    assert won.formula == "∂L/∂x₂₁₁ = ∂L/∂y₁₁₁·1" and won.value == step.layer("p")["dy"][0, 0, 0, 0]
    assert lost.formula == "∂L/∂x₁₁₁ = ∂L/∂y₁₁₁·0" and lost.value == 0
    tie = step.value("p", "y", (0, 1, 1, 0))  # of equal numbers the first
    assert tie.grids.lines[0][0].marked == {(0, 0)}


def test_average_pooling_shares_out_equally_and_counts_no_padding() -> None:
    model = network(L.AveragePooling2D(2, padding="same", name="p"), shape=(3, 3, 1))
    step = explain_step(model, np.arange(9.0).reshape(1, 3, 3, 1), [0])
    assert step.value("p", "y", (0, 0, 0, 0)).with_numbers == "y₁₁₁ = 0.25·(0 + 1 + 3 + 4) = 2"
    assert step.value("p", "y", (0, 0, 1, 0)).with_numbers == "y₁₂₁ = 0.5·(2 + 5) = 3.5"
    share = step.value("p", "dx", (0, 1, 2, 0))
    assert share.formula == "∂L/∂x₂₃₁ = ∂L/∂y₁₂₁·1/2" and share.verdict == "ok"


def test_what_no_window_reads_has_no_gradient() -> None:
    model = network(L.Conv2D(1, 2, strides=2, name="c"), L.MaxPooling2D(2, name="p"),
                    shape=(7, 7, 1))  # fmt: skip
    step = explain_step(model, numbers((7, 7, 1), 1), [0])
    for layer, place in (("c", (0, 6, 0, 0)), ("p", (0, 2, 2, 0))):
        left_over = step.value(layer, "dx", place)
        assert left_over.value == 0 and left_over.with_numbers.endswith(" = 0")
        assert "no window reads this place" in str(left_over)


def test_flatten_says_which_pixel_a_number_was() -> None:
    model = network(L.Conv2D(2, 2), shape=(3, 3, 1))
    step = explain_step(model, numbers((3, 3, 1), 1), [0])
    assert step.value("flatten", "y", (0, 3)).formula == "y₄ = x₁₂₂"  # row 1, column 2, channel 2
    assert step.value("flatten", "dx", (0, 1, 0, 1)).formula == "∂L/∂x₂₁₂ = ∂L/∂y₆"


# ---- every number of every kind --------------------------------------------------------------


def adds_up(step: StepExplanation, layer: str, quantity: str, place: tuple[int, ...]) -> None:
    """The terms, computed again from the numbers that the equation names."""
    made = derive(step, layer, quantity, place, digits=17)
    formula, numbers_ = made.equation.formula, made.equation.with_numbers
    value = float(step.layer(layer)[quantity][place])
    assert "but here" not in numbers_, (layer, quantity, place, numbers_)
    lines = [line for line in numbers_.split("\n") if line.startswith(f"{made.symbol.text} = ")]
    _, _, right = lines[-1].partition(" = ")  # a penalty's line stands before the sum
    sum_, _, result = right.rpartition(" = ")
    assert float(result) == pytest.approx(value, rel=1e-12, abs=1e-15)
    if not sum_ or "max(" in sum_ or "exp" in sum_:
        return
    text = re.sub(r"… \(\d+ smaller terms: ([^()]*)\)", r"(\1)", sum_)
    text = text.replace("·", "*").replace("−", "-").replace("√", "**.5*")
    assert eval(text) == pytest.approx(value, rel=1e-9, abs=1e-12), formula


def every_number_adds_up(step: StepExplanation, rng: np.random.Generator, most: int = 12) -> None:
    for layer in step.layers:
        for name in ("z", "y", "dz", "dx", *(f"d{p}" for p in layer.parameters)):
            if name not in layer.quantities:
                continue
            shape = layer.quantities[name].shape
            size = int(np.prod(shape))
            for flat in rng.choice(size, min(size, most), replace=False):
                place = tuple(int(i) for i in np.unravel_index(int(flat), shape))
                adds_up(step, layer.name, name, place)


@st.composite
def stacks(draw: Any) -> tuple[list[Any], tuple[int, ...]]:
    """Small networks of the layers over images or series."""
    series = draw(st.booleans())
    rank = 1 if series else 2
    channels = draw(st.sampled_from([1, 2, 4]))
    shape = (*(draw(st.integers(5, 7)) for _ in range(rank)), channels)
    size = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    dilation = tuple(draw(st.integers(1, 2)) for _ in range(rank))
    strides = draw(st.integers(1, 2)) if max(dilation) == 1 else 1
    groups = draw(st.sampled_from([g for g in (1, 2, channels) if channels % g == 0]))
    padding = draw(st.sampled_from(["valid", "same"]))
    conv, other = (L.Conv1D, L.MaxPooling1D) if series else (L.Conv2D, L.MaxPooling2D)
    mean = L.AveragePooling1D if series else L.AveragePooling2D
    whole = (
        (L.GlobalMaxPooling1D, L.GlobalAveragePooling1D)
        if series
        else (L.GlobalMaxPooling2D, L.GlobalAveragePooling2D)
    )
    stack: list[Any] = [
        conv(groups * draw(st.integers(1, 2)), size, strides=strides, padding=padding,
             dilation_rate=dilation, groups=groups, use_bias=draw(st.booleans()),
             activation=draw(st.sampled_from([None, "relu", "tanh"])))
    ]  # fmt: skip
    more: list[Any] = [
        L.BatchNormalization(),
        other(2, strides=draw(st.integers(1, 2)), padding="same"),
        mean(2, padding=draw(st.sampled_from(["valid", "same"]))),
        L.SpatialDropout1D(0.3) if series else L.SpatialDropout2D(0.3),
        L.Residual([conv(stack[0].filters, 3, padding="same")]),
    ]
    if not series:
        more += [L.ZeroPadding2D(((1, 0), (0, 2))), L.UpSampling2D((2, 1))]
    chosen = draw(st.lists(st.sampled_from(range(len(more))), max_size=2, unique=True))
    stack += [more[i] for i in chosen]
    if draw(st.booleans()):
        stack.append(draw(st.sampled_from(whole))())
    return stack, shape


@settings(max_examples=25, deadline=None)
@given(drawn=stacks(), seed=st.integers(0, 3))
def test_the_terms_of_every_number_add_up_to_it(drawn: Any, seed: int) -> None:
    stack, shape = drawn
    try:
        model = network(*stack, shape=shape, seed=seed)
    except Exception as error:  # a window larger than what is left
        if "larger than" in str(error):
            return
        raise
    step = explain_step(model, numbers(shape, 2, seed), [0, 2], check=False)
    every_number_adds_up(step, np.random.default_rng(seed), 5)
    for layer in step.layers:  # no view stumbles
        for name in layer.quantities:
            derive(step, layer.name, name, (0,) * layer.quantities[name].value.ndim)


def test_views_of_a_network_with_all_of_them() -> None:
    model = network(
        L.ZeroPadding2D(1), L.Conv2D(4, 3, padding="same", kernel_regularizer="l2"),
        L.BatchNormalization(), L.Activation("relu"), L.MaxPooling2D(2), L.SpatialDropout2D(0.5),
        L.UpSampling2D(2), L.AveragePooling2D(2), L.Conv2D(2, 2, groups=2), L.GlobalMaxPooling2D(),
        shape=(6, 6, 2),
    )  # fmt: skip
    step = explain_step(model, numbers((6, 6, 2)), [0, 2])
    assert step.ok
    text = str(step)
    assert "2×8×8×4 (sample, row, column, filter)" in text
    assert "sample 1, channel 1" in text and "padding" in text
    every_number_adds_up(step, np.random.default_rng(0), 8)
    said = json.loads(step.to_json(lines=2))
    conv = next(layer for layer in said["layers"] if layer["kind"] == "conv2d")
    assert conv["quantities"]["W"]["axes"] == ["row", "column", "channel", "filter"]
    page = step.to_html()
    assert page.count('class="grids"') > 8 and "<script" not in page
    latex = step.to_latex(document=True)
    assert latex.count(r"\begin{pmatrix}") == latex.count(r"\end{pmatrix}") > 8
    assert latex.count("{") == latex.count("}")
    for view in (text, page, latex):
        assert "nan" not in view


def test_of_a_large_image_few_numbers_are_shown_and_the_rest_said() -> None:
    model = network(
        L.Conv2D(16, 5, name="c"), L.MaxPooling2D(4), L.Conv2D(2, 3, name="d"), shape=(28, 28, 3)
    )
    x = np.zeros((1, 28, 28, 3))
    x[0, 10:18, 12:16] = 1.0  # the corners are empty
    step = explain_step(model, x, [0], check=False)
    text = str(step)
    assert "channel 1: rows 7–14, columns 8–17" in text
    assert "… of 1×28×28×3; from 0 to 1, mean" in text
    assert "… 9,212 more: explanation.value('c', 'z', …)" in text
    assert (
        "… 1 more channel; all products" in text and "… 14 more filters\n" in text
    )  # of d's and of c's dx
    value = step.value("c", "dW", (2, 2, 0, 3))
    assert len(value.inputs) <= 2 * 512 and value.verdict == "ok"
    assert all(len(row) <= 7 for row in value.grids.lines[0][0].rows)
    assert "of 24×24" in value.grids.lines[0][0].title


def test_the_differences_stay_within_what_they_may_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network(L.Conv2D(8, 3, name="c"), shape=(6, 6, 3))
    one = 2 * (16 * 27 * 8 + 128 * 3)  # multiplications of two samples
    assert one == 2 * sum(layer.multiplications() for layer in model.layers)
    monkeypatch.setattr(checking, "WORK", 2 * 100 * one)
    step = explain_step(model, numbers((6, 6, 3)), [0, 1])
    assert 90 < sum(check.checked for check in step.checks) <= 104
    dx = step.layer("c").quantities["dx"]
    assert dx.numerical is not None and np.isfinite(dx.numerical).sum() == checking.SHOWN
    assert all(np.isfinite(dx.numerical[place]) for place in dx.places(4))


def test_of_bytes_the_largest_are_shown() -> None:
    model = network(L.Rescaling(1 / 255), L.Conv2D(1, 3), shape=(4, 4, 1))
    x = np.zeros((1, 4, 4, 1), np.uint8)
    x[0, 2, 3] = 200
    quantity = explain_step(model, x, [0], check=False).layer(0).quantities["x"]
    assert quantity.places(1) == [(0, 2, 3, 0)]


def test_a_network_in_float32_is_checked_as_well() -> None:
    model = Sequential([L.Conv2D(3, 3, activation="relu"), L.MaxPooling2D(2), L.Flatten(),
                        L.Dense(2, "softmax")], seed=0)  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy")
    model.build((8, 8, 1))
    step = explain_step(model, numbers((8, 8, 1)).astype(np.float32), [0, 1])
    assert step.ok and "but here" not in str(step)


def test_batch_normalization_over_the_places_of_a_channel() -> None:
    model = network(L.Conv2D(2, 2), L.BatchNormalization(name="bn"), shape=(4, 4, 1))
    x = numbers((4, 4, 1), 3)
    step = explain_step(model, x, [0, 1, 2])
    layer = step.layer("bn")
    z = layer["x"][..., 1]
    mean = step.value("bn", "mean", (1,))
    assert mean.value == pytest.approx(z.mean(), rel=1e-12) and mean.formula.startswith("μ₂ = 1/27")
    variance = step.value("bn", "variance", (1,))
    assert variance.value == pytest.approx(z.var(), rel=1e-12)
    assert "(21 smaller terms)" in variance.formula and "but here" not in variance.with_numbers
    hat = (z - z.mean()) / np.sqrt(z.var() + 1e-3)
    np.testing.assert_allclose(layer["normalised"][..., 1], hat, rtol=1e-9)
    dy = layer["dy"][..., 1]
    for name, right in (("dgamma", (dy * hat).sum()), ("dbeta", dy.sum())):
        one = step.value("bn", name, (1,))
        assert one.value == pytest.approx(right, rel=1e-9) and one.verdict == "ok"
        assert one.where == "channel 2" and "27" not in one.name
    g = layer["gamma"][1] * dy
    dx = (g - g.mean() - hat * (g * hat).mean()) / np.sqrt(z.var() + 1e-3)
    np.testing.assert_allclose(layer["dx"][..., 1], dx, rtol=1e-8, atol=1e-14)
    assert step.value("bn", "dx", (1, 2, 1, 1)).verdict == "ok"
