"""The compiled stack beside the layers' own way."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, activations, layers
from glassnet._core.team import Team
from glassnet.errors import DataError
from glassnet.layers.dense.kernels import product_of_few
from glassnet.model import compiled, evaluation
from glassnet.model.compiled import PART, CompiledStack

LOSSES = {
    "sparse_categorical_crossentropy": ("softmax", lambda rng, n, k: rng.integers(0, k, n)),
    "binary_crossentropy": ("sigmoid", lambda rng, n, k: rng.integers(0, 2, (n, k)).astype(float)),
    "mean_squared_error": ("tanh", lambda rng, n, k: rng.standard_normal((n, k))),
}
TOLERANCE = {"float32": 2e-5, "float64": 1e-12}


@settings(max_examples=60, deadline=None)
@given(
    loss=st.sampled_from(list(LOSSES)),
    dtype=st.sampled_from(list(TOLERANCE)),
    widths=st.lists(st.tuples(st.integers(1, 20), st.sampled_from(
        ["relu", "tanh", "sigmoid", "linear"]), st.booleans()), max_size=3),
    n=st.integers(1, 40), features=st.integers(1, 9), k=st.integers(2, 9),
    weighted=st.booleans(), seed=st.integers(0, 99),
)  # fmt: skip
def test_loss_and_gradient_are_those_of_the_layers(
    loss, dtype, widths, n, features, k, weighted, seed
):
    rng = np.random.default_rng(seed)
    activation, targets = LOSSES[loss]
    stack = [layers.Dense(units, f, use_bias=bias) for units, f, bias in widths]
    model = Sequential([*stack, layers.Dense(k, activation)], seed=seed, dtype=dtype)
    model.compile("sgd", loss)
    model.build((features,))
    model.parameters.values[...] = rng.standard_normal(model.parameters.size)
    x = rng.standard_normal((n, features)).astype(dtype)
    y = targets(rng, n, k)
    y = y if y.dtype == np.int64 else y.astype(dtype)
    weights = rng.random(n).astype(dtype) if weighted else None

    expected = model._through_the_layers(x, y, weights, True)
    gradients, read = model.parameters.gradients.copy(), model._read.copy()
    model.parameters.gradients[...] = np.nan
    quick = CompiledStack.of(model, model.need_compiled())
    assert quick is not None and quick.takes(x, y)
    tolerance = TOLERANCE[dtype]
    for _ in range(2):  # the second time into the same arrays
        assert quick(x, y, weights) == pytest.approx(expected, rel=tolerance, abs=tolerance)
        np.testing.assert_allclose(
            model.parameters.gradients, gradients, rtol=tolerance, atol=tolerance
        )
        np.testing.assert_allclose(quick.read, read, rtol=tolerance, atol=tolerance)


def trained(most, monkeypatch, **settings):
    monkeypatch.setattr(compiled, "MOST", most)
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((90, 3)), rng.integers(0, 3, 90)
    stack = [layers.Dense(12, "tanh", kernel_regularizer=layers.L2(1e-3), max_norm=2.0),
             layers.Dense(3, "softmax")]  # fmt: skip
    model = Sequential(stack, seed=4, dtype="float64")
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=20, epochs=8, verbose=0, validation_data=(x, y),
                        sample_weight=rng.random(90), **settings)  # fmt: skip
    return model, history.history


def test_a_whole_training_is_that_of_the_layers(monkeypatch):
    """Penalties, constraints, metrics, weights, a shorter last batch."""
    quick, one = trained(2**18, monkeypatch)
    slow, other = trained(0, monkeypatch)
    np.testing.assert_allclose(
        quick.parameters.values, slow.parameters.values, rtol=1e-9, atol=1e-12
    )
    for name in other:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, err_msg=name)


def test_what_it_does_not_know_goes_through_the_layers():
    def stack(*hidden, last="softmax", loss="sparse_categorical_crossentropy"):
        model = Sequential([*hidden, layers.Dense(3, last)], seed=0)
        model.compile("sgd", loss)
        model.build((4,))
        return CompiledStack.of(model, model.need_compiled())

    assert stack(layers.Dense(5, "relu")) is not None
    assert stack(layers.Rescaling(0.5), layers.Dense(5, "relu")) is not None
    assert stack(layers.Dense(5, "elu")) is None
    assert stack(layers.BatchNormalization()) is None
    assert stack(layers.Dense(5), layers.Dropout(0.5)) is None
    assert stack(layers.Dropout(0.5), layers.Dense(5)) is None
    assert stack(last="linear", loss="mean_absolute_error") is None
    assert stack(last="softmax", loss="mean_squared_error") is None
    assert stack(loss={"name": "categorical_crossentropy", "label_smoothing": 0.1}) is None
    few = stack(layers.Dense(5, "relu"))
    assert not few.takes(np.zeros((2**18, 4)), np.zeros(2**18, int))
    assert not few.takes(np.zeros((2, 4)), np.zeros((2, 3)))  # rows of probabilities


@settings(max_examples=40, deadline=None)
@given(
    widths=st.lists(st.tuples(st.integers(1, 20), st.sampled_from(
        ["relu", "tanh", "sigmoid", "linear", "elu"]), st.booleans()), max_size=3),
    last=st.sampled_from(["softmax", "sigmoid", "linear"]), dtype=st.sampled_from(list(TOLERANCE)),
    n=st.integers(1, 40), k=st.integers(2, 9), seed=st.integers(0, 99),
)  # fmt: skip
def test_few_samples_are_predicted_as_by_the_layers(widths, last, dtype, n, k, seed):
    rng = np.random.default_rng(seed)
    stack = [layers.Dense(units, f, use_bias=bias) for units, f, bias in widths]
    model = Sequential(
        [layers.Flatten(), *stack, layers.Dropout(0.5), layers.Dense(k, last)],
        seed=seed, dtype=dtype,
    )  # fmt: skip
    model.build((2, 3))
    x = rng.standard_normal((n, 2, 3)).astype(dtype)
    quick = compiled.CompiledOutputs(model)
    assert quick.takes(x) == all(f != "elu" for _, f, _ in widths)
    expected, tolerance = model.forward(x), TOLERANCE[dtype]
    found = model.predict(x)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    found[...] = 0  # the caller's own array
    np.testing.assert_allclose(model.predict(x), expected, rtol=tolerance, atol=tolerance)
    x.flags.writeable = False
    np.testing.assert_allclose(model.predict(x), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 3])
def test_many_rows_are_predicted_part_by_part_on_all_cores(monkeypatch, dtype, threads):
    monkeypatch.setattr(compiled, "TEAM", Team(threads))
    model = Sequential(
        [layers.Dense(50, "relu"), layers.Dense(7, "tanh"), layers.Dense(3, "softmax")],
        seed=0, dtype=dtype,
    )  # fmt: skip
    model.build((30,))
    rng = np.random.default_rng(0)
    for n in (2 * PART, 2 * PART + 1, 5 * PART - 3):
        x = rng.standard_normal((n, 30)).astype(dtype)
        assert compiled.CompiledOutputs(model).takes_many(x)
        many, tolerance = model.predict(x), TOLERANCE[dtype]
        expected = evaluation.predictions(model, x)
        np.testing.assert_allclose(many, expected, rtol=tolerance, atol=tolerance)
        alone = [model.predict(x[start : start + PART]) for start in range(0, n, PART)]
        np.testing.assert_allclose(many, np.concatenate(alone), rtol=tolerance, atol=tolerance)
        by_columns = model.predict(np.asfortranarray(x))
        assert many.dtype == dtype and np.array_equal(by_columns, many)
    x[1700] = 1e30  # its square overflows, but it is a number
    assert model.predict(x).shape == (n, 3)
    x[1800, 4] = np.nan
    with pytest.raises(DataError, match="1800"):
        model.predict(x)


def test_a_network_without_dense_layers_is_predicted_by_its_layers():
    model = Sequential([layers.Conv2D(2, 3), layers.GlobalAveragePooling2D()], seed=0)
    x = np.random.default_rng(0).standard_normal((2, 5, 5, 1)).astype("float32")
    model.build((5, 5, 1))
    np.testing.assert_allclose(model.predict(x), model.forward(x), rtol=1e-6)


@pytest.mark.parametrize("pooling", [layers.MaxPooling2D, layers.AveragePooling2D])
def test_one_image_is_predicted_through_joined_layers_and_follows_what_is_changed(pooling):
    convolution = layers.Conv2D(3, 3, activation="relu")
    model = Sequential([convolution, pooling(2), layers.Flatten(), layers.Dense(2, "softmax")])
    model.build((8, 8, 1))
    x = np.random.default_rng(0).normal(size=(5, 8, 8, 1)).astype(np.float32)

    def by_layers():
        y = x[:1]
        for layer in model.layers:
            y = layer.forward(y)
        return y

    before = model.predict(x[:1])
    assert model._compiled_outputs.takes(x[:1])
    assert len(model._compiled_outputs.inputs.passes) == 2  # convolution and pooling are one
    np.testing.assert_allclose(before, by_layers(), rtol=1e-5)
    assert np.array_equal(before, model.predict(x)[:1])
    convolution.activation = activations.get("tanh")
    after = model.predict(x[:1])
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_allclose(after, by_layers(), rtol=1e-5)


def test_predictions_follow_what_is_changed():
    model = Sequential([layers.Dense(3, "relu"), layers.Dense(2, "softmax")], seed=0)
    model.build((4,))
    x = np.eye(4, dtype=np.float32)
    model.predict(x)
    model.layers[0].W[...] *= -2
    np.testing.assert_allclose(model.predict(x), model.forward(x), rtol=1e-6)
    model.layers[0].activation = activations.get("tanh")
    np.testing.assert_allclose(model.predict(x), model.forward(x), rtol=1e-6)
    twin = pickle.loads(pickle.dumps(model))
    twin.layers[0].W[...] = 0
    np.testing.assert_allclose(twin.predict(x), twin.forward(x), rtol=1e-6)
    with pytest.raises(DataError, match=r"x\[1, 2\] is nan"):
        model.predict([[0, 0, 0, 0], [0, 0, np.nan, 0]])


@settings(max_examples=60, deadline=None)
@given(n=st.integers(0, 30), p=st.integers(1, 4), q=st.integers(1, 40), seed=st.integers(0, 99))
def test_products_with_a_matrix_of_few_rows(n, p, q, seed):
    rng = np.random.default_rng(seed)
    x, W = rng.standard_normal((n, p)), rng.standard_normal((q, p)).T  # as dz·Wᵀ has it
    for matrix in (W, np.ascontiguousarray(W)):
        out = np.full((n, q), np.nan)
        product_of_few(x, matrix, out)
        np.testing.assert_allclose(out, x @ W, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("features, activation, needed", [
    (9, "relu", None), (9, "tanh", True), (9, "sigmoid", True), (2, "relu", True),
])  # fmt: skip
def test_loops_that_a_network_does_not_need_are_left_out(features, activation, needed):
    model = Sequential([layers.Dense(9, activation), layers.Dense(5, "softmax")], seed=0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build((features,))
    x = np.random.default_rng(0).standard_normal((7, features)).astype("float32")
    y = np.arange(7) % 5
    expected = model._through_the_layers(x, y, None, True)
    quick = CompiledStack.of(model, model.need_compiled())
    answers = compiled.CompiledOutputs(model)
    assert quick.more is answers.more is needed
    assert quick(x, y, None) == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(
        answers(x, model.parameters.values), model.forward(x), rtol=1e-5, atol=1e-6
    )


class Heavier(layers.Dense):
    """A penalty of somebody's own, which Dense knows nothing of."""

    def penalty(self):
        return 7.0


class Shorter(layers.Dense):
    def constrain(self):
        self.W[...] = 0.25


def in_a_residual(*inner):
    return [layers.Residual(list(inner))]


@pytest.mark.parametrize("place", [lambda *inner: list(inner), in_a_residual])
def test_penalties_and_constraints_count_in_fast_steps_from_when_they_are_set(place):
    """Whose they are is looked for once, before the first step, and whenever a layer changes."""

    def trained(*hidden):
        model = Sequential([*place(*hidden), layers.Dense(2, "softmax")], seed=0)
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.build((3,))
        return model

    x, y = np.ones((8, 3), np.float32), np.zeros(8, int)
    plain = trained(layers.Dense(3))
    bare = plain.train_step(x, y)
    for hidden, more in ((layers.Dense(3), 0.0), (Heavier(3), 7.0)):
        model = trained(hidden)
        with model.compiled_steps():
            assert model.train_step(x, y) == pytest.approx(bare + more)
            assert model.penalty() == pytest.approx(more)
    model = trained(Shorter(3))
    with model.compiled_steps():
        model.train_step(x, y)
    assert (model.parameters.values[:9] == 0.25).all()

    model = trained(hidden := layers.Dense(3))
    with model.compiled_steps():
        model.train_step(x, y)
        hidden.kernel_regularizer = layers.L2(0.5)
        model.loss_and_gradient(x, y)
        assert model.penalty() == pytest.approx(0.5 * float((hidden.W**2).sum()))
        hidden.max_norm = 0.01
        model.train_step(x, y)
        assert np.linalg.norm(hidden.W, axis=0).max() == pytest.approx(0.01)
