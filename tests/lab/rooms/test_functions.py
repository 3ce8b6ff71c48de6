"""What the room of functions says: the library's numbers, and true words about the step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet import activations, losses
from glassnet._core.strict_json import to_json
from glassnet.lab import fields
from glassnet.lab.catalogues import CURVES
from glassnet.lab.protocol import Args
from glassnet.lab.rooms.functions import curves
from glassnet.lab.server import warm
from glassnet.lab.server.questions import answer
from glassnet.lab.session.state import Session

Open = Callable[..., Session]


def ask(session: Session, what: str) -> Any:
    found = answer(session, "functions", what, Args({}))
    to_json(found)  # all of it can be sent
    return found


@pytest.fixture(scope="module")
def session() -> Any:
    """The room reads nothing but the fields."""

    class Plain:
        values = fields.defaults()

    return Plain()


@pytest.fixture
def given(session: Any) -> Callable[..., Any]:
    def make(**values: Any) -> Any:
        checked, wrong = fields.check(values)
        assert not wrong
        session.values = fields.defaults() | checked
        return session

    return make


def test_the_room_answers_for_a_session(open_session: Open) -> None:
    session = open_session("room=functions&activations=elu,gelu&tangent_on=elu&elu_alpha=0.5")
    assert [c["name"] for c in ask(session, "drawn")["curves"]] == ["gelu", "elu"]
    assert ask(session, "point")["on"] == "elu"


@pytest.mark.parametrize("name", CURVES)
def test_each_activation_is_the_library_s(given: Callable[..., Any], name: str) -> None:
    found = ask(given(activations=[name], tangent_on=name), "drawn")
    (curve,) = found["curves"]
    x = np.array(found["x"])
    f = activations.get(name)
    np.testing.assert_allclose(curve["y"], f(x), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(curve["slope"], f.derivative(x), rtol=1e-5, atol=1e-7)
    assert found["y_range"][0] < 0 < 1 < found["y_range"][1]


@pytest.mark.parametrize("kind", curves.COMPARED)
def test_each_loss_is_the_library_s_for_one_prediction(
    given: Callable[..., Any], kind: str
) -> None:
    values = {"curves": "losses", "predicts": kind, "true_value": -1.5, "true_label": "0"}
    found = ask(given(**values), "drawn")
    assert found["target"] == {"value": -1.5, "count": 3}.get(kind, 0)
    for curve in found["curves"]:
        logits = curve["name"] == "sigmoid_crossentropy"
        name = "binary_crossentropy" if logits else curve["name"]
        settings = {"name": name, "from_logits": True} if logits else name
        loss = losses.get(settings)
        for i in (3, 150, 222):
            x = found["x"][i]
            value, gradient = loss.value_and_gradient([found["target"]], [x])
            assert curve["y"][i] == pytest.approx(value, rel=1e-4, abs=1e-6)
            assert curve["slope"][i] == pytest.approx(float(gradient[0]), rel=1e-4, abs=1e-6)


def test_a_jump_is_not_bridged(given: Callable[..., Any]) -> None:
    names = ["relu", "step", "tanh", "exponential"]
    found = {c["name"]: c for c in ask(given(activations=names, reach=50), "drawn")["curves"]}
    assert found["step"]["y_jumps"] == [200] == found["relu"]["slope_jumps"]
    assert not found["relu"]["y_jumps"] + found["tanh"]["y_jumps"]
    assert not found["exponential"]["y_jumps"]  # steep, and yet whole
    selu = ask(given(activations=["selu"], tangent_on="selu"), "drawn")["curves"][0]
    assert (selu["y_jumps"], selu["slope_jumps"]) == ([], [200])
    shifted = ask(given(curves="losses", true_value=0.5), "drawn")["curves"]
    assert {c["name"]: bool(c["slope_jumps"]) for c in shifted} == {
        "mean_squared_error": False, "mean_absolute_error": True, "huber": False,
    }  # fmt: skip


def test_the_curve_with_the_tangent_is_always_drawn(given: Callable[..., Any]) -> None:
    found = ask(given(activations=[], tangent_on="silu"), "drawn")
    assert [c["name"] for c in found["curves"]] == ["silu"] and found["on"] == "silu"
    six = list(CURVES[:6])
    found = ask(given(activations=six, tangent_on="exponential"), "drawn")
    assert [c["name"] for c in found["curves"]] == six and found["on"] == six[0]
    found = ask(given(curves="losses", losses=["hinge"], loss_on="huber"), "drawn")
    assert [c["name"] for c in found["curves"]] == ["mean_squared_error"]


def test_the_difference_by_hand(given: Callable[..., Any]) -> None:
    found = ask(given(tangent_on="tanh", tangent_at=0.5, tangent_h=0.5), "point")
    central, forward = found["differences"]["central"], found["differences"]["forward"]
    assert central["slope"] == pytest.approx(math.tanh(1.0))
    assert forward["slope"] == pytest.approx((math.tanh(1.0) - math.tanh(0.5)) / 0.5)
    assert found["slope"] == pytest.approx(1 - math.tanh(0.5) ** 2)
    assert central["error"] == pytest.approx(abs(central["slope"] - found["slope"]))
    (x0, y0), (x1, y1) = found["tangent"]
    assert (y1 - y0) / (x1 - x0) == pytest.approx(central["slope"])
    assert y0 + central["slope"] * (0.5 - x0) == pytest.approx(math.tanh(0.5))


@pytest.mark.parametrize(
    ("h", "kind", "word"),
    [(1.0, "float64", "large"), (1e-5, "float64", "right"), (1e-14, "float64", "small"),
     (1e-16, "float64", "lost"), (1.0, "float32", "large"), (1e-2, "float32", "right"),
     (1e-6, "float32", "small"), (1e-9, "float32", "lost")],
)  # fmt: skip
def test_the_words_about_the_step(
    given: Callable[..., Any], h: float, kind: str, word: str
) -> None:
    values = {"tangent_on": "tanh", "tangent_at": 2, "tangent_h": h, "float_type": kind}
    found = ask(given(**values), "point")
    assert found["verdict"]["word"] == word
    assert 1e-7 < found["verdict"]["best_h"] < 1


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize("name", ["relu", "leaky_relu", "step", "selu"])
def test_a_corner_is_not_the_fault_of_the_step(
    given: Callable[..., Any], name: str, kind: str
) -> None:
    for h in (10, 0.5, 1e-5, 1e-16):
        at = {"activations": [name], "tangent_on": name, "tangent_h": h, "float_type": kind}
        assert ask(given(**at, tangent_at=0), "point")["verdict"]["word"] == "corner"
        assert ask(given(**at, tangent_at=0.3), "point")["verdict"]["word"] != "corner"


def test_a_point_beside_the_axis_is_moved_to_its_end(given: Callable[..., Any]) -> None:
    found = ask(given(tangent_at=-7, reach=5), "point")
    assert (found["asked"], found["x"]) == (-7, -5)


def test_a_step_out_of_the_numbers_is_said(given: Callable[..., Any]) -> None:
    values = {"tangent_on": "exponential", "reach": 50, "tangent_at": 50, "float_type": "float32"}
    assert ask(given(**values, tangent_h=1e-2), "point")["verdict"]["word"] != "no_number"
    values |= {"activations": ["exponential"], "tangent_at": 88, "tangent_h": 10}
    values["tangent_at"] = 50
    found = ask(given(**values), "point")
    assert found["differences"]["central"]["error"] > 0


def test_the_digits_that_two_values_share(given: Callable[..., Any]) -> None:
    found = ask(given(tangent_on="tanh", tangent_h=1e-9), "point")["differences"]["central"]
    one, other = found["texts"]
    assert one[: found["same"]] == other[: found["same"]] and found["same"] == 10
    assert float(one) == found["f_above"] and float(other) == found["f_below"]


def test_a_point_outside_the_axis_is_brought_to_it(given: Callable[..., Any]) -> None:
    assert ask(given(tangent_at=50, reach=5), "point")["x"] == 5
    found = ask(given(curves="losses", predicts="probability", tangent_at=-3), "point")
    assert found["x"] == 0.3
    assert ask(given(curves="losses", predicts="count", tangent_at=-3), "point")["x"] == 0.05


def test_what_is_compiled_ahead_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "_done", set())  # a page of another test may have had all done

    def waiting() -> list[Any]:
        return [job for job in warm.jobs() if getattr(job, "func", None) is warm._ask]

    jobs = waiting()
    assert len(jobs) > 20
    jobs[0]()
    jobs[-1]()
    assert len(waiting()) == len(jobs) - 2
