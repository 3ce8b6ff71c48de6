"""Habits of a first day: each tried in Python, on the command line and in a notebook."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from click.testing import CliRunner

import glassnet
from glassnet import Sequential, calculus, data, layers, networks, optimizers, plots, schedules
from glassnet._core.habits import LEARNING_RATE, RATES
from glassnet.callbacks import Checkpoint
from glassnet.cli.root import root
from glassnet.errors import ConfigError, FileFormatError, ShapeError
from glassnet.optimizers import OPTIMIZERS
from glassnet.schedules import SCHEDULES
from glassnet.sklearn import MLPClassifier, NetworkClassifier

X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Y = np.arange(40) % 3


def bowl(x):
    return x[0] ** 2 + x[1] ** 2


# ---- one word for the learning rate ------------------------------------------------------------


@pytest.mark.parametrize("word", RATES)
def test_the_learning_rate_has_one_word_and_the_others_are_understood(word):
    for name in OPTIMIZERS:
        made = optimizers.get({"name": name, word: 0.25})
        assert repr(made) == repr(optimizers.get({"name": name, LEARNING_RATE: 0.25})), name
    for name, cls in SCHEDULES.items():
        rates = [n for n in cls.__dataclass_fields__ if n.endswith(LEARNING_RATE)]
        needed = {"decay_steps": 3, "decay_rate": 0.5, "step_size": 2, "total_steps": 9}
        needed |= {"warmup_steps": 2} if name == "warmup" else {}
        more = {k: v for k, v in needed.items() if k in cls.__dataclass_fields__}
        if rates:
            assert cls(**{word: 0.25}, **more) == cls(**{rates[0]: 0.25}, **more), name
    run = calculus.gradient_descent(bowl, [3, 4], step_num=3, **{word: 0.25})
    assert (run.end == calculus.gradient_descent(bowl, [3, 4], 0.25, 3).end).all()
    assert "a" in calculus.race(bowl, [3, 4], {"a": {"name": "sgd", word: 0.1}}, steps=2)
    for estimator, ours in ((MLPClassifier, "learning_rate_init"), (NetworkClassifier, "_rate'")):
        with pytest.raises(TypeError, match=f"did you mean.*{ours}"):
            estimator(**{word: 0.1})


def test_the_learning_rate_twice_is_refused():
    with pytest.raises(ConfigError, match="give one of the two"):
        optimizers.SGD(lr=0.1, learning_rate=0.2)
    with pytest.raises(ConfigError, match="give one of the two"):
        calculus.gradient_descent(bowl, [3, 4], lr=0.1, rate=0.2)


def test_a_network_in_scikit_learn_takes_a_learning_rate():
    slow = NetworkClassifier(
        learning_rate=0.0, max_iter=9, n_iter_no_change=1, tol=9, random_state=0
    ).fit(X, Y)
    fast = NetworkClassifier(
        learning_rate=0.5, max_iter=9, n_iter_no_change=1, tol=9, random_state=0
    ).fit(X, Y)
    first = slow.network_.get_weights()[0]
    assert slow.network_.optimizer.learning_rate == 0.0
    assert np.abs(fast.network_.get_weights()[0] - first).max() > 0.1
    decayed = NetworkClassifier(
        learning_rate=schedules.CosineDecay(0.1, 9), max_iter=9, n_iter_no_change=1, tol=9
    )
    decayed.fit(X, Y)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("train iris --hidden 3", "it is --layers here"),
        ("train --data iris", "it is DATA"),
        ("train iris --max_iter 3", "it is --epochs here"),
        ("train iris --learningrate 3", "Did you mean '--learning-rate'"),
        ("plot race --lr 0.1", "--optimizer adam:0.3"),
        ("predict runs/x photo.png -- --lr", "there is no such run"),  # a file of that name
    ],
)
def test_options_of_other_programs_are_answered_with_ours(arguments, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(root, arguments.split())
    assert done.exit_code == 2 and says in done.output, done.output


@pytest.mark.parametrize("option", ["--lr=0.3", "--rate 0.3", "--eta 0.3", "--learning_rate 0.3"])
def test_the_learning_rate_on_the_command_line(option, tmp_path):
    words = f"plot schedule constant --out {tmp_path / 'a.png'} {option}".split()
    assert CliRunner().invoke(root, words).exit_code == 0


# ---- what a run and a history give -----------------------------------------------------------


def test_load_takes_the_folder_of_a_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = Sequential([layers.Dense(3, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    folder = tmp_path / "runs" / "mine"
    model.fit(X, Y, callbacks=Checkpoint(folder / "checkpoint.safetensors"), verbose=0)
    assert (glassnet.load("runs/mine").predict(X) == model.predict(X)).all()  # of a killed run
    history = model.copy().fit(X, Y, epochs=2, resume_from="runs/mine", verbose=0)
    assert len(history.epoch) == 2
    model.save(folder / "model.safetensors")
    assert (glassnet.load(folder).predict(X) == model.predict(X)).all()
    model.load_weights("runs/mine")
    with pytest.raises(FileFormatError, match=r"Did you mean runs.mine\?"):
        glassnet.load("runs")
    done = CliRunner().invoke(root, ["import", "runs/mine/model.safetensors"])  # glassnet's own
    assert done.exit_code == 0, done.output


def test_what_a_history_and_a_data_set_do_not_have():
    model = Sequential([layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(X, Y, verbose=0)
    assert list(history) == list(history.keys()) == ["loss", "learning_rate"]
    assert dict(history) == history.history
    for thing, name, says in (
        (history, "loss", r"history\['loss'\] has its numbers"), (history, "plot", "learning_cur"),
        (data.load("iris"), "target", "y holds"), (data.load("iris"), "target_names", "class_nam"),
        (plots, "show", r"plots\.save"), (schedules, "StepLR", "StepDecay"),
    ):  # fmt: skip
        with pytest.raises(AttributeError, match=says):
            getattr(thing, name)
    with pytest.raises(KeyError, match="validation_data"):
        history["val_loss"]


# ---- images with and without the axis of their channel -----------------------------------------


@pytest.mark.parametrize("make", ["lenet", "mlp", "resnet"])
def test_images_of_one_channel_come_with_its_axis_or_without(make):
    images, y = np.random.default_rng(0).random((12, 8, 8)), np.arange(12) % 10
    answers = []
    for shape in ((8, 8), (8, 8, 1)):
        for x in (images, images[..., None]):
            model = networks.get(make, input_shape=shape, seed=0)
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(x, y, verbose=0, validation_data=(images, y))
            assert model.evaluate(images, y) == model.evaluate(images[..., None], y)
            answers.append(model.predict(x))
            with pytest.raises(ShapeError):
                model.predict(np.moveaxis(images[..., None], -1, 1))
    assert all((answer == answers[0]).all() for answer in answers)


# ---- printing a network ------------------------------------------------------------------------


def test_a_network_prints_a_line_for_each_layer():
    lines = repr(networks.lenet()).splitlines()
    assert lines[0] == "Sequential([" and lines[3] == "    MaxPooling2D(),"
    assert lines[1] == "    Reshape(target_shape=(28, 28, 1)),"
    assert lines[-2] == "    Dense(units=10, activation='softmax'),"
    assert repr(layers.Dense(3)) == "Dense(units=3)"
    assert repr(layers.Conv1D(3, 4)) == "Conv1D(filters=3, kernel_size=4)"
    nested = repr(Sequential([layers.Residual([layers.Dense(4, "relu")] * 1)]))
    assert nested == "Sequential([Residual([Dense(units=4, activation='relu')])])"


def test_what_is_printed_makes_the_same_network_again():
    for name in networks.NETWORKS:
        model = networks.get(name, input_shape=(8, 8))
        twin = eval(repr(model), {"Sequential": Sequential, **vars(layers), **{
            kind: getattr(layers, kind) for kind in layers.__all__}})  # fmt: skip
        assert [a.config() for a in model.layers] == [b.config() for b in twin.layers], name


def test_a_report_on_classes_prints_as_a_table():
    report = glassnet.metrics.classification_report([0, 0, 1, 1], [0, 1, 1, 1])
    lines = str(report).splitlines()
    assert lines[0].split() == ["precision", "recall", "f1", "samples"]
    assert lines[1].split() == ["0", "1.0000", "0.5000", "0.6667", "2"]
    assert lines[2].split() == ["1", "0.6667", "1.0000", "0.8000", "2"]
    assert lines[3].split() == ["mean", "0.8333", "0.7500", "0.7333", "4"]
    assert lines[4].split() == ["accuracy", "0.7500"] and len({len(x) for x in lines[:4]}) == 1


# ---- plt.show() --------------------------------------------------------------------------------

BACKEND = """
from matplotlib.backend_bases import FigureCanvasBase, FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
shown = []
class FigureManager(FigureManagerBase):
    @classmethod
    def pyplot_show(cls, *, block=None):
        from matplotlib._pylab_helpers import Gcf
        shown.extend(m.canvas.figure for m in Gcf.get_all_fig_managers())
        Gcf.destroy_all()
class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager
"""

PROGRAM = """
    import matplotlib, screen
    matplotlib.use("module://screen")
    import matplotlib.pyplot as plt
    from glassnet import plots
    first = plots.activation_curves(["relu"])
    plots.learning_curves({"loss": [1.0, 0.5]})
    plt.show()
    assert len(screen.shown) == 2 and screen.shown[0] is first
    plt.show()
    assert len(screen.shown) == 2  # once
    first.savefig("a.png"); plots.save(first, "b.png")
    plots.activation_curves(["tanh"])._repr_mimebundle_()  # a notebook's last line
    plt.show()
    assert len(screen.shown) == 2
    fig, ax = plt.subplots(); plots.activation_curves(["relu"], derivatives=False, ax=ax)
    plt.show()
    assert screen.shown[2:] == [fig]
    import threading
    t = threading.Thread(target=plots.activation_curves); t.start(); t.join()
    plt.show()
    assert len(screen.shown) == 3
    plt.switch_backend("agg")
    plots.activation_curves(["relu"])
    assert plt.get_fignums() == []
"""


def test_plt_show_shows_what_was_drawn(tmp_path):
    (tmp_path / "screen.py").write_text(BACKEND)
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM))
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
