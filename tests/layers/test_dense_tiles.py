"""The wide dense layer behind feature maps, by tiles, against the layer itself."""

import numpy as np
import pytest

from glassnet import Sequential
from glassnet.layers import Conv2D, Dense, Flatten
from glassnet.layers.dense.tiles import MANY, WIDE, TiledDense

SHAPES = [(700, 100), (1100, 64), (WIDE // 7, 7), (600, 129)]


@pytest.mark.parametrize("dtype, most", [("float32", 2e-4), ("float64", 1e-10)])
@pytest.mark.parametrize("activation", ["relu", "gelu", None])
@pytest.mark.parametrize("p, q", SHAPES)
def test_tiles_compute_what_the_layer_does(p, q, activation, dtype, most):
    rng = np.random.default_rng(0)
    layer = Dense(q, activation, use_bias=q != 64)
    layer.build((p,), rng, dtype)
    tiled = TiledDense.of(layer)
    if p * q < WIDE:
        assert tiled is None
        return
    for n in (MANY + 5, 100, MANY - 1):
        x, dy = rng.normal(size=(n, p)).astype(dtype), rng.normal(size=(n, q)).astype(dtype)
        want = (
            [layer.forward(x, True), layer.backward(dy), layer.dW.copy(), layer.db.copy()]
            if (layer.use_bias)
            else [layer.forward(x, True), layer.backward(dy), layer.dW.copy()]
        )
        layer.dW = np.zeros_like(layer.W)
        y = tiled.forward(x, True)
        found = [y, tiled.backward(dy), layer.dW, *([layer.db] if layer.use_bias else [])]
        for one, other in zip(found, want):
            np.testing.assert_allclose(one, other, rtol=most, atol=most * 20)
        z = tiled.forward_logits(x, True)
        np.testing.assert_allclose(z, layer.forward_logits(x), rtol=most, atol=most * 20)
        assert tiled.backward(dy, need_dx=False) is None
        np.testing.assert_allclose(tiled.forward(x, False), want[0], rtol=most, atol=most * 20)


def test_training_takes_them_behind_feature_maps_only():
    images = Sequential([Conv2D(8, 3), Flatten(), Dense(120, "relu"), Dense(3)], seed=0)
    images.build((14, 14, 1))
    assert [type(each).__name__ for each in images.joined.passes] == [
        "Conv2D", "Flatten", "TiledDense", "Dense"
    ]  # fmt: skip
    rows = Sequential([Dense(300, "relu"), Dense(300)], seed=0)
    rows.build((300,))
    assert [type(each).__name__ for each in rows.joined.passes] == ["Dense", "Dense"]
