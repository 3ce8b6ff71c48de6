"""Pages at their sockets: each has its own state, and none can harm another."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glassnet.lab import protocol
from glassnet.lab.frames import SECTIONS, STATUS, unpack
from glassnet.lab.server import web as app

testclient = pytest.importorskip("starlette.testclient", reason="needs httpx")

TOKEN, PORT = "secret", 8123
HOME = f"http://127.0.0.1:{PORT}"
ADDRESS = f"ws://127.0.0.1:{PORT}/{TOKEN}/ws"


@pytest.fixture
def server() -> Iterator[Any]:
    with testclient.TestClient(app.create_app(TOKEN, PORT), base_url=HOME) as http:
        yield http
        while OPEN:  # of a test that failed: the client would wait for them for ever
            OPEN[-1].leave()
    for thread in threading.enumerate():
        if thread.name == "lab":
            thread.join(10)
            assert not thread.is_alive(), "a page's thread outlived it"


OPEN: list[Page] = []


class Page:
    """What the browser does, in a few words."""

    def __init__(self, server: Any, address: str = "samples=10&layers=3.tanh") -> None:
        self.socket = server.websocket_connect(ADDRESS, headers={"origin": HOME})
        self.socket.__enter__()
        OPEN.append(self)
        self.hello = self.socket.receive_json()
        self.changes = self.say({"t": "open", "address": address})

    def send(self, message: Any) -> None:
        self.socket.send_text(message if isinstance(message, str) else json.dumps(message))

    def say(self, message: Any) -> dict[str, Any]:
        self.send(message)
        found: dict[str, Any] = self.socket.receive_json()
        return found

    def do(self, action: str, **args: Any) -> dict[str, Any]:
        return self.say({"t": "do", "action": action, "args": args})

    def frame(self, *want: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The changes that came before the frame, and its sections."""
        self.send({"t": "frame", "want": list(want)})
        changes: dict[str, Any] = {}
        while True:
            message = self.socket.receive()
            if message.get("bytes") is not None:
                return changes, unpack(message["bytes"])
            changes |= json.loads(message["text"])

    def status(self) -> dict[str, float]:
        return dict(zip(STATUS, self.frame()[1]["status"].tolist(), strict=True))

    def closed(self) -> tuple[int, str]:
        """The code and the reason with which the server closes."""
        message = self.socket.receive()
        while "bytes" in message:  # frames that were on their way
            message = self.socket.receive()
        assert message["type"] == "websocket.close", message
        self.gone()
        return message["code"], message["reason"]

    def leave(self) -> None:
        self.socket.close()
        self.gone()

    def gone(self) -> None:
        OPEN.remove(self)
        self.socket.__exit__(None, None, None)


def test_a_page_gets_the_table_the_state_and_frames(server: Any) -> None:
    page = Page(server)
    assert {f["name"] for f in page.hello["fields"]} >= {"data", "layers", "learning_rate"}
    assert page.hello["sections"] == list(SECTIONS)
    assert page.hello["status"] == list(STATUS)
    assert page.changes["values"]["values"]["samples"] == 10
    assert page.changes["structure"]["columns"][1]["units"] == 3
    changes, sections = page.frame("units", "map", "weights")
    assert changes == {} and sections["map"].shape == (2, 100, 100)
    assert page.do("epoch")["t"] == "changes"
    assert page.status()["epoch"] == 1
    page.leave()


def test_a_refused_value_is_told_and_the_old_one_sent_again(server: Any) -> None:
    page = Page(server)
    reply = page.say({"t": "set", "field": "batch_size", "value": 0})
    assert "must be" in reply["problem"]["text"]
    assert reply["values"]["values"]["batch_size"] == 20
    reply = page.do("set_weight", index=0, value=1e9)
    assert reply["problem"]["key"] == "problem.range"
    page.leave()


def test_questions_are_answered_with_their_numbers(server: Any) -> None:
    page = Page(server)
    ask = {"t": "ask", "room": "playground", "what": "link", "args": {"hide": ["noise"]}, "id": 9}
    reply = page.say(ask)
    assert reply["id"] == 9 and "hide=noise" in reply["value"]["address"]
    pictures = page.say({**ask, "what": "thumbnails", "args": {}})["value"]
    assert len(pictures) == 14 and all(p["points"] for p in pictures.values())
    file = page.say({**ask, "what": "file", "args": {}})["value"]
    assert page.say({"t": "load", "file": file})["t"] == "changes"
    page.leave()


def test_playing_goes_on_between_the_frames(server: Any) -> None:
    page = Page(server, "samples=10&layers=2.tanh&pace=free")
    page.do("play")
    while page.status()["epoch"] < 3:
        pass
    page.do("pause")
    first = page.status()
    assert first["playing"] == 0 and page.status()["steps"] == first["steps"]
    page.leave()


def test_several_pages_have_their_own_states(server: Any) -> None:
    first, second = Page(server), Page(server, "data=blobs&samples=10&layers=2.relu,2.relu")
    first.do("epoch")
    second.say({"t": "set", "field": "noise", "value": 0.5})
    assert (first.status()["epoch"], second.status()["epoch"]) == (1, 0)
    changes = first.say({"t": "set", "field": "theme", "value": "dark"})
    assert changes["values"]["values"]["noise"] == 0.1
    first.leave()
    assert second.do("epoch")["t"] == "changes"
    second.leave()


INFINITE = [
    '{"t": "do", "action": "add_points", "args": {"points": [0, 0, 1e999]}}',
    '{"t": "do", "action": "add_points", "args": {"points": [1e999, -1e999, 0]}}',
    '{"t": "do", "action": "add_unit", "args": {"layer": 1e999}}',
    '{"t": "do", "action": "set_weight", "args": {"index": 0, "value": 1e999}}',
    '{"t": "set", "field": "batch_size", "value": 1e999}',
    '{"t": "set", "field": "until_value", "value": -1e999}',
    '{"t": "set", "field": "layers", "value": [[1e999, "relu", 1e999, false]]}',
    '{"t": "set", "field": "points", "value": [[0, 1e999, 1e999]]}',
    '{"t": "load", "file": {"format": "glassnet lab", "version": 1e999, "fields": {}}}',
]


@pytest.mark.parametrize("text", INFINITE, ids=range(len(INFINITE)))
def test_endless_numbers_are_refused_and_the_page_goes_on(server: Any, text: str) -> None:
    page = Page(server)
    page.send(text)
    message = page.socket.receive()
    if message["type"] == "websocket.close":
        assert message["code"] == 1008, message
        page.gone()
    else:
        assert json.loads(message["text"])["problem"]["text"]
        assert page.do("epoch")["t"] == "changes"
        page.leave()


HOSTILE = [
    "", "{", "[]", '{"t": "sudo"}', '{"t": "do", "action": "shutdown"}',
    '{"t": "set", "field": "__class__", "value": 1}',
    '{"t": "do", "action": "set_weight", "args": {"index": "0", "value": 1}}',
    '{"t": "do", "action": "add_unit", "args": {"layer": 0.5}}',
    '{"t": "ask", "room": "playground", "what": "secrets", "id": 1}',
    '{"t": "frame", "want": ["../etc"]}', "[" * 60_000, '{"t": "open", "address": 1}',
    json.dumps({"t": "open", "address": "a" * 70_000}),
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_message_closes_its_connection_with_a_reason(server: Any, text: str) -> None:
    good, bad = Page(server), Page(server)
    bad.send(text)
    code, reason = bad.closed()
    assert code == 1008 and reason
    assert good.do("epoch")["t"] == "changes" and good.status()["epoch"] == 1
    good.leave()


def test_bytes_are_not_spoken_here(server: Any) -> None:
    page = Page(server)
    page.socket.send_bytes(b"\x00" * 10)
    assert page.closed()[0] == 1008


def test_too_many_messages_close_the_connection(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MOST_AT_ONCE", 20)
    monkeypatch.setattr(protocol, "MOST_A_SECOND", 0)
    page = Page(server)
    for _ in range(30):
        page.send({"t": "frame", "want": []})
    assert page.closed() == (1008, "too many messages")


def test_only_so_many_pages_at_once(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MOST_PAGES", 1)
    page = Page(server)
    with server.websocket_connect(ADDRESS, headers={"origin": HOME}) as late:
        with pytest.raises(testclient.WebSocketDisconnect) as caught:
            late.receive_json()
        assert caught.value.reason == "at most 1 pages at once: close another"
    page.leave()
    again = Page(server)
    again.leave()


def test_a_page_that_did_nothing_for_long_gives_its_place(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "MOST_PAGES", 2)
    trains, sleeps = Page(server), Page(server)
    trains.do("play")
    monkeypatch.setattr(app, "IDLE", 0.0)
    late = Page(server)
    assert sleeps.closed() == (1008, "idle for long, and another page needed its place")
    assert trains.do("pause")["t"] == "changes"
    trains.leave()
    late.leave()


def test_a_fault_of_ours_ends_one_page_and_tells_nothing_of_the_inside(
    server: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page, other = Page(server), Page(server)
    from glassnet.lab.rooms.playground import actions

    monkeypatch.setitem(actions.ACTIONS, "epoch", lambda session, args: 1 / 0)
    page.send({"t": "do", "action": "epoch"})
    code, reason = page.closed()
    assert code == 1011 and "ZeroDivision" not in reason
    assert "broke" in caplog.text
    assert other.do("batch")["t"] == "changes"
    other.leave()


def test_a_page_that_goes_away_in_the_middle_leaves_nothing_behind(server: Any) -> None:
    for _ in range(3):
        page = Page(server, "samples=10&layers=2.tanh&pace=free")
        page.do("play")
        page.send({"t": "frame", "want": ["units", "map"]})
        page.leave()


KEYS = ["field", "value", "action", "args", "room", "what", "id", "want", "name", "text",
        "address", "file"]  # fmt: skip
WORDS = ["play", "pause", "epoch", "noise", "layers", "points", "data", "own", "playground",
         "link", "set_weight", "add_points", "cure", "units", "a,b\n1,2\n",
         "data=moons"]  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(WORDS)
    | st.integers(-5, 2000)
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["index", "value", "layer", "unit", "points", "hide", "fields"]), inner
        )
    ),
    max_leaves=6,
)
MESSAGES = st.builds(
    lambda kind, rest: {**rest, "t": kind},
    st.sampled_from(["open", "set", "do", "ask", "frame", "upload", "load"]),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MESSAGES, min_size=1, max_size=3))
def test_any_messages_are_answered_or_end_the_connection(
    server: Any, messages: list[dict[str, Any]]
) -> None:
    page = Page(server)
    for message in messages:
        page.send(message)
        reply = page.socket.receive()
        if reply["type"] == "websocket.close":
            assert reply["code"] == 1008, reply
            page.gone()
            return
        if reply.get("bytes") is None and message["t"] == "frame":
            assert page.socket.receive()["bytes"]
    page.leave()
