"""Which inputs moved an answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, data, layers, plots
from glassnet.calculus import numerical_gradient
from glassnet.errors import ConfigError, DataError, LabelError, NotBuiltError, ShapeError
from glassnet.explain import explain_prediction

Dense = layers.Dense


def made(stack: list[Any], loss: str, shape: Any, dtype: str = "float64") -> Sequential:
    model = Sequential(stack, seed=0, dtype=dtype)
    model.compile("sgd", loss)
    model.build(shape)
    return model


CLASSES = "sparse_categorical_crossentropy"
X = np.array([0.5, -1.0, 2.0])


def test_a_linear_network_is_explained_exactly() -> None:
    model = made([Dense(1)], "mean_squared_error", 3)
    model.parameters.view("dense/W")[:, 0] = [2.0, 3.0, -1.0]
    found = explain_prediction(model, X)
    np.testing.assert_allclose(found.gradient, [2.0, 3.0, -1.0])
    np.testing.assert_allclose(found.gradient_times_input, [1.0, -3.0, -2.0])
    np.testing.assert_allclose(found.occlusion, [1.0, -3.0, -2.0])
    assert found.answer == found.score == -4.0 and found.probability is None
    assert [row[0] for row in found.top(2)] == ["x2", "x3"]
    shifted = explain_prediction(model, X, baseline=[0.5, 0.0, 1.0])
    np.testing.assert_allclose(shifted.occlusion, [0.0, -3.0, -1.0])


def test_the_gradient_is_that_of_the_score_by_differences() -> None:
    stack = [
        layers.BatchNormalization(), Dense(5, "gelu"), layers.Residual([Dense(5, "tanh")]),
        layers.Dropout(0.5), layers.LayerNormalization(), Dense(3), layers.Activation("softmax"),
    ]  # fmt: skip
    model = made(stack, CLASSES, 3)
    found = explain_prediction(model, X, about=2)
    assert (found.about, found.output) == (2, 2)

    def score(x: Any) -> float:
        return float(model.forward_logits(x[np.newaxis])[0, 2])

    np.testing.assert_allclose(found.gradient, numerical_gradient(score, X), atol=1e-8)
    p = model.predict(X[np.newaxis])[0]
    assert found.probability == pytest.approx(p[2])
    covered = X.copy()
    covered[1] = 0
    assert found.occlusion[1] == pytest.approx(p[2] - model.predict(covered[np.newaxis])[0, 2])


def test_one_sigmoid_speaks_for_two_classes() -> None:
    model = made([Dense(1, "sigmoid")], "binary_crossentropy", 3)
    model.parameters.view("dense/W")[:, 0] = [1.0, 0.5, 0.25]
    model.classes = np.array(["no", "yes"])
    yes, no = (explain_prediction(model, X, about=label) for label in ("yes", "no"))
    assert yes.answer == "yes" and no.answer == "yes" and no.about == "no"
    np.testing.assert_allclose(yes.gradient, -no.gradient)
    np.testing.assert_allclose(yes.occlusion, -no.occlusion)
    assert yes.probability == pytest.approx(1 - (no.probability or 0))


def test_images_of_bytes_as_pictures_and_the_model_stays(tmp_path: Any) -> None:
    digits = data.load("digits")
    stack = [layers.Rescaling(1 / 16), layers.Flatten(), Dense(16, "relu"), Dense(10, "softmax")]
    model = made(stack, CLASSES, (8, 8), "float32")
    model.fit(digits.x[:500], digits.y[:500], epochs=5, verbose=0)
    before = model.parameters.values.tobytes(), model.parameters.gradients.tobytes()
    found = explain_prediction(model, digits.x[0], data=digits)
    assert before == (model.parameters.values.tobytes(), model.parameters.gradients.tobytes())
    assert found.image_shape == (8, 8) and found.patch == 1 and found.names is None
    assert found.gradient.shape == found.occlusion.shape == (8, 8)
    assert str(found.answer) == str(model.predict_classes(digits.x[:1])[0])
    # a black pixel has nothing to lose, but a rounding: equal rows of a batch may differ by one
    assert np.abs(found.occlusion[found.x == 0]).max() < 1e-6
    assert len(found.plot().axes) == 5  # three pictures, two keys
    plots.save(found.plot(), tmp_path / "found.png")
    rows = explain_prediction(model, digits.x[0], patch=3)
    covered = digits.x[:1].copy()
    covered[0, 3:6, 1:4] = 0
    fall = found.outputs[found.output] - model.predict(covered)[0, found.output]
    assert rows.occlusion[4, 2] == pytest.approx(fall, abs=1e-6)
    assert "[" in str(rows) and "the 15 that mattered most of 64" in str(rows)


def test_colour_images_are_covered_with_all_their_colours() -> None:
    model = made([layers.Flatten(), Dense(2, "softmax")], CLASSES, (2, 2, 3))
    x = np.random.default_rng(0).random((2, 2, 3))
    found = explain_prediction(model, x[np.newaxis])
    covered = x.copy()
    covered[1, 0] = 0
    p = model.predict(np.stack([x, covered]))[:, found.output]
    np.testing.assert_allclose(found.occlusion[1, 0], p[0] - p[1])
    assert found.plot() is not None


def test_names_of_features_and_classes() -> None:
    model = made([Dense(2, "softmax")], CLASSES, 3)
    found = explain_prediction(model, X, feature_names=["a", "b[red]", "c"])
    assert found.names == ("a", "b[red]", "c") and "b[red]" in str(found)
    said = json.loads(found.to_json())
    assert said["names"] == ["a", "b[red]", "c"] and len(said["occlusion"]) == 3
    named = data.Dataset("t", X[np.newaxis], np.array([0]), feature_names=("u", "v", "w"),
                         class_names=("cold", "warm"))  # fmt: skip
    found = explain_prediction(model, X, data=named, about="warm")
    assert found.names == ("u", "v", "w") and found.about == "warm"
    assert found.answer in ("cold", "warm")
    assert len(found.plot().axes) == 2


def test_bad_input() -> None:
    model = made([Dense(2, "softmax")], CLASSES, 3)
    with pytest.raises(NotBuiltError, match="explain_prediction needs parameters"):
        explain_prediction(Sequential([Dense(1)]), X)
    with pytest.raises(ShapeError, match="2 samples came; it explains one at a time"):
        explain_prediction(model, np.zeros((2, 3)))
    with pytest.raises(ShapeError, match="4 features, but the layer was built for 3"):
        explain_prediction(model, np.zeros((1, 4)))
    with pytest.raises(DataError, match="NaN"):
        explain_prediction(model, [np.nan, 0.0, 0.0])
    with pytest.raises(LabelError, match="none of the classes"):
        explain_prediction(model, X, about="seven")
    with pytest.raises(ShapeError, match="2 feature names for 3 features"):
        explain_prediction(model, X, feature_names=["a", "b"])
    with pytest.raises(ShapeError, match="has 4 pixels, but a sample has 3"):
        explain_prediction(model, X, image_shape=(2, 2))
    with pytest.raises(ConfigError, match="patch"):
        explain_prediction(model, X, patch=3)
    values = made([Dense(2)], "mean_squared_error", 3)
    with pytest.raises(LabelError, match="2 outputs, numbered from 0"):
        explain_prediction(values, X, about=2)
    assert explain_prediction(values, X, about=1).output == 1


# ---- images and series -----------------------------------------------------------------------


def test_a_convolution_over_colours() -> None:
    model = Sequential(
        [layers.Conv2D(2, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(2)],
        seed=0, dtype="float64",
    )  # fmt: skip
    model.compile("sgd", "mean_squared_error")
    model.build((6, 5, 3))
    x = np.random.default_rng(0).normal(size=(6, 5, 3))
    found = explain_prediction(model, x, about=1, patch=1)
    assert found.image_shape == (6, 5, 3) and found.gradient.shape == (6, 5, 3)
    for place in ((0, 0, 0), (3, 2, 1), (5, 4, 2)):  # the gradient by differences
        moved = np.repeat(x[None], 2, axis=0)
        moved[0][place] += 1e-5
        moved[1][place] -= 1e-5
        y = model.predict(moved)[:, 1]
        assert found.gradient[place] == pytest.approx((y[0] - y[1]) / 2e-5, abs=1e-8)
    covered = x.copy()
    covered[3, 2] = 0  # the whole colour at once
    assert found.occlusion[3, 2, 1] == pytest.approx(
        model.predict(x[None])[0, 1] - model.predict(covered[None])[0, 1]
    )
    rows = found.top(40)
    assert len(rows) == 30  # one for each pixel, not for each channel
    row = next(row for row in rows if row[0] == "[3, 2]")
    assert row[1:] == pytest.approx((
        x[3, 2].mean(), found.gradient[3, 2].sum(), found.gradient_times_input[3, 2].sum(),
        found.occlusion[3, 2, 0],
    ))  # fmt: skip
    assert "of 30" in str(found) and "<img" in found._repr_html_()


def test_a_series_is_no_image() -> None:
    model = Sequential(
        [layers.Conv1D(2, 3), layers.GlobalMaxPooling1D(), layers.Dense(1)], seed=0,
        dtype="float64",
    )  # fmt: skip
    model.build((9, 2))
    found = explain_prediction(model, np.random.default_rng(0).normal(size=(9, 2)))
    assert found.image_shape is None and found.gradient.shape == (9, 2)
    assert found.top(1)[0][0].startswith("[") and "<table" in found._repr_html_()
    assert found.plot() is not None
