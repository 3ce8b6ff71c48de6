"""Every lab link of a lesson opens its room, and the room shows what the lesson says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.course.catalog import lessons
from glassnet.explain import MISTAKES
from glassnet.lab import fields
from glassnet.lab.frames import unpack
from glassnet.lab.protocol import Args
from glassnet.lab.rooms.step.explaining import mistakes_of
from glassnet.lab.server.questions import answer, frame
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.state import Session

Given = dict[str, Any]
LESSONS = list(lessons().values())
LINKS = [(x.name, link) for x in LESSONS
         for link in dict.fromkeys([x.lab, *(m.lab for m in x.mutants)]) if link]  # fmt: skip


def step(session: Session, given: Given) -> None:
    """The mistake that the link switches on is seen: a check is red, or a remark says why not."""
    wanted = given.get("mistakes", ())
    assert mistakes_of(session, session.model) == wanted
    seen = answer(session, "step", "trace", Args({}))
    assert wanted == tuple(m["name"] for m in seen["mistakes"] if m["on"] and m["can"])
    red = [check["verdict"] for check in seen["checks"] if check["verdict"] != "ok"]
    remarks = [MISTAKES[name]().remark(session.values["step_batch"]) for name in wanted]
    assert any(remarks) or bool(wanted) == bool(red or seen["updates"]["off"])


def functions(session: Session, given: Given) -> None:
    """The curves that the link names are drawn, and the tangent touches where it says."""
    drawn = answer(session, "functions", "drawn", Args({}))
    point = answer(session, "functions", "point", Args({}))
    named = given.get("activations") or given.get("losses") or [point["on"]]
    assert {curve["name"] for curve in drawn["curves"]} >= set(named)
    if "tangent_at" in given:
        assert point["x"] == given["tangent_at"] and point["on"] == given["tangent_on"]
    if "tangent_h" in given:  # so small that nothing is left
        assert point["h"] == given["tangent_h"] and point["verdict"]["word"] == "lost"


def descent(session: Session, given: Given) -> None:
    """The race begins where the link says, with the racers that it names."""
    seen = answer(session, "descent", "race", Args({}))
    asked = session.values
    assert seen["start"] == [asked["start_x"], asked["start_y"]]
    assert [(run["name"], run["rate"]) for run in seen["runs"]] == [
        (name, rate) for name, rate, _ in asked["race"]
    ]
    assert len(seen["runs"]) > 1 or "race" not in given
    assert all(len(run["path"]) > 1 for run in seen["runs"])


def digits(session: Session, given: Given) -> None:
    """The network has the units that the link asks for."""
    assert answer(session, "digits", "units", Args({}))["count"] == given["digits_units"]


def convolution(session: Session, given: Given) -> None:
    """The view, the picture and the layers behind the kernel are those of the link."""
    seen = answer(session, "convolution", "scene", Args({}))
    kinds = {layer["kind"] for layer in seen["layers"]}
    assert seen["view"] == given.get("conv_view", "hand") and "conv2d" in kinds
    assert seen["picture"]["source"] == given.get("conv_source", "shapes")
    assert ("max_pooling2d" in kinds) == ("conv_pooling" in given)
    if seen["view"] == "back":
        assert answer(session, "convolution", "back", Args({}))


def playground(session: Session, given: Given) -> None:
    """The network and its panel are those of the link; the picture is drawn."""
    assert session.other is None
    built = [layer for layer in session.model.layers if layer.weights()]
    widths = [width for width, *_ in session.values["layers"]]
    assert [layer.output_shape[-1] for layer in built[:-1] if _dense(layer)] == widths
    kinds, address = repr(session.model), fields.FIELDS["layers"].to_text(session.values["layers"])
    for sign, kind in ((".bn", "BatchNormalization"), (".d", "Dropout"), (".skip", "Residual")):
        assert (sign in address) == (kind in kinds), kind
    if given.get("init") == "zeros":
        assert not any(np.any(layer.W) for layer in built)
    sections = {"map", "units", "weights", "curves", "values"}  # values: the panel of layers
    assert sections <= set(unpack(frame(session, sorted(sections))))


def _dense(layer: Any) -> bool:
    return layer.kind in {"dense", "residual"}


SHOWN: dict[str, Callable[[Session, Given], None]] = {
    "step": step, "functions": functions, "descent": descent, "digits": digits,
    "convolution": convolution, "playground": playground,
}  # fmt: skip


@pytest.mark.parametrize("name, link", LINKS, ids=[f"{name}-{link}" for name, link in LINKS])
def test_the_lab_shows_what_the_lesson_says(name: str, link: str) -> None:
    """The link is understood, opens, and its room answers with what the lesson speaks of."""
    given, wrong = fields.from_address(link)
    assert given and not wrong
    assert fields.from_address(fields.to_address({**fields.defaults(), **given})) == (given, [])
    engine = Engine()
    try:
        session = Session(engine)
        session.open(link)
        session.start()
        assert session.notice is None
        assert {key: session.values[key] for key in given} == given
        SHOWN[session.values["room"]](session, given)
    finally:
        engine.close()
        assert engine.join(10)


def test_every_room_that_a_lesson_links_to_is_asked() -> None:
    rooms = {fields.from_address(link)[0].get("room", "playground") for _, link in LINKS}
    assert rooms == set(SHOWN)
