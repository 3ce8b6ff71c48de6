"""What a network makes of images, as pictures: both languages, grey and colour, dense networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, data, layers, plots, vision
from glassnet.errors import ShapeError
from glassnet.plots import style, words
from glassnet.plots.pixels import pixels

RNG = np.random.default_rng(0)
KINDS = ("circle", "a rather long name", "triangle")
X = RNG.integers(0, 256, (20, 12, 12, 3), np.uint8)
Y = np.arange(20) % 3
DATA = data.Dataset("t", X, Y, class_names=KINDS, image_shape=(12, 12, 3))


@pytest.fixture(scope="module")
def model() -> Sequential:
    made = Sequential(
        [
            layers.Rescaling(1 / 255),
            layers.Conv2D(14, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Residual([layers.Conv2D(14, 3, padding="same", activation="tanh")]),
            layers.Conv2D(4, 2),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dense(50, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ],
        seed=0,
    )
    made.build((12, 12, 3))
    made.compile("adam", "sparse_categorical_crossentropy")
    made.fit(X, Y, epochs=1, verbose=0)
    return made


DRAW: dict[str, Callable[[Sequential], Any]] = {
    "filters": lambda m: plots.filters(m),
    "deep filters": lambda m: plots.filters(m, "conv2d_1", before=False),
    "feature maps": lambda m: plots.feature_maps(m, X[0], data=DATA),
    "feature maps of three": lambda m: plots.feature_maps(m, X[:3], data=DATA),
    "inner maps": lambda m: plots.feature_maps(m, X[0], ["residual/conv2d"], data=DATA),
    "patches": lambda m: plots.strongest_patches(m, X, "conv2d", top=4),
    "fields in the image": lambda m: plots.strongest_patches(m, X),
    "units": lambda m: plots.strongest_patches(m, X, "dense", [3, 7]),
    "occlusion": lambda m: plots.occlusion(m, X[0], data=DATA),
    "saliency": lambda m: plots.saliency(m, X[0], ["circle", "triangle"], data=DATA),
    "Grad-CAM": lambda m: plots.grad_cam(m, X[0], KINDS, data=DATA),
    "embedding": lambda m: plots.embedding(m, X, Y, class_names=KINDS),
    "embedding of images": lambda m: plots.embedding(m, X, Y, images=True),
}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", DRAW)
def test_no_word_lies_on_another(
    model: Sequential, kind: str, language: str, assert_tidy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style, "has_korean", lambda: True)
    with words.language(language):
        said = assert_tidy(DRAW[kind](model))
    korean = any("가" <= letter <= "힣" for text in said for letter in text)
    assert korean == (language == "ko"), said


def test_filters_stand_on_one_scale_beside_their_first_weights(model: Sequential) -> None:
    found = vision.filters(model, "conv2d_1", before=vision.untrained(model))
    images = plots.filters(model, "conv2d_1").axes[0].images
    assert len(images) == 2 * 4 * 12 + 1  # of 14 channels twelve; and the key
    assert len({(i.norm.vmin, i.norm.vmax) for i in images}) == 1
    np.testing.assert_array_equal(images[0].get_array(), found.before[0, :, :, 0])
    np.testing.assert_array_equal(images[48].get_array(), found.weights[0, :, :, 0])
    colours = plots.filters(model).axes[0].images
    W = vision.filters(model).weights
    largest = np.abs(np.concatenate([W, vision.filters(vision.untrained(model)).weights])).max()
    np.testing.assert_allclose(colours[14].get_array(), 0.5 + W[0] / (2 * largest))


def test_the_maps_that_give_most_are_shown_on_one_scale(model: Sequential) -> None:
    maps = vision.layer_outputs(model, X[:2], ["conv2d"])["conv2d"]
    images = plots.feature_maps(model, X[:2], ["conv2d"], limit=10).axes[0].images
    most = np.sort(np.argsort(-np.abs(maps).max(axis=(0, 1, 2)), kind="stable")[:5])
    shown = [image for image in images if image.get_array().shape == (10, 10)]
    assert len(shown) == 10 and len({image.norm.vmax for image in shown}) == 1
    for number, image in enumerate(shown):
        np.testing.assert_array_equal(image.get_array(), maps[number // 5, ..., most[number % 5]])
    with pytest.raises(ShapeError, match="7 images came; more than 6"):
        plots.feature_maps(model, X[:7])


def test_a_patch_at_the_edge_stays_where_it_was(model: Sequential) -> None:
    padded = Sequential([layers.Conv2D(1, 5, padding="same", kernel_initializer="ones")])
    padded.build((12, 12, 1))
    x = np.zeros((1, 12, 12, 1))
    x[0, 0, 11] = 1.0  # the first window that holds it lies at (0, 9)
    spot = vision.strongest(padded, np.concatenate([x, 0 * x]), top=1).spots[0][0]
    assert spot.field.unit == (0, 9, 0) and spot.field.box == (0, 7, 3, 12)
    figure = plots.strongest_patches(padded, np.concatenate([x, 0 * x]), top=1)
    image = figure.axes[0].images[0]
    left, right, bottom, top = image.get_extent()
    assert image.get_array().shape == (3, 5)
    (frame,) = [p.get_bbox() for p in figure.axes[0].patches]
    assert (left, right) == pytest.approx((frame.x0, frame.x1))
    assert bottom == pytest.approx(frame.y1) and top > frame.y0 + 0.1  # two rows lie above it


def test_ink_is_dark_and_photos_are_as_they_are() -> None:
    ink = np.zeros((2, 8, 8, 1))
    ink[:, 3:5, 3:5] = 16
    assert pixels(ink).cmap == "gray_r"
    photo = RNG.integers(40, 200, (2, 8, 8, 1))
    assert pixels(photo).cmap == "gray"
    assert pixels(photo).norm.vmax == 255.0
    colour = pixels(X[:2])
    np.testing.assert_allclose(colour.images, X[:2] / 255)


def test_dense_networks_over_rows_of_pixels(assert_tidy: Any) -> None:
    rows = Sequential([layers.Dense(6, "relu"), layers.Dense(3, "softmax")], seed=1)
    rows.build(12)
    rows.compile("sgd", "sparse_categorical_crossentropy")
    x = RNG.random((9, 12))
    shape = (3, 4)
    assert_tidy(plots.filters(rows, image_shape=shape))
    assert_tidy(plots.feature_maps(rows, x[0], image_shape=shape))
    assert_tidy(plots.strongest_patches(rows, x, image_shape=shape))
    assert_tidy(plots.occlusion(rows, x[0], image_shape=shape))
    assert_tidy(plots.embedding(rows, x, np.arange(9) % 3, images=True, image_shape=shape))
