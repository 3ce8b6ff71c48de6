"""What the descent room says: surfaces, races, and every formula that is none."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from glassnet._core.strict_json import to_json
from glassnet.calculus import Formula, gradient_descent
from glassnet.lab import fields
from glassnet.lab.protocol import Args, RefusedError
from glassnet.lab.rooms.descent.landscapes import LANDSCAPES, LESSONS
from glassnet.lab.server.questions import answer
from glassnet.lab.session.state import Session


class Plain:
    """The room reads nothing but the fields."""

    def __init__(self, **values: Any) -> None:
        checked, wrong = fields.check(values)
        assert not wrong
        self.values = fields.defaults() | checked


def ask(what: str, args: dict[str, Any] | None = None, **values: Any) -> Any:
    session: Any = Plain(**values)
    found = answer(session, "descent", what, Args(args or {}))
    to_json(found)
    return found


def test_the_room_answers_for_a_session(open_session: Callable[..., Session]) -> None:
    session = open_session("room=descent&surface=bowl&race=adam_0.3_5")
    found = answer(session, "descent", "race", Args({}))
    assert [run["name"] for run in found["runs"]] == ["adam"]


@pytest.mark.parametrize("name", LANDSCAPES)
def test_each_surface_can_be_drawn_and_descended(name: str) -> None:
    offered = ask("offers")["surfaces"][name]
    assert fields.check(offered)[1] == []
    found, race = ask("surface", **offered), ask("race", **offered)
    land = LANDSCAPES[name]
    assert found["text"] == land.formula and len(found["lines"]) == len(found["levels"]) >= 10
    assert np.isfinite(found["space"]).all()
    x, y = np.array(found["arrows"])[:, 0], np.array(found["arrows"])[:, 1]
    assert land.x[0] < x.min() and x.max() < land.x[1] and land.y[0] < y.min()
    assert len(race["runs"]) == 4
    for run in race["runs"]:  # the rates that are offered go downhill
        assert run["values"][-1] < run["values"][0] and run["status"] != "diverged"


def test_the_arrows_point_downhill() -> None:
    for x, y, across, up, length in ask("surface", surface="bowl")["arrows"]:
        assert np.hypot(across, up) == pytest.approx(1, rel=1e-4)
        assert across * x + up * y == pytest.approx(-np.hypot(x, y), rel=1e-3)
        assert 0 < length <= 1


def test_the_shades_are_bytes_from_one() -> None:
    shade = ask("surface", surface="bowl")["shade"]
    bytes_ = np.frombuffer(base64.b64decode(shade["bytes"]), np.uint8)
    grid = bytes_.reshape(shade["side"], shade["side"])
    assert grid.min() == 1 and grid.max() == 255 and grid[60, 60] == 1
    half = ask("surface", surface="own", surface_formula="sqrt(x0)")
    grid = np.frombuffer(base64.b64decode(half["shade"]["bytes"]), np.uint8).reshape(121, 121)
    assert not grid[:, :60].any() and grid[:, 60:].all()
    assert half["space"][0][0] != half["space"][0][0]  # NaN: sent as null


def test_a_race_is_the_library_s_descent() -> None:
    race = [["sgd", 0.95, 30], ["adam", 0.3, 12]]
    found = ask("race", race=race)
    f = Formula.parse("x0^2/20 + x1^2")
    for run, (name, rate, steps) in zip(found["runs"], race, strict=True):
        expected = gradient_descent(f, [-7, 2], lr=rate, step_num=steps, optimizer=name)
        np.testing.assert_allclose(run["path"], expected.path, rtol=1e-5)
        np.testing.assert_allclose(run["values"], expected.values, rtol=1e-5)
        assert (run["status"], run["message"]) == (expected.status, expected.message)


@pytest.mark.parametrize(
    ("lesson", "reasons"),
    [
        ("large", ["arrived", "turning", "to and fro", "overshoot"]),
        ("small", ["arrived", "slow", "small rate"]),
        ("few", ["slow", "slow", "arrived"]),
        ("saddle", ["saddle"] * 4),
    ],
)
def test_the_lessons_show_what_they_promise(lesson: str, reasons: list[str]) -> None:
    wanted = ask("offers")["lessons"][lesson]
    assert fields.check(wanted)[1] == []
    assert [run["reason"] for run in ask("race", **wanted)["runs"]] == reasons
    assert set(LESSONS[lesson]) == {"surface", "start_x", "start_y", "race"}


def test_a_walk_that_is_nearly_there_is_told_from_a_slow_one() -> None:
    def reasons(steps: int) -> list[str]:
        found = ask("race", surface="bowl", race=[["sgd", 0.1, steps]])["runs"]
        return [run["reason"] for run in found]

    assert [reasons(n) for n in (10, 40, 100)] == [["slow"], ["near"], ["arrived"]]


def test_a_race_that_goes_astray_stays_finite() -> None:
    race = [["sgd", 100, 500], ["momentum", 100, 500], ["sgd", 1e-6, 500]]
    found = ask("race", surface="banana", start_x=-1.5, start_y=2.5, race=race)
    for run in found["runs"]:
        assert np.isfinite(run["path"]).all() and np.abs(run["path"]).max() <= 1e6
        assert np.isfinite(run["space"]).all()
    assert found["runs"][0]["status"] == "diverged"


@pytest.mark.parametrize(
    ("text", "key", "position"),
    [
        ("", "formula.empty", 0),
        ("x0 + ", "formula.value", 6),
        ("x0^2 + x1 2", "formula.operator", 11),
        ("relu(x0)", "formula.name", 1),
        ("__import__('os').system('ls')", "formula.sign", 1),
        ("x0.__class__", "formula.sign", 3),
        ("(lambda: 0)()", "formula.name", 2),
        ("x0 if x1 else 0", "formula.name", 4),
        ("x0**9**9**9", "formula.exponent", 8),
        ("9**9**9**9*x0", "formula.exponent", 7),
        ("(((((x0", "formula.brackets", 5),
        ("sqrt(-1 - x0^2)", "descent.nowhere", None),
        ("exp(exp(exp(x0 + 9)))", "descent.nowhere", None),
    ],
)
def test_a_formula_that_is_none_is_refused_in_words(
    text: str, key: str, position: int | None
) -> None:
    for what in ("surface", "race"):
        problem = ask(what, surface="own", surface_formula=text)["problem"]
        assert problem["key"] == key and problem["text"]
        assert problem["values"].get("position") == position


@settings(max_examples=25, deadline=None)
@drawn(st.text("x01y+-*/^().,eE 23sincoglqrtabp'\"_[]{}λ", max_size=60).filter(str.isprintable))
def test_any_text_is_a_surface_or_a_problem(text: str) -> None:
    found = ask("surface", surface="own", surface_formula=text)
    assert "lines" in found
    assert ("problem" in found) == (found["text"] != text)


@pytest.mark.parametrize("text", ["x0+", "sqrt(-1 - x0^2)"])
@pytest.mark.parametrize("instead", [None, "x0^2 + 3*x1^2", "x0^2 + ", "log(-1)"])
def test_a_formula_that_is_none_leaves_a_surface(text: str, instead: str | None) -> None:
    args = {} if instead is None else {"instead": instead}
    own = {"surface": "own", "surface_formula": text, "start_x": 3, "start_y": 1}
    found, race = ask("surface", args, **own), ask("race", args, **own)
    drawn = instead if instead == "x0^2 + 3*x1^2" else "x0^2/20 + x1^2"
    assert found["text"] == drawn and len(found["lines"]) > 9
    assert len(race["runs"]) == 4 and found["problem"] == race["problem"]
    assert race["runs"][0]["values"][0] == pytest.approx(Formula.parse(drawn)([3, 1]))
    point = ask("here", {"x": 3, "y": 1} | args, **own)
    assert point["value"] == pytest.approx(Formula.parse(drawn)([3, 1]))


def test_a_race_may_start_where_the_hand_is() -> None:
    there = ask("race", start_x=-3, start_y=2.5)
    assert ask("race", {"x": -3, "y": 2.5}) == there != ask("race")
    with pytest.raises(RefusedError):
        ask("race", {"x": 101, "y": 0})


def test_a_start_where_f_does_not_exist_is_said() -> None:
    values = {"surface": "own", "surface_formula": "log(x0) + x1"}
    assert "problem" not in ask("surface", **values)
    lost = ask("race", **values)
    assert lost["problem"]["key"] == "descent.no_start" and lost["runs"] == []
    assert "runs" in ask("race", **values, start_x=2)


def test_the_height_of_a_pole_is_cut_off() -> None:
    found = ask("surface", surface="own", surface_formula="1/(x0^2 + x1^2)")
    assert np.nanmax(found["space"]) < 30


def test_the_logarithm_of_the_height() -> None:
    plain = np.array(ask("surface", surface="banana")["space"])
    log = np.array(ask("surface", surface="banana", log_height=True)["space"])
    scale = plain.max() / np.expm1(log.max())
    assert 1 < scale < 100
    np.testing.assert_allclose(log, np.log1p(plain / scale), rtol=1e-3, atol=1e-4)


def test_a_point_of_the_surface() -> None:
    found = ask("here", {"x": 3, "y": 4}, surface="bowl")
    assert found["value"] == 25 and found["gradient"] == pytest.approx([6, 8])
    lost = ask("here", {"x": -3, "y": 4}, surface="own", surface_formula="log(x0)")
    assert lost == {"value": None, "gradient": None}
    with pytest.raises(RefusedError):
        ask("here", {"x": 1e9, "y": 0})
