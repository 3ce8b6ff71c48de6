"""What is set counts, or is refused by name."""

import inspect
import pickle
import traceback

import numpy as np
import pytest

from glassnet import (
    Sequential,
    activations,
    callbacks,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    schedules,
)
from glassnet.errors import ConfigError, DataError, GlassnetError, NotBuiltError, ShapeError

X = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
Y = X[:, :1] * 2


def network(**how):
    stack = [layers.Dense(5, "tanh"), layers.BatchNormalization(), layers.Dense(1)]
    model = Sequential(stack, seed=0, **how)
    model.compile(optimizers.SGD(0.1), "mse")
    model.build(4)
    return model


# ---- weights (N1) --------------------------------------------------------------------------


def test_the_line_of_every_book_trains():
    model = network()
    _, gradient = model.loss_and_gradient(X, Y)
    expected = model.parameters.values - np.float32(0.1) * gradient
    for layer in model.layers:
        for weight in [w.name for w in layer.weights() if w.trained]:
            new = getattr(layer, weight) - 0.1 * getattr(layer, f"d{weight}")
            setattr(layer, weight, new)
    np.testing.assert_allclose(model.parameters.values, expected, rtol=1e-6)
    model.layers[0].W -= 0.5
    assert model.parameters["dense/W"] is not model.layers[0].W
    np.testing.assert_array_equal(model.parameters["dense/W"], model.layers[0].W)
    model.layers[0].b = [1, 2, 3, 4, 5]  # a list, and whole numbers
    np.testing.assert_array_equal(model.get_weights()[1], [1, 2, 3, 4, 5])
    model.layers[1].moving_mean = np.ones(5)
    assert (model.parameters.state[:5] == 1).all()
    again = pickle.loads(pickle.dumps(model))
    again.layers[0].b = np.zeros(5)
    assert (again.get_weights()[1] == 0).all()


@pytest.mark.parametrize("value, error", [
    (np.ones((5, 4)), ShapeError), (1.0, ShapeError), ("W", ConfigError), (None, ConfigError),
    ([["a"] * 5] * 4, ConfigError),
])  # fmt: skip
def test_weights_of_another_form_are_refused(value, error):
    model = network()
    before = model.parameters.values.copy()
    with pytest.raises(error, match="W"):
        model.layers[0].W = value
    np.testing.assert_array_equal(model.parameters.values, before)


def test_the_flat_vectors_and_their_stretches():
    model = network()
    model.parameters.values = np.arange(model.parameters.size)
    assert model.layers[0].W[0, 1] == 1.0
    model.parameters["dense/b"] = np.full(5, 7.0)
    assert (model.layers[0].b == 7).all()
    with pytest.raises(ShapeError, match=r"parameters.values has shape \(41,\)"):
        model.parameters.values = np.ones(3)
    with pytest.raises(ShapeError, match="dense/b has shape"):
        model.parameters["dense/b"] = 3.0
    with pytest.raises(GlassnetError, match=r"unknown parameter 0: .*dense/W"):
        model.parameters[0] = 3.0
    with pytest.raises(AttributeError, match="Did you mean 'values'"):
        model.parameters.vales = 3


def test_weights_before_there_are_any():
    with pytest.raises(AttributeError, match=r"no weights yet: build\("):
        layers.Dense(3).W = np.ones((4, 3))


# ---- settings (N2) -------------------------------------------------------------------------


def test_a_setting_does_what_init_does():
    layer = layers.Dense(3)
    layer.units, layer.activation = 7.0, "relu"
    assert layer.units == 7 and layer.activation is activations.relu
    layer.kernel_initializer = "zeros"
    assert (layer.forward(X) == 0).all() and layer.output_shape == (7,)
    drop = layers.Dropout(0.2)
    drop.rate = 0.5
    assert drop.threshold == layers.Dropout(0.5).threshold
    for bad in ("units", "rate", "activation"):
        with pytest.raises((GlassnetError, AttributeError), match=bad):
            setattr(layer, bad, "nonsense")


@pytest.mark.parametrize("name, value", [
    ("units", 9), ("use_bias", False), ("kernel_initializer", "zeros"), ("name", "other"),
])  # fmt: skip
def test_what_is_built_in_is_refused(name, value):
    model = network()
    with pytest.raises(ConfigError, match=name):
        setattr(model.layers[0], name, value)


def test_the_activation_of_a_network_that_learns():
    model = network()
    before = model.predict(X)
    model.layers[0].activation = "relu"
    assert not np.array_equal(model.predict(X), before)
    classes = Sequential([layers.Dense(3, "softmax")], seed=0)
    classes.compile("sgd", "sparse_categorical_crossentropy")
    classes.build(4)
    assert classes.objective.fused
    with pytest.raises(ConfigError, match="probabilities"):
        classes.layers[0].activation = "tanh"
    assert classes.layers[0].activation.name == "softmax"  # as it was


def test_frozen_at_once():
    model = network()
    model.layers[0].trainable = False
    before = model.layers[0].W.copy()
    model.fit(X, Y, epochs=2, verbose=0)
    np.testing.assert_array_equal(model.layers[0].W, before)
    model.layers[0].trainable = True
    model.train_on_batch(X, Y)
    assert not np.array_equal(model.layers[0].W, before)
    with pytest.raises(ConfigError, match="trainable"):
        model.layers[0].trainable = "no"


def test_the_model_s_own():
    model = network()
    model.train_on_batch(X, Y)
    model.optimizer = "adam"
    assert type(model.optimizer) is optimizers.Adam and model.optimizer.size
    model.optimizer.lr = 0.5
    assert model.optimizer.learning_rate == 0.5
    model.loss = "mae"
    assert model.loss == losses.MeanAbsoluteError()
    loss = model.evaluate(X, Y)["loss"]
    assert loss == pytest.approx(np.abs(model.predict(X) - Y).mean(), rel=1e-5)
    model.metrics = ["r2"]
    assert "r2" in model.evaluate(X, Y)
    for change in ("append(layers.Dense(2))", "pop()", "clear()", "reverse()", "__delitem__(0)",
                   "extend([layers.Dense(2)])", "insert(0, layers.Dense(2))"):  # fmt: skip
        with pytest.raises(ConfigError, match="is built: make a new Sequential"):
            eval(f"model.layers.{change}")
    with pytest.raises(ConfigError, match="is built"):
        model.layers = []
    fresh = Sequential(seed=0)
    fresh.layers.append(layers.Dense(3))
    fresh.layers += [layers.Dense(2)]
    fresh.build(4)
    assert fresh.predict(X).shape == (8, 2)
    with pytest.raises(ConfigError, match="expected a layer"):
        Sequential().layers.append(3)


@pytest.mark.parametrize("thing, wrong, meant", [
    (layers.Dense(2), "activaton", "activation"), (layers.Dense(2), "unit", "units"),
    (optimizers.Adam(), "learning_rat", "learning_rate"), (Sequential(), "optimiser", "optimizer"),
    (metrics.Accuracy(), "treshold", "threshold"), (Sequential(), "stop_trainig", "stop_training"),
    (callbacks.EarlyStopping(), "patiense", "patience"), (layers.Dropout(0.5), "rat", "rate"),
])  # fmt: skip
def test_a_misspelt_name_is_an_error_that_names_the_right_one(thing, wrong, meant):
    with pytest.raises(AttributeError, match=f"no attribute '{wrong}'.*'{meant}'"):
        setattr(thing, wrong, 1)
    with pytest.raises(AttributeError) as error:  # and Python itself says it for reading
        getattr(thing, wrong)
    shown = "".join(traceback.format_exception_only(error.value))
    assert wrong in shown


# ---- every attribute of everything ---------------------------------------------------------


def things():
    model = network()
    yield from [layers.Dense(3, "relu"), layers.Activation("relu"), layers.Dropout(0.3),
                layers.BatchNormalization(), layers.LayerNormalization(), layers.Flatten(),
                layers.Reshape((2, 2)), layers.Rescaling(2.0), layers.Input((4,)),
                layers.Residual([layers.Dense(4)])]  # fmt: skip
    yield from [model, model.layers[0], model.layers[1], model.parameters, model.optimizer]
    yield from [optimizers.get(name) for name in optimizers.OPTIMIZERS]
    yield from [metrics.get(name) for name in ("accuracy", "top_k", "precision", "f1", "r2", "mae")]
    yield from [losses.get("huber"), losses.get("binary_crossentropy"), losses.get("mse")]
    yield from [activations.get(name) for name in ("relu", "elu", "leaky_relu", "softmax")]
    yield from [schedules.StepDecay(0.1, 3), schedules.CosineDecay(0.1, 5)]
    yield from [initializers.get(name) for name in ("zeros", "he_normal", "orthogonal")]
    yield from [callbacks.EarlyStopping(), callbacks.ReduceLROnPlateau(), callbacks.Callback()]


def other(value):
    """Something else of the same kind."""
    if isinstance(value, (bool, np.bool_)):
        return not value
    if isinstance(value, (int, float)):
        return value / 2 + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, np.ndarray):
        return value + 1
    if isinstance(value, tuple):
        return (*value, 7)
    return [1, 2, 3] if value is None else None


@pytest.mark.parametrize("number", range(len(list(things()))))
def test_setting_it_changes_what_is_read_or_raises(number):
    thing = list(things())[number]
    names = [n for n in dir(thing) if not n.startswith("_")]
    for name in names:
        try:
            before = getattr(thing, name)
        except GlassnetError:
            continue
        new = other(before)
        try:
            setattr(thing, name, new)
        except (AttributeError, GlassnetError, TypeError, ValueError):
            continue
        after = getattr(thing, name)
        same = after is before or (np.shape(after) == np.shape(before) and np.all(after == before))
        assert not same or np.all(new == before), f"{thing!r}.{name} = {new!r} did nothing"
        assert not inspect.ismethod(before), name


@pytest.mark.parametrize("number", range(10))
def test_what_a_layer_accepts_is_in_its_config(number):
    """A setting that is set is the one that a copy has."""
    layer = list(things())[number]
    for name in type(layer).__init__.__code__.co_varnames[1:]:
        if name not in vars(layer) or name in ("name", "layers"):
            continue
        for new in (0.25, 3, "tanh", "ones", (2, 2), False):
            try:
                setattr(layer, name, new)
            except (GlassnetError, TypeError, ValueError):
                continue
            again = layers.from_config(layer.get_config())
            assert getattr(again, name) == getattr(layer, name)


# ---- alone, before any model (N5) -----------------------------------------------------------


@pytest.mark.parametrize("layer", [
    layers.Dense(4, "relu"), layers.Activation("tanh"), layers.Dropout(0.5), layers.Flatten(),
    layers.BatchNormalization(), layers.LayerNormalization(), layers.Reshape((2, 1)),
    layers.Rescaling(0.5), layers.Input((2,)), layers.Residual([layers.Dense(2)]),
], ids=lambda layer: layer.kind)  # fmt: skip
def test_a_layer_works_alone_on_lists(layer):
    y = layer.forward([[1.0, 2.0], [3.0, 4.0]])
    assert y.shape == (2, *layer.output_shape)
    dx = layer.backward(np.ones(y.shape))
    assert dx.shape == (2, 2)
    np.testing.assert_array_equal(layer.forward(np.array([[1.0, 2.0], [3.0, 4.0]])), y)
    with pytest.raises(ShapeError):
        layer.forward([[1.0, 2.0, 3.0]])


def test_the_gradient_of_a_layer_alone():
    layer = layers.Dense(3, "relu")
    with pytest.raises(NotBuiltError, match="forward before"):
        layer.backward([[1.0, 1.0, 1.0]])
    layer.forward(X)
    layer.backward(np.ones((8, 3)).tolist())
    with pytest.raises(ShapeError, match=r"dL/dy has shape \(8, 2\)"):
        layer.backward(np.ones((8, 2)))


def test_the_habit_of_pytorch_is_answered():
    with pytest.raises(ConfigError, match=r"Linear\(2, 4\) is Dense\(4\)"):
        layers.Dense(2, 4)


def test_one_sample_is_told_to_be_a_batch():
    model = network()
    for wrong in (lambda: model.predict(X[0]), lambda: layers.Dense(3).forward(X[0]),
                  lambda: model.layers[0].forward(X[0])):  # fmt: skip
        with pytest.raises((ShapeError, DataError), match=r"x\[None\]"):
            wrong()


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_an_optimizer_alone_is_the_one_of_a_network(name):
    rng = np.random.default_rng(0)
    W, b = rng.normal(size=(3, 2)), rng.normal(size=2)
    flat = np.concatenate([W.ravel(), b])
    params, one, several = {"W": W, "b": b}, optimizers.get(name), optimizers.get(name)
    for _ in range(3):
        grads = {"b": rng.normal(size=2), "W": rng.normal(size=(3, 2))}
        one.step(flat, np.concatenate([grads["W"].ravel(), grads["b"]]))
        several.update(params, grads)
    np.testing.assert_allclose(np.concatenate([W.ravel(), b]), flat, rtol=1e-12)
    matrix = np.asfortranarray(rng.normal(size=(3, 2)))
    copy, alone, flat_one = matrix.ravel().copy(), optimizers.get(name), optimizers.get(name)
    alone.step(matrix, np.ones((3, 2)))
    flat_one.step(copy, np.ones(6))
    np.testing.assert_array_equal(matrix.ravel(), copy)


@pytest.mark.parametrize("params, grads, wrong", [
    ({"W": [1.0]}, {"W": [1.0]}, "in place"), ({"W": np.ones(2)}, {}, "no gradient for 'W'"),
    ({"W": np.ones(2)}, {"W": np.ones(3)}, "W has shape"), ({}, {}, "no parameters"),
    ([np.arange(3)], [np.ones(3)], "float32 or float64"),
])  # fmt: skip
def test_what_an_optimizer_cannot_update(params, grads, wrong):
    with pytest.raises(GlassnetError, match=wrong):
        optimizers.SGD().update(params, grads)


def test_a_regularizer_is_a_config_as_everything_else():
    config = {"name": "l2", "l2": 0.5}
    assert layers.Dense(1, kernel_regularizer=config).kernel_regularizer == layers.L2(0.5)
    assert layers.Dense(1, kernel_regularizer={"name": "l1"}).kernel_regularizer == layers.L1()
    with pytest.raises(ConfigError, match="setting of regularizer 'l2'"):
        layers.Dense(1, kernel_regularizer={"name": "l2", "l3": 1})
