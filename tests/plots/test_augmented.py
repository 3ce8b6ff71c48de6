"""The picture of what augmentation does to images."""

import numpy as np
import pytest

from glassnet import layers, networks, plots
from glassnet.errors import ConfigError, ShapeError
from glassnet.plots.augmented import changed, front_of
from glassnet.plots.words import language

RNG = np.random.default_rng(0)


def shown(figure):
    return [np.asarray(drawn.get_array()) for drawn in figure.axes[0].images]


def test_each_image_stands_beside_its_changed_ones():
    x = RNG.random((3, 6, 5))
    figure = plots.augmentation(x, layers.RandomFlip("horizontal"), draws=4, captions="abc")
    pictures = shown(figure)
    assert len(pictures) == 3 * 5
    for i in range(3):
        np.testing.assert_allclose(pictures[5 * i], x[i], atol=1e-6)
        for one in pictures[5 * i + 1 : 5 * i + 5]:
            same = np.allclose(one, x[i], atol=1e-6)
            assert same != np.allclose(one, x[i][:, ::-1], atol=1e-6)


def test_a_network_shows_what_it_learns_from_and_stays_as_it_is():
    x = RNG.integers(0, 256, (2, 8, 8), dtype=np.uint8)
    model = networks.cnn((8, 8), image_max=255, augment="shift=1,noise=0.1", seed=0)
    before = model.rng.bit_generator.state
    pictures = changed(x[..., None], front_of(model, x[..., None]), 3)
    assert pictures.shape == (2, 4, 8, 8, 1) and pictures[:, 0].max() <= 1
    np.testing.assert_allclose(pictures[:, 0, :, :, 0], x / 255, atol=1e-6)
    assert len(shown(plots.augmentation(x, model, draws=3))) == 8
    assert model.rng.bit_generator.state == before
    for name, changes in (("mlp", "flip"), ("cnn", "flip")):
        network = networks.get(name, input_shape=(8, 8, 3), image_max=255, augment=changes)
        colour = RNG.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
        assert shown(plots.augmentation(colour, network))[0].shape == (8, 8, 3)


def test_ink_stays_ink_when_noise_is_added():
    x = np.zeros((2, 8, 8))
    x[:, 3:5, 3:5] = 1
    figure = plots.augmentation(x, "noise=0.3,brightness=0.3")
    assert {drawn.get_cmap().name for drawn in figure.axes[0].images} == {"gray_r"}


def test_it_speaks_korean():
    with language("ko"):
        figure = plots.augmentation(RNG.random((1, 6, 6)), "flip")
    words = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert "학습에 쓰이는 이미지" in words or "what is learned from" in words  # without such a font


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: plots.augmentation(np.ones((2, 6, 6)), "none"), ConfigError, "'shift=2"),
        (lambda: plots.augmentation(np.ones((2, 6, 6)), networks.lenet((6, 6))), ConfigError,
         "nothing here changes"),
        (lambda: plots.augmentation(np.ones((2, 36)), "flip"), ShapeError, "reshape"),
        (lambda: plots.augmentation(np.ones((0, 6, 6)), "flip"), ShapeError, r"\(0, 6, 6\)"),
        (lambda: plots.augmentation(np.ones((2, 6, 6)), "flip", captions=["a"]), ShapeError,
         "1 captions for 2"),
        (lambda: plots.augmentation(np.ones((2, 6, 6)), "flip", draws=0), ConfigError, "draws"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()
