"""Whatever the rooms Digits and Own model are asked, they answer, refuse in words, or break off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glassnet._core.strict_json import to_json
from glassnet.errors import GlassnetError
from glassnet.lab.protocol import Args, ProtocolError
from glassnet.lab.server.questions import answer, questions
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.state import Session

QUESTIONS = [
    (room, what)
    for room in ("digits", "model", "convolution")
    for what in questions(room)
    if what not in ("reset", "ready", "ready_back")  # as dear as a start
] + [("playground", "export")]

NUMBER = st.integers(-3, 300) | st.floats() | st.booleans() | st.none() | st.text(max_size=3)
STROKE = st.lists(NUMBER | st.lists(NUMBER, max_size=6), max_size=4)
LINE = st.tuples(st.integers(1, 100), st.booleans(),
                 st.lists(st.integers(0, 255), min_size=2, max_size=12))  # fmt: skip
ARGS = st.fixed_dictionaries(
    {},
    optional={
        "strokes": st.lists(STROKE | LINE, max_size=4) | NUMBER,
        "what": NUMBER | st.sampled_from(["weights", "map", "../map"]),
        "layer": NUMBER | st.sampled_from(["convolution", "../x"]),
        "unit": NUMBER,
        "filter": NUMBER,
        "side": NUMBER,
        "name": NUMBER | st.sampled_from(["edges", "mean"]),
        "kind": NUMBER | st.sampled_from(["npz", "svg", "py"]),
    },
)
NAMES = st.text(max_size=12).filter(str.isprintable) | st.sampled_from(["..", "/", "a/../b", "~"])


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    engine = Engine()
    found = Session(engine, None, None, str(tmp_path_factory.mktemp("runs")))
    found.open("digits_units=4&digits_copies=0&digits_epochs=1&layers=2.tanh&samples=10")
    yield found
    engine.close()


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(QUESTIONS), ARGS, NAMES)
def test_nothing_breaks_a_room(
    session: Session, question: tuple[str, str], args: dict[str, Any], name: str
) -> None:
    room, what = question

    def ask() -> Any:
        session.set("run", name)
        return answer(session, room, what, Args(args))

    try:
        to_json(session.engine.submit(ask).result(60))
    except (GlassnetError, ProtocolError) as error:
        assert str(error)
