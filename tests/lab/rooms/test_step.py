"""One step: the walk visits every number, and says what the library's explanation says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import texts
from glassnet._core.strict_json import to_json
from glassnet.errors import GlassnetError
from glassnet.explain import MISTAKES
from glassnet.lab import fields
from glassnet.lab.catalogues import ACTIVATIONS
from glassnet.lab.protocol import Args, ProtocolError, RefusedError
from glassnet.lab.rooms import step as step_room
from glassnet.lab.rooms.step import explaining
from glassnet.lab.rooms.step import questions as step
from glassnet.lab.rooms.step.explaining import tour_of
from glassnet.lab.server.questions import answer
from glassnet.lab.server.web import static_files
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.state import Session

Open = Callable[..., Session]

NETWORKS = [
    "samples=10&layers=3.tanh",
    "samples=10&layers=&step_batch=2",
    "samples=10&data=blobs&layers=3.relu.d50.bn,2.gelu&step_batch=3&step_sample=2&l2=0.1",
    "samples=10&data=sine&layers=2.selu.bn&step_batch=2&optimizer=nesterov&schedule=cosine",
    "samples=10&data=blobs&loss=hinge&layers=2.softplus&step_batch=2&optimizer=rmsprop",
    "samples=10&layers=2.tanh.skip,2.relu.d20.bn.skip,3.tanh&step_batch=2",
]


def ask(session: Session, what: str, **args: Any) -> dict[str, Any]:
    found: dict[str, Any] = answer(session, "step", what, Args(args))
    to_json(found)  # it can be sent
    return found


def test_the_mistakes_of_the_table_are_those_of_the_library() -> None:
    assert tuple(MISTAKES) == step_room.MISTAKES


@pytest.mark.parametrize("address", NETWORKS)
def test_the_walk_visits_every_unit_and_every_parameter_in_order(
    open_session: Open, address: str
) -> None:
    session = open_session(address)
    trace = ask(session, "trace")
    found = tour_of(session)
    order = {"forward": 0, "loss": 1, "backward": 2, "update": 3}
    phases = [order[phase] for phase, _, _ in trace["stops"]]
    assert phases == sorted(phases) and set(phases) == {0, 1, 2, 3}
    visited = {(layer, name): 0 for layer, name, _ in found.places}
    for layer, name, _ in found.places:
        visited[layer, name] += 1
    for name, shape in session.model.parameters.shapes.items():
        layer, _, parameter = name.rpartition("/")
        if name in session.model.parameters.slices:
            size = int(np.prod(shape))
            assert visited[layer, f"d{parameter}"] == visited[layer, f"{parameter}_new"] == size
    assert all(check["verdict"] != "off" for check in trace["checks"])
    assert trace["updates"]["off"] == 0


@pytest.mark.parametrize("address", NETWORKS)
def test_every_stop_can_be_looked_at_and_says_what_the_library_says(
    open_session: Open, address: str
) -> None:
    session = open_session(address)
    found = tour_of(session)
    for at, stop in enumerate(found.stops):
        row = len(stop.numbers) - 1
        seen = ask(session, "look", at=at, row=row)
        assert (seen["at"], seen["row"]) == (at, row)
        layer, name, index = stop.numbers[row]
        value = found.step.value(layer, name, index, sample=found.shown)
        assert seen["focus"]["with_numbers"] == value.with_numbers
        assert seen["numbers"][row]["value"] == value.value
        for one in seen["made"]:
            assert one["at"] is None or one["at"] in found.places.values()


def test_a_place_beyond_the_end_is_the_end(open_session: Open) -> None:
    session = open_session(NETWORKS[0])
    last = len(tour_of(session).stops) - 1
    assert ask(session, "look", at=9999, row=9999)["at"] == last


def test_a_weight_set_by_hand_changes_the_numbers(open_session: Open) -> None:
    session = open_session(NETWORKS[0])
    before = ask(session, "look", at=0)
    settable = next(one["set"] for one in before["made"] if one["set"] and "weight" in one["set"])
    session.model.parameters.values[settable["weight"]] = 2.0
    after = ask(session, "look", at=0)
    assert after["version"] == before["version"] + 1
    assert after["numbers"][0]["value"] != before["numbers"][0]["value"]
    assert ask(session, "look", at=1)["version"] == after["version"]  # nothing changed since


def test_an_input_set_by_hand_lasts_until_other_samples_are_chosen(open_session: Open) -> None:
    session = open_session(NETWORKS[0])
    own = ask(session, "trace")["inputs"][1]["value"]
    ask(session, "set_input", column=1, value=0.5)
    trace = ask(session, "trace")
    assert trace["inputs"][1]["value"] == 0.5 and trace["edited"]
    ask(session, "set_input")
    assert ask(session, "trace")["inputs"][1]["value"] == own
    ask(session, "set_input", column=0, value=3)
    for first in (1, 0):
        session.set("step_first", first)
        ask(session, "trace")
    assert not ask(session, "trace")["edited"]
    with pytest.raises(RefusedError):
        ask(session, "set_input", column=2, value=0.0)


def test_a_batch_is_cut_to_the_samples_that_there_are(open_session: Open) -> None:
    session = open_session("samples=10&layers=2.tanh&step_first=4999&step_batch=8&step_sample=7")
    trace = ask(session, "trace")
    assert trace["first"] == trace["total"] - 8 and trace["shown"] == 7
    session.set("step_batch", 2)
    assert ask(session, "trace")["shown"] == 1


CAUGHT = {
    "stale_gradient": "", "softmax_twice": "", "sum_for_mean": "", "mean_of_bias_gradient": "",
    "leftover_gradient": "", "update_in_backward": "", "float32_differences": "",
    "prediction_overwritten": "&loss=mean_squared_error", "old_velocity": "&optimizer=nesterov",
    "gradient_overwritten": "&layers=3.tanh,3.relu.skip",
}  # fmt: skip


@pytest.mark.parametrize("name", CAUGHT)
def test_each_mistake_goes_red(open_session: Open, name: str) -> None:
    session = open_session("samples=10&layers=3.tanh&step_batch=4" + CAUGHT[name])
    assert not any(check["off"] for check in ask(session, "trace")["checks"])
    session.set("mistakes", [name])
    trace = ask(session, "trace")
    assert sum(check["off"] for check in trace["checks"]) + trace["updates"]["off"] > 0
    assert next(m for m in trace["mistakes"] if m["name"] == name)["on"]


def test_the_unstable_formula_shows_once_the_network_is_surely_wrong(open_session: Open) -> None:
    session = open_session("samples=10&layers=3.tanh&mistakes=unstable_formula")
    trace = ask(session, "trace")
    assert not any(check["off"] for check in trace["checks"])
    truth = 2 * trace["target"]["class"] - 1
    session.model.parameters.view("output/b")[...] = -20 * truth
    trace = ask(session, "trace")
    assert any(check["off"] for check in trace["checks"]) and not trace["target"]["right"]
    assert not next(m for m in trace["mistakes"] if m["name"] == "unstable_formula")["alone"]


def test_a_block_adds_up_both_ways_and_its_mistake_shows_below_it(open_session: Open) -> None:
    session = open_session("samples=10&layers=3.tanh,3.tanh.skip,2.tanh&step_batch=3")
    trace = ask(session, "trace")
    assert [column.get("skip", False) for column in trace["columns"]] == [0, 0, 1, 0, 0]
    forward = trace["stops"].index(["forward", "hidden2_skip", 1])
    inner = trace["stops"].index(["forward", "hidden2_skip/hidden2", 1])
    found = ask(session, "look", at=forward)
    y, x, f = (row["value"] for row in found["numbers"])
    assert inner < forward and y == pytest.approx(x + f, rel=1e-12)
    assert [row["name"] for row in found["numbers"]] == ["y₂⁽¹⁾", "x₂⁽¹⁾", "F₂⁽¹⁾"]
    assert found["focus"]["formula"] == "y₂⁽¹⁾ = x₂⁽¹⁾ + F₂⁽¹⁾"
    assert [one["at"] for one in found["made"]] == [(forward, 1), (inner, 1)]
    assert found["lit"]["units"] == [(1, 1), (2, 1)]

    back = trace["stops"].index(["backward", "hidden2_skip", 1])
    found = ask(session, "look", at=back)
    dx, dy, through = (row["value"] for row in found["numbers"])
    assert dx == pytest.approx(dy + through, rel=1e-12)
    assert {row["verdict"] for row in found["numbers"]} == {"ok"}
    session.set("mistakes", ["gradient_overwritten"])
    off = {check["layer"] for check in ask(session, "trace")["checks"] if check["off"]}
    assert off == {"hidden1"}  # below the block, and only there
    found = ask(session, "look", at=back)
    assert [row["verdict"] for row in found["numbers"]] == ["off", "ok", "ok"]
    assert "but here" in found["focus"]["with_numbers"]


def test_an_input_that_goes_around_the_first_layer_can_be_set(open_session: Open) -> None:
    session = open_session("samples=10&layers=2.tanh.skip")
    stops = ask(session, "trace")["stops"]
    for layer, row in (("hidden1_skip", 0), ("hidden1_skip/hidden1", 0)):
        made = ask(session, "look", at=stops.index(["forward", layer, 0]), row=row)["made"]
        assert made[0]["set"]["input"] == 0
    assert ask(session, "look", at=stops.index(["backward", "hidden1_skip", -1]))["numbers"]


def test_a_mistake_that_cannot_be_made_here_is_left_out(open_session: Open) -> None:
    session = open_session("samples=10&layers=3.tanh&mistakes=old_velocity,gradient_overwritten")
    made = {m["name"]: m for m in ask(session, "trace")["mistakes"]}
    assert not made["old_velocity"]["on"] and not made["old_velocity"]["can"]
    assert made["old_velocity"]["reason"]


def test_the_step_that_is_made_is_the_one_that_was_explained(open_session: Open) -> None:
    session = open_session(NETWORKS[4])
    found = tour_of(session)
    new = {f"{s.name}/{p}": s[f"{p}_new"] for s in found.step.layers for p in s.parameters}
    ask(session, "make_step")
    for name, value in new.items():
        np.testing.assert_allclose(session.model.parameters.view(name), value, atol=2e-5)


def test_the_drawing_finds_the_stop_of_a_unit_and_of_a_weight(open_session: Open) -> None:
    session = open_session(NETWORKS[0])
    stops = tour_of(session).stops
    at = ask(session, "find", phase="loss", column=1, unit=2)["at"]
    assert (stops[at].phase, stops[at].layer, stops[at].unit) == ("forward", "hidden1", 2)
    found = ask(session, "find", phase="backward", column=0, unit=1, to=2)
    assert stops[found["at"]].numbers[found["row"]] == ("hidden1", "dW", (1, 2))
    found = ask(session, "find", phase="update", column=1, unit=2, to=0)
    assert stops[found["at"]].numbers[found["row"]] == ("output", "W_new", (2, 0))
    assert ask(session, "find", phase="update", column=0, unit=0)["at"] is None


def test_a_network_too_large_is_refused_in_words(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explaining, "MOST_PARAMETERS", 12)
    with pytest.raises(RefusedError, match="13 parameters; up to 12") as refused:
        ask(open_session(NETWORKS[0]), "trace")
    assert refused.value.key == "limit.step"


def test_a_network_that_has_diverged_is_explained_as_well(open_session: Open) -> None:
    session = open_session(NETWORKS[0])
    session.model.parameters.values[...] = np.inf
    trace = ask(session, "trace")
    for at in range(len(trace["stops"])):
        ask(session, "look", at=at)


ARGUMENT = st.one_of(
    st.integers(-3, 40), st.floats(allow_nan=False), st.text(max_size=8), st.booleans(), st.none(),
    st.sampled_from(["forward", "loss", "backward", "update"]),
)  # fmt: skip


@given(
    what=st.sampled_from(list(step.QUESTIONS)),
    args=st.dictionaries(
        st.sampled_from(["at", "row", "phase", "column", "unit", "to", "value"]), ARGUMENT
    ),
)
def test_any_question_is_answered_or_refused(
    one_session: Session, what: str, args: dict[str, Any]
) -> None:
    try:
        ask(one_session, what, **args)
    except (GlassnetError, ProtocolError):
        return  # in words, or the connection ends


@pytest.fixture(scope="module")
def one_session() -> Iterator[Session]:
    engine = Engine()
    session = Session(engine)
    session.open(NETWORKS[2])
    yield session
    engine.close()


def test_the_page_knows_the_latex_of_every_formula(open_session: Open) -> None:
    page = static_files()["views/latex.js"].read_text(encoding="utf-8")
    used = set()
    losses, optimizers = (fields.FIELDS[name].choices for name in ("loss", "optimizer"))
    for i, activation in enumerate(ACTIVATIONS):
        address = "samples=10&step_batch=2&l1=0.1&l2=0.1"
        address += f"&loss={losses[i % len(losses)]}&optimizer={optimizers[i % len(optimizers)]}"
        session = open_session(f"{address}&layers=2.{activation}.d10.bn")
        for at, stop in enumerate(tour_of(session).stops):
            for row in range(len(stop.numbers)):
                used |= set(re.findall(r"\\([A-Za-z]+)", ask(
                    session, "look", at=at, row=row)["focus"]["latex"]))  # fmt: skip
    assert len(used) > 15
    names = {"tanh", "log", "max", "min"}  # any other command is written as a function's name
    assert not [name for name in used - names - {"end"} if not re.search(rf"\b{name}\b", page)]


def test_every_mistake_says_in_each_language_why_it_cannot_be_made() -> None:
    for language in texts.languages():
        said = texts.part("lab", language)
        assert not [name for name in MISTAKES if f"step.cannot.{name}" not in said]


def test_circles_have_one_scale_and_the_way_back_begins_at_the_outputs(
    open_session: Open,
) -> None:
    session = open_session(NETWORKS[0])
    trace = ask(session, "trace")
    inputs, *layers = trace["columns"]
    large = {way: max(abs(v) for c in (inputs, *layers) for v in c[way])
             for way in ("forward", "backward")}  # fmt: skip
    assert large == {"forward": 1.0, "backward": 1.0}  # of all columns, not of each
    first = trace["stops"].index(["backward", "loss", None])
    found = ask(session, "look", at=first)
    assert [list(unit) for unit in found["lit"]["units"]] == [[len(layers), 0]]
    assert layers[-1]["reached"][0][1] == first
    p = trace["scales"]["forward"] * layers[-1]["forward"][0]
    gradient = trace["scales"]["backward"] * layers[-1]["backward"][0]
    assert gradient == pytest.approx(found["numbers"][0]["value"])
    assert p == pytest.approx(ask(session, "look", at=first - 1)["numbers"][0]["value"])
    names = [one["name"] for one in found["numbers"]]
    assert len(names) == len(set(names)) and names[-1] == "∂L/∂p·∂p/∂z₁"
