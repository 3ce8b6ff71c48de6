"""What the server does beside serving: it prepares the first picture, and leaves cores free."""

from __future__ import annotations

import logging
import threading

import pytest
import uvicorn
from threadpoolctl import threadpool_info

from glassnet.lab.app import serve
from glassnet.lab.server import warm


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


def test_ending_while_a_page_waits_for_an_answer_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = logging.getLogger("uvicorn.error")

    def run(*_: object, **__: object) -> None:
        log.error("Cancel %s running task(s), timeout graceful shutdown exceeded", 1)
        log.error("something else")

    monkeypatch.setattr(warm, "first_picture", lambda state: None)
    monkeypatch.setattr(uvicorn.Server, "run", run)
    serve(browser=False, announce=lambda address: None)
    said = capsys.readouterr().err
    assert "something else" in said and "graceful" not in said
