"""The thread of a page: one thing at a time, and it always answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

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


def test_in_a_crowd_answers_come_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = module.Crowd()
    crowd._most = 1
    monkeypatch.setattr(module, "CROWD", crowd)
    mine, other = Engine(), Engine()
    trains = Counter()
    mine.submit(lambda: mine.play(trains)).result(5)
    hold = threading.Event()
    waiting = [other.submit(hold.wait), other.submit(lambda: None)]  # two are more than one
    assert crowd.waits
    time.sleep(1.5 * module.PATIENCE)
    before = trains.made
    time.sleep(3 * module.PATIENCE)
    assert trains.made == before  # nobody asked it for anything
    assert mine.submit(lambda: 7).result(5) == 7
    time.sleep(1.5 * module.PATIENCE)
    assert trains.made > before  # but after its own answer it goes on
    hold.set()
    for one in waiting:
        one.result(5)
    assert not crowd.waits
    after = trains.made
    time.sleep(3 * module.PATIENCE)
    assert trains.made > after
    for engine in (mine, other):
        engine.close()
        assert engine.join(5)
