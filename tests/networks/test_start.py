"""A network that begins with the layers of a trained one."""

import numpy as np
import pytest

from glassnet import Sequential, layers, networks
from glassnet.errors import ConfigError, NotBuiltError, ShapeError

RNG = np.random.default_rng(0)


def test_all_but_the_last_layer_is_kept_with_its_weights_and_frozen():
    old = networks.vgg((8, 8, 3), 5, image_max=255, seed=0)
    old.parameters.state[...] = RNG.uniform(0.5, 1, old.parameters.state.shape)
    new = networks.start_from(old, 3, seed=1)
    assert new.outputs == 3 and new.input_shape == (8, 8, 3)
    for name, array in old.parameters.tensors().items():
        if name not in ("dense_1/W", "dense_1/b"):
            np.testing.assert_array_equal(new.parameters.tensors()[name], array)
    # what may change is the last layer alone: 128 · 3 weights and 3 biases, at the end
    assert new.parameters.runs == [slice(new.parameters.size - 387, new.parameters.size)]
    x = RNG.integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    before = old.get_weights()
    new.compile("adam", "sparse_categorical_crossentropy")
    new.fit(x, [0, 1, 2, 1], epochs=2, verbose=0)
    for was, now in zip(before, old.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)  # the old network stays as it is
    for name in ("conv2d/W", "batch_normalization_2/moving_mean", "dense/b"):
        np.testing.assert_array_equal(new.parameters[name], old.parameters[name])


def test_what_stands_behind_the_last_layer_with_weights_goes_with_it():
    old = Sequential(
        [
            layers.Dense(4, "relu"),
            layers.Dropout(0.5),
            layers.Dense(2),
            layers.Activation("softmax"),
        ]
    )
    old.build((3,))
    new = networks.start_from(old, 1, classifier_activation=None)
    assert [layer.kind for layer in new.layers] == ["dense", "dropout", "dense"]
    assert new.output_activation().name == "linear"


def test_a_network_without_a_classifier_is_kept_as_a_whole():
    old = Sequential([layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(2)], seed=0)
    old.build((8, 8, 1))
    new = networks.start_from(old, 2)
    kinds = [layer.kind for layer in new.layers]
    assert kinds == ["conv2d", "max_pooling2d", "global_average_pooling2d", "dense"]
    resnet = networks.resnet((8, 8), 3, seed=0)
    assert len(networks.start_from(resnet, 2).layers) == len(resnet.layers)


@pytest.mark.parametrize(
    ("white", "new_white"), [(255, 255), (255, 16), (16, 255), (None, 255), (127.5, 255)]
)
def test_white_becomes_what_it_was_for_the_old_network(white, new_white):
    """The kept layers see the same numbers, however white is said: pixels of 0.25 and 1."""
    old = networks.cnn((8, 8), 4, image_max=white, seed=0)
    new = networks.start_from(old, 4, image_max=new_white, seed=0)
    share = RNG.choice([0.0, 0.25, 0.5, 1.0], (2, 8, 8)).astype(np.float32)
    first, second = (
        _before_the_last(old, share * (white or 1)),
        _before_the_last(new, share * new_white),
    )
    np.testing.assert_allclose(first, second, rtol=1e-5)


def _before_the_last(model, x):
    out = model.take_input(x)
    for layer in model.layers[:-1]:
        out = layer.forward(out, False)
    return out


def test_copies_and_files_keep_where_it_came_from(tmp_path):
    new = networks.start_from(networks.lenet((8, 8), seed=0), 3, source="runs/digits")
    new.save(tmp_path / "m.safetensors")
    again = Sequential.load(tmp_path / "m.safetensors")
    assert again.started_from == new.started_from == new.copy().started_from
    assert again.started_from.endswith("of runs/digits") and "conv2d" in again.started_from
    assert again.parameters.runs == new.parameters.runs


def test_what_cannot_be_a_start_is_refused_with_the_way_out():
    with pytest.raises(NotBuiltError):
        networks.start_from(Sequential([layers.Dense(2)]), 2)
    flat = networks.mlp((4,), 2, hidden=())
    with pytest.raises(ConfigError, match="only one layer with weights"):
        networks.start_from(flat, 2)
    several = Sequential([layers.Ensemble([[layers.Dense(2)], [layers.Dense(2)]])])
    several.build((3,))
    with pytest.raises(ConfigError, match=r"model\.member\(0\)"):
        networks.start_from(several, 2)


@pytest.mark.parametrize("name", ["cnn", "mlp", "resnet"])
def test_images_are_changed_where_the_network_still_sees_images(name):
    old = networks.get(name, input_shape=(8, 8), classes=3, image_max=255, augment="flip", seed=0)
    new = networks.start_from(old, 3, image_max=255, augment="shift=1", seed=0)
    kinds = [layer.kind for layer in new.layers]
    assert "random_translation" in kinds and "random_flip" not in kinds  # the old one's own
    assert kinds.index("rescaling") < kinds.index("random_translation")
    x = RNG.integers(0, 256, (3, 8, 8)).astype(np.uint8)
    np.testing.assert_allclose(_before_the_last(new, x), _before_the_last(old, x), rtol=1e-5)
    assert (new(x, training=True) != new(x)).any()


def test_another_size_fits_where_the_layers_work_with_any():
    old = networks.resnet((8, 8, 3), 3, seed=0)
    assert networks.start_from(old, 2, input_shape=(12, 10, 3)).input_shape == (12, 10, 3)
    with pytest.raises(ShapeError, match=r"takes samples of shape \(8, 8\).*\(12, 12\)"):
        networks.start_from(networks.cnn((8, 8), 3), 2, input_shape=(12, 12))


def test_dropout_takes_the_place_of_the_one_that_is_kept():
    with_one = networks.cnn((8, 8), 3, dropout=0.5)
    rates = [
        [layer.rate for layer in networks.start_from(old, 2, dropout=share).layers[-2:-1]
         if layer.kind == "dropout"]
        for old in (with_one, networks.cnn((8, 8), 3, dropout=0))
        for share in (0, 0.2)
    ]  # fmt: skip
    assert rates == [[0.5], [0.2], [], [0.2]]
