"""Going back in a training, branching off, and two networks side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.lab import fields
from glassnet.lab.frames import STATUS, unpack
from glassnet.lab.protocol import Args, RefusedError
from glassnet.lab.rooms.playground import actions, view
from glassnet.lab.server.changes import changes
from glassnet.lab.session import saving, timeline
from glassnet.lab.session.state import Session
from glassnet.lab.session.timeline import Moment, Timeline

Open = Callable[..., Session]

SHOWN = ("units", "scales", "map", "weights", "dead", "matrix")
NUMBERS = [i for i, name in enumerate(STATUS)
           if name not in ("epoch_seconds", "version", "looking", "kept_every", "end")]  # fmt: skip
SMALL = "data=circles&samples=20&layers=3.relu.d20.bn,3.tanh&batch_size=7"


def act(session: Session, name: str, **args: Any) -> None:
    actions.act(session, name, Args(args))


def weights(session: Session) -> np.ndarray:
    return session.model.parameters.values.copy()


def epochs(session: Session, count: int) -> list[np.ndarray]:
    """The weights after each of so many epochs."""
    found = []
    for _ in range(count):
        act(session, "epoch")
        found.append(weights(session))
    return found


def shown(session: Session) -> dict[str, np.ndarray]:
    return unpack(view.frame(session, SHOWN))


def test_an_epoch_that_is_past_shows_the_numbers_that_were_there(open_session: Open) -> None:
    session = open_session(SMALL)
    then = [shown(session)]
    for _ in range(6):
        act(session, "epoch")
        then.append(shown(session))
    act(session, "batch")
    now = weights(session)
    for epoch in (4, 0, 5):
        act(session, "look", epoch=epoch)
        again = shown(session)
        for name in SHOWN:
            np.testing.assert_array_equal(again[name], then[epoch][name])
        status = again["status"][NUMBERS]
        np.testing.assert_array_equal(status, then[epoch]["status"][NUMBERS])
        assert again["status"][STATUS.index("looking")] == 1
    np.testing.assert_array_equal(weights(session), now)  # it stands where it stood
    act(session, "look", epoch=session.trainer.epoch)
    assert session.looking is None


@pytest.mark.parametrize("optimizer", fields.field("optimizer").choices)
def test_an_unchanged_branch_makes_the_same_numbers_again(
    open_session: Open, optimizer: str
) -> None:
    session = open_session(f"{SMALL}&optimizer={optimizer}&schedule=cosine&l2=0.001")
    trunk = epochs(session, 5)
    measured = session.trainer.measured
    act(session, "look", epoch=2)
    act(session, "branch")
    assert session.trainer.epoch == 2 and session.looking is None
    np.testing.assert_array_equal(weights(session), trunk[1])
    for before, again in zip(trunk[2:], epochs(session, 3), strict=True):
        np.testing.assert_array_equal(before, again)
    assert session.trainer.measured == measured
    assert session.other is not None and changes(session, {})["other"]["differences"] == []
    np.testing.assert_array_equal(session.other.model.parameters.values, trunk[-1])
    # beyond the trunk's end both go on, side by side and alike
    epochs(session, 2)
    assert session.other.trainer.epoch == session.trainer.epoch == 7
    np.testing.assert_array_equal(session.other.model.parameters.values, weights(session))


def test_what_is_changed_in_the_past_counts_for_the_branch_only(open_session: Open) -> None:
    session, alone = open_session(SMALL), open_session(SMALL)
    epochs(session, 4)
    expected = epochs(alone, 6)
    act(session, "look", epoch=2)
    session.set("learning_rate", 0.3)
    session.set("optimizer", "sgd")
    act(session, "branch")
    other = session.other
    assert other is not None and session.model.optimizer.name == "sgd"
    told = changes(session, {})["other"]
    assert [(d["field"], d["a"], d["b"], d["since"]) for d in told["differences"]] == [
        ("optimizer", "adam", "sgd", 2), ("learning_rate", 0.02, 0.3, 2)]  # fmt: skip
    assert not told["changed"]
    epochs(session, 4)
    np.testing.assert_array_equal(other.model.parameters.values, expected[-1])
    assert not np.array_equal(weights(session), expected[-1])
    act(session, "keep", which="a")
    assert session.values["optimizer"] == "adam" and session.other is None
    np.testing.assert_array_equal(weights(session), expected[-1])


def test_leaving_the_past_applies_what_was_changed_there(open_session: Open) -> None:
    session = open_session(SMALL)
    epochs(session, 2)
    memories = session.model.optimizer.get_state()["vectors"]
    act(session, "look", epoch=1)
    session.set("learning_rate", 0.3)
    assert session.model.optimizer.current_learning_rate == pytest.approx(0.02)
    act(session, "play")
    session.engine.pause()
    assert session.looking is None
    assert session.model.optimizer.current_learning_rate == pytest.approx(0.3)
    act(session, "look", epoch=1)
    session.set("layers", [[2, "tanh", 0.0, False, False]])  # another network: not the past's
    assert session.looking is None and memories


def test_a_branch_without_a_moment_of_the_past_is_refused_in_words(open_session: Open) -> None:
    session = open_session(SMALL)
    act(session, "batch")
    with pytest.raises(RefusedError, match="past"):
        act(session, "branch")


def test_weights_set_by_hand_are_those_of_their_epoch(open_session: Open) -> None:
    session = open_session(SMALL)
    epochs(session, 2)
    act(session, "set_weight", index=0, value=7.5)
    epochs(session, 1)
    act(session, "look", epoch=2)
    assert shown(session)["weights"][0] == 7.5
    assert [m.epoch for m in session.trainer.timeline.moments] == [0, 1, 2, 3]


def moment(epoch: int, size: int = 4) -> Moment:
    vector = np.zeros(size, np.float32)
    return Moment(
        epoch, 0, 0, vector, vector[:0], "sgd", {"vectors": {}}, None, (), 0.0, 0.1, (), 0, False,
        False, False,
    )  # fmt: skip


def test_what_is_kept_is_bounded_and_lies_evenly() -> None:
    kept = Timeline()
    for epoch in range(7, 10_000):
        if kept.wants(epoch):
            kept.add(moment(epoch))
        assert len(kept.moments) <= timeline.MOST_MOMENTS
    first, *rest = [m.epoch for m in kept.moments]
    assert first == 7 and set(np.diff(rest)) == {kept.every} == {32}
    assert len(rest) > timeline.MOST_MOMENTS / 2
    assert kept.nearest(1000).epoch in (992, 1024) and kept.nearest(0).epoch == 7
    assert kept.until(100).moments[-1].epoch == 96

    wide = Timeline()
    for epoch in range(200):
        if wide.wants(epoch):
            wide.add(moment(epoch, 200_000))
    assert sum(m.nbytes for m in wide.moments) <= timeline.MOST_BYTES
    assert len(wide.moments) >= timeline.FEWEST // 2


def test_two_networks_learn_from_the_same_data_and_seed(open_session: Open) -> None:
    session = open_session(f"{SMALL}&learning_rate=0.3")
    trained = epochs(session, 3)
    act(session, "compare")
    other = session.other
    assert other is not None and session.trainer.fresh
    np.testing.assert_array_equal(other.model.parameters.values, trained[-1])
    session.set("learning_rate", 0.03)
    told = changes(session, {})["other"]
    assert told["differences"] == [{"field": "learning_rate", "a": 0.3, "b": 0.03, "since": 0}]
    frame = unpack(view.frame(session, ("map", "curves")))
    np.testing.assert_array_equal(frame["other_map"], frame["map"])  # both at epoch 0
    epochs(session, 2)
    frame = unpack(view.frame(session, ("map", "curves")))
    assert frame["other_status"][0] == 2 and frame["other_curves"].shape == (5, 4)
    assert not np.array_equal(frame["other_map"], frame["map"])
    epochs(session, 3)
    assert other.trainer.epoch == 5
    # the link opens the same pair
    twin = open_session(fields.to_address(session.values))
    epochs(twin, 5)
    np.testing.assert_array_equal(weights(twin), weights(session))
    np.testing.assert_array_equal(twin.other.model.parameters.values, other.model.parameters.values)
    # other data, and another seed, are the data and the seed of both
    session.set("seed", 3)
    assert session.other.values["seed"] == 3 and session.trainer.fresh
    np.testing.assert_array_equal(session.other.model.parameters.values, weights(session))
    session.set("noise", 0.3)
    assert session.other.trainer.x is not other.trainer.x
    np.testing.assert_array_equal(session.other.trainer.x, session.trainer.x)
    act(session, "keep", which="b")
    assert session.values["compared"] == () and session.values["learning_rate"] == 0.03


def test_a_comparison_from_the_seed_is_the_same_after_a_reload(open_session: Open) -> None:
    session = open_session(f"{SMALL}&compared=default")
    epochs(session, 1)
    again = open_session()
    saving.load(again, saving.save(session))
    assert again.other is not None and not changes(again, {})["other"]["kept"]
    assert changes(again, {})["other"] == changes(session, {})["other"]
    act(session, "set_weight", index=0, value=2.0)
    act(session, "compare")
    assert changes(session, {})["other"]["kept"]


def test_batch_by_batch_and_with_other_batches_a_keeps_up(open_session: Open) -> None:
    session = open_session(SMALL)
    act(session, "compare")
    session.set("batch_size", 20)
    act(session, "batch")
    assert session.trainer.batch == 1 and session.other.trainer.progress >= 0.5
    for _ in range(4):
        session.trainer.run(10.0, 40)
    session.trainer.beside.follow(session.trainer, 10.0)
    assert session.other.trainer.progress >= session.trainer.progress > 1


def test_one_that_diverged_does_not_hold_the_other_up(open_session: Open) -> None:
    session = open_session(SMALL)
    act(session, "compare")
    session.other.trainer.stopped = "diverged"
    epochs(session, 3)
    assert session.trainer.epoch == 3 and session.other.trainer.epoch == 0


def test_a_file_holds_both_networks(open_session: Open) -> None:
    session = open_session(SMALL)
    epochs(session, 4)
    act(session, "look", epoch=2)
    session.set("learning_rate", 0.3)
    act(session, "branch")
    epochs(session, 1)
    file = saving.save(session)
    again = open_session("data=moons")
    saving.load(again, file)
    np.testing.assert_array_equal(weights(again), weights(session))
    assert again.other is not None and again.other.trainer.epoch == 4
    np.testing.assert_array_equal(
        again.other.model.parameters.values, session.other.model.parameters.values
    )
    assert changes(again, {})["other"] == changes(session, {})["other"]
    np.testing.assert_array_equal(
        again.other.trainer.curves.array(), session.other.trainer.curves.array()
    )
    for broken in ({"weights": "AAAA"}, {"weights": 3}, {"since": 4}, {"epoch": "x"}, 7):
        damaged = {**file, "other": {**file["other"], **broken}} if isinstance(broken, dict) else {
            **file, "other": broken}  # fmt: skip
        before = again.values
        with pytest.raises(RefusedError):
            saving.load(again, damaged)
        assert again.values is before


@pytest.mark.parametrize(
    "text", ["optimizer:sgd;learning_rate:0.3", "default", "layers:5.relu.d20.bn,3.tanh", ""]
)
def test_the_address_of_a_comparison_comes_back(text: str) -> None:
    field = fields.field("compared")
    assert field.to_text(field.from_text(text)) == text


@pytest.mark.parametrize("text", ["seed:3", "learning_rate:x", "learning_rate", "x" * 500, ";;"])
def test_an_address_that_pins_nonsense_is_refused(text: str, open_session: Open) -> None:
    values, wrong = fields.from_address(f"compared={text}&noise=0.3")
    assert "compared" not in values and values["noise"] == 0.3 and len(wrong) == 1


@pytest.mark.parametrize(
    "value", [3, [["seed", 1]], [["learning_rate"]], [["learning_rate", "x"]], [[{}, 1]]]
)
def test_a_page_cannot_pin_nonsense(value: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        fields.field("compared").check(value)
