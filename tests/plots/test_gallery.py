import numpy as np
import pytest

from glassnet import plots
from glassnet.errors import DataError, LabelError, ShapeError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, size=(12, 4, 4)).astype(np.uint8)


def shown(figure):
    return [np.asarray(image.get_array()) for image in figure.axes[0].images]


def captions(figure):
    return [t.get_text() for t in figure.axes[0].texts if t.get_ha() == "center"]


def test_strip_shows_the_pictures_as_they_are(assert_tidy):
    figure = plots.image_strip(IMAGES, [f"digit {i}" for i in range(12)], title="Twelve")
    np.testing.assert_array_equal(shown(figure), IMAGES)
    assert {(image.norm.vmin, image.norm.vmax) for image in figure.axes[0].images} == {
        (0.0, float(IMAGES.max()))
    }
    assert {"Twelve", *(f"digit {i}" for i in range(12))} <= set(assert_tidy(figure))


def test_pictures_do_not_overlap():
    boxes = [image.get_extent() for image in plots.image_strip(IMAGES, columns=5).axes[0].images]
    for i, (left, right, bottom, top) in enumerate(boxes):
        for other in boxes[:i]:
            assert left >= other[1] or right <= other[0] or top >= other[2] or bottom <= other[3]


def test_rows_of_pixels_are_folded():
    figure = plots.image_strip(IMAGES.reshape(12, 16))
    np.testing.assert_array_equal(shown(figure), IMAGES)
    wide = plots.image_strip(IMAGES.reshape(12, 16), shape=(2, 8))
    np.testing.assert_array_equal(shown(wide), IMAGES.reshape(12, 2, 8))
    one_channel = plots.image_strip(IMAGES[..., None])
    np.testing.assert_array_equal(shown(one_channel), IMAGES)


def test_colour_pictures():
    colored = RNG.integers(0, 256, size=(2, 3, 5, 3)).astype(np.uint8)
    colored[0, 0, 0] = 255
    np.testing.assert_allclose(shown(plots.image_strip(colored)), colored / 255)


def test_only_so_many_and_says_so(texts_of):
    figure = plots.image_strip(IMAGES, limit=5)
    assert len(shown(figure)) == 5
    assert "the first 5 of 12" in texts_of(figure)


def test_only_the_mistakes_with_true_and_predicted_class(assert_tidy):
    true = np.arange(12) % 10
    predicted = true.copy()
    predicted[[3, 11]] = [8, 7]
    figure = plots.mistakes(IMAGES, true, predicted)
    np.testing.assert_array_equal(shown(figure), IMAGES[[3, 11]])
    assert captions(figure) == ["3 → 8", "1 → 7"]
    texts = assert_tidy(figure)
    assert {"2 of 12 wrong (16.67%)", "true class → answer"} <= set(texts)


def test_the_surest_mistakes_first(texts_of):
    true, predicted = [0, 0, 0, 1], [1, 1, 1, 1]
    p = np.array([0.6, 0.9, 0.7, 0.99])
    figure = plots.mistakes(IMAGES[:4], true, predicted, probabilities=np.c_[1 - p, p], limit=2)
    np.testing.assert_array_equal(shown(figure), IMAGES[[1, 2]])
    assert captions(figure) == ["0 → 1\n90% sure", "0 → 1\n70% sure"]
    assert "true class → answer; the surest 2 are shown" in texts_of(figure)


def test_long_names_stay_apart(assert_tidy):
    names = ["T-shirt or top of any kind", "Trousers of every length", "Ankle boot with laces"]
    true, predicted = np.arange(12) % 3, (np.arange(12) + 1) % 3
    figure = plots.mistakes(
        IMAGES, true, predicted, class_names=names, probabilities=np.full(12, 0.5)
    )
    assert_tidy(figure)


def test_strings_and_one_hot():
    figure = plots.mistakes(IMAGES[:2], ["cat", "dog"], ["cat", "cat"])
    assert captions(figure) == ["dog → cat"]
    figure = plots.mistakes(IMAGES[:2], np.eye(2)[[0, 1]], np.eye(2)[[0, 0]])
    assert captions(figure) == ["1 → 0"]


def test_no_mistakes(texts_of):
    texts = texts_of(plots.mistakes(IMAGES, np.arange(12), np.arange(12)))
    assert {"0 of 12 wrong (0.00%)", "no mistakes to show"} <= texts


def test_a_single_black_picture_and_nan():
    plots.image_strip(np.zeros((1, 3, 3))).canvas.draw()
    plots.image_strip(np.full((1, 3, 3), np.nan)).canvas.draw()


@pytest.mark.parametrize(
    ("images", "options", "error", "message"),
    [
        (np.zeros((2, 15)), {}, ShapeError, "15 values do not make a square"),
        (np.zeros((2, 16)), {"shape": (3, 5)}, ShapeError, "has 15 values, but each row has 16"),
        (np.zeros((2, 3, 3, 2)), {}, ShapeError, r"\(2, 3, 3, 2\)"),
        (np.zeros((0, 3, 3)), {}, DataError, "empty"),
        (np.zeros((2, 3, 3)), {"captions": ["one"]}, ShapeError, "1 captions for 2"),
    ],
)
def test_bad_images(images, options, error, message):
    with pytest.raises(error, match=message):
        plots.image_strip(images, **options)


def test_bad_labels():
    with pytest.raises(ShapeError, match="y_pred"):
        plots.mistakes(IMAGES, np.zeros(12), [0, 1])
    with pytest.raises(LabelError, match="2 class names"):
        plots.mistakes(IMAGES, np.zeros(12), np.full(12, 2), class_names=["a", "b"])
    with pytest.raises(ShapeError, match="probabilities"):
        plots.mistakes(IMAGES, np.zeros(12), np.ones(12), probabilities=[0.5])
