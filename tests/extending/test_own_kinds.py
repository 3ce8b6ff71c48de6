"""Kinds of a user's own: never taken for their parent, found again by name."""

import copy
import pickle
import warnings
from dataclasses import dataclass

import numpy as np
import pytest

import glassnet
from glassnet import (
    Sequential,
    activations,
    initializers,
    interop,
    layers,
    losses,
    metrics,
    optimizers,
    schedules,
)
from glassnet._core import custom
from glassnet.calculus import check_gradient
from glassnet.callbacks import Callback
from glassnet.errors import ConfigError, FileFormatError, GlassnetError

X = np.random.default_rng(0).normal(size=(12, 4))
LABELS = np.arange(12) % 3
VALUES = X.sum(axis=1, keepdims=True)


class Doubled(layers.Dense):
    """A Dense whose output counts twice."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)

    def backward(self, dy, need_dx=True):
        return super().backward(2 * np.asarray(dy), need_dx)


class Scale(layers.Layer):
    """y = s·x with a learned s; it says nothing else of itself."""

    def __init__(self, start=1.0, name=None, trainable=True):
        super().__init__(name, trainable)
        self.start = start
        self.x = None

    def weights(self):
        return [layers.Weight("s", (1,), initializers.Constant(self.start))]

    def forward(self, x, training=False):
        self.x = self.take_input(x)
        return self.x * self.s

    def backward(self, dy, need_dx=True):
        self.ds[...] = (dy * self.x).sum()
        return dy * self.s


@dataclass(frozen=True)
class Cubed(activations.ReLU):
    """A parent that is far from it."""

    power: float = 3.0
    needs_z = True

    def forward_(self, z):
        z[...] = z**self.power

    def backward_(self, saved, dy):
        dy *= self.power * saved ** (self.power - 1)


class Sign(optimizers.SGD):
    def _update(self, w, g, state, n, keep):
        w -= n["η"] * np.sign(g)


class Quartic(losses.MeanSquaredError):
    def run_(self, truth, pred, weights, losses):
        error = pred - truth
        losses[:] = (error**4).mean(axis=1)
        pred[...] = 4 * error**3 / error.size
        return float(losses.mean())


class Worst(metrics.MeanAbsoluteError):
    def _per_sample(self, y_true, y_pred):
        return np.abs(y_true.reshape(y_pred.shape) - y_pred).max(axis=1) + 100


class Mine(Sequential):
    def __init__(self, width=5, seed=None):
        super().__init__([layers.Dense(width, "tanh"), layers.Dense(1)], seed=seed)
        self.width = width

    def hello(self):
        return "mine"


class Plain(Sequential):
    """With the arguments of Sequential."""


OWN = [Doubled, Scale, Cubed, Sign, Quartic, Worst, Mine]


def network(dtype="float32"):
    model = Sequential(
        [Doubled(5, "tanh"), Scale(0.5), layers.Dense(3, Cubed()), layers.Dense(1)],
        seed=0, dtype=dtype,
    )  # fmt: skip
    model.compile(Sign(0.01), Quartic(), [Worst()])
    model.fit(X, VALUES, epochs=2, verbose=0)
    return model


def register_all():
    for thing in OWN:
        glassnet.register(thing)


@pytest.mark.parametrize("kind", OWN)
def test_a_subclass_has_a_name_of_its_own(kind):
    attribute = "kind" if issubclass(kind, (layers.Layer, Sequential)) else "name"
    assert getattr(kind, attribute) == kind.__name__


@pytest.mark.parametrize("base, attribute, taken", [
    (layers.Layer, "kind", "dense"), (activations.Activation, "name", "relu"),
    (losses.Loss, "name", "mse"), (optimizers.Optimizer, "name", "adam"),
    (metrics.Metric, "name", "accuracy"), (schedules.Schedule, "name", "one_cycle"),
    (initializers.Initializer, "name", "zeros"), (Sequential, "kind", "sequential"),
])  # fmt: skip
def test_a_name_of_glassnet_s_own_is_refused(base, attribute, taken):
    with pytest.raises(ConfigError, match=f"class Thief: '{taken}' is the name of glassnet's own"):
        type("Thief", (base,), {attribute: taken, "__module__": __name__})
    thief = type("Thief", (base,), {"__module__": __name__})
    for way in (lambda: glassnet.register(thief, taken), lambda: glassnet.register(taken)(thief)):
        with pytest.raises(ConfigError, match=f"{taken}"):
            way()


def test_two_things_of_one_name():
    glassnet.register(Scale)
    glassnet.register(Scale)  # the same again, as a notebook's cell does
    other = type("Other", (layers.Layer,), {"__module__": __name__})
    with pytest.raises(ConfigError, match="'Scale' stands for Scale already"):
        glassnet.register(other, "Scale")
    with pytest.raises(ConfigError, match="no kind that glassnet knows"):
        glassnet.register(int)
    with pytest.raises(ConfigError, match="a lambda has no name"):
        glassnet.register(lambda y, t: 0)


def test_what_is_registered_is_saved_and_loaded(tmp_path):
    register_all()
    model = network()
    model.save(tmp_path / "m.safetensors")
    again = glassnet.load(tmp_path / "m.safetensors")
    assert [type(layer) for layer in again.layers[:2]] == [Doubled, Scale]
    assert again.layers[1].start == 0.5 and again.layers[2].activation == Cubed()
    assert type(again.optimizer) is Sign and type(again.loss) is Quartic
    assert type(again.metrics[0]) is Worst
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.evaluate(X, VALUES) == model.evaluate(X, VALUES)
    assert again.get_config() == model.get_config()


def test_what_is_not_registered_is_not_saved(tmp_path):
    model = network()
    with pytest.raises(ConfigError, match=r"the layer 'Doubled' is your own.*glassnet.register"):
        model.save(tmp_path / "m.safetensors")
    for thing, named in [(Doubled, "Scale"), (Scale, "Cubed"), (Cubed, "Sign"), (Sign, "Quartic"),
                         (Quartic, "Worst")]:  # fmt: skip
        glassnet.register(thing)
        with pytest.raises(ConfigError, match=f"'{named}' is your own"):
            model.save(tmp_path / "m.safetensors")
    glassnet.register(Worst)
    model.save(tmp_path / "m.safetensors")
    for family in custom.FAMILIES.values():
        family.own.clear()
    with pytest.raises(FileFormatError, match=r"layer 'Doubled'.*register.*custom=") as error:
        glassnet.load(tmp_path / "m.safetensors")
    assert "damaged" not in str(error.value)
    known = {thing.__name__: thing for thing in OWN}
    for load in (glassnet.load, Sequential.load):
        again = load(tmp_path / "m.safetensors", custom=known)
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
    with pytest.raises(ConfigError, match="glassnet's own layer"):
        glassnet.load(tmp_path / "m.safetensors", custom={"dense": Doubled})
    with pytest.raises(ConfigError, match="expected a dict"):
        glassnet.load(tmp_path / "m.safetensors", custom=[Doubled])


def test_a_name_that_is_given(tmp_path):
    @glassnet.register("halved")
    class Half(layers.Layer):
        def forward(self, x, training=False):
            return self.take_input(x) / 2

        def backward(self, dy, need_dx=True):
            return dy / 2

    assert layers.from_config({"layer": "halved"}).kind == "halved"
    model = Sequential([Half(), layers.Dense(1)], seed=0)
    model.build(4)
    model.save(tmp_path / "m.safetensors")
    assert type(glassnet.load(tmp_path / "m.safetensors").layers[0]) is Half


def test_copies_and_pickles_are_the_same_network():
    model = network()
    for twin in (model.copy(), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert [type(layer) for layer in twin.layers] == [type(layer) for layer in model.layers]
        assert type(twin.optimizer) is Sign and type(twin.loss) is Quartic
        np.testing.assert_array_equal(twin.predict(X), model.predict(X))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_is_checked_as_it_is(dtype):
    model = Sequential([Doubled(4, "tanh"), Scale(0.7), layers.Dense(3, Cubed()), Doubled(1)],
                       seed=1, dtype=dtype)  # fmt: skip
    model.compile("sgd", Quartic())
    report = check_gradient(model, X, VALUES)
    assert report.ok, str(report)


@pytest.mark.parametrize("last", [Doubled(3, "softmax"), layers.Dense(3, "softmax")])
def test_a_forward_of_one_s_own_is_not_gone_around(last):
    """Neither by the fused loss nor by the compiled stack."""
    model = Sequential([layers.Dense(4, "relu"), copy.deepcopy(last)], seed=0, dtype="float64")
    model.compile("sgd", losses.MeanSquaredError())
    one_hot = np.eye(3)[LABELS]
    loss, _ = model.loss_and_gradient(X, one_hot)
    assert loss == pytest.approx(np.mean((model.predict(X) - one_hot) ** 2))
    out = model.layers[1].forward(model.layers[0].forward(X))
    np.testing.assert_allclose(model.predict(X), out, rtol=1e-12)


def test_a_loss_or_an_activation_of_one_s_own_is_not_fused():
    class Softest(activations.Softmax):
        def forward_(self, z):
            z[...] = 1 / z.shape[1]

    class Harsh(losses.SparseCategoricalCrossentropy):
        def run_(self, truth, pred, weights, losses):
            return 10 * super().run_(truth, pred, weights, losses)

    model = Sequential([layers.Dense(3, Softest())], seed=0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert model.evaluate(X, LABELS)["loss"] == pytest.approx(np.log(3)) if model.built else True
    assert not model.objective.fused
    model = Sequential([layers.Dense(3, "softmax")], seed=0)
    model.compile("sgd", Harsh())
    assert not model.objective.fused
    model.fit(X, LABELS, epochs=1, verbose=0)
    plain = losses.SparseCategoricalCrossentropy()(LABELS, model.predict(X))
    assert model.evaluate(X, LABELS)["loss"] == pytest.approx(10 * plain, rel=1e-5)


def exporters(folder):
    yield lambda m: interop.to_onnx(m, folder / "m.onnx")
    yield lambda m: interop.to_keras(m, folder / "m.keras")
    yield lambda m: interop.to_torch(m)
    yield lambda m: interop.save_torch_weights(m, folder / "m.safetensors")
    yield lambda m: interop.to_c(m, folder / "m.c")
    yield lambda m: interop.to_python(m, folder / "m.py")


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("own", [
    Doubled(1), Scale(), layers.Dense(1, Cubed()), layers.Activation(Cubed()),
    layers.Residual([Doubled(4)]),
    type("Off", (layers.Dropout,), {"__module__": __name__,
                                    "forward": lambda self, x, training=False: x * 0})(0.5),
    type("Leak", (activations.LeakyReLU,), {"__module__": __name__}),
], ids=lambda o: getattr(o, "__name__", type(o).__name__))  # fmt: skip
def test_exporters_refuse_what_they_cannot_know(tmp_path, own, number):
    if number == 2:  # a module needs PyTorch; its weights as a file do not
        pytest.importorskip("torch")
    own = layers.Dense(1, own()) if isinstance(own, type) else copy.deepcopy(own)
    model = Sequential([own, layers.Dense(1)], seed=0)
    model.compile("sgd", "mse")
    model.build(4)
    export = list(exporters(tmp_path))[number]
    with pytest.raises(GlassnetError, match=r"Doubled|Scale|Cubed|Off|Leak|Residual"):
        export(model)


def test_it_is_summarised_and_explained():
    model = network()
    text = model.summary()
    assert "Doubled, tanh" in text and "Scale" in text and "Cubed" in text
    step = glassnet.explain.explain_step(model, X[:2], VALUES[:2])
    shown = str(step)
    assert "Scale" in shown
    doubled = step.layer(model.layers[0].name)
    for quantity in doubled.quantities:
        assert "x·W" not in str(doubled.quantities[quantity].formula)


def test_a_subclass_of_sequential_survives(tmp_path):
    model = Mine(7, seed=0)
    model.compile("adam", "mse")
    model.fit(X, VALUES, epochs=1, verbose=0)
    twin = model.copy()
    assert type(twin) is Mine and twin.width == 7 and twin.hello() == "mine"
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))
    with pytest.raises(ConfigError, match="the model 'Mine' is your own"):
        model.save(tmp_path / "m.safetensors")
    glassnet.register(Mine)
    model.save(tmp_path / "m.safetensors")
    for load in (glassnet.load, Sequential.load, Mine.load):
        again = load(tmp_path / "m.safetensors")
        assert type(again) is Mine and again.width == 7
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
    plain = Plain([layers.Dense(2)], seed=0)
    plain.build(3)
    assert type(plain.copy()) is Plain
    custom.FAMILIES["model"].own.clear()
    with pytest.raises(FileFormatError, match=r"model 'Mine'.*register"):
        glassnet.load(tmp_path / "m.safetensors")
    assert Sequential.load(tmp_path / "m.safetensors", custom={"Mine": Mine}).width == 7


def test_settings_that_would_be_lost_are_named():
    class Forgetful(layers.Dense):
        def __init__(self, units, gain):
            super().__init__(units)

    with pytest.raises(ConfigError, match=r"self\.gain = gain"):
        Forgetful(2, 3.0).get_config()

    class Lost(activations.Activation):
        def __init__(self, beta=1.0):
            object.__setattr__(self, "beta", beta)

        def forward_(self, z):
            z *= self.beta

    with pytest.raises(ConfigError, match="@dataclass"):
        Lost(2.0).get_config()

    class Handed(layers.Dense):
        def __init__(self, gain=1.0, **rest):
            super().__init__(**rest)
            self.gain = gain

    config = Handed(gain=2.0, units=3, activation="relu").get_config()
    assert config["gain"] == 2.0 and config["units"] == 3 and config["activation"]["name"] == "relu"


# ---- plain functions -----------------------------------------------------------------------


def pinball(y_true, y_pred):
    error = y_true - y_pred
    return np.maximum(0.9 * error, -0.1 * error)


def pinball_slope(y_true, y_pred):
    return np.where(y_true > y_pred, -0.9, 0.1)


def worst(y_true, y_pred):
    return np.abs(y_true - y_pred).max()


def swash(z):
    return z * np.tanh(z)


def swash_slope(z):
    return np.tanh(z) + z / np.cosh(z) ** 2


def slower(step):
    return 0.1 / (1 + step)


def ramp(shape, rng):
    return np.full(shape, 0.1) + rng.normal(size=shape)


def fitted(**how):
    first = layers.Dense(
        3, how.get("activation", "tanh"), kernel_initializer=how.get("initializer", "he")
    )
    model = Sequential([first, layers.Dense(2)], seed=0, dtype="float64")
    rate = how.get("rate", 0.1)
    model.compile(optimizers.SGD(rate), how.get("loss", "mse"), how.get("metrics", ()))
    model.fit(X, X[:, :2], epochs=2, verbose=0)
    return model


@pytest.mark.parametrize("how", [
    {"loss": losses.FunctionLoss(pinball, pinball_slope)},
    {"activation": activations.FunctionActivation(swash, swash_slope)},
    {"metrics": [worst, "mae"]}, {"rate": slower}, {"initializer": ramp},
], ids=lambda how: next(iter(how)))  # fmt: skip
def test_plain_functions_train_copy_and_come_back(tmp_path, how):
    model = fitted(**how)
    assert check_gradient(model, X, X[:, :2]).ok
    np.testing.assert_array_equal(model.copy().predict(X), model.predict(X))
    with pytest.raises(ConfigError, match="is your own"):
        model.save(tmp_path / "m.safetensors")
    for thing in how.values():
        for one in thing if isinstance(thing, list) else [thing]:
            if not isinstance(one, str):
                glassnet.register(one)
    model.save(tmp_path / "m.safetensors")
    again = glassnet.load(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.evaluate(X, X[:, :2]) == model.evaluate(X, X[:, :2])
    assert again.get_config() == model.get_config()


def test_without_a_derivative_the_numerical_one_is_used_and_said():
    with pytest.warns(UserWarning, match=r"pinball.*no derivative.*numerical"):
        numerical = losses.get(pinball)
    exact = losses.FunctionLoss(pinball, pinball_slope)
    t, y = np.random.default_rng(0).normal(size=(2, 5, 3))
    weights = np.arange(5.0)
    assert numerical(t, y, weights) == pytest.approx(exact(t, y, weights))
    np.testing.assert_allclose(numerical.gradient(t, y, weights), exact.gradient(t, y, weights),
                               atol=1e-9)  # fmt: skip
    assert "numerical" in numerical.display_name and "≈" in numerical.gradient_formula
    with pytest.warns(UserWarning, match=r"swash.*no derivative"):
        rough = activations.get(swash)
    z = np.linspace(-3, 3, 13)
    np.testing.assert_allclose(rough.derivative(z), swash_slope(z), atol=1e-9)
    assert "≈" in rough.derivative_formula


def test_a_loss_may_give_one_number_as_np_mean_does():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mean = losses.FunctionLoss(lambda t, y: np.mean((t - y) ** 2))
    t, y = np.random.default_rng(0).normal(size=(2, 5, 3))
    mse = losses.MeanSquaredError()
    weights = np.arange(5.0)
    assert mean(t, y, weights) == pytest.approx(mse(t, y, weights))
    np.testing.assert_allclose(mean.gradient(t, y, weights), mse.gradient(t, y, weights), atol=1e-9)
    np.testing.assert_allclose(mean.per_sample(t, y), mse.per_sample(t, y))
    slope = losses.FunctionLoss(lambda t, y: np.mean((t - y) ** 2), lambda t, y: 2 * (y - t) / 3)
    np.testing.assert_allclose(slope.gradient(t, y), mse.gradient(t, y))


def test_one_registered_function_serves_as_loss_and_metric():
    @glassnet.register
    def gap(y_true, y_pred):
        return np.abs(y_true - y_pred)

    with pytest.warns(UserWarning, match="gap"):
        model = fitted(loss="gap", metrics=["gap"])
    result = model.evaluate(X, X[:, :2])
    assert result["gap"] == pytest.approx(result["loss"])


@pytest.mark.parametrize("make, wrong", [
    (lambda: activations.FunctionActivation(np.sum, np.abs)(np.ones(3)), "returned shape"),
    (lambda: losses.FunctionLoss(lambda t, y: y[:, 0:0], np.abs)(np.ones(3), np.ones(3)), "shape"),
    (lambda: initializers.get(lambda shape: np.ones(3))((2, 2), None), "shape"),
    (lambda: schedules.get(lambda step: "fast")(0), "fast"),
    (lambda: activations.FunctionActivation(3), "no function"),
    (lambda: losses.FunctionLoss(3), "no function"),
    (lambda: metrics.FunctionMetric(3), "no function"),
    (lambda: schedules.FunctionSchedule(3), "no function"),
    (lambda: initializers.FunctionInitializer(3), "no function"),
])  # fmt: skip
def test_functions_that_give_something_else(make, wrong):
    with pytest.raises(GlassnetError, match=wrong):
        make()


def test_classes_stand_for_their_defaults():
    assert activations.get(Cubed) == Cubed()
    assert type(optimizers.get(optimizers.Adam)) is optimizers.Adam
    assert type(metrics.get(Worst)) is Worst
    assert losses.get(losses.Huber) == losses.Huber()


def test_the_estimators_clone_what_is_one_s_own():
    from sklearn.base import clone

    from glassnet.sklearn import NetworkRegressor

    estimator = NetworkRegressor(
        Sequential([Doubled(4, Cubed()), Scale(), layers.Dense(1)], seed=0),
        optimizer=Sign(0.01),
        max_iter=2,
        random_state=0,
    )
    y = VALUES[:, 0]
    warnings.simplefilter("ignore")  # it has not converged
    first = estimator.fit(X, y).predict(X)
    np.testing.assert_array_equal(clone(estimator).fit(X, y).predict(X), first)


def test_callbacks_are_free_to_keep_what_they_like():
    @glassnet.register
    class Stop(Callback):
        def on_train_begin(self):
            self.seen = []

        def on_epoch_end(self, epoch, logs):
            self.seen.append(logs["loss"])
            self.model.stop_training = len(self.seen) == 3

    stop = Stop()
    model = Sequential([layers.Dense(1)], seed=0)
    model.compile("sgd", "mse")
    history = model.fit(X, VALUES, epochs=9, callbacks=stop, verbose=0)
    assert len(history.history["loss"]) == len(stop.seen) == 3
