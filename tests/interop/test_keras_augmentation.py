"""Augmentation against Keras: the same settings both ways, the same images at the same draws."""

import os

import numpy as np
import pytest

from glassnet import Sequential, interop, layers
from glassnet.errors import FileFormatError

pytestmark = [
    pytest.mark.parity,
    # Keras on TensorFlow copies its variables in a way that NumPy 2 calls old
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

MOVING = ["constant", "nearest", "reflect"]  # "wrap": between two edges TensorFlow takes one


@pytest.fixture
def keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("its other backends have other edges")
    return keras


def stack(k):
    """The same layers, of Keras or of ours; images of one network."""
    return [
        k.RandomTranslation(0.1, (-0.2, 0.3), "constant", "nearest", fill_value=0.5),
        k.RandomFlip("horizontal"), k.RandomRotation(0.1, "wrap"), k.RandomZoom(0.2, None),
        k.RandomZoom((-0.2, 0.1), 0.3, "nearest"), k.RandomContrast((0.1, 0.3), (0, 1)),
        k.RandomBrightness(0.2, (0, 1)), k.GaussianNoise(0.1), k.Flatten(), k.Dense(3),
    ]  # fmt: skip


def test_settings_and_answers_go_both_ways(keras, tmp_path):
    ours = Sequential(stack(layers), seed=0)
    ours.build((6, 5, 2))
    x = np.random.default_rng(0).random((4, 6, 5, 2)).astype(np.float32)
    interop.to_keras(ours, tmp_path / "ours.keras")
    theirs = keras.models.load_model(tmp_path / "ours.keras")
    np.testing.assert_allclose(theirs.predict(x, verbose=0), ours.predict(x), atol=1e-6)
    for one, other in zip(theirs.layers, stack(keras.layers)):
        for name in {*other.get_config()} - {"name", "dtype", "seed"}:
            a, b = one.get_config()[name], other.get_config()[name]
            if isinstance(a, (list, tuple)) or isinstance(b, (list, tuple)):
                a, b = ([-v, v] if isinstance(v, float) else [*v] for v in (a, b))
            assert a == b or sorted((a, b), key=str) == sorted(([-b, b], b), key=str), (one, name)

    other = keras.Sequential([keras.Input((6, 5, 2)), *stack(keras.layers)])
    other.save(tmp_path / "theirs.keras")
    read = interop.from_keras(tmp_path / "theirs.keras")
    assert [layer.get_config() | {"name": ""} for layer in read.layers[:-1]] == [
        layer.get_config() | {"name": ""} for layer in stack(layers)[:-1]
    ]
    np.testing.assert_allclose(read.predict(x), other.predict(x, verbose=0), atol=1e-6)


def test_channels_first_is_refused(keras, tmp_path):
    model = keras.Sequential(
        [keras.Input((3, 6, 6)), keras.layers.RandomFlip(data_format="channels_first"),
         keras.layers.Flatten(), keras.layers.Dense(1)]
    )  # fmt: skip
    model.save(tmp_path / "m.keras")
    with pytest.raises(FileFormatError, match="channels_first"):
        interop.from_keras(tmp_path / "m.keras")


def drawn(layer, x):
    layer.build(x.shape[1:], np.random.default_rng(3), x.dtype)
    return layer.forward(x, training=True)


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize("mode", MOVING)
def test_images_are_moved_as_keras_moves_them(keras, mode, interpolation):
    x = np.random.default_rng(0).random((20, 11, 8, 3)).astype(np.float32)
    settings = {"fill_mode": mode, "interpolation": interpolation, "fill_value": 0.25}
    ours = layers.RandomTranslation(0.9, 0.9, **settings)
    theirs = keras.layers.RandomTranslation(0.9, 0.9, **settings)
    y = drawn(ours, x)
    shift = ours.saved.drawn[:, ::-1] * (8, 11)
    given = {"translations": shift.astype(np.float32)}
    found = [(y, theirs.transform_images(x, given))]

    ours = layers.RandomZoom(0.8, 0.6, **settings)
    theirs = keras.layers.RandomZoom(0.8, 0.6, **settings)
    y = drawn(ours, x)
    h, w = (1 + ours.saved.drawn).astype(np.float32).T[:, :, None]
    found.append((y, theirs.transform_images(x, {"height_zoom": h, "width_zoom": w})))

    ours = layers.RandomRotation(1.0, **settings)
    theirs = keras.layers.RandomRotation(1.0, **settings)
    y = drawn(ours, x)
    zero, one = np.zeros(20, np.float32), np.ones(20, np.float32)
    matrix = theirs._compute_affine_matrix(
        0.5, 0.5, keras.ops.convert_to_tensor(360 * ours.saved.drawn[:, 0].astype(np.float32)),
        zero, zero, one, zero, zero, 11, 8,
    )  # fmt: skip
    found.append((y, theirs.transform_images(x, {"rotation_matrix": matrix})))
    for y, there in found:
        off = abs(y - np.asarray(there)).max(axis=-1)
        # rounding may decide for the other of two nearest pixels, or for the fill at the very edge
        assert (off > 1e-4).mean() < (0.004 if interpolation == "nearest" else 0.0005)


def test_light_and_flips_are_those_of_keras(keras):
    x = np.random.default_rng(0).random((30, 5, 4, 3)).astype(np.float32)
    column = (slice(None), None, None, None)
    ours = layers.RandomContrast((0.9, 0.8), (0, 1))
    y, theirs = drawn(ours, x), keras.layers.RandomContrast((0.9, 0.8), (0, 1))
    given = {"contrast_factor": ours.saved.factor[column].astype(np.float32)}
    np.testing.assert_allclose(y, theirs.transform_images(x, given), atol=1e-5)
    ours = layers.RandomBrightness(0.6, (0, 1))
    y, theirs = drawn(ours, x), keras.layers.RandomBrightness(0.6, (0, 1))
    given = {"rgb_delta": ours.saved.offset[:, :1, None, None].astype(np.float32)}
    np.testing.assert_allclose(y, theirs.transform_images(x, given), atol=1e-5)
    for mode in ("horizontal", "vertical", "horizontal_and_vertical"):
        ours, theirs = layers.RandomFlip(mode), keras.layers.RandomFlip(mode)
        y = drawn(ours, x)
        given = {"flips": ours.saved.drawn[:, :, None, None]}
        np.testing.assert_array_equal(y, theirs.transform_images(x, given))
