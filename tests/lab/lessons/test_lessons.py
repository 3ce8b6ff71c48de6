"""Every lesson of the lab opens, asks for something that is not there yet, and can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from glassnet.course import progress
from glassnet.course.catalog import lessons as of_the_course
from glassnet.errors import UnknownNameError
from glassnet.lab import fields
from glassnet.lab.lessons import answers, catalog
from glassnet.lab.protocol import Args
from glassnet.lab.protocol import parse as message
from glassnet.lab.rooms.playground import actions
from glassnet.lab.server.handling import handle
from glassnet.lab.session import saving
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.state import Session
from glassnet.lab.session.table import Table

Do = Callable[[Session], Any]
ENGLISH, KOREAN = catalog.shipped("en"), catalog.shipped("ko")


def put(**values: Any) -> Do:
    """What a person sets, in this order."""

    def do(session: Session) -> None:
        for name, value in values.items():
            session.set(
                name, fields.field(name).from_text(value) if isinstance(value, str) else value
            )

    return do


def train(epochs: int) -> Do:
    def do(session: Session) -> None:
        while session.trainer.epoch < epochs:
            session.trainer.one_epoch()

    return do


def act(name: str, **args: Any) -> Do:
    return lambda session: actions.act(session, name, Args(args))


def weigh(*values: float) -> Do:
    def do(session: Session) -> None:
        for index, value in enumerate(values):
            actions.act(session, "set_weight", Args({"index": index, "value": value}))

    return do


def by_learning(session: Session) -> None:
    """Weights such as a person would find, typed in by hand."""
    train(200)(session)
    found = [float(w) for w in session.model.parameters.values]
    session.renew()
    weigh(*found)(session)


def drop(session: Session) -> None:
    rows = "\n".join(f"{i % 7},{i % 5},{'yes' if i % 7 > 3 else 'no'}" for i in range(60))
    session.take(Table.from_text("mine.csv", f"a,b,c\n{rows}\n", ""))


def digits(session: Session) -> None:
    session.room_state["digits"] = SimpleNamespace(trainer=SimpleNamespace(epoch=5))


ALL = "x1,x2,x1^2,x2^2,x1x2,sin_x1,sin_x2"
# What somebody does in each step that has something to reach.
WAYS: dict[str, list[list[Do]]] = {
    "sees": [[train(30)], [put(features="x1,x2,x1^2,x2^2"), act("reset"), train(30)]],
    "weight": [[weigh(0.5)], [by_learning]],
    "slope": [[weigh(0.5)], [put(start_x=2.0)], [put(step_at=5)]],
    "rate": [[train(50)], [put(learning_rate=0.2), act("reset"), train(100)], [train(10)]],
    "hidden": [[train(50)], [act("add_layer"), act("reset"), train(60)]],
    "overfit": [[train(200)], [put(samples=300, l2=0.01), act("reset"), train(50)]],
    "initial": [[train(30)], [put(init="glorot_uniform"), act("reset"), train(60)]],
    "bugs": [[put(mistakes="gradient_overwritten")], [put(mistakes="")]],
    "digit": [[digits], [put(drawing=[[18, False, [10, 10, 100, 100]]])]],
    "table": [[drop], [train(20)]],
    "xor-two": [[put(layers="2.silu", seed=2, learning_rate=0.05), act("reset"), train(150)]],
    "spiral-eight": [[put(features=ALL, seed=1), act("reset"), train(300)]],
    "repair": [[put(learning_rate=0.02), act("reset"), train(60)]],
    "noise": [[put(layers="6.tanh,4.tanh"), act("reset"), train(200)]],
}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Session]:
    monkeypatch.setattr(progress, "user_folder", lambda: tmp_path)
    engine = Engine()
    yield Session(engine)
    engine.close()


def done(session: Session, name: str, step: int) -> dict[str, Any]:
    return answers.reached(session, Args({"name": name, "step": step}))


@pytest.mark.parametrize("name", ENGLISH)
def test_each_step_can_be_reached_and_is_not_reached_before(name: str, session: Session) -> None:
    lesson, ways = ENGLISH[name], iter(WAYS[name])
    for number, step in enumerate(lesson.steps, 1):
        if number == 1 or step.state:
            session.open(catalog.whole(f"lesson={name}/{number}"))
            session.start()
        else:
            session.set("lesson", f"{name}/{number}")
        assert session.notice is None and session.values["lesson"] == f"{name}/{number}"
        if step.until is None:
            continue
        assert not done(session, name, number)["reached"]
        for do in next(ways):
            do(session)
        assert done(session, name, number)["reached"], (number, session.trainer.measured)
    assert not list(ways)
    key = answers.key(lesson)
    assert "passed" in progress.progress()[key]
    if lesson.kind == "level":
        best = progress.progress()[key]["best"]
        assert best == session.model.parameters.size * session.trainer.epoch
        train(session.trainer.epoch + 1)(session)
        assert done(session, name, 1)["best"] == best  # more epochs are no better


def test_only_a_weight_that_a_person_set_is_set_by_hand(session: Session) -> None:
    session.open(catalog.whole("lesson=weight/1"))
    session.start()
    session.trainer.one_epoch()
    actions.act(session, "add_layer", Args({}))  # carries the weights over
    assert session.trainer.kept and not done(session, "weight", 1)["reached"]
    weigh(0.5)(session)
    assert done(session, "weight", 1)["reached"]
    saved = saving.save(session)
    session.renew()
    assert not done(session, "weight", 1)["reached"]
    saving.load(session, saved)  # a reload
    assert done(session, "weight", 1)["reached"]


@pytest.mark.parametrize("name", [n for n, one in ENGLISH.items() if one.kind == "level"])
def test_a_level_is_not_reached_before_an_epoch(name: str, session: Session) -> None:
    """Weights that are right already would be the score 0, which none can beat."""
    session.open(catalog.whole(f"lesson={name}/1"))
    session.start()
    for do in WAYS[name][0]:
        do(session)
    assert done(session, name, 1)["reached"]
    session.trainer.stands_at(0)
    assert not done(session, name, 1)["reached"]


def test_lessons_come_in_order_and_levels_after_them() -> None:
    known = list(catalog.shipped("en").values())
    places = [(lesson.kind == "level", lesson.number) for lesson in known]
    assert places == sorted(set(places)) and {lesson.kind for lesson in known} == {"lab", "level"}


def test_both_languages_are_the_same_lesson() -> None:
    assert list(ENGLISH) == list(KOREAN) and set(WAYS) == set(ENGLISH)
    for one, other in zip(ENGLISH.values(), KOREAN.values(), strict=True):
        assert (one.kind, one.number) == (other.kind, other.number)
        for here, there in zip(one.steps, other.steps, strict=True):
            assert (here.state, here.light, here.until) == (there.state, there.light, there.until)
            right = [[[c.right for c in q.choices] for q in s.questions] for s in (here, there)]
            assert right[0] == right[1]
    assert not set(ENGLISH) & set(of_the_course())  # a name is one lesson


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", [*of_the_course()])
def test_a_lesson_of_the_course_has_its_steps_questions_and_state(name: str, language: str) -> None:
    lesson = catalog.find(name, language)
    assert len(lesson.steps) > 2 and len(lesson.steps[-1].questions) == 3
    assert any(f"glassnet check {name}" in step.text for step in lesson.steps)
    assert lesson.state(len(lesson.steps)) == of_the_course()[name].lab


def test_an_address_with_a_lesson_opens_its_step(session: Session) -> None:
    whole = catalog.whole("lesson=relu&language=ko")
    assert whole == f"{of_the_course()['relu'].lab}&lesson=relu/1&language=ko"
    mine = "lesson=relu/2&data=xor"
    assert catalog.whole(mine) == mine  # a reload keeps what was changed
    assert catalog.whole("lesson=slope/99").endswith("lesson=slope/3")
    with pytest.raises(UnknownNameError):
        catalog.whole("lesson=rellu")
    reply = handle(session, message('{"t": "open", "address": "lesson=rellu&data=xor"}'), {})
    assert "rellu" in reply["notice"]["text"]
    assert session.values["data"] == "xor" and session.values["lesson"] == ""


def test_the_page_gets_the_lesson_with_its_code_executed(session: Session) -> None:
    session.start()
    found = answers.lesson(session, Args({"name": "relu", "language": "ko"}))
    outputs = [
        node
        for step in found["steps"]
        for node in step["blocks"]
        if node[1:2] == [{"class": "output"}]
    ]
    assert outputs and found["next"] and found["steps"][-1]["questions"][0]["choices"]
    listed = answers.lessons(session, Args({"language": "ko"}))
    assert {one["kind"] for one in listed} == {"lab", "level", "course"}
