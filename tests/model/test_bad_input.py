"""What a practitioner gets wrong: refused in a sentence, or understood."""

import sys

import numpy as np
import pytest

from glassnet import Sequential, data, layers
from glassnet.callbacks import EarlyStopping
from glassnet.errors import ConfigError, DataError, LabelError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))
Y = np.arange(40) % 3


def classifier(metrics=("accuracy",), dtype="float32"):
    model = Sequential([layers.Dense(3, "softmax")], seed=0, dtype=dtype)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics)
    return model


def regression(metrics=()):
    model = Sequential([layers.Dense(1)], seed=0)
    model.compile("sgd", "mse", metrics=metrics)
    return model


@pytest.mark.parametrize("size", [0, -1, 1.5, "a", None, True])
def test_a_batch_size_that_is_none(size):
    model = classifier()
    with pytest.raises(ConfigError, match="batch_size"):
        model.fit(X, Y, batch_size=size, verbose=0)
    model.build(4)
    if size is not None:  # as many as fit well
        with pytest.raises(ConfigError, match="batch_size"):
            model.evaluate(X, Y, batch_size=size)
        with pytest.raises(ConfigError, match="batch_size"):
            model.predict(X, batch_size=size)


def test_a_validation_split_beside_validation_data():
    with pytest.raises(ConfigError, match="validation_split or validation_data"):
        classifier().fit(X, Y, validation_split=0.5, validation_data=(X, Y), verbose=0)


@pytest.mark.parametrize("share", ["a", 1, -0.1, float("nan")])
def test_a_validation_split_that_is_none(share):
    with pytest.raises(ConfigError, match="validation_split"):
        classifier().fit(X, Y, validation_split=share, verbose=0)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"sample_weight": np.zeros(40)}, "every sample has the weight 0"),
        ({"class_weight": {0: 0, 1: 0, 2: 0}}, "every sample has the weight 0"),
        ({"sample_weight": "heavy"}, "one number for each sample"),
        ({"class_weight": "heavy"}, "expected a dict"),
        ({"class_weight": {0: "heavy"}}, "expected at least 0"),
    ],
)
def test_weights_that_are_none(weights, message):
    with pytest.raises(DataError, match=message):
        classifier().fit(X, Y, verbose=0, **weights)


def test_one_name_and_one_callback_need_no_list():
    model = classifier(metrics="accuracy")
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=EarlyStopping("loss", patience=1))
    assert "accuracy" in history.history


def test_numbers_too_large_for_the_type_are_no_infinity():
    model = classifier()
    model.build(4)
    for ask in (lambda: model.fit(X * 1e200, Y, verbose=0), lambda: model.predict(X * 1e200)):
        with pytest.raises(DataError, match="too large for float32"):
            ask()
    with pytest.raises(DataError, match="y has numbers up to"):
        regression().fit(X, X[:, 0] * 1e200, verbose=0)
    wide = classifier(dtype="float64")
    wide.build(4)
    assert np.isfinite(wide.predict(X * 1e200)).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 3999, 7777])
def test_a_bad_number_among_many_rows_is_found_where_it_is(bad, row):
    model = Sequential([layers.Dense(40, "relu"), layers.Dense(3, "softmax")], seed=0)
    model.build(30)
    many = RNG.normal(size=(9000, 30)).astype(np.float32)
    many[row, 5] = bad
    for batch_size in (None, 100, 9000):
        with pytest.raises(DataError, match=rf"x\[{row}, 5\]"):
            model.predict(many, batch_size)
    many[row, 5] = 1e30  # its square is infinite, itself it is not
    assert model.predict(many).shape == (9000, 3)


def test_right_answers_are_not_counted_among_numbers():
    with pytest.raises(ConfigError, match="'accuracy' counts right answers"):
        regression(["accuracy"]).fit(X, X[:, 0], verbose=0)
    assert "accuracy" in regression(["accuracy"]).fit(X, Y % 2, verbose=0).history


def test_a_layer_of_another_network_is_not_taken_from_it():
    first = Sequential([layers.Dense(3), layers.Dense(2)], seed=0)
    first.build(4)
    before = first.predict(X)
    with pytest.raises(ConfigError, match="has weights already"):
        Sequential(first.layers[:1], seed=1).build(4)
    assert (first.predict(X) == before).all()


def test_a_shape_with_the_batch_in_it():
    model = Sequential([layers.Dense(3)])
    with pytest.raises(ShapeError, match="without the batch"):
        model.build((4, None))
    model.build((None, 4))  # as Keras writes it
    assert model.input_shape == (4,)


def test_the_only_class_is_said_plainly():
    with pytest.raises(LabelError, match="only the class 1:"):
        classifier().fit(X, np.ones(40, int), verbose=0)


def test_a_program_without_a_console(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdout", None)
    assert len(classifier().fit(X, Y, epochs=2).epoch) == 2


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m.onnx", "m.pt"])
def test_the_names_of_other_formats_are_left_to_them(name, workplace):
    model = classifier()
    model.build(4)
    with pytest.raises(ConfigError, match=r"glassnet\.interop\."):
        model.save(name)
    assert not list(workplace.iterdir())


def test_a_data_set_brings_its_y():
    with pytest.raises(ConfigError, match="brings its own y"):
        classifier().fit(data.spiral(10), [1], verbose=0)


def test_the_first_epoch_is_a_number():
    with pytest.raises(ConfigError, match="initial_epoch"):
        classifier().fit(X, Y, initial_epoch=-1, verbose=0)


def test_one_sample_has_a_gradient():
    """The book's first network: x = (0.6, 0.9), and the right answer is the third."""
    model = classifier(dtype="float64")
    x, third = [[0.6, 0.9]], [2]
    loss, gradient = model.loss_and_gradient(x, third)
    p = model.predict(x)[0]
    assert loss == pytest.approx(-np.log(p[2]))
    np.testing.assert_allclose(gradient[:6].reshape(2, 3), np.outer(x[0], p - [0, 0, 1]))
    assert classifier().train_on_batch(x, third) > 0
    assert model.classes.tolist() == [0, 1, 2]
    with pytest.raises(LabelError, match="only the class 2"):
        classifier().fit(x, third, verbose=0)
