"""What a notebook shows: sound HTML, the text of users escaped, one line of progress."""

from html.parser import HTMLParser

import numpy as np
import pytest

from glassnet import Sequential, calculus, diagnose, experiments, explain, layers
from glassnet._core import notebook
from glassnet.callbacks import Callback
from glassnet.training.history import History

EVIL = "<script>alert('&')"
X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


class Balanced(HTMLParser):
    """Counts what is opened and closed; void elements close themselves."""

    VOID = ("img", "br", "meta", "path", "circle", "polyline")

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)


def read(thing):
    """The words of what a notebook would show."""
    parser = Balanced()
    parser.feed(thing._repr_html_())
    parser.close()
    assert parser.open == []
    assert "script" not in parser.seen
    return " ".join(" ".join(parser.text).split())


def test_text_in_a_notebook_is_the_whole_text(trained, monkeypatch, capsys):
    """Where Rich sees a notebook it shows a table there, and writes none into the text."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    model, _ = trained
    assert "Dense, softmax" in model.summary()
    assert "Dense, softmax" in capsys.readouterr().out
    assert "differences" in str(explain.explain_step(model, X[:1], Y[:1]))
    assert "occlusion" in str(explain.explain_prediction(model, X[:1]))


class Evil(Callback):
    def on_epoch_end(self, epoch, logs):
        logs[EVIL] = float(epoch)


@pytest.fixture(scope="module")
def trained():
    model = Sequential(
        [layers.Dense(3, "relu", name="<i>first"), layers.Dropout(0.1),
         layers.Dense(2, "softmax")], seed=0, name=EVIL,
    )  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(X, Y, epochs=4, verbose=0, validation_data=(X, Y), callbacks=[Evil()])
    return model, history


def test_a_model(trained):
    model, _ = trained
    words = read(model)
    assert words.startswith(EVIL)
    assert "<i>first Dense, relu (n, 3) 15" in words
    assert "parameters: 23 " in words
    assert "optimizer: adam" in words
    # the same numbers as in print
    for line in model.summary().splitlines()[-3:]:
        assert line in words
    assert "not built yet" in read(Sequential([layers.Dense(3)]))
    assert "parameters: 0" not in read(Sequential([]))


def test_a_history(trained):
    _, history = trained
    words = read(history)
    assert words.startswith("4 epochs in ")
    assert f"{history.history['val_loss'][-1]:.4g}" in words
    assert EVIL in words
    page = history._repr_html_()
    assert page.count("<svg") == 3  # loss, accuracy, and the callback's own
    assert page.count("<polyline") == 5  # two of them on validation data too
    history.stopped = EVIL
    assert f"Ended early: {EVIL}." in read(history)


def test_a_history_of_nothing_and_of_one_epoch():
    assert read(History()) == "0 epochs in 0.00 s"
    one = History({"loss": [0.5]}, [0])
    assert read(one).startswith("1 epoch in ")
    assert "<circle" in one._repr_html_()


def test_a_score_on_held_out_samples_alone_is_drawn_and_the_largest_is_the_best():
    history = History({"loss": [2.0, 1.0], "val_score": [0.9, 0.8]}, [0, 1])
    assert history._repr_html_().count("<svg") == 2
    assert "val_score 0.9 0.9 1 0.8" in read(history)


def test_a_curve_has_gaps_where_there_is_no_number():
    nan = float("nan")
    drawn = notebook.curves("loss", range(1, 8), {"a": [1, 2, nan, nan, 3, 4, float("inf")]}, "x")
    assert drawn.count("<polyline") == 2
    assert "nan" not in drawn and "inf" not in drawn
    assert notebook.curves("loss", [1, 2], {"a": [nan, nan]}, "x") == ""
    steep = notebook.curves("loss", [1, 2, 3], {"a": [1e-4, 1.0, 10.0]}, "x")
    assert "logarithmic" in steep
    long = notebook.curves("loss", range(100_000), {"a": np.linspace(0, 1, 100_000)}, "x")
    assert len(long) < 6000


def test_a_diagnosis():
    model = Sequential([layers.Dense(2, name=EVIL), layers.Dense(1)], seed=0)
    model.compile({"name": "sgd", "learning_rate": 1e4}, "mean_squared_error")
    model.build(4)
    found = diagnose(model, X * 1000, X[:, 0] * 1e6)
    assert len(found)
    words = read(found)
    for finding in found:
        assert finding.message() in words and finding.advice() in words
        assert finding.message("ko") in found.to_html("ko")
    assert "nothing wrong was found" in read(type(found)())


@pytest.mark.parametrize("image_shape", [None, (2, 2)])
def test_an_explained_answer(trained, image_shape):
    model, _ = trained
    names = None if image_shape else [EVIL, "b", "c", "d"]
    made = explain.explain_prediction(model, X[0], image_shape=image_shape, feature_names=names)
    words = read(made)
    if image_shape:
        assert "data:image/png;base64," in made._repr_html_()
    else:
        assert EVIL in words and made.headline() in words


def test_an_explained_step(trained):
    model, _ = trained
    words = read(explain.explain_step(model, X[:2], Y[:2]))
    assert f"One training step of {EVIL}: 2 samples" in words


def test_one_number_of_a_step(trained):
    model, _ = trained
    step = explain.explain_step(model, X[:2], Y[:2])
    for name, place in (("z", (0, 0)), ("dW", (0, 0))):
        value = step.value("<i>first", name, place)
        words = read(value)
        assert words.startswith(f"<i>first: {value.name} {value.meaning}")
        assert " ".join(value.with_numbers.split()) in words
        for line in str(value).splitlines():  # the same as in print
            assert line.split(":")[0].strip() in words or "by differences" in line
    assert "by differences" in words and "chain rule" in words


def test_a_gradient_check(trained):
    model, _ = trained
    report = calculus.check_gradient(model, X[:5], Y[:5])
    words = read(report)
    assert "<i>first/W" in words
    assert str(report).splitlines()[0] in words and str(report).splitlines()[-1].strip() in words
    assert 'class="good"' in report._repr_html_()


def test_an_experiment():
    result = experiments.run("tangent")
    words = read(result)
    assert result.claims[0].text in words
    assert result._repr_html_().count("data:image/png") == len(result.pictures) > 0


def test_both_palettes_have_the_same_colours():
    light, dark = (
        {pair.split(":")[0] for pair in p.split(";")} for p in (notebook.LIGHT, notebook.DARK)
    )
    assert light == dark


NOTEBOOK = """
from glassnet import Sequential, layers
import numpy as np
x = np.random.default_rng(0).normal(size=(2000, 4)).astype("float32")
model = Sequential([layers.Dense(8, "relu"), layers.Dense(1)], seed=0)
model.compile("adam", "mean_squared_error")
history = model.fit(x, x[:, 0], epochs=30)
""", "history", "model", """
from glassnet.sklearn import MLPRegressor
_ = MLPRegressor(max_iter=300, random_state=0, progress=True).fit(x, x[:, 0])
"""  # fmt: skip


@pytest.mark.timeout(300)  # its kernel may have to compile everything
@pytest.mark.filterwarnings("ignore")  # of the kernel's own sockets
def test_a_real_notebook():
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    nbformat = pytest.importorskip("nbformat")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in NOTEBOOK])
    nbclient.NotebookClient(book, timeout=240, kernel_name="python3").execute()
    fitting, history, model, estimator = (cell.outputs for cell in book.cells)
    # the progress is one output, which was replaced until it stood at the end
    assert [o.output_type for o in fitting] == ["display_data"]
    assert fitting[0].data["text/plain"].startswith("epoch 30/30  loss ")
    assert "<progress" in fitting[0].data["text/html"]
    assert [o.output_type for o in estimator] == ["display_data"]
    assert "<svg" in history[0].data["text/html"]
    assert "Dense, relu" in model[0].data["text/html"]
    assert "Sequential(" in model[0].data["text/plain"]
