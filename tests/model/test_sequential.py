"""Sequential: what it learns, what it gives back, what it keeps the same."""

import numpy as np
import pytest

from glassnet import Sequential, data, layers
from glassnet.callbacks import LambdaCallback
from glassnet.errors import (
    ConfigError,
    DataError,
    DivergedError,
    LabelError,
    NotBuiltError,
    ShapeError,
    UnknownNameError,
)
from glassnet.layers import BatchNormalization, Dense, Dropout, Flatten, Input, Rescaling


def classifier(hidden=8, classes=3, seed=0, dtype="float32", **settings) -> Sequential:
    model = Sequential([Dense(hidden, "tanh"), Dense(classes, "softmax")], seed=seed, dtype=dtype)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **settings)
    return model


@pytest.fixture(scope="module")
def spiral():
    return data.spiral(40, seed=0)


def test_the_spiral_is_learned():
    spiral = data.spiral(100, seed=0)
    model = Sequential([Dense(64, "relu"), Dense(3, "softmax")], seed=0)
    model.compile({"name": "adam", "learning_rate": 0.05}, "sparse_categorical_crossentropy",
                  metrics=["accuracy"])  # fmt: skip
    history = model.fit(spiral, epochs=1500, batch_size=300, verbose=0)
    assert history.history["accuracy"][-1] > 0.92
    assert model.evaluate(spiral)["accuracy"] > 0.92


def test_the_published_net_reaches_the_bayes_values_on_vertical():
    """2-4-3, ReLU, plain gradient descent with rate 1, 1000 steps: about 0.157 and 0.937."""
    ends = []
    for seed in range(3):
        vertical = data.vertical(100, seed=seed)
        model = Sequential([Dense(4, "relu"), Dense(3, "softmax")], seed=seed)
        model.compile({"name": "sgd", "learning_rate": 1.0}, "categorical_crossentropy",
                      metrics=["accuracy"])  # fmt: skip
        model.fit(vertical, epochs=1000, batch_size=300, verbose=0)
        ends.append(model.evaluate(vertical))
    assert 0.1 < np.median([end["loss"] for end in ends]) < 0.25
    assert np.median([end["accuracy"] for end in ends]) > 0.91


@pytest.mark.parametrize("form", ["integers", "shifted", "strings", "booleans", "one-hot", "column",
                                  "floats"])  # fmt: skip
def test_all_forms_of_labels_give_the_same_loss_and_gradient(form):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(12, 2))
    numbers = np.arange(12) % (2 if form == "booleans" else 3)
    k = numbers.max() + 1
    forms = {
        "integers": numbers,
        "shifted": numbers + 5,
        "strings": np.array(["ant", "bee", "cat"])[numbers],
        "booleans": numbers == 1,
        "one-hot": np.eye(k)[numbers],
        "column": numbers[:, None],
        "floats": numbers.astype(float),
    }
    plain, other = classifier(classes=k), classifier(classes=k)
    loss, gradient = plain.loss_and_gradient(x, numbers)
    again, same = other.loss_and_gradient(x, forms[form])
    assert again == loss
    np.testing.assert_array_equal(gradient, same)


def test_labels_come_back_as_they_went_in(spiral):
    names = np.array(["red", "green", "blue"])[spiral.y]
    model = classifier()
    model.fit(spiral.x, names, epochs=2, verbose=0)
    assert set(model.predict_classes(spiral.x)) <= {"red", "green", "blue"}
    assert list(model.classes) == ["blue", "green", "red"]
    yes = Sequential([Dense(1, "sigmoid")], seed=0)
    yes.compile("adam", "binary_crossentropy")
    yes.fit(spiral.x, spiral.y == 1, epochs=1, verbose=0)
    assert yes.predict_classes(spiral.x).dtype == bool


def test_the_same_seed_gives_the_same_bits(spiral):
    ends = []
    for _ in range(2):
        model = Sequential([Dense(9, "relu"), Dropout(0.3), Dense(3, "softmax")], seed=5)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(spiral, epochs=3, verbose=0)
        ends.append(model.parameters.values.copy())
    np.testing.assert_array_equal(*ends)


def test_fit_returns_the_mean_over_the_samples_and_not_over_the_batches(spiral):
    """The last short batch counts by its size (mistakes 5 and 10)."""
    model = Sequential([Dense(3, "softmax")], seed=0)
    model.compile({"name": "sgd", "learning_rate": 0.0}, "sparse_categorical_crossentropy",
                  metrics=["accuracy"])  # fmt: skip
    history = model.fit(spiral.x, spiral.y, batch_size=50, epochs=1, verbose=0)  # 50, 50, 20
    whole = model.evaluate(spiral.x, spiral.y, batch_size=7)
    assert history.history["loss"][0] == pytest.approx(whole["loss"], rel=1e-6)
    assert history.history["accuracy"][0] == pytest.approx(whole["accuracy"])


def test_an_epoch_draws_every_sample_once():
    """Without replacement, the last short batch included (mistake 10)."""
    seen, sizes = [], []
    x = np.arange(10, dtype=np.float32)[:, None]

    class Spy(Sequential):
        def train_step(self, batch, y, weight):
            seen.extend(batch[:, 0].tolist())
            sizes.append(len(batch))
            return super().train_step(batch, y, weight)

    model = Spy([Dense(1)], seed=0)
    model.compile("sgd", "mean_squared_error")
    model.fit(x, x[:, 0], batch_size=4, epochs=2, verbose=0)
    assert sorted(seen[:10]) == list(range(10))
    assert sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]
    assert sizes == [4, 4, 2] * 2


def test_no_gradient_is_left_over_for_the_next_step(spiral):
    """Each step begins anew (mistakes 1 and 10)."""
    model = classifier(dtype="float64")
    _, first = model.loss_and_gradient(spiral.x, spiral.y)
    model.loss_and_gradient(spiral.x[:5], spiral.y[:5])
    _, again = model.loss_and_gradient(spiral.x, spiral.y)
    np.testing.assert_array_equal(first, again)


def test_the_gradient_is_the_derivative_of_the_loss_with_penalties_and_weights():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(10, 3)), np.arange(10) % 2
    model = Sequential(
        [
            Dense(4, "gelu", kernel_regularizer=layers.L1L2(0.01, 0.02)),
            BatchNormalization(),
            layers.Residual([Dense(4, "tanh", kernel_regularizer=layers.L2(0.03))]),
            Dense(2, "softmax"),
        ],
        seed=0,
        dtype="float64",
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    weights = rng.uniform(0, 2, 10)
    _, gradient = model.loss_and_gradient(x, y, sample_weight=weights)
    values = model.parameters.values
    for i in range(values.size):
        before, h = values[i], 1e-6
        values[i] = before + h
        up = model.loss_and_gradient(x, y, sample_weight=weights)[0]
        values[i] = before - h
        down = model.loss_and_gradient(x, y, sample_weight=weights)[0]
        values[i] = before
        assert gradient[i] == pytest.approx((up - down) / (2 * h), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(("last", "loss", "outputs"), [
    ("softmax", "sparse_categorical_crossentropy", 3), ("sigmoid", "binary_crossentropy", 1),
])  # fmt: skip
def test_the_fused_way_and_the_long_way_agree(last, loss, outputs, spiral):
    """p - t on the logits, against the loss's gradient through the activation's Jacobian.

    Applying the derivative of softmax to a gradient that contains it (mistake 2) would differ.
    """
    model = Sequential([Dense(5, "tanh"), Dense(outputs, last)], seed=0, dtype="float64")
    model.compile("sgd", loss)
    y = spiral.y if outputs == 3 else (spiral.y > 0).astype(int)
    value, fused = model.loss_and_gradient(spiral.x, y)
    assert model.objective.fused
    x = spiral.x.astype(np.float64)
    outputs_ = model.forward(x)
    encoded = model.encode_targets(y)
    plain, dy = model.loss.value_and_gradient(encoded, outputs_)
    model.backward(dy)
    assert plain == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(model.parameters.gradients, fused, rtol=1e-5, atol=1e-9)


def test_train_and_predict_leave_the_callers_arrays_alone(spiral):
    """Mistake 4."""
    x, y = spiral.x.copy(), spiral.y.copy()
    weight = np.ones(len(x))
    model = classifier()
    model.fit(x, y, sample_weight=weight, epochs=1, verbose=0)
    outputs = model.predict(x)
    before = outputs.copy()
    model.loss_and_gradient(x, y)
    model.fit(x, y, epochs=1, verbose=0)
    np.testing.assert_array_equal(x, spiral.x)
    np.testing.assert_array_equal(y, spiral.y)
    np.testing.assert_array_equal(weight, 1)
    np.testing.assert_array_equal(outputs, before)


def test_what_predict_returned_stays_the_callers_while_it_trains(spiral):
    model = classifier()
    kept = []
    look = LambdaCallback(on_epoch_end=lambda e, logs: kept.append(model.predict(spiral.x)))
    model.fit(spiral, epochs=3, verbose=0, callbacks=[look])
    assert not np.array_equal(kept[0], kept[1])
    np.testing.assert_array_equal(kept[-1], model.predict(spiral.x))


def test_weights_of_classes_and_samples_multiply(spiral):
    x, y = spiral.x[:6], np.array([0, 0, 1, 1, 2, 2])
    loss = classifier().loss_and_gradient(x, y, sample_weight=[1, 1, 3, 3, 0, 0])[0]
    per = classifier()
    per.build((2,))
    losses = per.objective.loss.per_sample(per.encode_targets(y), per.forward_logits(x))
    assert loss == pytest.approx((losses * [1, 1, 3, 3, 0, 0]).mean(), rel=1e-6)
    twin = classifier()
    history = twin.fit(x, y, class_weight={1: 3, 2: 0}, epochs=1, batch_size=6, verbose=0)
    assert history.history["loss"][0] == pytest.approx(loss, rel=1e-6)


def test_images_stay_bytes_and_are_scaled_batch_by_batch():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30, 4, 4), dtype=np.uint8)
    labels = rng.integers(0, 3, 30)
    model = Sequential([Rescaling(1 / 255), Flatten(), Dense(3, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, labels, epochs=2, verbose=0)
    assert model.take_input(images) is images
    np.testing.assert_allclose(
        model.predict(images), model.predict(images.astype(np.float32)), rtol=1e-5
    )


@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_frozen_layers_stay_as_they_are(frozen, spiral):
    model = Sequential([Dense(4, "tanh"), Dense(4, "tanh"), Dense(3, "softmax")], seed=0)
    model.layers[frozen].trainable = False
    model.compile("adamw", "sparse_categorical_crossentropy")
    model.build((2,))
    before = model.parameters.tensors()
    model.fit(spiral, epochs=1, verbose=0)
    for name, was in before.items():
        same = np.array_equal(was, model.parameters.view(name))
        assert same == name.startswith(model.layers[frozen].name + "/")


def test_an_iterable_of_batches_is_as_good_as_arrays(spiral):
    batches = [(spiral.x[i : i + 30], spiral.y[i : i + 30]) for i in range(0, 120, 30)]
    one, other = classifier(), classifier()
    one.fit(spiral.x, spiral.y, batch_size=30, epochs=2, shuffle=False, verbose=0)
    other.fit(batches, epochs=2, verbose=0)
    np.testing.assert_array_equal(one.parameters.values, other.parameters.values)


def test_validation_split_takes_the_last_samples_and_does_not_train_on_them(spiral):
    model = classifier()
    history = model.fit(
        spiral.x, spiral.y, validation_split=0.25, epochs=1, verbose=0, evaluate_training=True
    )
    held = model.evaluate(spiral.x[90:], spiral.y[90:])
    assert history.history["val_loss"][0] == pytest.approx(held["loss"])
    trained = model.evaluate(spiral.x[:90], spiral.y[:90])
    assert history.history["train_loss"][0] == pytest.approx(trained["loss"])


def test_summary_names_shapes_parameters_and_the_fused_loss(capsys):
    model = Sequential([Input(4), Dense(8, "relu", trainable=False), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    text = model.summary()
    assert capsys.readouterr().out == text + "\n"
    for part in ("dense_1", "(n, 8)", "27", "parameters: 67", "40 are frozen",
                 "softmax_crossentropy", "fused", "adam"):  # fmt: skip
        assert part in text


def test_single_samples_and_many_give_the_same_answers(spiral):
    model = classifier()
    model.build((2,))
    x = np.tile(spiral.x, (30, 1))
    whole = model.predict(x)  # more than one chunk
    np.testing.assert_allclose(model.predict(x[:1]), whole[:1], rtol=1e-5)
    np.testing.assert_allclose(model.predict(x, batch_size=100), whole, rtol=1e-5)


# ---- bad input -----------------------------------------------------------------------------

NAN = np.array([[0.0, 1.0], [np.nan, 2.0]])

BAD_FITS = {
    "wrong features": (lambda m: m.predict(np.ones((2, 5))), ShapeError, "5 features"),
    "wrong features in fit": (lambda m: m.fit(np.ones((2, 5)), [0, 1]), ShapeError, "5 features"),
    "empty": (lambda m: m.fit(np.empty((0, 2)), []), DataError, "empty"),
    "NaN in x": (lambda m: m.fit(NAN, [0, 1]), DataError, r"x\[1, 0\]"),
    "NaN in predict": (lambda m: m.predict(NAN), DataError, r"x\[1, 0\]"),
    "infinite y": (lambda m: m.fit(np.ones((2, 2)), [0, np.inf]), DataError, "y"),
    "strings in x": (lambda m: m.fit(np.array([["a", "b"]]), [0]), DataError, "numbers"),
    "objects in x": (lambda m: m.fit(np.array([[{}, 1]], object), [0]), DataError, "number"),
    "other lengths": (lambda m: m.fit(np.ones((3, 2)), [0, 1]), ShapeError, "3 samples"),
    "one class only": (lambda m: m.fit(np.ones((3, 2)), ["a"] * 3), LabelError, "only the class"),
    "too many classes": (lambda m: m.fit(np.ones((4, 2)), [0, 1, 2, 3]), LabelError, "4 units"),
    "real values": (lambda m: m.fit(np.ones((2, 2)), [0.5, 1.5]), LabelError, "mean_squared"),
    "one-hot of 4": (lambda m: m.fit(np.ones((4, 2)), np.eye(4)), LabelError, "4 columns"),
    "rows that are none": (lambda m: m.fit(np.ones((2, 2)), np.ones((2, 3))), LabelError, "row 0"),
    "no y": (lambda m: m.fit(np.ones((2, 2))), DataError, "needs y"),
    "0 epochs": (lambda m: m.fit(np.ones((2, 2)), [0, 1], epochs=0), ConfigError, "epochs"),
    "batch of 0": (lambda m: m.fit(np.ones((2, 2)), [0, 1], batch_size=0), ConfigError, "batch"),
    "split of 2": (
        lambda m: m.fit(np.ones((2, 2)), [0, 1], validation_split=2), ConfigError, "validation",
    ),
    "unknown class weight": (
        lambda m: m.fit(np.ones((3, 2)), [0, 1, 2], class_weight={7: 1}), LabelError, "7",
    ),
    "negative weight": (
        lambda m: m.fit(np.ones((2, 2)), [0, 1], sample_weight=[1, -1]), DataError, "row 1",
    ),
    "callback that is none": (
        lambda m: m.fit(np.ones((2, 2)), [0, 1], callbacks=[print]), ConfigError, "callback",
    ),
    "verbose 7": (lambda m: m.fit(np.ones((2, 2)), [0, 1], verbose=7), ConfigError, "verbose"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FITS)
def test_bad_input_is_refused_and_changes_nothing(case):
    model = classifier()
    model.build((2,))
    before = model.parameters.values.copy()
    call, kind, says = BAD_FITS[case]
    with pytest.raises(kind, match=says):
        call(model)
    np.testing.assert_array_equal(model.parameters.values, before)


def test_labels_outside_the_known_classes_name_the_row(spiral):
    model = classifier()
    model.fit(spiral.x, np.array(["a", "b", "c"])[spiral.y], epochs=1, verbose=0)
    with pytest.raises(LabelError, match=r"row 1 is 'z'"):
        model.evaluate(spiral.x[:2], ["a", "z"])
    with pytest.raises(LabelError, match="classes"):
        model.evaluate(spiral.x[:2], [0, 1])


@pytest.mark.parametrize(("settings", "closest"), [
    ({"optimizer": "adma"}, "adam"),
    ({"loss": "sparse_categorical_crosentropy"}, "sparse_categorical"),
    ({"metrics": ["acuracy"]}, "accuracy"),
])  # fmt: skip
def test_unknown_names_say_the_closest(settings, closest):
    model = Sequential([Dense(3, "softmax")])
    given = {"optimizer": "adam", "loss": "mse"} | settings
    with pytest.raises(UnknownNameError, match=f"did you mean '{closest}"):
        model.compile(**given)


def test_a_step_cannot_be_trained_and_says_why():
    model = Sequential([Dense(3, "step"), Dense(1, "sigmoid")])
    with pytest.raises(ConfigError, match="derivative is 0"):
        model.compile("sgd", "binary_crossentropy")


@pytest.mark.parametrize(("last", "loss", "says"), [
    (None, "sparse_categorical_crossentropy", "softmax"),
    ("relu", "binary_crossentropy", "sigmoid"),
    ("softmax", {"name": "categorical_crossentropy", "from_logits": True}, "twice"),
])  # fmt: skip
def test_losses_that_do_not_fit_the_last_activation_are_refused(last, loss, says):
    with pytest.raises(ConfigError, match=says):
        Sequential([Dense(3, last)]).compile("sgd", loss)


def test_what_is_not_ready_says_what_to_call():
    with pytest.raises(NotBuiltError, match="fit"):
        Sequential([Dense(1)]).predict([[1.0]])
    with pytest.raises(NotBuiltError, match="compile"):
        Sequential([Dense(1)]).fit([[1.0]], [1.0])
    with pytest.raises(ConfigError, match="no layers"):
        Sequential().compile("sgd", "mse")
    with pytest.raises(ConfigError, match="loss"):
        Sequential([Dense(1)]).compile("sgd")
    with pytest.raises(ConfigError, match="twice"):
        layer = Dense(1)
        Sequential([layer, layer])
    with pytest.raises(ConfigError, match="layer"):
        Sequential(["dense"])


def test_a_loss_that_becomes_nan_stops_names_the_place_and_keeps_good_weights():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 3)) * 1e3, rng.normal(size=64)
    model = Sequential([Dense(8, "relu"), Dense(1)], seed=0)
    model.compile({"name": "sgd", "learning_rate": 1e6}, "mse")
    with np.errstate(all="ignore"), pytest.raises(DivergedError) as error:
        model.fit(x, y, epochs=3, batch_size=8, verbose=0)
    assert "epoch 1, batch" in str(error.value)
    assert "Dense 'dense" in str(error.value)
    assert np.isfinite(model.parameters.values).all()
    assert np.isfinite(model.evaluate(x, y)["loss"])


def test_a_model_that_was_built_after_compile_can_be_copied() -> None:
    model = Sequential([layers.Dense(3, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.build((2,))
    assert np.array_equal(model.copy().parameters.values, model.parameters.values)
