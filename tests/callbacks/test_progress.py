"""What shows the progress: a terminal's bar, a notebook's output, lines."""

import sys
import types

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet.callbacks import Callback, bars
from glassnet.callbacks.bars import NotebookBar, TerminalBar
from glassnet.callbacks.progress import Progress
from glassnet.errors import ConfigError

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)


def fit(epochs=3, **settings):
    model = Sequential([layers.Dense(1)], seed=0)
    model.compile("adam", "mean_squared_error")
    return model.fit(X, X[:, 0], epochs=epochs, batch_size=20, **settings)


class Display:
    """As much of IPython as a bar touches."""

    def __init__(self):
        self.shown = []

    def display(self, bundle, raw, display_id):
        assert raw and display_id
        self.shown.append(["first", bundle])
        return types.SimpleNamespace(update=self.update)

    def update(self, bundle, raw):
        assert raw
        self.shown.append(["update", bundle])


class ZMQInteractiveShell:
    """The name of the shell of a notebook's kernel."""


@pytest.fixture
def notebook(monkeypatch):
    display = Display()
    fake = types.SimpleNamespace(get_ipython=ZMQInteractiveShell, display=display)
    monkeypatch.setitem(sys.modules, "IPython", fake)
    return display.shown


def test_a_notebook_has_one_output_that_is_replaced(notebook, monkeypatch, capsys):
    monkeypatch.setattr(NotebookBar, "pause", 0.0)
    fit()
    assert [what for what, _ in notebook] == ["first"] + ["update"] * (len(notebook) - 1)
    assert len(notebook) > 9
    last = notebook[-1][1]
    assert last["text/plain"].startswith("epoch 3/3  loss ")
    assert 'value="3" max="3"' in last["text/html"]
    assert capsys.readouterr() == ("", "")


def test_it_does_not_draw_more_often_than_a_reader_can_see(notebook):
    fit(epochs=50)
    assert len(notebook) < 20


def test_names_of_users_are_text_and_not_html(notebook):
    bar = NotebookBar()
    bar.draw("<b>", 1, 2, "<script>alert(1)</script> & 0.5")
    page = notebook[0][1]["text/html"]
    assert "<script>" not in page and "<b>" not in page
    assert "&lt;script&gt;" in page


def test_verbose_auto_is_a_bar_in_a_notebook_and_lines_in_a_file(notebook, monkeypatch, capsys):
    assert [p.bar for p in Progress.when_wanted("auto")] == [True]
    monkeypatch.delitem(sys.modules, "IPython")
    assert [p.log for p in Progress.when_wanted("auto")] == [True]
    assert not bars.in_notebook()
    fit()
    out, log = capsys.readouterr()
    assert out == ""
    assert len(log.splitlines()) == 1 and log.startswith("epoch 3/3  loss ")
    monkeypatch.setattr(Progress, "PAUSE", 0.0)  # as if each epoch took long
    monkeypatch.setattr("glassnet.callbacks.progress.time.perf_counter", lambda: 0.0)
    fit()
    assert len(capsys.readouterr().err.splitlines()) == 3
    monkeypatch.setattr(sys, "stderr", None)  # a program without a console
    assert Progress.when_wanted("auto") == []


def test_a_terminal_of_ipython_is_no_notebook(monkeypatch):
    shell = types.SimpleNamespace(get_ipython=lambda: object())
    monkeypatch.setitem(sys.modules, "IPython", shell)
    assert isinstance(bars.bar_for_here(), TerminalBar)


def test_lines(capsys):
    history = fit(verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0] == f"epoch 1/3  loss {history.history['loss'][0]:.4f}"


def test_a_terminal(capsys):
    class Names(Callback):
        def on_epoch_end(self, epoch, logs):
            logs["[red]odd[/nothing]"] = 1.0  # no markup of rich

    fit(verbose=1, callbacks=[Names()])
    assert "epoch 3/3" in (shown := capsys.readouterr().err)
    assert "[red]odd[/nothing] 1.0000" in shown.replace("\n", "")


def test_other_values_of_verbose():
    for wrong in ("loud", 3, -1, None):
        with pytest.raises(ConfigError):
            fit(verbose=wrong)
