"""Augmentation in words, in front of networks: what it makes, and that training goes on by it."""

import json

import numpy as np
import pytest
import safetensors.numpy

from glassnet import Sequential, data, layers, networks
from glassnet.callbacks import Checkpoint, LambdaCallback
from glassnet.errors import ConfigError, ShapeError, UnknownNameError
from glassnet.layers import augment

ALL = "shift=1,rotation=10,zoom=0.1,flip,contrast=0.2,brightness=0.1,noise=0.05"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("none", []),
        ("", []),
        ("shift=0", []),
        ("flip", [layers.RandomFlip]),
        (" zoom=.1 , shift=2", [layers.RandomTranslation, layers.RandomZoom]),
        (ALL, [layers.RandomTranslation, layers.RandomRotation, layers.RandomZoom,
               layers.RandomFlip, layers.RandomContrast, layers.RandomBrightness,
               layers.GaussianNoise]),
    ],
)  # fmt: skip
def test_words_make_layers_in_one_order(text, kinds):
    assert [type(layer) for layer in augment(text, (8, 9, 3))] == kinds


def test_what_lies_outside_is_said_or_suits_the_images():
    for words, shape, mode in (("zoom=0.1", (8, 8), "constant"),
                               ("rotation=5", (8, 8, 1), "constant"),
                               ("shift=1", (8, 8, 3), "reflect"),
                               ("fill=nearest,shift=1", (8, 8, 3), "nearest")):  # fmt: skip
        (layer,) = augment(words, shape)
        assert layer.fill_mode == mode
    with pytest.raises(UnknownNameError, match="reflect"):
        augment("shift=1,fill=mirror", (8, 8))


def test_every_whole_shift_is_as_likely_and_none_is_larger():
    x = np.zeros((3000, 9, 12, 1), np.float32)
    x[:, 4, 6] = 1
    (layer,) = augment("shift=2", (9, 12))
    layer.build((9, 12, 1), np.random.default_rng(0))
    out = layer.forward(x, training=True).sum(axis=(0, 3))
    assert out.sum() == 3000 and out[2:7, 4:9].sum() == 3000
    assert out[2:7, 4:9].min() > 80 and out[2:7, 4:9].max() < 165  # 120 on average


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: augment("shfit=2", (8, 8)), UnknownNameError, "did you mean 'shift'"),
        (lambda: augment("shift", (8, 8)), ConfigError, "expected a number"),
        (lambda: augment("shift=a", (8, 8)), ConfigError, "'shift=a'"),
        (lambda: augment("shift=nan", (8, 8)), ConfigError, "shift is nan"),
        (lambda: augment("shift=-1", (8, 8)), ConfigError, "shift is -1"),
        (lambda: augment("shift=8", (8, 9)), ConfigError, "below the 8 pixels"),
        (lambda: augment("rotation=200", (8, 8)), ConfigError, "rotation is 200"),
        (lambda: augment("zoom=1", (8, 8)), ConfigError, "zoom is 1"),
        (lambda: augment("flip=2", (8, 8)), ConfigError, "flip is 2"),
        (lambda: augment("noise=2", (8, 8)), ConfigError, "noise is 2"),
        (lambda: augment("flip", (64,)), ShapeError, "reshape"),
        (lambda: networks.mlp((64,), augment="flip"), ShapeError, "reshape"),
        (lambda: data.Augmentation, AttributeError, "layers.augment"),
        (lambda: data.AugmentedBatches, AttributeError, "layers.augment"),
    ],
)
def test_what_cannot_be_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def bytes_of_images(n=30):
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (n, 6, 6), dtype=np.uint8), np.arange(n) % 2


def network(name="mlp", words=ALL, **settings):
    model = networks.get(name, input_shape=(6, 6), classes=2, image_max=255, seed=0,
                         augment=words, **settings)  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return model


def broken_off(model, path, **settings):
    """Stopped by the power in the middle of the second epoch."""
    seen = []

    def stop(batch, logs):
        seen.append(batch)
        if len(seen) == 8:
            raise RuntimeError("the power went")

    x, y = bytes_of_images()
    callbacks = [LambdaCallback(on_train_batch_end=stop), Checkpoint(path, every_batches=1)]
    with pytest.raises(RuntimeError):
        model.fit(x, y, batch_size=7, epochs=3, verbose=0, callbacks=callbacks, **settings)


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_a_training_that_was_stopped_goes_on_to_the_same_bits(tmp_path, name):
    x, y = bytes_of_images()
    path = tmp_path / "c.safetensors"
    whole, resumed = network(name), network(name)
    whole.fit(x, y, batch_size=7, epochs=3, verbose=0)
    broken_off(network(name), path)
    resumed.fit(x, y, batch_size=7, epochs=3, verbose=0, resume_from=path,
                callbacks=[LambdaCallback(), Checkpoint(path)])  # fmt: skip
    assert (resumed.parameters.values == whole.parameters.values).all()
    plain = network(name, "none")
    plain.parameters.values[...] = whole.parameters.values
    np.testing.assert_array_equal(plain.predict(x), whole.predict(x))


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_a_checkpoint_of_before_there_were_layers_for_it_goes_on(tmp_path, name):
    """Images were changed before they came in then: the network is told without."""
    x, y = bytes_of_images()
    path = tmp_path / "c.safetensors"
    broken_off(network(name, "none"), path)
    resumed = network(name)
    history = resumed.fit(x, y, batch_size=7, epochs=3, verbose=0, resume_from=path,
                          callbacks=[LambdaCallback(), Checkpoint(path)])  # fmt: skip
    assert history.epoch == [0, 1, 2]
    with pytest.raises(ShapeError, match="layers differ"):
        network(name, dropout=0.3).fit(x, y, epochs=9, verbose=0, resume_from=path)


def test_what_a_network_learns_of_changed_images_it_says_of_the_images_themselves():
    x, y = bytes_of_images(400)
    x[y == 1, 2:4, 2:4] = 255
    x[y == 0, 2:4, 2:4] = 0
    model = network("cnn", "shift=1,flip,noise=0.02")
    model.fit(x, y, batch_size=32, epochs=6, verbose=0)
    assert model.evaluate(x, y)["accuracy"] > 0.95


def test_a_file_says_which_layers_changed_the_images(tmp_path):
    model = network("cnn")
    model.save(tmp_path / "m.safetensors")
    with safetensors.numpy.safe_open(tmp_path / "m.safetensors", "np") as file:
        told = json.dumps(file.metadata())
    assert "random_rotation" in told
    again = Sequential.load(tmp_path / "m.safetensors")
    assert [layer.kind for layer in again.layers if layer.augments] == [
        "random_translation", "random_rotation", "random_zoom", "random_flip", "random_contrast",
        "random_brightness", "gaussian_noise",
    ]  # fmt: skip
