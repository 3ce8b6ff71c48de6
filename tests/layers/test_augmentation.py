"""Augmentation: worked by hand, against SciPy, and against central differences at fixed draws."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from glassnet import Sequential, layers
from glassnet._core import team
from glassnet.errors import ConfigError, ShapeError, UnknownNameError
from glassnet.model.summary import describe

IMAGE = np.arange(1.0, 17).reshape(1, 4, 4, 1)
MODES = {"constant": "grid-constant", "nearest": "nearest", "reflect": "reflect",
         "wrap": "grid-wrap"}  # fmt: skip


def built(layer, shape, dtype=np.float64, seed=0):
    layer.build(shape, np.random.default_rng(seed), dtype)
    return layer


def changed(layer, x):
    x = np.asarray(x)
    return built(layer, x.shape[1:], x.dtype).forward(x, training=True)


EVERY = {
    "shift": lambda: layers.RandomTranslation(0.4, (-0.3, 0.1)),
    "shift by whole pixels": lambda: layers.RandomTranslation(0.4, 0.4, interpolation="nearest"),
    "shift, the edge": lambda: layers.RandomTranslation(1.0, 1.0, "nearest"),
    "shift, ones": lambda: layers.RandomTranslation(0.9, 0.9, "constant", fill_value=1.0),
    "flip": lambda: layers.RandomFlip("horizontal"),
    "flip upright": lambda: layers.RandomFlip("vertical"),
    "turn by 180°": lambda: layers.RandomFlip(),
    "rotation": lambda: layers.RandomRotation(0.5),
    "rotation, zeros": lambda: layers.RandomRotation((0.1, 0.2), "constant"),
    "rotation, wrapped": lambda: layers.RandomRotation(1.0, "wrap"),
    "rotation to the nearest": lambda: layers.RandomRotation(0.3, "reflect", "nearest"),
    "zoom": lambda: layers.RandomZoom(0.9),
    "zoom in and out": lambda: layers.RandomZoom((-0.9, -0.5), (0.5, 1.0), "wrap"),
    "contrast": lambda: layers.RandomContrast((0.9, 1.0), (-0.7, 0.8)),
    "brightness": lambda: layers.RandomBrightness(0.6, (-1, 1)),
    "noise": lambda: layers.GaussianNoise(0.3),
}


@pytest.mark.parametrize("name", EVERY)
def test_the_gradient_is_the_central_difference_at_the_same_draws(name):
    layer, rng = built(EVERY[name](), (4, 5, 2)), np.random.default_rng(1)
    x, dy = rng.normal(0, 1, (7, 4, 5, 2)), rng.normal(0, 1, (7, 4, 5, 2))

    def total():
        layer.rng = np.random.default_rng(5)
        return float(np.sum(layer.forward(x, training=True) * dy))

    slopes = np.empty(x.size)
    for i in range(x.size):
        before = x.flat[i]
        x.flat[i] = before + 1e-6
        up = total()
        x.flat[i] = before - 1e-6
        slopes[i] = (up - total()) / 2e-6
        x.flat[i] = before
    total()
    np.testing.assert_allclose(layer.backward(dy).ravel(), slopes, atol=1e-7)


@pytest.mark.parametrize("name", EVERY)
def test_nothing_happens_but_in_training(name):
    layer = built(EVERY[name](), (4, 5, 2))
    x = np.random.default_rng(0).random((3, 4, 5, 2))
    assert layer.forward(x) is x and layer.backward(x) is x
    assert (layer.forward(x, training=True) != x).any()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_bits_do_not_depend_on_the_number_of_cores(monkeypatch, name, dtype):
    x = np.random.default_rng(0).random((37, 9, 7, 3)).astype(dtype)
    found = []
    for size in (1, 2, 5):
        monkeypatch.setattr(team, "TEAM", team.Team(size))
        layer = built(EVERY[name](), x.shape[1:], dtype, seed=3)
        found.append((layer.forward(x, training=True), layer.backward(x)))
    for y, dx in found[1:]:
        np.testing.assert_array_equal(y, found[0][0])
        np.testing.assert_array_equal(dx, found[0][1])


def read_anew(layer, x):
    """The images by SciPy, from the formulas of the docstrings and what was drawn."""
    order = 0 if layer.interpolation == "nearest" else 1
    rows, columns = x.shape[1:3]
    p, q = np.mgrid[:rows, :columns].astype(float)
    cy, cx = (rows - 1) / 2, (columns - 1) / 2
    out = np.empty_like(x)
    for i, drawn in enumerate(layer.saved.drawn):
        if isinstance(layer, layers.RandomTranslation):
            row, column = p - drawn[0] * rows, q - drawn[1] * columns
        elif isinstance(layer, layers.RandomZoom):
            row, column = cy + (1 + drawn[0]) * (p - cy), cx + (1 + drawn[1]) * (q - cx)
        else:
            t = 2 * np.pi * drawn[0]
            row = cy + (p - cy) * np.cos(t) + (q - cx) * np.sin(t)
            column = cx - (p - cy) * np.sin(t) + (q - cx) * np.cos(t)
        for k in range(x.shape[-1]):
            out[i, :, :, k] = map_coordinates(
                x[i, :, :, k], [row, column], order=order, mode=MODES[layer.fill_mode],
                cval=layer.fill_value,
            )  # fmt: skip
    return out


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(6, 9, 3), (13, 8, 1), (1, 5, 2), (3, 1, 1)])
def test_images_are_moved_as_scipy_moves_them(mode, interpolation, size):
    x = np.random.default_rng(0).random((40, *size))
    settings = {"fill_mode": mode, "interpolation": interpolation, "fill_value": 0.25}
    for make in (
        lambda: layers.RandomTranslation(1.0, 1.0, **settings),
        lambda: layers.RandomZoom((-0.9, 1.0), 1.0 - 1e-9, **settings),
        lambda: layers.RandomRotation(1.0, **settings),
    ):
        layer = make()
        np.testing.assert_allclose(changed(layer, x), read_anew(layer, x), atol=1e-12)
        narrow = make()
        found = changed(narrow, x.astype(np.float32))
        if interpolation == "bilinear":  # rounding may decide between two nearest ones
            np.testing.assert_allclose(found, read_anew(narrow, x), atol=2e-5)


def test_large_images_are_read_to_their_last_pixel():
    x = np.random.default_rng(0).random((4, 150, 211, 3)).astype(np.float32)
    layer = layers.RandomRotation(1.0, "constant")
    np.testing.assert_allclose(changed(layer, x), read_anew(layer, x), atol=2e-4)


def test_a_quarter_turn_goes_counter_clockwise():
    x = np.random.default_rng(0).random((1, 5, 5, 2))
    turned = changed(layers.RandomRotation((0.25, 0.25)), x)
    np.testing.assert_allclose(turned, np.rot90(x, 1, (1, 2)), atol=1e-12)


def test_a_positive_shift_goes_down_and_to_the_right():
    moved = changed(layers.RandomTranslation((0.25, 0.25), (0.5, 0.5), "constant"), IMAGE)
    expected = np.zeros((4, 4))
    expected[1:, 2:] = IMAGE[0, :3, :2, 0]
    np.testing.assert_array_equal(moved[0, :, :, 0], expected)


def test_half_of_the_images_are_mirrored():
    x = np.random.default_rng(0).random((400, 3, 4, 2))
    for mode, axes in (("horizontal", 2), ("vertical", 1), ("horizontal_and_vertical", (1, 2))):
        y = changed(layers.RandomFlip(mode), x)
        flipped = (y == np.flip(x, axes)).all(axis=(1, 2, 3))
        assert (flipped | (y == x).all(axis=(1, 2, 3))).all() and 150 < flipped.sum() < 250


def test_contrast_and_brightness_by_hand():
    x = np.array([0.0, 0.2, 0.4, 1.0]).reshape(1, 2, 2, 1)  # mean 0.4
    layer = layers.RandomContrast((0.0, 1.0), (0, 1))
    y = changed(layer, x)
    f = layer.saved.factor[0]
    assert 1 <= f <= 2
    np.testing.assert_allclose(y.ravel(), np.clip((x.ravel() - 0.4) * f + 0.4, 0, 1))
    darker = changed(layers.RandomBrightness((-0.3, -0.3), (0, 1)), x)
    np.testing.assert_allclose(darker.ravel(), [0, 0, 0.1, 0.7], atol=1e-12)
    assert layers.RandomContrast(0.2).factor == (0.2, 0.2)


def test_noise_is_normal():
    layer = layers.GaussianNoise(0.5)
    y = changed(layer, np.zeros((64, 500), np.float32))
    assert y.dtype == np.float32 and abs(y.mean()) < 0.01 and abs(y.std() - 0.5) < 0.01
    assert len(np.unique(y)) > 30_000  # no part of the batch repeats another


def test_a_range_that_does_not_fit_the_images_is_said_once():
    layer = built(layers.RandomBrightness(0.2), (2, 2, 1))
    with pytest.warns(UserWarning, match=r"value_range=\(0, 1\)"):
        layer.forward(np.full((1, 2, 2, 1), 0.5), training=True)
    layer.forward(np.full((1, 2, 2, 1), 0.5), training=True)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: layers.RandomTranslation(2, 0), ConfigError, "height_factor is 2"),
        (lambda: layers.RandomTranslation(0.1, (0, 1, 2)), ConfigError, "a number or two"),
        (lambda: layers.RandomRotation("10"), ConfigError, "factor is '10'"),
        (lambda: layers.RandomRotation(0.1, "mirror"), UnknownNameError, "fill_mode"),
        (lambda: layers.RandomRotation(0.1, interpolation="cubic"), UnknownNameError, "bilinear"),
        (lambda: layers.RandomRotation(0.1, seed=3), TypeError, "seed=3"),
        (lambda: layers.RandomZoom(-1), ConfigError, "height_factor is -1"),
        (lambda: layers.RandomZoom(1.5), ConfigError, "height_factor is 1.5"),
        (lambda: layers.RandomFlip("left"), UnknownNameError, "horizontal"),
        (lambda: layers.RandomContrast(-0.1), ConfigError, "factor is -0.1"),
        (lambda: layers.RandomContrast(float("nan")), ConfigError, "factor is nan"),
        (lambda: layers.RandomBrightness(0.1, 255), ConfigError, r"\(0, 1\) or \(0, 255\)"),
        (lambda: layers.RandomBrightness(0.1, (1, 1)), ConfigError, "must differ"),
        (lambda: layers.GaussianNoise(2), ConfigError, "stddev is 2"),
        (lambda: changed(layers.RandomFlip(), np.zeros((3, 784))), ShapeError, "Reshape"),
    ],
)
def test_what_cannot_be_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_settings_survive_a_file(tmp_path):
    stack = [layers.RandomTranslation(0.1, (0, 0.2), "constant", "nearest", 0.5),
             layers.RandomFlip("vertical"), layers.RandomRotation(0.1), layers.RandomZoom(0.1),
             layers.RandomContrast((0.1, 0.2), (0, 1)), layers.RandomBrightness(0.2, (0, 1)),
             layers.GaussianNoise(0.1), layers.Flatten(), layers.Dense(2)]  # fmt: skip
    model = Sequential(stack, seed=0)
    model.build((4, 4, 1))
    model.save(tmp_path / "m.safetensors")
    again = Sequential.load(tmp_path / "m.safetensors")
    assert [one.get_config() for one in again.layers] == [one.get_config() for one in stack]
    x = np.random.default_rng(0).random((3, 4, 4, 1)).astype(np.float32)
    np.testing.assert_array_equal(model.predict(x), again.predict(x))
    assert [describe(layer) for layer in again.layers[:7]] == [
        "RandomTranslation, height ±0.1, width 0 … 0.2, constant, nearest pixel",
        "RandomFlip, vertical", "RandomRotation, ±0.1, reflect",
        "RandomZoom, height ±0.1, reflect", "RandomContrast, 0.9 … 1.2",
        "RandomBrightness, ±0.2", "GaussianNoise, stddev 0.1",
    ]  # fmt: skip


def test_no_image_at_all():
    for make in EVERY.values():
        assert changed(make(), np.zeros((0, 4, 4, 1))).shape == (0, 4, 4, 1)
