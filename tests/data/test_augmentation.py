"""Images changed at random: what comes out, worked by hand, and the same again by seed."""

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet.callbacks import Checkpoint, LambdaCallback
from glassnet.data import Augmentation, AugmentedBatches, BatchSource
from glassnet.errors import ConfigError, DataError, ShapeError, UnknownNameError

MIDDLE = 0.5  # a draw that changes nothing: angle 0, zoom 1, no shift


def draws(angle=MIDDLE, zoom=MIDDLE, down=MIDDLE, right=MIDDLE, mirrored=1.0):
    return np.array([[angle, zoom, down, right, mirrored]])


def change(augmentation, image, **drawn):
    image = np.asarray(image)[None]
    return augmentation.apply(image, draws(**drawn), np.empty_like(image))[0]


IMAGE = np.arange(1, 17, dtype=np.uint8).reshape(4, 4)


def test_nothing_is_changed_in_the_middle_of_all_draws():
    for augmentation in (Augmentation(), Augmentation(2, 30, 0.5), Augmentation(2)):
        np.testing.assert_array_equal(change(augmentation, IMAGE), IMAGE)


def test_shifts_go_by_whole_pixels_and_leave_zeros():
    moved = change(Augmentation(shift=1), IMAGE, down=0.99, right=0.01)  # down, and left
    expected = np.zeros((4, 4), np.uint8)
    expected[1:, :-1] = IMAGE[:-1, 1:]
    np.testing.assert_array_equal(moved, expected)


def test_every_shift_is_as_likely_and_none_is_larger():
    x = np.zeros((3000, 9, 9), np.uint8)
    x[:, 4, 4] = 1
    out = Augmentation(shift=2)(x, np.random.default_rng(0)).sum(axis=0)
    assert out.sum() == 3000 and out[2:7, 2:7].sum() == 3000
    assert out[2:7, 2:7].min() > 80 and out[2:7, 2:7].max() < 165  # 120 on average


def test_a_quarter_turn_is_that_of_numpy():
    x = np.random.default_rng(0).random((5, 5))
    turned = change(Augmentation(rotation=90), x, angle=1.0)
    other = change(Augmentation(rotation=90), x, angle=0.0)
    np.testing.assert_allclose(turned, np.rot90(x, 1), atol=1e-12)
    np.testing.assert_allclose(other, np.rot90(x, -1), atol=1e-12)


def test_zoom_reads_between_pixels():
    x = np.array([[0.0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 8, 0, 0], [0] * 5, [0] * 5])
    larger = change(Augmentation(zoom=0.999999), x, zoom=1.0)  # twice as large
    np.testing.assert_allclose(larger[2], [0, 4, 8, 4, 0], atol=1e-4)
    np.testing.assert_allclose(larger[1], [0, 2, 4, 2, 0], atol=1e-4)


def test_bytes_are_rounded_and_stay_in_range():
    x = np.full((4, 6, 6), 255, np.uint8)
    out = Augmentation(1, 45, 0.3, True)(x, np.random.default_rng(0))
    assert out.dtype == np.uint8 and out[:, 2:4, 2:4].min() > 200
    line = np.array([[0, 101, 0]] * 3, np.uint8)
    moved = change(Augmentation(shift=0.25, zoom=1e-9), line, right=1.0)  # a quarter pixel right
    np.testing.assert_array_equal(moved[1], [0, 76, 25])  # 75.75 and 25.25


def test_flip_exchanges_left_and_right_after_the_rest():
    np.testing.assert_array_equal(
        change(Augmentation(flip=True), IMAGE, mirrored=0.4), IMAGE[:, ::-1]
    )
    np.testing.assert_array_equal(change(Augmentation(flip=True), IMAGE, mirrored=0.6), IMAGE)
    both = Augmentation(shift=1, rotation=20, flip=True)
    drawn = {"angle": 0.8, "right": 0.9, "down": 0.3}
    np.testing.assert_array_equal(
        change(both, IMAGE, mirrored=0.1, **drawn), change(both, IMAGE, **drawn)[:, ::-1]
    )


def test_channels_move_together_and_floats_keep_their_type():
    grey = np.random.default_rng(0).random((3, 7, 6)).astype(np.float32)
    colour = np.stack([grey, 2 * grey, -grey], axis=-1)
    chosen = Augmentation(1, 15, 0.2, True)
    out = chosen(colour, np.random.default_rng(5))
    alone = chosen(grey, np.random.default_rng(5))
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, np.stack([alone, 2 * alone, -alone], axis=-1))


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("none", Augmentation()),
        ("", Augmentation()),
        ("flip", Augmentation(flip=True)),
        ("shift=2,rotation=10,zoom=0.1,flip", Augmentation(2, 10, 0.1, True)),
        (" shift = 1 , zoom=.5 ", Augmentation(1, 0, 0.5)),
    ],
)
def test_a_text_says_it(text, chosen):
    assert Augmentation.parse(text) == chosen
    assert Augmentation.parse(str(chosen)) == chosen


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Augmentation.parse("shfit=2"), UnknownNameError, "did you mean 'shift'"),
        (lambda: Augmentation.parse("shift"), ConfigError, "expected a number"),
        (lambda: Augmentation.parse("shift=a"), ConfigError, "'shift=a'"),
        (lambda: Augmentation.parse("shift=nan"), ConfigError, "shift is nan"),
        (lambda: Augmentation(shift=-1), ConfigError, "shift is -1"),
        (lambda: Augmentation(rotation=200), ConfigError, "rotation is 200"),
        (lambda: Augmentation(zoom=1), ConfigError, "zoom is 1"),
        (lambda: Augmentation(flip=2), ConfigError, "flip is 2"),
        (lambda: Augmentation(1)(np.zeros((3, 784)), None), ShapeError, "reshape"),
        (lambda: Augmentation(1)(np.zeros((3, 8, 8), int), None), ShapeError, "int64"),
        (lambda: AugmentedBatches(np.zeros((3, 8, 8)), [0, 1, 0], "shift"), ConfigError, "shift=2"),
        (lambda: AugmentedBatches(np.zeros((3, 8, 8)), [0, 1], Augmentation()), ShapeError, "3"),
        (
            lambda: AugmentedBatches(np.zeros((0, 8, 8)), [], Augmentation()),
            DataError,
            "no samples",
        ),
    ],
)
def test_what_cannot_be_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def source(n=23, size=5):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (n, 6, 6), dtype=np.uint8)
    return AugmentedBatches(x, np.arange(n), Augmentation(1, 10, flip=True), batch_size=size)


def epoch(batches, seed, skip=0):
    found = [(b.x.copy(), b.y.copy()) for b in batches.epoch(np.random.default_rng(seed), skip)]
    return np.concatenate([x for x, _ in found]), np.concatenate([y for _, y in found])


def test_an_epoch_has_every_sample_once_and_depends_on_the_generator_alone():
    assert isinstance(source(), BatchSource)
    x, y = epoch(source(), 1)
    assert sorted(y) == list(range(23)) and len(x) == 23
    again, _ = epoch(source(), 1)
    np.testing.assert_array_equal(x, again)
    other, _ = epoch(source(), 2)
    assert (x != other).any()


@pytest.mark.parametrize("skip", [0, 1, 4, 5])
def test_the_rest_of_an_epoch_is_the_same_as_in_one_go(skip):
    x, y = epoch(source(), 1)
    if skip == 5:
        assert list(source().epoch(np.random.default_rng(1), 5)) == []
        return
    rest, labels = epoch(source(), 1, skip)
    np.testing.assert_array_equal(rest, x[5 * skip :])
    np.testing.assert_array_equal(labels, y[5 * skip :])


def model():
    net = Sequential(
        [layers.Flatten(), layers.Rescaling(1 / 255), layers.Dense(2, "softmax")], seed=0
    )
    net.compile("adam", "sparse_categorical_crossentropy")
    net.classes = [0, 1]
    return net


def test_a_training_that_was_stopped_goes_on_to_the_same_bits(tmp_path):
    x = np.random.default_rng(3).integers(0, 256, (30, 6, 6), dtype=np.uint8)
    batches = AugmentedBatches(x, np.arange(30) % 2, Augmentation(1, 20), batch_size=7)
    whole, stopped, resumed = model(), model(), model()
    whole.fit(batches, epochs=3, verbose=0)
    path = tmp_path / "c.safetensors"
    seen = []

    def break_off(batch, logs):
        seen.append(batch)
        if len(seen) == 8:  # in the middle of the second epoch
            raise RuntimeError("the power went")

    keep = Checkpoint(path, every_batches=1)
    with pytest.raises(RuntimeError):
        stopped.fit(batches, epochs=3, verbose=0,
                    callbacks=[LambdaCallback(on_train_batch_end=break_off), keep])  # fmt: skip
    resumed.fit(batches, epochs=3, verbose=0, resume_from=path,
                callbacks=[LambdaCallback(), Checkpoint(path)])  # fmt: skip
    assert (resumed.parameters.values == whole.parameters.values).all()
