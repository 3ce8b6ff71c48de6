"""Skip connections in the playground: where they fit, what they compute, what is carried over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, layers
from glassnet.lab import fields
from glassnet.lab.frames import unpack
from glassnet.lab.protocol import Args, RefusedError
from glassnet.lab.rooms.playground import actions, measure, opening, view
from glassnet.lab.server.changes import changes
from glassnet.lab.session import building, saving
from glassnet.lab.session.state import Session

Open = Callable[..., Session]


def skips(session: Session) -> list[bool]:
    """As the fields say, which is what was built."""
    said = [layer[-1] for layer in session.values["layers"]]
    assert said == [block.skip for block in session.blocks[:-1]]
    return said


def act(session: Session, name: str, **args: Any) -> None:
    actions.act(session, name, Args(args))


# ---- the field ---------------------------------------------------------------------------------


def test_what_was_written_before_there_were_skips_still_opens(open_session: Open) -> None:
    field = fields.field("layers")
    old = ((8, "relu", 0.0, False), (8, "tanh", 0.2, True))
    now = ((8, "relu", 0.0, False, False), (8, "tanh", 0.2, True, False))
    assert field.check(old) == field.from_text("8.relu,8.tanh.d20.bn") == now
    assert field.from_text("8.relu,8.tanh.d20.bn.skip")[1] == (8, "tanh", 0.2, True, True)
    session = open_session("layers=3.tanh,3.relu.skip")
    file = saving.save(session)
    saving.load(other := open_session(), file)
    assert skips(other) == [False, True]
    np.testing.assert_array_equal(other.model.parameters.values, session.model.parameters.values)
    session = open_session("layers=3.tanh,3.relu")
    file = saving.save(session)
    file["fields"] = dict(file["fields"]) | {"layers": [[3, "tanh", 0.0, False]] * 2}
    saving.load(other, file)
    assert skips(other) == [False, False]


LAYER = st.tuples(
    st.integers(1, 3), st.sampled_from(("relu", "tanh")), st.just(0.0), st.booleans(), st.booleans()
)


@settings(max_examples=25, deadline=None)
@given(st.lists(LAYER, max_size=5), st.integers(1, 3))
def test_what_is_kept_can_be_built_and_what_is_dropped_cannot(
    hidden: list[Any], inputs: int
) -> None:
    kept = building.fitting(hidden, inputs)
    sizes = [inputs, *(units for units, *_ in kept)]
    for i, (was, now) in enumerate(zip(hidden, kept, strict=True)):
        assert was[:4] == now[:4] and now[4] == (was[4] and sizes[i] == sizes[i + 1])
    assert building.fitting(kept, inputs) == kept


# ---- the network -------------------------------------------------------------------------------


def test_the_network_is_the_one_that_is_built_by_hand(open_session: Open) -> None:
    hidden = "2.relu.skip,4.tanh,4.gelu.d20.bn.skip"
    session = open_session(f"data=blobs&samples=20&seed=3&layers={hidden}")
    dense = layers.Dense
    block = [
        dense(4, name="hidden3"), layers.BatchNormalization(momentum=0.9, name="hidden3_norm"),
        layers.Activation("gelu"), layers.Dropout(0.2),
    ]  # fmt: skip
    stack = [
        layers.Residual([dense(2, "relu", name="hidden1")], name="hidden1_skip"),
        dense(4, "tanh", name="hidden2"), layers.Residual(block, name="hidden3_skip"),
        dense(3, "softmax", name="output"),
    ]  # fmt: skip
    model = Sequential(stack, seed=3)
    model.build((2,))
    model.compile({"name": "adam", "learning_rate": 0.02}, "sparse_categorical_crossentropy")
    np.testing.assert_array_equal(session.model.parameters.values, model.parameters.values)
    trainer = session.trainer
    for _ in range(3):
        trainer.one_epoch()
    model.fit(trainer.x, trainer.y, batch_size=20, epochs=3, verbose=0)
    np.testing.assert_array_equal(session.model.parameters.values, model.parameters.values)
    np.testing.assert_array_equal(session.model.parameters.state, model.parameters.state)


def test_a_unit_shows_the_whole_sum_and_is_dead_by_its_own_part(open_session: Open) -> None:
    session = open_session("data=moons&layers=3.tanh,3.relu.skip,3.relu.skip")
    parameters = session.model.parameters
    parameters.view("hidden2_skip/hidden2/b")[1] = -100
    parameters.view("hidden3_skip/hidden3/b")[2] = -100
    x = session.trainer.x[:7]
    first, second, third, _ = measure.outputs(session.model, session.blocks, x)
    W, b = parameters.view("hidden2_skip/hidden2/W"), parameters.view("hidden2_skip/hidden2/b")
    np.testing.assert_allclose(second, first + np.maximum(first @ W + b, 0), rtol=1e-5)
    W, b = parameters.view("hidden3_skip/hidden3/W"), parameters.view("hidden3_skip/hidden3/b")
    np.testing.assert_allclose(third, second + np.maximum(second @ W + b, 0), rtol=1e-5)
    found = unpack(view.frame(session, ("dead", "values")))
    assert found["dead"][2 + 3 :].tolist() == [0, 1, 0, 0, 0, 1, 0]
    columns = view.structure(session)["columns"]
    assert [column.get("skip") for column in columns] == [None, False, True, True, False]


def test_l2_reaches_into_a_block(open_session: Open) -> None:
    session = open_session("layers=3.tanh,3.tanh.skip")
    before = session.trainer.measured["loss"]
    session.set("l2", 0.1)
    session.trainer.touched()
    W = session.model.parameters.view("hidden2_skip/hidden2/W")
    assert session.trainer.measured["loss"] - before > 0.1 * float((W**2).sum())


# ---- changing it -------------------------------------------------------------------------------


def test_switching_it_keeps_the_weights_and_the_memory_of_the_optimizer(open_session: Open) -> None:
    session = open_session("data=moons&samples=20&layers=3.tanh,3.relu.bn,2.tanh")
    session.trainer.one_epoch()
    before, steps = session.model.parameters.values.copy(), session.model.optimizer.steps
    memory = {name: vector.copy() for name, vector in session.model.optimizer.state.items()}
    state = session.model.parameters.state.copy()
    for skip in (True, False):
        act(session, "set_layer", layer=1, skip=skip)
        assert skips(session) == [False, skip, False]
        np.testing.assert_array_equal(session.model.parameters.values, before)
        np.testing.assert_array_equal(session.model.parameters.state, state)
        for name, vector in session.model.optimizer.state.items():
            np.testing.assert_array_equal(vector, memory[name])
        assert session.model.optimizer.steps == steps and session.notice is None
    session.trainer.one_epoch()


def test_where_it_does_not_fit_it_is_refused_in_words(open_session: Open) -> None:
    session = open_session("layers=4.tanh,3.tanh")
    for layer, before in ((0, 2), (1, 4)):
        with pytest.raises(RefusedError, match="as many units as come in") as caught:
            act(session, "set_layer", layer=layer, skip=True)
        assert caught.value.key == "limit.skip" and caught.value.values["before"] == before
    assert skips(session) == [False, False]
    session.set("features", ["x1", "x2", "x1^2", "x2^2"])
    act(session, "set_layer", layer=0, skip=True)
    assert skips(session) == [True, False]


@pytest.mark.parametrize(
    ("address", "action", "args", "left", "told"),
    [
        ("layers=3.tanh,3.tanh.skip,3.tanh.skip", "add_unit", {"layer": 0}, [0, 0, 1], 2),
        ("layers=3.tanh,3.tanh.skip,3.tanh.skip", "remove_unit", {"layer": 1}, [0, 0, 0], 3),
        ("layers=4.tanh,3.tanh,3.tanh.skip", "remove_layer", {"layer": 1}, [0, 0], 2),
        ("layers=3.tanh,3.tanh,3.tanh.skip", "remove_layer", {"layer": 1}, [0, 1], None),
    ],
)
def test_a_change_that_ends_it_drops_it_and_says_so(
    open_session: Open, address: str, action: str, args: dict[str, int], left: list[int],
    told: int | None,
) -> None:  # fmt: skip
    session = open_session(address)
    session.trainer.one_epoch()
    first = session.model.parameters.view("hidden1/W").copy()
    act(session, action, **args)
    assert skips(session) == left
    changed = changes(session, {})
    assert changed["values"]["address"].count("skip") == sum(left)
    assert (changed["notice"]["values"]["layer"] if "notice" in changed else None) == told
    now = session.model.parameters.view("hidden1/W")
    np.testing.assert_array_equal(now[:, :3], first[:, :3])


def test_other_inputs_and_other_data_drop_it_as_well(open_session: Open) -> None:
    session = open_session("layers=2.tanh.skip,2.tanh.skip")
    assert skips(session) == [True, True]
    session.set("features", ["x1"])
    assert skips(session) == [False, True]
    assert session.notice is not None and session.notice["values"]["before"] == 1
    session = open_session("layers=2.tanh.skip")
    session.set("data", "iris")
    assert skips(session) == [False] and session.notice is not None
    session = open_session("layers=5.tanh.skip")
    assert skips(session) == [False] and session.notice is not None


# ---- saved networks ----------------------------------------------------------------------------


def test_a_block_of_a_saved_network_is_a_column_with_a_skip() -> None:
    dense, norm = layers.Dense(4), layers.BatchNormalization()
    block = layers.Residual([dense, norm, layers.Activation("relu"), layers.Dropout(0.3)])
    columns = opening.columns_of([layers.Dense(4, "tanh"), block, layers.Dense(2, "softmax")])
    assert isinstance(columns, list)
    assert [column.skip for column in columns] == [False, True, False]
    found = columns[1]
    assert found.dense is dense and found.norm is norm
    assert (found.activation, found.dropout) == ("relu", 0.3)


@pytest.mark.parametrize(
    "stack",
    [
        [layers.Residual([layers.Dense(4), layers.Dense(4)])],  # two in one block
        [layers.Residual([layers.Dense(4)]), layers.Activation("relu")],  # relu(x + F(x))
        [layers.Residual([layers.Dense(4)]), layers.Dropout(0.1)],
        [layers.Residual([layers.Residual([layers.Dense(4)])])],
        [layers.Residual([layers.Dropout(0.1)])],
    ],
)
def test_what_the_playground_does_not_build_is_refused_in_words(stack: list[Any]) -> None:
    found = opening.columns_of([layers.Dense(4), *stack, layers.Dense(2, "softmax")])
    assert isinstance(found, RefusedError) and found.key == "model.no_layer"
