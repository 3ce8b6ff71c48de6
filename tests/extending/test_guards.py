"""Kinds of a user's own that do it wrong: one sentence, where it is done.

A wrong shape once ended the process, a setting called ``c`` wrote wrong C, and a rule that gave its
result back trained nothing without a word.
"""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import glassnet
from glassnet import (
    Sequential,
    activations,
    callbacks,
    explain,
    initializers,
    interop,
    layers,
    losses,
    metrics,
    optimizers,
    schedules,
)
from glassnet.calculus import check_gradient
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers.formats import Formats
from glassnet.sklearn import MLPClassifier

X = np.random.default_rng(0).normal(size=(50, 2))
Y = X.sum(axis=1, keepdims=True)


def fitted(*stack, optimizer="sgd", loss="mse", **more):
    model = Sequential([*stack, layers.Dense(1)], seed=0)
    model.compile(optimizer, loss, **more)
    model.fit(X, Y, epochs=1, verbose=0)
    return model


class Same(layers.Layer):
    """y = x, and whatever a test puts in the place of the two methods."""

    there = back = staticmethod(lambda numbers: numbers)

    def forward(self, x, training=False):
        return self.there(x)

    def backward(self, dy, need_dx=True):
        return self.back(dy)


# ---- what comes back -------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["forward", "backward"])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda a: a[:, :1], r"array of shape \(32, 1\); expected \(32, 4\)"),
        (lambda a: a[:1], r"array of shape \(1, 4\); expected \(32, 4\)"),
        (lambda a: np.concatenate([a, a]), r"array of shape \(64, 4\)"),
        (lambda a: a.ravel(), r"array of shape \(128,\)"),
        (lambda a: None, r"nothing \(None\)"),
        (lambda a: np.full(a.shape, "a"), "an array of <U1"),
    ],
    ids=["columns", "rows", "twice", "flat", "None", "text"],
)
def test_an_array_of_another_shape_is_refused_where_it_is_given(method, wrong, words):
    name = "there" if method == "forward" else "back"
    layer = type("Wrong", (Same,), {name: staticmethod(wrong)})
    with pytest.raises((ShapeError, ConfigError), match=f"Wrong 'Wrong': {method} .*{words}"):
        fitted(layers.Dense(4, "tanh"), layer())
    with pytest.raises((ShapeError, ConfigError), match=f"Wrong 'Wrong': {method} gave back"):
        fitted(layers.Residual([layers.Dense(2), layer()]))


def test_another_type_is_brought_to_the_network_s():
    """Float64 out of float32, a list, a window on one number for all."""
    for wrong in (lambda a: a * np.array([1.0]), lambda a: a.tolist(), np.asfortranarray):
        layer = type("Other", (Same,), {"there": staticmethod(wrong), "back": staticmethod(wrong)})
        alone = fitted(layers.Dense(4, "tanh"))
        np.testing.assert_array_equal(
            fitted(layers.Dense(4, "tanh"), layer()).predict(X), alone.predict(X)
        )
    layer = type("Mean", (Same,), {"there": lambda self, a: np.broadcast_to(a.mean(), a.shape)})
    assert np.isfinite(fitted(layers.Dense(4), layer()).predict(X)).all()


def test_used_alone_a_layer_takes_lists_and_builds_itself():
    class Twice(layers.Layer):
        def weights(self):
            return [layers.Weight("s", 1, "ones")]

        def forward(self, x, training=False):
            return 2 * self.s * x

        def backward(self, dy, need_dx=True):
            return 2 * self.s * dy

    layer = Twice()
    assert layer.forward([[1.0, 2.0]]).tolist() == [[2.0, 4.0]]
    assert layer.backward([[1.0, 1.0]]).tolist() == [[2.0, 2.0]]
    with pytest.raises(ShapeError, match=r"dL/dy has shape \(1, 3\)"):
        layer.backward([[1.0, 1.0, 1.0]])


def test_what_a_parent_gives_to_its_subclass_is_its_own_business():
    """Only what the whole layer gives has the shape of its output."""

    class First(Same):
        def output_for(self, input_shape):
            return (1,)

        def forward(self, x, training=False):
            return super().forward(x, training)[:, :1]

        def backward(self, dy, need_dx=True):
            return super().backward(np.concatenate([dy, np.zeros_like(dy)], axis=1))

    model = fitted(First())
    assert check_gradient(model, X[:5], Y[:5]).ok


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"forward": lambda self, x: x}, r"forward\(self, x\) cannot be called"),
        (
            {"backward": lambda self: 0},
            r"backward\(self\) cannot be called .*: backward\(dy, need_d",
        ),
    ],
)
def test_methods_that_cannot_be_called_are_refused_at_once(body, words):
    with pytest.raises(ConfigError, match=words):
        type("Odd", (layers.Layer,), body)


def test_what_was_forgotten_is_named():
    forgotten = [
        (lambda: fitted(type("F", (layers.Layer,), {})()), "F: define forward"),
        (lambda: type("A", (activations.Activation,), {})()(1.0), "A: define forward_"),
        (lambda: fitted(loss=type("L", (losses.Loss,), {})()), "L: define run_"),
    ]  # fmt: skip
    for make, words in forgotten:
        with pytest.raises(NotImplementedError, match=words):
            make()

    class NoSuper(layers.Layer):
        def __init__(self):
            self.k = 1

    class NoSuperEither(optimizers.Optimizer):
        def __init__(self):
            self.k = 1

    for cls in (NoSuper, NoSuperEither):
        with pytest.raises(ConfigError, match=r"must call super\(\).__init__"):
            cls()


def test_results_that_belong_into_an_array_are_not_given_back():
    class Back(optimizers.Optimizer):
        def __init__(self, learning_rate=0.1, **common):
            super().__init__(learning_rate, **common)

        def rule(self, w, g, memory, eta, t):
            return w - eta * g

    @dataclass(frozen=True)
    class Halved(activations.Activation):
        def forward_(self, z):
            return z / 2

        def backward_(self, saved, dy):
            return dy / 2

    with pytest.raises(
        ConfigError, match=r"Back: rule.* gave its result back.*w\[\.\.\.\] = result"
    ):
        fitted(optimizer=Back())
    with pytest.raises(ConfigError, match=r"Halved: forward_\(z\) gave .* z\[\.\.\.\] = result"):
        Halved().forward(np.ones((2, 2)))
    with pytest.raises(ConfigError, match=r"dy\[\.\.\.\] = result"):
        Halved().backward(np.ones((2, 2)), np.ones((2, 2)))


def test_a_loss_gives_a_number_and_fills_its_losses():
    for returned, words in ((None, "run_ gave back None"), (1.0, "run_ left losses as it was")):
        run_ = lambda self, truth, pred, weights, losses, value=returned: value  # noqa: E731
        with pytest.raises(ConfigError, match=words):
            fitted(loss=type("Lazy", (losses.Loss,), {"run_": run_})())


def test_the_shape_of_one_output_is_a_tuple():
    with pytest.raises(ShapeError, match=r"output_for gave back 4; expected .* as in \(4,\)"):
        fitted(type("Four", (Same,), {"output_for": lambda self, shape: 4})())


# ---- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "names"),
    [
        (layers.Layer, ["width", "output", "function", "saved", "dtype", "penalty", "config",
                        "work", "rng", "parameters", "kind"]),
        (optimizers.Optimizer, ["step", "rule", "settings", "memory", "initialize", "variant"]),
        (metrics.Metric, ["update", "result", "settings"]),
        (callbacks.Callback, ["model", "run", "on_epoch_end"]),
        (Sequential, ["predict", "optimizer"]),
    ],
)  # fmt: skip
def test_a_setting_is_not_called_as_something_of_the_base(base, names):
    for name in names:
        scope = {"base": base}
        with pytest.raises(ConfigError, match=f"the setting '{name}' has a name that every"):
            exec(f"class Own(base):\n    def __init__(self, {name}=1.0): pass", scope)


@pytest.mark.parametrize(
    ("base", "names"),
    [
        (activations.Activation, ["c", "python", "keras", "reach", "needs_z"]),
        (losses.Loss, ["reads", "fused_with", "threshold", "target"]),
        (schedules.Schedule, ["get_config"]),
    ],
)
def test_nor_is_a_field(base, names):
    for name in names:
        with pytest.raises(ConfigError, match=f"the setting '{name}' has a name that every"):
            type("Own", (base,), {"__annotations__": {name: float}, name: 1.0})


def test_settings_of_a_parent_may_be_taken_again():
    class Wide(layers.Dense):
        def __init__(self, units=8, activation="relu", name=None):
            super().__init__(units, activation, name=name)

    assert fitted(Wide(3)).copy().layers[0].units == 3


@pytest.mark.parametrize("name", ["weights", "forward", "type", "not a name", "class", 3])
def test_a_weight_is_not_called_as_something_else(name):
    """dtype would be the gradient of "type"."""
    weights = lambda self: [layers.Weight(name, (1,), initializers.Ones())]  # noqa: E731
    with pytest.raises(ConfigError, match="weight"):
        fitted(type("Own", (Same,), {"weights": weights})())


def test_two_weights_are_not_called_alike():
    for names in (("a", "a"), ("a", "da")):
        made = [layers.Weight(name, (1,), "ones") for name in names]
        with pytest.raises(ConfigError, match="is something else already"):
            fitted(type("Own", (Same,), {"weights": lambda self, made=made: made})())
    with pytest.raises(ConfigError, match="expected a list"):
        fitted(type("Own", (Same,), {"weights": lambda self: layers.Weight("a", (1,), "ones")})())


def test_metrics_have_names_of_their_own():
    class Loss(metrics.Metric):
        name, counted = "loss", ()

        def reset(self): ...

        def _count(self, y_true, y_pred, weight): ...

        def result(self):
            return 0.0

    with pytest.raises(ConfigError, match="a metric is called 'loss'"):
        fitted(metrics=[Loss()])
    with pytest.raises(ConfigError, match="two metrics are called 'mae'"):
        fitted(metrics=["mae", "mae"])


def test_glassnet_s_own_classes_are_not_registered_again():
    with pytest.raises(ConfigError, match="Dense is glassnet's own"):
        glassnet.register(layers.Dense, "mydense")
    assert layers.Dense.kind == "dense"


def test_two_functions_do_not_take_one_name():
    twice = activations.FunctionActivation(lambda z: 2 * z, lambda z: 0 * z + 2)
    glassnet.register(twice, name="q")
    glassnet.register(twice, name="q")  # the same one again, as in a notebook
    with pytest.raises(ConfigError, match="'q' stands for"):
        glassnet.register(activations.FunctionActivation(lambda z: z**3, lambda z: z), name="q")


# ---- copies and files --------------------------------------------------------------------------


def test_a_layer_keeps_what_it_was_made_of():
    class Doubled(Same):
        def __init__(self, k=1.0, name=None):
            super().__init__(name)
            self.k = 2 * k

    class Many(Same):
        def __init__(self, *ks, name=None):
            super().__init__(name)
            self.ks = ks

    with pytest.raises(ConfigError, match=r"made with k=3.0, it says 6.0.*self.k = k"):
        fitted(Doubled(1.5)).copy()
    with pytest.raises(ConfigError, match=r"would lose what __init__ takes in \*ks"):
        fitted(Many(1, 2)).copy()


def test_a_setting_that_no_file_holds_is_named(tmp_path):
    @glassnet.register
    class Applied(Same):
        def __init__(self, f=None, name=None):
            super().__init__(name)
            self.f = f

    model = fitted(Applied(np.sin))
    assert model.copy().layers[0].f is np.sin
    with pytest.raises(ConfigError, match="Applied 'Applied': its setting 'f' is"):
        model.save(tmp_path / "model.safetensors")
    assert not list(tmp_path.iterdir())


def test_so_is_that_of_an_optimizer_in_a_checkpoint_too(tmp_path):
    @glassnet.register
    class Shaped(optimizers.Optimizer):
        def __init__(self, learning_rate=0.1, shape=np.sign, **common):
            super().__init__(learning_rate, **common)
            self.shape = shape

        def rule(self, w, g, memory, eta, t):
            w -= eta * self.shape(g)

    model = fitted(optimizer=Shaped())
    with pytest.raises(ConfigError, match="Shaped: its setting 'shape' is"):
        model.save(tmp_path / "model.safetensors")
    with pytest.raises(ConfigError, match="Shaped: its setting 'shape' is"):
        model.fit(X, Y, epochs=1, verbose=0, callbacks=callbacks.Checkpoint(tmp_path / "c.st"))
    assert not list(tmp_path.iterdir())


def test_an_optimizer_without_the_common_settings_is_copied_as_long_as_none_is_set():
    class Plain(optimizers.Optimizer):
        def __init__(self, learning_rate=0.01, k=2.0):
            super().__init__(learning_rate)
            self.k = k

        def rule(self, w, g, memory, eta, t):
            w -= self.k * eta * g

    model = fitted(optimizer=Plain(k=3.0))
    assert model.copy().optimizer.k == 3.0
    model.optimizer.weight_decay = 0.1
    with pytest.raises(ConfigError, match=r"weight_decay is 0.1, and __init__ does not take it"):
        model.copy()


def test_a_rule_counts_whatever_the_parent_computes():
    class Signs(optimizers.Adam):
        memory = ("seen",)

        def rule(self, w, g, memory, eta, t):
            memory["seen"] += 1
            w -= eta * np.sign(g)

    w = np.zeros(2)
    optimizer = Signs(0.5)
    optimizer.step(w, np.array([3.0, -2.0]))
    assert w.tolist() == [-0.5, 0.5]
    assert list(optimizer.state) == ["seen"]


@pytest.mark.parametrize("kind", ["own", "of Adam"])
def test_a_step_by_an_optimizer_with_memory_is_explained(kind):
    class Lion(optimizers.Optimizer if kind == "own" else optimizers.Adam):
        memory = ("m",)

        def __init__(self, learning_rate=1e-3, **common):
            super().__init__(learning_rate, **common)

        def rule(self, w, g, memory, eta, t):
            w -= eta * np.sign(0.9 * memory["m"] + 0.1 * g)
            memory["m"] += 0.01 * (g - memory["m"])

    step = explain.explain_step(fitted(layers.Dense(3), optimizer=Lion()), X[:4], Y[:4])
    assert "m′ = rule(w, g)" in step.value("dense", "W_m_new", (1, 1)).formula


def test_a_model_that_makes_its_own_layers_is_copied():
    class Two(Sequential):
        def __init__(self, units=4, **common):
            super().__init__([layers.Dense(units), layers.Dense(1)], **common)
            self.units = units

    model = Two(3, seed=1)
    model.compile("sgd", "mse")
    model.fit(X, Y, epochs=1, verbose=0)
    again = model.copy()
    assert (type(again), again.units) == (Two, 3)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_layers_inside_are_given_to_a_block_or_refused():
    class Hidden(layers.Layer):
        def __init__(self, name=None):
            super().__init__(name)
            self.inner = [layers.Dense(2)]

        def forward(self, x, training=False):
            return self.inner[0].forward(x, training)

    class Half(layers.Block):
        """y = w·x + (1 - w)·f(x)"""

        def __init__(self, layers, w=0.5, name=None, trainable=True):
            super().__init__(layers, name, trainable)
            self.w = w

        def forward(self, x, training=False):
            return self.w * x + (1 - self.w) * self.through(x, training)

        def backward(self, dy, need_dx=True):
            return self.w * dy + self.back((1 - self.w) * dy)

    class Chain(layers.Block):
        """Nothing beside its layers."""

    with pytest.raises(ConfigError, match=r"class Mine\(layers.Block\)"):
        layers.Block([Same()])
    with pytest.raises(ConfigError, match=r"self.inner holds Dense 'dense'.*layers.Block"):
        fitted(Hidden())
    model = fitted(Half([layers.Dense(4, "tanh"), layers.Dense(2)], 0.25), Chain([Same()]))
    assert check_gradient(model, X[:5], Y[:5]).ok
    np.testing.assert_array_equal(model.copy().predict(X), model.predict(X))
    assert "y = layer.forward(x)" in str(explain.explain_step(model, X[:2], Y[:2]))


CUSTOM = """
import sys
import numpy as np
import glassnet
from glassnet import Sequential, initializers, layers

class Scale(layers.Layer):
    def __init__(self, start=1.0, name=None):
        super().__init__(name)
        self.start = start

    def weights(self):
        return [layers.Weight("s", (1,), initializers.Constant(self.start))]

    def forward(self, x, training=False):
        return self.s * x

    def backward(self, dy, need_dx=True):
        return self.s * dy

x = np.ones((3, 2))
if sys.argv[1] == "write":
    glassnet.register("scale")(Scale)
    model = Sequential([layers.Dense(2), Scale(2.0), Scale(0.5)], seed=0)
    model.build((2,))
    model.save(sys.argv[2])
else:
    model = glassnet.load(sys.argv[2], custom={"scale": Scale})
    assert [layer.name for layer in model.layers] == ["dense", "scale", "scale_1"]
    assert (model.copy().predict(x) == model.predict(x)).all()
print(model.predict(x)[0].tolist())
"""


def test_custom_names_a_class_that_its_own_process_does_not_register(tmp_path):
    """In a second process: there the class is called Scale, in the file scale."""
    said = [
        subprocess.run(
            [sys.executable, "-c", CUSTOM, what, str(tmp_path / "model.safetensors")],
            capture_output=True, text=True, check=False,
        )
        for what in ("write", "read")
    ]  # fmt: skip
    assert [one.returncode for one in said] == [0, 0], said[1].stderr
    assert said[0].stdout == said[1].stdout


def test_custom_takes_classes(tmp_path):
    with pytest.raises(ConfigError, match=r"'same' is one layer\. Give its class: Same"):
        Sequential.from_config(fitted().get_config(), custom={"same": Same()})


# ---- other faces -------------------------------------------------------------------------------


def test_exporters_say_how_a_class_says_it(tmp_path):
    class Silent(Same):
        formats = Formats(onnx=lambda *a: None, python=lambda *a: None, c=lambda *a: None)

    for name in ("onnx", "python", "c"):
        write = getattr(interop, f"to_{name}")
        with pytest.raises(ConfigError, match=rf"formats = Formats\({name}=…\)"):
            write(fitted(Same()), tmp_path / "model")
        with pytest.raises(ConfigError, match="its formats gave nothing back"):
            write(fitted(Silent()), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_registered_names_reach_optimizers_and_estimators():
    @glassnet.register
    def root(step):
        return 0.02 / (1 + step) ** 0.5

    four = activations.FunctionActivation(lambda z: 4 * z, lambda z: 0 * z + 4)
    glassnet.register(four, name="fa")
    assert optimizers.SGD("root").learning_rate(3) == 0.01
    model = MLPClassifier(3, activation="fa", learning_rate="root", max_iter=2)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, X[:, 0] > 0)
    assert model.predict(X).shape == (50,)
    with pytest.raises(ValueError, match="'activation' parameter"):
        MLPClassifier(activation="fb").fit(X, X[:, 0] > 0)


def test_a_function_is_saved_by_the_name_that_it_was_registered_by(tmp_path):
    four = activations.FunctionActivation(lambda z: 4 * z, lambda z: 0 * z + 4)
    glassnet.register(four, name="fa")
    fitted(layers.Dense(3, "fa")).save(tmp_path / "model.safetensors")
    assert glassnet.load(tmp_path / "model.safetensors").layers[0].activation.name == "fa"


def test_numpy_s_tanh_is_not_taken_for_glassnet_s():
    own = activations.FunctionActivation(np.tanh, lambda z: 1 - np.tanh(z) ** 2)
    model = fitted(layers.Dense(3, own))
    assert model.copy().layers[0].activation == own


@pytest.mark.parametrize("wrong", [callbacks.EarlyStopping, 3, "stop", print])
def test_what_is_no_callback_is_named(wrong):
    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ConfigError, match="expected a callback"):
        model.fit(X, Y, verbose=0, callbacks=wrong)


# ---- where a plain def in the class is not all that there is ------------------------------------


def test_methods_from_beside_the_class_are_looked_at_too():
    """A mixin's, a static one: once read behind the end of an array."""

    class Beside:
        def backward(self, dy, need_dx=True):
            return dy[:1, :1]

    class Mixed(Beside, layers.Layer):
        def forward(self, x, training=False):
            return x

    class Static(Same):
        @staticmethod
        def backward(dy, need_dx=True):
            return None

    class Rule(optimizers.Optimizer):
        @staticmethod
        def rule(w, g, memory, eta, t):
            return w - eta * g

    class Halving:
        def forward_(self, z):
            z /= 2

    halved = type("Halved", (Halving, activations.ReLU), {})()
    assert "as the class defines it" in halved.formula

    for layer in (Mixed, Static):
        with pytest.raises((ShapeError, ConfigError), match="backward gave back"):
            fitted(layers.Dense(3), layer())
    with pytest.raises(ConfigError, match="gave its result back"):
        fitted(optimizer=Rule())  # without an __init__ it has the base's rate


def test_a_backward_of_its_own_counts_in_every_way_through_the_network():
    """Joined passes and tiles are for those that go forward and back as their kind."""

    class Doubled(layers.Dense):
        def backward(self, dy, need_dx=True):
            return super().backward(2 * dy, need_dx)

    class Pooled(layers.MaxPooling2D):
        def backward(self, dy, need_dx=True):
            return super().backward(2 * dy, need_dx)

    images = np.random.default_rng(0).random((40, 8, 8, 3), dtype=np.float32)
    y = images.mean(axis=(1, 2, 3))[:, None]
    found = []
    for pooling, dense in (
        (layers.MaxPooling2D, layers.Dense), (Pooled, layers.Dense), (layers.MaxPooling2D, Doubled),
    ):  # fmt: skip
        stack = [layers.Conv2D(64, 3, activation="relu"), pooling(), layers.Flatten()]
        model = Sequential([*stack, dense(128), layers.Dense(1)], seed=0)
        model.compile("sgd", "mse")
        model.fit(images, y, epochs=1, batch_size=40, verbose=0)
        found.append(model.layers[0].dW.copy())
    np.testing.assert_allclose(found[1], 2 * found[0], rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(found[2], 2 * found[0], rtol=1e-4, atol=1e-7)
    assert explain.explain_step(fitted(Doubled(3, "relu")), X[:2], Y[:2]).layers


def test_x_is_not_the_layer_s_to_write_into():
    class Twice(Same):
        def forward(self, x, training=False):
            x *= 2
            return x

    before = X.astype(np.float32)
    given = before.copy()
    model = Sequential([Twice()])
    model.build((2,))
    with pytest.raises(ConfigError, match="forward writes into x, which is not its own"):
        model.predict(given)
    model = Sequential([Same()])
    model.build((2,))
    model.predict(given)[...] = 0  # an array of the caller's
    np.testing.assert_array_equal(given, before)


def test_a_prediction_is_nobody_else_s_array():
    class Reusing(Same):
        def forward(self, x, training=False):
            self.room = getattr(self, "room", np.empty_like(x))
            self.room[...] = x
            return self.room

    model = Sequential([Reusing()])
    model.build((2,))
    first = model.predict(X[:1])
    kept = first.copy()
    model.predict(X[1:2])
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("name", ["rng", "parameters", "name", "trainable", "input_shape", "work",
                                  "given_name", "k"])  # fmt: skip
def test_a_weight_is_not_called_as_an_attribute(name):
    class Own(Same):
        def __init__(self, k=1.0):
            super().__init__()
            self.k = k

        def weights(self):
            return [layers.Weight(name, (1,), "ones")]

    with pytest.raises(ConfigError, match="is something else already"):
        fitted(Own())


@pytest.mark.parametrize("shape", [(), (-1,), (0,), (2.0,), (None,), "ab", (True,)])
def test_shapes_are_whole_numbers_from_1_on(shape):
    weights = lambda self: [layers.Weight("s", shape, "ones")]  # noqa: E731
    with pytest.raises(ConfigError, match="the weight 's' has the shape"):
        fitted(type("Own", (Same,), {"weights": weights})())
    if shape:
        with pytest.raises(ShapeError, match="output_for gave back"):
            fitted(type("Own", (Same,), {"output_for": lambda self, _: shape})())


def test_layers_are_found_however_deep_and_those_of_the_network_are_no_secret():
    class Deep(Same):
        def __init__(self):
            super().__init__()
            self._inside = {"a": ((layers.Dense(2),),)}

    class Network(Same):
        def __init__(self):
            super().__init__()
            self._inside = Sequential([layers.Dense(2)])

    class Tied(layers.Layer):
        """Back through the weights of a layer before it."""

        def __init__(self, other, name=None):
            super().__init__(name)
            self._other = other

        def output_for(self, input_shape):
            return (2,)

        def forward(self, x, training=False):
            return x @ self._other.W.T

        def backward(self, dy, need_dx=True):
            return dy @ self._other.W

    for layer in (Deep, Network):
        with pytest.raises(ConfigError, match=r"self\._inside holds Dense"):
            fitted(layer())
    dense = layers.Dense(3)
    fitted(dense, Tied(dense))


def test_a_block_may_have_a_weight_of_its_own():
    class Gain(layers.Block):
        def weights(self):
            return [*super().weights(), layers.Weight("g", (1,), "ones")]

        def forward(self, x, training=False):
            self.inner = self.through(x, training).copy()
            return self.g * self.inner

        def backward(self, dy, need_dx=True):
            self.dg[...] = (dy * self.inner).sum()
            return self.back(self.g * dy)

    model = fitted(Gain([layers.Dense(3, "tanh"), layers.Dense(2)]))
    assert check_gradient(model, X[:5], Y[:5]).ok
    assert model.layers[0].g[0] != 1
    np.testing.assert_array_equal(model.copy().predict(X), model.predict(X))


# ---- subclasses that give their parent a setting -----------------------------------------------


def test_what_a_subclass_gives_its_parent_is_not_given_twice(tmp_path):
    @glassnet.register
    class ReluDense(layers.Dense):
        def __init__(self, units=4, **more):
            super().__init__(units, activation="relu", **more)

    class Slow(optimizers.Adam):
        def __init__(self, learning_rate=0.05, **more):
            super().__init__(learning_rate, beta_1=0.8, **more)

    class Seeded(Sequential):
        def __init__(self, units=3, **more):
            super().__init__([layers.Dense(units), layers.Dense(1)], seed=7, **more)
            self.units = units

    model = fitted(ReluDense(5))
    model.save(tmp_path / "model.safetensors")
    for again in (model.copy(), glassnet.load(tmp_path / "model.safetensors")):
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
        assert again.layers[0].activation == activations.relu
    model = fitted(layers.Dense(2), optimizer=Slow())
    assert model.copy().optimizer.beta_1 == 0.8
    model.optimizer.beta_2 = 0.9
    assert (model.optimizer.beta_1, model.optimizer.beta_2) == (0.8, 0.9)
    assert Seeded(4).copy().units == 4


def test_a_metric_may_take_its_name(tmp_path):
    @glassnet.register
    class Within(metrics.Metric):
        counted = ("seen", "near")

        def __init__(self, tolerance=0.1, name="within"):
            super().__init__()
            self.tolerance, self.name = tolerance, name

        def reset(self):
            self.seen = self.near = 0

        def _count(self, y_true, y_pred, weight):
            self.seen += len(y_pred)
            self.near += int((abs(y_true - y_pred) < self.tolerance).sum())

        def result(self):
            return self.near / max(1, self.seen)

    model = fitted(metrics=[Within(0.5, "half")])
    model.save(tmp_path / "model.safetensors")
    for again in (model.copy(), glassnet.load(tmp_path / "model.safetensors")):
        assert (again.metrics[0].name, again.metrics[0].tolerance) == ("half", 0.5)
        assert again.evaluate(X, Y) == model.evaluate(X, Y)


def test_what_is_written_in_a_class_is_refused_there():
    with pytest.raises(ConfigError, match=r"memory is the text 'mom'.*\('mom',\)"):
        type("Text", (optimizers.Optimizer,), {"memory": "mom"})
    with pytest.raises(ConfigError, match=r"on_epoch_end\(self, epoch\) cannot be called"):
        exec("class C(B):\n    def on_epoch_end(self, epoch): pass", {"B": callbacks.Callback})
    with pytest.raises(ConfigError, match=r"on_train_begin\(self, logs\) cannot be called"):
        exec("class C(B):\n    def on_train_begin(self, logs): pass", {"B": callbacks.Callback})
