"""One page: what a change makes anew, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.errors import ConfigError, DataError, UnknownNameError
from glassnet.lab import fields
from glassnet.lab.frames import STATUS, unpack
from glassnet.lab.protocol import Args, RefusedError
from glassnet.lab.rooms.playground import actions, view
from glassnet.lab.server.changes import changes
from glassnet.lab.session import saving, watcher
from glassnet.lab.session.state import Session

Open = Callable[..., Session]


def act(session: Session, name: str, **args: Any) -> None:
    actions.act(session, name, Args(args))


def status(session: Session) -> dict[str, float]:
    return dict(zip(STATUS, unpack(view.frame(session, ()))["status"], strict=True))


def weights(session: Session) -> np.ndarray:
    return session.model.parameters.values.copy()


def test_the_address_reproduces_a_run(open_session: Open) -> None:
    first = open_session("data=circles&layers=5.relu.d20.bn,3.tanh&seed=4&batch_size=7&l2=0.001")
    for _ in range(3):
        act(first, "epoch")
    second = open_session(fields.to_address(first.values))
    for _ in range(3):
        act(second, "epoch")
    np.testing.assert_array_equal(weights(first), weights(second))
    assert first.trainer.measured == second.trainer.measured


@pytest.mark.parametrize(
    ("action", "args"),
    [("add_unit", {"layer": 0}), ("add_layer", {}), ("remove_unit", {"layer": 0, "unit": 1}),
     ("set_layer", {"layer": 1, "activation": "relu"})],
)  # fmt: skip
def test_what_was_built_by_hand_is_what_its_link_opens(
    open_session: Open, action: str, args: dict[str, Any]
) -> None:
    session = open_session("samples=20&layers=3.tanh,2.tanh")
    act(session, action, **args)
    session.set("noise", 0.3)
    other = open_session(fields.to_address(session.values))
    np.testing.assert_array_equal(weights(session), weights(other))
    assert session.pristine and session.trainer.measured == other.trainer.measured
    act(session, "epoch")
    trained = weights(session)
    act(session, "add_unit", layer=0)  # from now on there is something to keep
    assert session.trainer.kept and trained[0] in weights(session)
    act(session, "reset")
    other = open_session(fields.to_address(session.values))
    np.testing.assert_array_equal(weights(session), weights(other))


@pytest.mark.parametrize(
    ("name", "value"),
    [("learning_rate", 0.5), ("l1", 0.01), ("l2", 0.01), ("schedule", "cosine"),
     ("batch_size", 7), ("optimizer", "sgd"), ("pace", "free"), ("panel", "layers"),
     ("show_test", False), ("theme", "dark")],
)  # fmt: skip
def test_what_belongs_to_learning_does_not_start_anew(
    open_session: Open, name: str, value: Any
) -> None:
    session = open_session()
    act(session, "epoch")
    before, epoch = weights(session), session.trainer.epoch
    session.set(name, value)
    np.testing.assert_array_equal(weights(session), before)
    assert session.trainer.epoch == epoch
    act(session, "epoch")
    assert session.trainer.epoch == epoch + 1


def test_a_new_learning_rate_and_penalty_are_used_at_once(open_session: Open) -> None:
    session = open_session()
    session.set("learning_rate", 0.5)
    session.set("l2", 0.01)
    assert session.model.optimizer.current_learning_rate == 0.5
    loss = session.model.evaluate(session.trainer.x, session.trainer.y)["loss"]
    session.set("l2", 0)
    assert session.model.evaluate(session.trainer.x, session.trainer.y)["loss"] < loss


@pytest.mark.parametrize(("name", "value"), [("init", "he_normal"), ("seed", 5)])
def test_new_initial_weights_start_anew(open_session: Open, name: str, value: Any) -> None:
    session = open_session()
    act(session, "epoch")
    before = weights(session)
    session.set(name, value)
    assert session.trainer.epoch == 0 and (weights(session) != before).any()


def test_more_noise_keeps_the_weights_and_another_set_does_not(open_session: Open) -> None:
    session = open_session()
    act(session, "epoch")
    before = weights(session)
    session.set("noise", 0.4)
    np.testing.assert_array_equal(weights(session), before)
    session.set("data", "blobs")
    assert session.trainer.epoch == 0 and session.blocks[-1].units == 3


def test_a_unit_more_keeps_the_other_weights_and_the_place_in_training(open_session: Open) -> None:
    session = open_session("layers=3.tanh,2.tanh")
    act(session, "epoch")
    was = {name: session.model.parameters.view(name).copy() for name in ("hidden1/W", "output/W")}
    act(session, "add_unit", layer=0)
    assert session.values["layers"][0][0] == 4 and session.trainer.epoch == 1
    np.testing.assert_array_equal(session.model.parameters.view("hidden1/W")[:, :3],
                                  was["hidden1/W"])  # fmt: skip
    np.testing.assert_array_equal(session.model.parameters.view("output/W"), was["output/W"])
    act(session, "remove_unit", layer=0, unit=1)
    np.testing.assert_array_equal(session.model.parameters.view("hidden1/W")[:, :2],
                                  was["hidden1/W"][:, [0, 2]])  # fmt: skip
    act(session, "epoch")


def test_an_input_more_keeps_the_weights_of_the_others(open_session: Open) -> None:
    session = open_session("features=x1,x2,sin_x1")
    act(session, "batch")
    was = session.model.parameters.view("hidden1/W").copy()
    session.set("features", ["x2", "sin_x1", "x1^2"])
    assert session.inputs == ["x2", "x1^2", "sin_x1"]
    np.testing.assert_array_equal(session.model.parameters.view("hidden1/W")[[0, 2]], was[[1, 2]])


def test_layers_come_and_go_within_their_limits(open_session: Open) -> None:
    session = open_session("layers=")
    with pytest.raises(RefusedError):
        act(session, "remove_layer", layer=0)
    for _ in range(6):
        act(session, "add_layer")
    with pytest.raises(RefusedError, match="At most 6"):
        act(session, "add_layer")
    act(session, "remove_layer", layer=2)
    act(session, "set_layer", layer=0, activation="relu", dropout=0.3, norm=True)
    assert session.values["layers"][0] == (4, "relu", 0.3, True, False)
    act(session, "epoch")
    for _ in range(12):
        act(session, "add_unit", layer=0)
    with pytest.raises(RefusedError, match="can grow to 16"):
        act(session, "add_unit", layer=0)
    session.set("layers", [[1, "tanh", 0, False]])
    with pytest.raises(RefusedError, match="at least one"):
        act(session, "remove_unit", layer=0)


def test_a_weight_is_set_by_hand(open_session: Open) -> None:
    session = open_session()
    loss = session.trainer.measured["loss"]
    act(session, "set_weight", index=3, value=2.5)
    assert weights(session)[3] == 2.5 and session.trainer.measured["loss"] != loss
    with pytest.raises(RefusedError):
        act(session, "set_weight", index=10**6, value=0)
    with pytest.raises(RefusedError):
        act(session, "set_weight", index=0, value=1e9)


def test_start_anew_gives_the_initial_weights(open_session: Open) -> None:
    session = open_session()
    before = weights(session)
    act(session, "epoch")
    act(session, "reset")
    np.testing.assert_array_equal(weights(session), before)
    assert session.trainer.epoch == 0


@pytest.mark.parametrize("loss", fields.FIELDS["loss"].choices)
@pytest.mark.parametrize("data", ["moons", "blobs", "hills", "sine"])
def test_every_loss_trains_on_every_kind_of_data(open_session: Open, data: str, loss: str) -> None:
    session = open_session(f"data={data}&samples=10&layers=3.tanh&loss={loss}")
    act(session, "epoch")
    assert np.isfinite(session.trainer.measured["loss"])
    session.set("loss", "auto")
    act(session, "epoch")
    assert np.isfinite(session.trainer.measured["loss"])


@pytest.mark.parametrize("name", [n for n in fields.FIELDS["data"].choices if n != "own"])
def test_every_data_set_can_be_looked_at_and_learned(open_session: Open, name: str) -> None:
    session = open_session(f"data={name}&samples=10&layers=3.tanh&batch_size=100")
    act(session, "epoch")
    want = ("units", "scales", "map", "line", "weights", "dead", "curves", "matrix", "values")
    found = unpack(view.frame(session, want))
    told = changes(session, {})
    assert len(found["units"]) == sum(c["units"] for c in told["structure"]["columns"]
                                      if c["drawn"])  # fmt: skip
    assert ("line" in found) != ("map" in found)
    assert 0 < len(told["data"]["points"]) <= 1000
    assert np.isfinite(found["weights"]).all()


def test_what_cannot_be_set_leaves_everything(open_session: Open) -> None:
    session = open_session()
    before, values = weights(session), dict(session.values)
    with pytest.raises(ConfigError):
        session.set("batch_size", 0)
    with pytest.raises(UnknownNameError):
        session.set("nothing", 0)
    with pytest.raises(DataError, match="no table"):
        session.set("data", "own")
    assert session.values == values
    np.testing.assert_array_equal(weights(session), before)


def test_an_address_for_a_table_that_is_not_there_says_so(open_session: Open) -> None:
    session = open_session("data=own&noise=0.3")
    assert session.values["data"] == "moons" and session.values["noise"] == 0.3
    assert changes(session, {})["notice"]["key"] == "notice.data"


def test_news_tells_each_change_once(open_session: Open) -> None:
    session = open_session()
    seen: dict[str, int] = {}
    assert {"values", "structure", "data"} <= set(changes(session, seen))
    assert changes(session, seen) == {}
    session.set("noise", 0.3)
    assert {"values", "data"} <= set(changes(session, seen))
    session.set("theme", "dark")
    assert set(changes(session, seen)) == {"values"}


def test_a_saved_state_gives_back_the_weights_and_the_place(open_session: Open) -> None:
    session = open_session("data=xor&layers=4.relu.bn&theme=dark")
    for _ in range(3):
        act(session, "epoch")
    file = saving.save(session)
    other = open_session("theme=light")
    saving.load(other, file)
    np.testing.assert_array_equal(weights(other), weights(session))
    np.testing.assert_array_equal(other.model.parameters.state, session.model.parameters.state)
    assert other.trainer.epoch == 3 and other.values["theme"] == "light"
    mine, its = other.model.optimizer.get_state(), session.model.optimizer.get_state()
    assert its["steps"] and mine["steps"] == its["steps"] and mine["scalars"] == its["scalars"]
    for name, memory in its["vectors"].items():
        np.testing.assert_array_equal(mine["vectors"][name], memory)
    for damaged in (None, 3, {"steps": 1}, file["optimizer"] | {"steps": "x"},
                    file["optimizer"] | {"vectors": {"m": "AAAA"}}):  # fmt: skip
        saving.load(other, file | {"optimizer": damaged})
        assert other.model.optimizer.steps == 0
    np.testing.assert_array_equal(view.frame(other, ("map",))[-20_000:],
                                  view.frame(session, ("map",))[-20_000:])  # fmt: skip


@pytest.mark.parametrize(
    "damage",
    [
        {"format": "other"}, {"version": 99}, {"fields": []}, {"fields": {"noise": 7}},
        {"fields": {"unheard": 1}}, {"weights": "AAAA"}, {"weights": "!"}, {"weights": 3},
        {"weights": "AADAfwAAwH8="}, {"table": {"name": "a", "text": "x"}},
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_in_words(open_session: Open, damage: dict[str, Any]) -> None:
    session = open_session("data=xor")
    act(session, "epoch")
    before = weights(session)
    with pytest.raises(RefusedError):
        saving.load(session, saving.save(session) | damage)
    np.testing.assert_array_equal(weights(session), before)
    assert session.values["data"] == "xor" and session.trainer.epoch == 1


def test_until_stops_the_run_by_itself(open_session: Open) -> None:
    session = open_session("pace=free&until_value=3&until=epochs")
    engine = session.engine
    engine.submit(lambda: act(session, "until")).result(10)
    while engine.submit(lambda: session.playing).result(10):
        pass
    assert engine.submit(lambda: session.trainer.epoch).result(10) == 3
    assert session.trainer.stopped == "reached"


def test_weights_that_were_trained_before_are_no_initial_weights(open_session: Open) -> None:
    session = open_session("samples=20&layers=3.tanh")
    act(session, "epoch")
    session.set("noise", 0.5)  # a new start with the old weights
    assert session.trainer.fresh and not session.pristine
    session.watcher.begin(session.trainer)
    examiner = session.watcher._examiner
    assert examiner is not None and examiner.measurements.begins == -1
    act(session, "reset")
    session.watcher.begin(session.trainer)
    examiner = session.watcher._examiner
    assert examiner is not None and examiner.measurements.begins == 0


def test_a_diverging_run_is_diagnosed_and_cured(open_session: Open) -> None:
    session = open_session("data=hills&optimizer=sgd&learning_rate=10&layers=8.relu,8.relu")
    for _ in range(20):
        act(session, "epoch")
        if session.trainer.stopped:
            break
    session.trainer.watcher.end(session.trainer)
    found = changes(session, {})["findings"]
    assert found and found[0]["can"] and found[0]["ko"][0]
    act(session, "cure", index=0)
    assert session.values["learning_rate"] < 10 and session.trainer.epoch == 0
    assert changes(session, {})["findings"] == []
    with pytest.raises(RefusedError):
        act(session, "cure", index=0)


def test_a_diagnosis_changes_nothing_in_the_training(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = open_session("layers=4.relu.d20")
    monkeypatch.setattr(watcher, "EVERY", 0.0)
    for _ in range(4):
        act(watched, "epoch")
    monkeypatch.undo()
    plain = open_session("layers=4.relu.d20")
    plain.trainer.watcher = None
    for _ in range(4):
        act(plain, "epoch")
    np.testing.assert_array_equal(weights(watched), weights(plain))


def test_points_are_drawn_and_taken_back(open_session: Open) -> None:
    session = open_session("data=drawn")
    assert len(session.samples.x) + len(session.samples.x_test) == 4  # those that stand in
    act(session, "add_points", points=[0.1, 0.2, 0, -0.5, 0.5, 1, 0.3, 0.3, 0, 0, 0, 1])
    assert len(session.values["points"]) == 4
    assert session.plane.x == session.plane.y and abs(session.plane.x[0] + 1) < 0.05
    with pytest.raises(ConfigError):
        act(session, "add_points", points=[5.0, 0.0, 0])
    session.set("points", [])
    act(session, "epoch")


@pytest.mark.parametrize(
    ("name", "value"), [("learning_rate", 0.1), ("noise", 0.5), ("batch_size", 5), ("l2", 0.01)]
)
def test_whatever_is_changed_before_the_training_its_curves_begin_once(
    open_session: Open, name: str, value: float
) -> None:
    session = open_session("samples=20&layers=3.tanh")
    session.set(name, value)
    act(session, "set_weight", index=0, value=1.0)
    assert session.trainer.curves.array()[0].tolist() == [0.0]
    act(session, "epoch")
    assert session.trainer.curves.array()[0].tolist() == [0.0, 1.0]
