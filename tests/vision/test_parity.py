"""The same numbers by PyTorch: maps of the same weights, gradients and Grad-CAM by autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, interop, layers, vision

pytestmark = [pytest.mark.parity]


@pytest.fixture(scope="module")
def both() -> tuple[Sequential, Any, Any, Any]:
    """A network in float64, PyTorch's, an image, and PyTorch's (1, channels, rows, columns)."""
    torch = pytest.importorskip("torch")
    model = Sequential(
        [
            layers.Conv2D(5, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Residual([layers.Conv2D(5, 3, padding="same", activation="relu")]),
            layers.Conv2D(6, 3, strides=2, activation="relu"),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(8, activation="relu"),
            layers.Dense(4, activation="softmax"),
        ],
        seed=1,
        dtype="float64",
    )
    model.build((12, 14, 3))
    model.compile("sgd", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    model.fit(rng.random((40, 12, 14, 3)), rng.integers(0, 4, 40), epochs=2, verbose=0)
    image = rng.random((12, 14, 3))
    theirs = torch.tensor(np.moveaxis(image, -1, 0)[None].copy(), requires_grad=True)
    return model, interop.to_torch(model), image, theirs


def passed(module: Any, x: Any) -> list[Any]:
    """What each module gives, with its gradient kept."""
    found = []
    for one in module:
        x = one(x)
        x.retain_grad()
        found.append(x)
    return found


def last(tensor: Any) -> Any:
    """Channels last, without the batch."""
    array = tensor.detach().numpy()[0]
    return np.moveaxis(array, 0, -1) if array.ndim == 3 else array


def test_feature_maps(both: Any) -> None:
    model, module, image, theirs = both
    outputs = passed(module, theirs)
    found = vision.feature_maps(model, image)
    assert [stage.name for stage in found.stages] == [
        "conv2d", "max_pooling2d", "residual", "conv2d_1", "dense", "dense_1",
    ]  # fmt: skip
    assert found.stages[0].parts == ("conv2d", "batch_normalization")
    # PyTorch: conv, relu, norm, pool, residual, conv, relu, dropout, flatten, dense, relu …
    for stage, number in zip(found.stages, (2, 3, 4, 6, 10, 12)):
        np.testing.assert_allclose(stage.numbers, last(outputs[number]), rtol=1e-9, atol=1e-12)
    inside = vision.feature_maps(model, image, ["residual/conv2d"]).stages[0].numbers
    np.testing.assert_allclose(inside, last(outputs[4] - outputs[3]), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("about", [0, 3])
def test_saliency_is_autograds(both: Any, about: int) -> None:
    model, module, image, theirs = both
    theirs.grad = None
    passed(module, theirs)[-2][0, about].backward()
    gradient = last(theirs.grad)
    found = vision.saliency(model, image, about)
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.size, np.abs(gradient).max(axis=2), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("layer", "number"), [(None, 6), ("conv2d", 1), ("residual", 4), ("max_pooling2d", 3)]
)
def test_grad_cam_is_autograds(both: Any, layer: str | None, number: int) -> None:
    model, module, image, theirs = both
    outputs = passed(module, theirs)
    outputs[-2][0, 2].backward()
    maps, gradient = last(outputs[number]), last(outputs[number].grad)
    weights = gradient.mean(axis=(0, 1))
    found = vision.grad_cam(model, image, 2, layer=layer)
    assert found.layer == (layer or "conv2d_1")
    np.testing.assert_allclose(found.weights, weights, rtol=1e-9, atol=1e-12)
    expected = np.maximum((maps * weights).sum(axis=2), 0)
    np.testing.assert_allclose(found.map, expected, rtol=1e-9, atol=1e-12)
    assert found.on_image.shape == (12, 14)
