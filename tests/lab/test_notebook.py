"""A network of one's own in the lab, from a program or a notebook."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import connect

from glassnet import Sequential, data, lab, layers
from glassnet.errors import ConfigError, DataError, GlassnetError, LabelError
from glassnet.lab import notebook
from glassnet.lab.session.given import given
from glassnet.sklearn import MLPClassifier

IRIS = data.load("iris")


def network(name: str = "mine") -> Sequential:
    model = Sequential([layers.Dense(3, "tanh"), layers.Dense(3, "softmax")], seed=0, name=name)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build(4)
    return model


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    found: list[str] = []
    monkeypatch.setattr(webbrowser, "open", found.append)
    monkeypatch.setenv("GLASSNET_LANGUAGE", "en")
    monkeypatch.delenv(notebook.HUB, raising=False)
    monkeypatch.setattr(notebook, "_running", None)
    yield found
    if notebook._running is not None:
        notebook._running.stop()


def ask(address: str, what: str, room: str = "model", **args: Any) -> Any:
    """What a page that was opened there is answered."""
    home, _, state = address.partition("#")
    socket = home.replace("http://", "ws://") + "ws"
    with connect(socket, origin=home[: home.index("/", 8)], max_size=None) as page:  # type: ignore[arg-type]
        page.recv()
        page.send(json.dumps({"t": "open", "address": state}))
        page.recv()
        question = {"t": "ask", "room": room, "what": what, "args": args, "id": 1}
        page.send(json.dumps(question))
        return json.loads(page.recv())


def test_outside_a_notebook_the_page_opens_with_the_network(
    opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    model = network()
    lab.show(model, IRIS)
    (address,) = opened
    assert address in capsys.readouterr().out and "room=step&run=mine" in address
    assert urllib.request.urlopen(address).status == 200
    found = ask(address, "look")["value"]
    assert (found["parameters"], found["data"]) == (model.parameters.size, "iris")
    assert found["fits"]["step"] is None
    assert found["fits"]["playground"]["key"] == "model.own_data"
    runs = ask(address, "runs")["value"]["runs"]
    assert [(row["name"], row["kind"]) for row in runs][:1] == [("mine", "given")]


def test_rows_without_a_name_are_those_of_the_program(opened: list[str]) -> None:
    lab.show(network(), IRIS.x, IRIS.y)
    fits = ask(opened[0], "look")["value"]["fits"]
    assert fits["digits"]["key"] == "model.no_digits_given"
    assert "data of your program" in fits["digits"]["text"]


def test_a_second_call_reuses_the_server_and_shows_what_was_learned_since(
    opened: list[str],
) -> None:
    model, other = network(), network()
    for one in (model, other):
        lab.show(one)
    model.parameters.values[...] = 0
    lab.show(model)
    del other
    lab.show(network(), name="another")
    homes = {address.partition("#")[0] for address in opened}
    names = [address.rpartition("=")[2] for address in opened]
    assert len(homes) == 1 and names == ["mine", "mine%20%282%29", "mine", "another"]
    kept = notebook.running().given
    assert not kept["mine"].model.parameters.values.any()
    assert kept["mine (2)"].model.parameters.values.any()


def test_a_call_without_samples_leaves_them_to_the_cell_that_brought_them(
    opened: list[str],
) -> None:
    """After a reload the first cell's page said that its data were not known."""
    model = network()
    lab.show(model, IRIS.x, IRIS.y)
    lab.show(model)
    kept = notebook.running().given["mine"]
    assert kept.rows is not None and kept.facts is not None
    assert "room=step" in opened[0] and "room=model" in opened[1] and "step_run" not in opened[1]
    lab.show(network(), name="mine")  # another network
    assert notebook.running().given["mine"].rows is None


def test_a_cell_that_runs_again_keeps_its_name(opened: list[str]) -> None:
    for _ in range(2):
        lab.show(network())
    assert [address.rpartition("=")[2] for address in opened] == ["mine", "mine"]


def test_foreign_pages_and_guesses_get_nothing(opened: list[str]) -> None:
    lab.show()
    home = opened[0]
    for address, headers in (
        (home, {"Origin": "http://evil.example"}),
        (home, {"Host": "evil.example"}),
        (home.rpartition("/")[0][:-3] + "xyz/", {}),
    ):
        request = urllib.request.Request(address, headers=headers)
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(request)
    policy = urllib.request.urlopen(home).headers["content-security-policy"]
    assert "frame-ancestors http://127.0.0.1:* http://localhost:*" in policy


def test_in_a_notebook_it_is_a_frame_with_a_sentence_for_when_it_is_gone(
    opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, str]] = []
    kernel = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1))
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    display = SimpleNamespace(display=lambda what, raw: shown.append(what))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setenv("GLASSNET_LANGUAGE", "ko")
    lab.show(network("<b>"), height=500)
    (html,) = (one["text/html"] for one in shown)
    assert not opened and 'height="500"' in html and "셀을 다시 실행하면" in html
    assert "run=%3Cb%3E" in html and "<b>" not in html


@pytest.mark.parametrize(
    ("proxy", "hub", "begins"),
    [("/", None, "/proxy/"), ("/user/kim/", None, "/user/kim/proxy/"),
     (None, "/user/lee/", "/user/lee/proxy/"), (None, None, "http://127.0.0.1:")],
)  # fmt: skip
def test_by_way_of_jupyters_proxy(
    opened: list[str], monkeypatch: pytest.MonkeyPatch, proxy: str, hub: str, begins: str
) -> None:
    if hub:
        monkeypatch.setenv(notebook.HUB, hub)
    lab.show(proxy=proxy)
    assert opened[0].startswith(begins)


def test_answers_in_words_become_numbers(opened: list[str]) -> None:
    words = np.array(IRIS.class_names)[np.asarray(IRIS.y, int)]
    estimator = MLPClassifier((3,), max_iter=1)
    with pytest.warns(Warning):
        estimator.fit(IRIS.x, words)
    shown = given(estimator, IRIS.x, words)
    assert shown.facts is not None and shown.rows is not None
    assert shown.facts.class_names == tuple(sorted(IRIS.class_names or ()))
    assert shown.rows.y.tolist() == np.asarray(IRIS.y).tolist()  # they are sorted already
    values = Sequential([layers.Dense(1)], seed=0)
    values.compile("sgd", "mse")
    values.build(4)
    shown = given(values, IRIS.x, IRIS.x[:, 0])
    assert shown.facts is not None and shown.facts.task == "regression"


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda m: (3,), ConfigError, "expected a Sequential"),
        (lambda m: (m, IRIS.x), DataError, "x came without y"),
        (lambda m: (m, None, IRIS.y), DataError, "y came without x"),
        (lambda m: (m, IRIS.x, ["q"] * len(IRIS.x)), LabelError, "'q'"),
        (lambda m: (m, IRIS.x[:, :2], IRIS.y), GlassnetError, "2 features"),
        (lambda m: (None, IRIS.x), ConfigError, "pass the model first"),
        (lambda m: (Sequential([layers.Dense(1)]),), GlassnetError, "lab.show"),
    ],
)
def test_what_cannot_be_shown_is_said(
    opened: list[str], make: Callable[[Any], Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        lab.show(*make(network()))
    with pytest.raises(ConfigError, match="expected one of"):
        lab.show(room="kitchen")
    assert not opened
