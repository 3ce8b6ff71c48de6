"""The thread of a page: one thing at a time, and it always answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace

import pytest

from glassnet.lab.session import crowd as crowds
from glassnet.lab.session import engine as module
from glassnet.lab.session.engine import Engine

WAIT = 10  # seconds after which a test gives up


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()
    assert made.join(WAIT)


class Counter:
    """Something to train that only counts."""

    steps_per_epoch = 4

    def __init__(self, stop_at: int = 10**9) -> None:
        self.made, self.stopped, self.stop_at = 0, "", stop_at
        self.reached = threading.Event()

    def run(self, seconds: float, most: int) -> int:
        made = min(most, 5)
        self.made += made
        if self.made >= self.stop_at:
            self.stopped = "reached"
            self.reached.set()
        return made


def test_everything_happens_in_one_thread(engine: Engine) -> None:
    threads = {engine.submit(threading.get_ident).result(WAIT) for _ in range(5)}
    assert len(threads) == 1 and threading.get_ident() not in threads


def test_an_error_reaches_whoever_waits_and_the_thread_goes_on(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        engine.submit(lambda: 1 / 0).result(WAIT)  # type: ignore[arg-type, return-value]
    assert engine.submit(lambda: 7).result(WAIT) == 7


def test_it_trains_freely_and_still_answers(engine: Engine) -> None:
    counter = Counter(stop_at=1000)
    engine.submit(lambda: engine.play(counter)).result(WAIT)
    assert engine.submit(lambda: "here").result(WAIT) == "here"
    assert counter.reached.wait(WAIT)
    assert engine.submit(lambda: engine.training).result(WAIT) is None  # what stopped is let go


def test_pausing_stops_it(engine: Engine) -> None:
    counter = Counter()
    engine.submit(lambda: engine.play(counter)).result(WAIT)
    engine.submit(engine.pause).result(WAIT)
    made = counter.made
    engine.submit(lambda: None).result(WAIT)
    assert counter.made == made


def test_the_pace_limits_the_updates(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("glassnet.lab.session.engine.time.perf_counter", lambda: now)
    counter = Counter()
    engine.submit(lambda: engine.play(counter, pace=1.0)).result(WAIT)
    engine.submit(lambda: None).result(WAIT)
    assert counter.made == 0  # no time has passed
    now = 100.25  # one epoch of 4 updates a second: one update is due
    while engine.submit(lambda: counter.made).result(WAIT) == 0:
        pass
    for _ in range(20):
        engine.submit(lambda: None).result(WAIT)
    assert counter.made == 1


def test_no_debt_is_saved_up_when_it_cannot_keep_up(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("glassnet.lab.session.engine.time.perf_counter", lambda: now)
    counter = Counter()
    engine.submit(lambda: engine.play(counter, pace=1.0)).result(WAIT)
    now = 500.0  # the machine slept
    while engine.submit(lambda: counter.made).result(WAIT) == 0:
        pass
    for _ in range(20):
        engine.submit(lambda: None).result(WAIT)
    assert counter.made <= 2


def test_spare_work_is_done_when_there_is_nothing_else(engine: Engine) -> None:
    done = threading.Event()
    engine.submit(lambda: engine.spare.append(done.set)).result(WAIT)
    assert done.wait(WAIT)


def test_closing_ends_the_thread_and_cancels_what_waits() -> None:
    engine = Engine()
    go = threading.Event()
    running = engine.submit(lambda: go.wait(WAIT))
    waiting = engine.submit(lambda: 1)
    engine.close()
    late = engine.submit(lambda: 2)
    go.set()
    assert engine.join(WAIT)
    assert running.result(WAIT) is True
    assert waiting.cancelled() and late.cancelled()


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Engine]]:
    """Two pages that train, on one core."""
    monkeypatch.setattr(module, "CROWD", crowds.Crowd(1))
    pages = [Engine(), Engine()]
    yield pages
    for page in pages:
        page.close()
        assert page.join(WAIT)


def play(pages: list[Engine], pace: float = 0.0) -> list[Counter]:
    """Train something on each of the pages."""
    counters = [Counter() for _ in pages]
    for page, counter in zip(pages, counters, strict=True):
        page.submit(partial(page.play, counter, pace)).result(WAIT)
    return counters


def where(page: Engine) -> int:
    """The thread in which a look is made."""
    return page.look(threading.get_ident).result(WAIT)


def test_quick_looks_are_made_where_they_are_asked_for(crowd: list[Engine]) -> None:
    page = crowd[0]
    here = threading.get_ident()
    play([page], pace=1.0)
    threads = [where(page) for _ in range(20)]
    assert threads[: module.SURE] == [threads[0]] * module.SURE and threads[0] != here
    assert here in threads
    page.submit(lambda: None).result(WAIT)  # it may have changed the network: compile again?
    assert where(page) == threads[0]


def test_looks_that_take_long_stay_in_their_thread(
    crowd: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    play(crowd, pace=1.0)
    monkeypatch.setattr(module, "QUICK", 0.0)
    assert threading.get_ident() not in {where(crowd[0]) for _ in range(20)}


def test_a_look_never_meets_what_the_thread_is_doing(crowd: list[Engine]) -> None:
    page = crowd[0]
    play(crowd, pace=1.0)
    for _ in range(20):
        where(page)
    go, begun = threading.Event(), threading.Event()
    busy = page.submit(lambda: begun.set() or go.wait(WAIT))
    assert begun.wait(WAIT)
    page._quick = module.SURE  # as if nothing had been asked
    look = page.look(threading.get_ident)
    assert not look.done()  # it waits in the queue
    go.set()
    assert busy.result(WAIT) and look.result(WAIT) != threading.get_ident()


def test_after_a_look_made_here_it_trains_here(
    crowd: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("glassnet.lab.session.engine.time.perf_counter", lambda: now)
    page, counter = crowd[0], play(crowd, pace=1.0)[0]
    for _ in range(20):
        where(page)
    page.catch_up()
    assert counter.made == 0  # by the pace no update is due
    now = 100.25
    where(page)
    assert counter.made == 0
    page.catch_up()
    assert counter.made == 1


def test_it_looks_for_work_no_more_often_than_a_page_draws(
    crowd: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.lab.session.engine.time.perf_counter", lambda: 100.0)
    page = crowd[0]
    assert page._wait() is None  # it sleeps until it is asked
    play([page], pace=2.0)
    assert page._wait() == pytest.approx(1 / 8 + module.BEAT)  # an update, and a beat too late
    play([page])
    assert page._wait() == 0.0  # as fast as it goes
    made = play(crowd[1:])
    while made[0].made == 0:
        where(crowd[1])
    late = crowd[1]._wait()
    assert late == pytest.approx(module.CROWDED)  # two on one core: each trains after its looks
    page.submit(page.pause).result(WAIT)
    assert page._wait() is None and crowd[1]._wait() == 0.0


@pytest.mark.parametrize(
    ("playing", "looked", "share"),
    [(1, 0.0005, module.SLICE), (30, 0.0005, module.FRAME / 30 - 0.0005), (30, 0.005, 0.0025),
     (1, 2.0, module.LONGEST)],
)  # fmt: skip
def test_all_pages_together_leave_time_to_draw(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, playing: int, looked: float, share: float
) -> None:
    monkeypatch.setattr(module, "CROWD", SimpleNamespace(playing=playing))
    engine._looked = looked
    assert engine._share() == pytest.approx(share)


def test_one_computes_at_a_time_in_the_order_in_which_they_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crowds, "PATIENCE", WAIT)
    turns, came, order = crowds.Turns(), [threading.Event() for _ in range(3)], []

    def compute(number: int) -> None:
        came[number].set()
        with turns.turn() as mine:
            assert mine
            order.append(number)

    with turns.turn():
        threads = [threading.Thread(target=compute, args=(i,)) for i in range(3)]
        for i, thread in enumerate(threads):
            thread.start()
            assert came[i].wait(WAIT)
            while len(turns._waiting) <= i:
                pass
        assert not order
    for thread in threads:
        thread.join(WAIT)
    assert order == [0, 1, 2]


def test_whoever_takes_long_does_not_hold_the_others_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "PATIENCE", 0.01)
    turns = crowds.Turns()
    with turns.turn() as first, turns.turn() as second:
        assert first and not second
    with turns.turn() as again:
        assert again
