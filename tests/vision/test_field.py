"""Receptive fields: by hand, and against what really changes when a pixel is changed."""

import numpy as np
import pytest

from glassnet import Sequential, layers, vision
from glassnet.errors import ConfigError, NotBuiltError, ShapeError, UnknownNameError

AVERAGE = layers.AveragePooling2D  # a maximum hides pixels that it reads


def built(stack, shape=(11, 12, 2), seed=0):
    model = Sequential(stack, seed=seed, dtype="float64")
    model.build(shape)
    return model


def same(filters=3):
    return layers.Conv2D(filters, 3, padding="same")


def around(*inside):
    return [layers.Conv2D(3, 2), layers.Residual(list(inside))]


# name → (layers, the one to ask)
NETWORKS = {
    "strides": ([layers.Conv2D(2, 3, strides=2), AVERAGE(2, 1), layers.Conv2D(3, 2)], "conv2d_1"),
    "same": ([same(), AVERAGE(3, 2, "same"), layers.Conv2D(2, 4, padding="same")], "conv2d_1"),
    "dilated": (
        [layers.Conv2D(2, 3, dilation_rate=2), layers.BatchNormalization()],
        "batch_normalization",
    ),
    "padded": (
        [layers.ZeroPadding2D(((2, 0), (1, 3))), layers.Conv2D(3, (2, 4), activation="tanh")],
        "conv2d",
    ),
    "groups": ([layers.Conv2D(4, 3, groups=2), layers.Dropout(0.5)], "dropout"),
    "upsampled": ([AVERAGE(2), layers.UpSampling2D((2, 3)), layers.Conv2D(2, 2)], "conv2d"),
    "residual": (around(same(), layers.LayerNormalization(), same()), "residual"),
    "inside": (around(same(), same()), "residual/conv2d_1"),
    "global": (
        [layers.Conv2D(2, 3, groups=2), layers.GlobalAveragePooling2D()],
        "global_average_pooling2d",
    ),
    "dense": ([layers.Conv2D(2, 5, strides=4), layers.Flatten(), layers.Dense(3)], "dense"),
    "flat": ([layers.Conv2D(2, 3), layers.Flatten()], "flatten"),
    "softmax": ([layers.Conv2D(4, 2, groups=2), layers.Activation("softmax")], "activation"),
}


@pytest.mark.parametrize("case", NETWORKS)
def test_a_unit_sees_the_pixels_that_change_it(case):
    stack, name = NETWORKS[case]
    model = built(stack)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(1, 11, 12, 2))
    copies = np.repeat(x, x.size, axis=0)
    copies.reshape(x.size, -1)[np.diag_indices(x.size)] += 1.0  # one changed number in each
    plain = vision.layer_outputs(model, x, [name])[name][0]
    changed = vision.layer_outputs(model, copies, [name])[name]
    units = list(np.ndindex(plain.shape))
    for at in {
        units[0],
        units[-1],
        units[len(units) // 2],
        *(units[i] for i in rng.integers(len(units), size=8)),
    }:
        found = vision.receptive_field(model, name, at)
        moved = (np.abs(changed[(slice(None), *at)] - plain[at]) > 1e-12).reshape(11, 12, 2)
        assert np.array_equal(found.mask, moved.any(axis=2)), at
        assert np.array_equal(found.channels, np.flatnonzero(moved.any(axis=(0, 1))))


def test_by_hand_and_down_to_another_layer():
    model = built([layers.Conv2D(6, 5), layers.MaxPooling2D(), layers.Conv2D(16, 5)], (28, 28, 1))
    unit = vision.receptive_field(model, "conv2d_1", (0, 3, 7))
    assert unit.box == (0, 6, 14, 20) and unit.size == (14, 14)  # 5 + (5 - 1)·2 + (2 - 1)
    below = vision.receptive_field(model, "conv2d_1", (0, 3, 7), below="max_pooling2d")
    assert below.box == (0, 3, 5, 8) and below.image_shape == (12, 12, 6)
    every = vision.receptive_field(model, "conv2d_1", (0, 3))
    assert every.box == unit.box and every.unit == (0, 3)


def test_rows_of_pixels_are_folded():
    model = built([layers.Dense(3), layers.Dense(2)], 12)
    assert vision.receptive_field(model, "dense", 1, image_shape=(3, 4)).mask.shape == (3, 4)
    with pytest.raises(ShapeError, match=r"no images. If they are rows of pixels"):
        vision.receptive_field(model, "dense", 1)
    with pytest.raises(ShapeError, match=r"has 20 numbers, but a sample has 12"):
        vision.receptive_field(model, "dense", 1, image_shape=(4, 5))


def test_what_does_not_exist_is_named():
    model = built([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(UnknownNameError, match="'conv2': did you mean 'conv2d'"):
        vision.receptive_field(model, "conv2", (0, 0))
    with pytest.raises(ShapeError, match=r"no unit \(9, 0, 0\): its output has shape \(9, 10, 2\)"):
        vision.receptive_field(model, "conv2d", (9, 0, 0))
    with pytest.raises(ShapeError, match=r"expected its number"):
        vision.receptive_field(model, "dense", (0, 0))
    with pytest.raises(ShapeError, match="dense does not lie below conv2d"):
        vision.receptive_field(model, "conv2d", (0, 0), below="dense")
    with pytest.raises(NotBuiltError, match="no shapes yet"):
        vision.receptive_field(Sequential([layers.Conv2D(2, 3)]), "conv2d", (0, 0))
    with pytest.raises(ConfigError, match="expected a network of glassnet, got int"):
        vision.receptive_field(3, "conv2d", (0, 0))
