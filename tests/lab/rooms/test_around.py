"""The loss around the path that a network took."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.lab.protocol import Args
from glassnet.lab.rooms.descent.around import Around, ends_of, plane_of
from glassnet.lab.rooms.descent.questions import QUESTIONS
from glassnet.lab.rooms.playground import actions
from glassnet.lab.session.state import Session

Open = Callable[..., Session]
SMALL = "data=circles&samples=15&layers=3.tanh.bn&l2=0.01&surface=network"


def ask(session: Session, what: str, **args: Any) -> dict[str, Any]:
    return QUESTIONS[what](session, Args(args))


def whole(session: Session) -> dict[str, Any]:
    found = ask(session, "around", again=True)
    for _ in range(2000):
        if "x" in found or "problem" in found:
            break
        assert found["done"] < found["of"]
        found = ask(session, "around")
    return found


def test_directions_and_shares_are_those_worked_by_hand() -> None:
    # rows minus the end: (4, 0, 1), (2, 1, 0), (0, -1, -1), … of which x varies most, then y
    weights = np.array([[6.0, 1, 5], [4, 3, 5], [0, 3, 5], [-2, 1, 5], [2, 2, 5]])
    plane = plane_of(weights)
    # x of the rows: 4, 2, -2, -4 (Σ² 40), y: -1, 1, 1, -1 (Σ² 4), z: 0
    np.testing.assert_allclose(plane.along, [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(plane.across, [0, 1, 0], atol=1e-12)
    assert plane.shares == pytest.approx((40 / 44, 4 / 44))
    np.testing.assert_allclose(plane.path, [[4, -1], [2, 1], [-2, 1], [-4, -1], [0, 0]], atol=1e-12)
    np.testing.assert_allclose(plane.at(4, -1), weights[0])
    (left, right), (low, high) = ends_of(plane.path)
    assert left < -4 and right > 4 and low < -1 and high > 1
    assert high - low == pytest.approx(0.6 * (right - left), rel=0.02)


@pytest.mark.parametrize(
    "weights", [np.ones((4, 3)), np.eye(2), np.arange(5.0)[:, None]], ids=["still", "two", "one"]
)
def test_without_a_path_there_is_no_plane(weights: np.ndarray) -> None:
    with pytest.raises(ValueError):
        plane_of(weights)


def test_the_loss_is_the_librarys_own_and_leaves_the_network_as_it_is(open_session: Open) -> None:
    session = open_session(SMALL)
    for _ in range(5):
        actions.act(session, "epoch", Args({}))
    trainer, model = session.trainer, session.model
    before = model.parameters.values.copy(), model.parameters.state.copy()
    random = model.rng.bit_generator.state
    made = Around(trainer)
    made.go_on(60.0)
    assert made.done == made.of and np.isfinite(made.z).all()
    np.testing.assert_array_equal(model.parameters.values, before[0])
    np.testing.assert_array_equal(model.parameters.state, before[1])
    assert model.rng.bit_generator.state == random
    assert made.own[-1] == trainer.measured["loss"]  # the end lies on the plane
    model.parameters.values[...] = made.plane.at(made.x[0], made.y[1])
    assert made.z[-1, 0] == model.evaluate(trainer.x, trainer.y)["loss"]
    directions = np.array([made.plane.along, made.plane.across])
    np.testing.assert_allclose(directions @ directions.T, np.eye(2), atol=1e-9)


def test_the_answer_comes_bit_by_bit_and_is_bounded(open_session: Open) -> None:
    session = open_session(SMALL)
    assert whole(session)["problem"]["key"] == "descent.path_none"
    for _ in range(3):
        actions.act(session, "epoch", Args({}))
    found = whole(session)
    assert found["epochs"] == [0, 1, 2, 3] and len(found["path"]) == 4
    assert found["own"][-1] == pytest.approx(found["plane"][-1], rel=1e-5)
    assert found["samples"] == len(session.samples.x) and 0 < sum(found["shares"]) <= 1.000001
    assert len(found["arrows"]) <= 169 and len(str(found)) < 600_000
    actions.act(session, "epoch", Args({}))
    assert ask(session, "around")["epochs"] == [0, 1, 2, 3]  # until it is asked again
    session.set("layers", [[2, "tanh", 0.0, False, False]])
    assert "problem" in ask(session, "around") or session.trainer.epoch
    assert "lines" in ask(session, "surface")  # what a page of before may ask
