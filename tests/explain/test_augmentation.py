"""Layers that change images explained: what was drawn, and the pixels that each came from."""

import numpy as np
import pytest

from glassnet import Sequential, explain, layers

STACKS = {
    "moved": lambda: [layers.RandomTranslation(0.4, 0.3, "reflect"),
                      layers.RandomRotation(0.1, "constant", fill_value=0.5),
                      layers.RandomZoom(0.4, None, "wrap"), layers.RandomFlip()],
    "whole pixels": lambda: [layers.RandomTranslation(0.5, 0.5, "nearest", "nearest")],
    "light": lambda: [layers.RandomContrast(0.9, (0, 1)), layers.RandomBrightness(0.5, (0, 1)),
                      layers.GaussianNoise(0.1)],
}  # fmt: skip


@pytest.fixture(scope="module", params=STACKS)
def step(request):
    stack = [*STACKS[request.param](), layers.Conv2D(2, 2), layers.Flatten(), layers.Dense(2)]
    model = Sequential([layers.Residual([layers.Conv2D(2, 1)]), *stack], seed=4, dtype="float64")
    model.compile("sgd", "mse")
    model.build((4, 4, 2))
    x = np.random.default_rng(0).random((3, 4, 4, 2))
    return explain.explain_step(model, x, np.ones((3, 2)))


def test_every_gradient_is_the_difference(step):
    assert step.ok
    for layer in step.layers:
        q = layer.quantities.get("dx")
        if q is not None and q.numerical is not None:
            seen = np.isfinite(q.numerical)  # some of them are checked
            np.testing.assert_allclose(
                q.value[seen], q.numerical[seen], atol=1e-5, err_msg=layer.name
            )


def test_every_number_is_its_equation(step):
    """What the terms of each equation come to, and that it names the numbers it was made of."""
    for layer in step.layers:
        if not layer.layer.augments:
            continue
        for quantity in ("y", "dx"):
            array = layer[quantity]
            for index in [(0, 0, 0, 0), (1, 3, 2, 1), (2, 1, 1, 0), (0, 3, 3, 1)]:
                one = step.value(layer.name, quantity, index)
                assert float(one.value) == pytest.approx(float(array[index]))
                right = one.with_numbers.split(" = ")
                assert float(right[-1]) == pytest.approx(float(array[index]), abs=1e-3)
                total = evaluated(right[1])
                assert total is None or total == pytest.approx(float(array[index]), abs=3e-3)


def evaluated(text):
    """The number of a formula with its numbers put in; None where terms are left out."""
    if "…" in text:
        return None
    names = {"min": min, "max": max}
    return eval(text.replace("·", "*").replace("−", "-"), {"__builtins__": {}}, names)


def test_what_was_drawn_is_there(step):
    for layer in step.layers:
        if layer.layer.augments:
            kept = set(layer.quantities) & {"drawn", "factor", "noise"}
            assert len(kept) == 1, layer.name
