"""What a network over images looks at: by hand, by formula, and by scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, layers, vision
from glassnet.errors import ConfigError, DataError, LabelError, ShapeError, UnknownNameError

CLASSES = "sparse_categorical_crossentropy"


def answers(units: int) -> Any:
    return layers.Dense(units, activation="softmax")


def built(stack: list[Any], shape: Any = (8, 8, 1), seed: int | None = 0) -> Sequential:
    model = Sequential(stack, seed=seed, dtype="float64")
    model.build(shape)
    model.compile("sgd", CLASSES)
    return model


def convolutional(shape: Any = (8, 8, 1), seed: int | None = 0) -> Sequential:
    return built(
        [
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(5, activation="tanh"),
            answers(3),
        ],
        shape,
        seed,
    )


def test_a_filter_for_corners_is_lit_where_the_corner_is() -> None:
    model = built([layers.Conv2D(2, 2, use_bias=False), layers.Flatten(), answers(2)])
    corner = np.array([[1.0, 1.0], [1.0, -1.0]])
    model.layers[0].W[..., 0, 0] = corner
    model.layers[0].W[..., 0, 1] = -corner
    x = np.zeros((5, 8, 8, 1))
    x[3, 4:6, 2:4, 0] = np.maximum(corner, 0)
    x[1, 0, 0, 0] = 0.5
    found = vision.strongest(model, x, "conv2d", top=2)
    first, second = found.spots[0]
    assert (first.sample, first.value, first.field.box) == (3, 3.0, (4, 2, 6, 4))
    assert (second.sample, second.value, second.field.box) == (1, 0.5, (0, 0, 2, 2))
    assert found.frame == (2, 2) and found.count == 2 and found.samples == 5
    some = vision.strongest(model, x, "conv2d", [1], top=9)
    assert some.units == (1,) and len(some.spots[0]) == 1  # the others give it its least
    dense = vision.strongest(model, x, "dense", [0], top=1).spots[0][0]
    values = vision.layer_outputs(model, x, ["dense"])["dense"][:, 0]
    assert dense.value == values.max() and dense.field.mask.all()


def test_occlusion_covers_a_square_with_the_mean_colour() -> None:
    model = convolutional((40, 40, 3))
    image = np.random.default_rng(0).random((40, 40, 3))
    found = vision.occlusion(model, image, 1)
    assert (found.patch, found.stride) == (5, 2) and found.fall.shape == (40, 40)
    np.testing.assert_allclose(found.baseline, image.mean(axis=(0, 1)))
    p = model.predict(image[None])[0, 1]
    covered = image.copy()
    covered[9:14, 19:24] = image.mean(axis=(0, 1))  # around (11, 21), of the block at (10, 20)
    fall = p - model.predict(covered[None])[0, 1]
    np.testing.assert_allclose(found.fall[10:12, 20:22], fall, atol=1e-12)
    assert found.probability == pytest.approx(p)
    black = vision.occlusion(model, image, 1, patch=3, stride=1, baseline=0)
    assert black.baseline == (0.0, 0.0, 0.0) and (black.patch, black.stride) == (3, 1)


def test_the_first_weights_come_back_by_the_seed() -> None:
    model = convolutional(seed=5)
    first = [array.copy() for array in model.get_weights()]
    rng = np.random.default_rng(0)
    model.fit(rng.random((30, 8, 8, 1)), rng.integers(0, 3, 30), epochs=1, verbose=0)
    before = vision.untrained(model)
    assert before is not None
    for was, now in zip(first, before.get_weights()):
        assert np.array_equal(was, now)
    found = vision.filters(model, before=before)
    assert found.layer == "conv2d" and found.weights.shape == (4, 3, 3, 1) and found.of_image
    assert found.before is not None
    assert np.array_equal(np.moveaxis(first[0], -1, 0), found.before)
    assert vision.untrained(convolutional(seed=None)) is None
    with pytest.raises(ConfigError, match="no layer 'conv2d' with weights of the same shape"):
        vision.filters(model, before=built([layers.Flatten(), answers(2)]))


def test_dense_units_are_filters_as_large_as_the_image() -> None:
    rows = built([layers.Dense(4), answers(2)], 12)
    found = vision.filters(rows, image_shape=(3, 4))
    assert found.weights.shape == (4, 3, 4, 1) and found.dense
    np.testing.assert_array_equal(found.weights[1].ravel(), rows.layers[0].W[:, 1])
    with pytest.raises(ConfigError, match=r"dense_1 has no filters.*Those that have: dense"):
        vision.filters(rows, "dense_1", image_shape=(3, 4))
    seen = vision.saliency(rows, np.ones(12), image_shape=(3, 4))
    assert seen.size.shape == (3, 4) and seen.image.shape == (3, 4, 1)
    with pytest.raises(ConfigError, match="has no convolution over images"):
        vision.grad_cam(rows, np.ones(12), image_shape=(3, 4))
    spots = vision.strongest(rows, np.eye(12), image_shape=(3, 4))
    assert spots.layer == "dense" and spots.frame == (3, 4)
    assert spots.spots[0][0].sample == found.weights[0].argmax()


def test_the_plane_is_scikit_learns() -> None:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    model = convolutional()
    x = np.random.default_rng(1).random((40, 8, 8, 1))
    found = vision.embedding(model, x)
    rows = vision.layer_outputs(model, x, ["dense"])["dense"]
    theirs = PCA(2, svd_solver="full").fit(rows)
    points = theirs.transform(rows)
    np.testing.assert_allclose(np.abs(found.points), np.abs(points), atol=1e-9)
    np.testing.assert_allclose(found.explained, theirs.explained_variance_ratio_[:2])
    assert (found.layer, found.reads, found.features) == ("dense_1", True, 5)
    near = vision.embedding(model, x, way="tsne", layer="conv2d", seed=3)
    maps = vision.layer_outputs(model, x, ["conv2d"])["conv2d"].reshape(40, -1)
    with threadpool_limits(1):
        same = TSNE(2, perplexity=13, init="pca", random_state=3).fit_transform(maps)
    np.testing.assert_allclose(near.points, same, rtol=1e-4)
    assert near.explained is None and near.features == 144
    few = vision.embedding(model, x, most=10)
    assert len(few.points) == len(few.samples) == 10 and few.total == 40
    constant = vision.embedding(model, np.ones((4, 8, 8, 1)))
    assert np.allclose(constant.points, 0) and np.isfinite(constant.explained).all()


def test_what_cannot_be_is_refused_by_name() -> None:
    model = convolutional()
    image = np.zeros((8, 8))
    assert vision.saliency(model, image).image.shape == (8, 8, 1)  # its channel may be left out
    for function in (vision.saliency, vision.occlusion, vision.grad_cam, vision.feature_maps):
        with pytest.raises(ShapeError, match=r"built for \(n, 8, 8, 1\)"):
            function(model, np.zeros((5, 5)))
        with pytest.raises(ShapeError, match="2 samples came"):
            function(model, np.zeros((2, 8, 8, 1)))
    with pytest.raises(UnknownNameError, match="'conv': did you mean 'conv2d'"):
        vision.grad_cam(model, image, layer="conv")
    with pytest.raises(ShapeError, match=r"dense gives .*no rows and columns"):
        vision.grad_cam(model, image, layer="dense")
    with pytest.raises(LabelError, match="none of the classes"):
        vision.saliency(model, image, about="cat")
    with pytest.raises(ConfigError, match="conv2d has 4 filters, numbered from 0: there is no 4"):
        vision.strongest(model, np.zeros((3, 8, 8, 1)), "conv2d", [4])
    with pytest.raises(UnknownNameError, match="'umap'"):
        vision.embedding(model, np.zeros((5, 8, 8, 1)), way="umap")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="too few for a plane"):
        vision.embedding(model, np.zeros((2, 8, 8, 1)))
    table = built([answers(2)], 4)
    with pytest.raises(ShapeError, match="which are no images"):
        vision.saliency(table, np.zeros(4))


def test_the_model_stays_as_it_was() -> None:
    model = convolutional()
    before = model.parameters.values.tobytes(), model.parameters.gradients.tobytes()
    image = np.random.default_rng(0).random((8, 8, 1))
    vision.grad_cam(model, image)
    vision.feature_maps(model, image)
    vision.layer_outputs(model, image[None])
    assert before == (model.parameters.values.tobytes(), model.parameters.gradients.tobytes())
    assert not any("forward" in vars(layer) for layer in model.layers)
