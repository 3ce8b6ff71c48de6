"""What the server does beside serving: it prepares the first picture, and leaves cores free."""

from __future__ import annotations

import gc
import json
import logging
import socket
import sys
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from threadpoolctl import threadpool_info
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from glassnet.lab import address, app
from glassnet.lab.app import serve
from glassnet.lab.server import patience, warm
from glassnet.lab.server.connection import Connection
from glassnet.lab.server.web import create_app
from glassnet.lab.session import engine as engines
from glassnet.lab.session.crowd import Crowd
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.state import Session
from glassnet.lab.session.timeline import Timeline
from glassnet.lab.session.trainer import Trainer

TOKEN = "t" * 16


class Endless:
    """A training without an end and without an update."""

    steps_per_epoch = 1
    stopped = ""

    def run(self, seconds: float, most: int) -> int:
        time.sleep(seconds)
        return 0


def blas_threads() -> set[int]:
    return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"}


@pytest.mark.parametrize("state", ["", "data=spiral&layers=4.tanh", "data=nonsense&layers=x"])
def test_the_first_picture_is_prepared_for_any_link_and_leaves_nothing_running(state: str) -> None:
    warm.first_picture(state)
    for thread in threading.enumerate():
        if thread.name == "warm":
            thread.join(10)
            assert not thread.is_alive()


def test_a_started_lab_prepares_its_picture_and_computes_on_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepared, done = [], threading.Event()
    threads: list[set[int]] = []

    def first_picture(state: str) -> None:
        prepared.append(state)
        done.set()

    monkeypatch.setattr(warm, "first_picture", first_picture)
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: threads.append(blas_threads()))
    before = blas_threads()
    said: list[str] = []
    serve(browser=False, link="http://127.0.0.1:1/token/#data=xor", announce=said.append)
    assert done.wait(10) and prepared == ["data=xor"]
    assert threads == [{1}] and blas_threads() == before
    assert said[0].startswith("http://127.0.0.1:") and said[0].endswith("/#data=xor")


def test_nothing_is_compiled_ahead_while_a_class_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = Crowd(1)
    monkeypatch.setattr(engines, "CROWD", crowd)
    monkeypatch.setattr(warm, "CROWD", crowd)
    monkeypatch.setattr(warm, "PATIENCE", 0.01)
    done = threading.Event()
    monkeypatch.setattr(warm, "jobs", lambda: iter([done.set]))
    pages = [Engine(), Engine()]
    for page in pages:
        page.submit(lambda page=page: page.play(Endless())).result(10)
    thread = threading.Thread(target=warm._work, daemon=True)
    thread.start()
    assert not done.wait(0.3)  # two play, and one core is there
    pages[0].submit(pages[0].pause).result(10)
    assert done.wait(10)
    for page in pages:
        page.close()
    thread.join(10)


def test_ending_while_a_page_waits_for_an_answer_is_no_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = logging.getLogger("uvicorn.error")

    def run(*_: object, **__: object) -> None:
        log.error("Cancel %s running task(s), timeout graceful shutdown exceeded", 1)
        log.error("something else")

    monkeypatch.setattr(warm, "first_picture", lambda state: None)
    monkeypatch.setattr(uvicorn.Server, "run", run)
    serve(browser=False, announce=lambda address: None)
    assert caplog.messages == ["something else"]


def test_the_logging_of_the_program_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that was there, as absl's behind TensorFlow, is neither taken off nor closed."""

    class Kept(logging.Handler):
        closed = False

        def close(self) -> None:
            self.closed = True
            super().close()

    kept, log = Kept(), logging.getLogger("uvicorn")
    before = log.handlers[:]
    log.addHandler(kept)
    monkeypatch.setattr(warm, "first_picture", lambda state: None)
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    try:
        serve(browser=False, announce=lambda address: None)
        assert log.handlers == [*before, kept] and not kept.closed
    finally:
        log.removeHandler(kept)


@contextmanager
def serving() -> Iterator[tuple[str, int]]:
    """The lab at a port of this machine, in a thread."""
    door = address.listen(0)
    server = app.server_for(create_app(TOKEN, door.getsockname()[1]))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
    thread.start()
    try:
        yield door.getsockname()
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


def test_a_connection_that_asks_for_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.2)
    with serving() as place:
        for begun in (b"", b"GET / HTTP/1.1\r\nHost: 127"):
            with socket.create_connection(place, timeout=20) as half_open:
                half_open.sendall(begun)
                while half_open.recv(1000):
                    pass


def test_a_flood_that_listens_is_ended_by_the_rule_and_not_by_a_fault() -> None:
    with serving() as (host, port):
        home = f"{host}:{port}"
        page = connect(f"ws://{home}/{TOKEN}/ws", origin=f"http://{home}")  # type: ignore[arg-type]
        with page, ThreadPoolExecutor(1) as beside:

            def pour() -> None:
                with suppress(ConnectionClosed):
                    while True:
                        page.send('{"t": "set", "field": "noise", "value": 0.1}')

            pouring = beside.submit(pour)
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    page.recv()
            pouring.result(60)
        received = closed.value.rcvd
        assert received is not None
        assert (received.code, received.reason) == (1008, "too many messages")


KEPT_BY_A_PAGE = (Connection, Engine, Session, Trainer, Timeline, patience.PatientProtocol)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> weakref.WeakSet[Any]:
    """What is made for pages from now on and still there; not what is compiled ahead."""
    known: weakref.WeakSet[Any] = weakref.WeakSet()

    def noted(begin: Callable[..., None]) -> Callable[..., None]:
        def counted(self: Any, *given: Any, **named: Any) -> None:
            if threading.current_thread().name != "warm":
                known.add(self)
            begin(self, *given, **named)

        return counted

    monkeypatch.setattr(warm, "begin", lambda: None)
    for kind in KEPT_BY_A_PAGE:
        monkeypatch.setattr(kind, "__init__", noted(kind.__init__))  # type: ignore[misc]
    return known


def test_of_a_page_that_left_nothing_is_kept(made: weakref.WeakSet[Any]) -> None:
    """And nothing waits for the garbage collector, which comes seldom and late."""
    gc.collect()
    gc.disable()
    try:
        with serving() as (host, port):
            home = f"{host}:{port}"
            for leaves in ("politely", "without a word", "in the middle"):
                page = connect(f"ws://{home}/{TOKEN}/ws", origin=f"http://{home}")  # type: ignore[arg-type]
                with page:
                    page.recv()
                    for message in (
                        {"t": "open", "address": "samples=10&layers=3.tanh"},
                        {"t": "do", "action": "compare", "args": {}},
                        {"t": "do", "action": "epoch", "args": {}},
                        {"t": "set", "field": "noise", "value": 0.3},
                        {"t": "do", "action": "play", "args": {}},
                    ):
                        page.send(json.dumps(message))
                        page.recv()
                    assert {type(thing) for thing in made} >= {Connection, Session, Trainer}
                    if leaves == "in the middle":
                        page.send(json.dumps({"t": "frame", "want": ["units", "map"]}))
                    if leaves != "politely":
                        page.socket.shutdown(socket.SHUT_RDWR)
            until = time.monotonic() + 20
            while made and time.monotonic() < until:
                time.sleep(0.05)
            assert not Counter(type(thing).__name__ for thing in made)
    finally:
        gc.enable()


def test_the_address_of_a_chosen_port_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "cache_folder", lambda: tmp_path / "cache")
    token = address.kept_token()
    path = tmp_path / "cache" / "lab-token"
    assert address.kept_token() == token and len(token) == 22
    assert sys.platform == "win32" or path.stat().st_mode & 0o777 == 0o600
    path.write_text("short")  # damaged: nobody can guess it, so another one
    assert address.kept_token() not in ("short", token)
